"""A client for the REST APIs of GitHub and GitLab: pages, rate limits, retries. Standard library only."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from email.message import Message
from http.client import HTTPMessage
from typing import IO, Any, NoReturn

AT_MOST = 5
"""How often a request is sent before its failure is final."""

PATIENCE = 120
"""The longest wait for a rate limit, in seconds. A job that waits longer costs more than one that is run again."""


class Failed(Exception):
    """The API answered with an error, or not at all; the message says what was asked."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Api:
    """Sends requests to one API.

    Args:
        url: the API's address, such as the variable GITHUB_API_URL.
        headers: those of every request, with the token.
        sleep: waits for seconds.
    """

    def __init__(self, url: str, headers: Mapping[str, str], sleep: Callable[[float], None] = time.sleep) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise Failed(f"{url}: a token is sent over https only")
        self._url, self._headers, self._sleep = url.rstrip("/"), dict(headers), sleep

    def get(self, path: str) -> Any:  # noqa: ANN401  (any JSON)
        """Return what is at a path; tries again after a failure."""
        return json.loads(self._read("GET", self._url + path)[0])

    def download(self, path: str) -> bytes:
        """Return a file."""
        return self._read("GET", self._url + path)[0]

    def pages(self, path: str, field: str = "") -> Iterator[Any]:
        """Yield every item of all pages.

        Args:
            path: of a list; 100 items a page are asked for.
            field: the field of each page that has the items; without it, the page itself is the list.
        """
        url = f"{self._url}{path}{'&' if '?' in path else '?'}per_page=100"
        while url:
            body, headers = self._read("GET", url)
            page = json.loads(body)
            yield from page[field] if field else page
            url = _next(headers.get("Link", ""))
            if url and not url.startswith(f"{self._url}/"):
                raise Failed(f"the next page is elsewhere: {url}")

    def send(self, method: str, path: str, document: Mapping[str, Any]) -> Any:  # noqa: ANN401
        """Write, once. After a failure it is not known whether it was written: look before writing again."""
        return json.loads(self._read(method, self._url + path, json.dumps(document).encode())[0])

    def _read(self, method: str, url: str, body: bytes | None = None) -> tuple[bytes, Message]:
        asked = f"{method} {urllib.parse.urlsplit(url).path}"
        for attempt in range(1, AT_MOST + 1):
            headers = {**self._headers, **({"Content-Type": "application/json"} if body else {})}
            request = urllib.request.Request(url, body, headers, method=method)  # noqa: S310  (https, see above)
            try:
                with _OPENER.open(request, timeout=30) as answer:
                    return answer.read(), answer.headers
            except urllib.error.HTTPError as error:
                said = f"{asked}: {error.code} {error.read(2000).decode(errors='replace')}"
                wait = _wait(error.code, error.headers, attempt)
                is_limit = error.code < 500
                status = error.code
            except OSError as error:
                said, wait, is_limit, status = f"{asked}: {error}", 2.0**attempt, False, 0
            is_safe = method == "GET" or is_limit  # a limit refuses before anything is written
            if wait is None or wait > PATIENCE or not is_safe or attempt == AT_MOST:
                raise Failed(said, status)
            self._sleep(wait)
        raise AssertionError("the loop ends with an answer or an error")


def github() -> Api:
    """The API of the GitHub that runs the job, with the job's token."""
    token = os.environ["GITHUB_TOKEN"]
    headers = {
        "Accept": "application/vnd.github+json",
        "Authorization": f"Bearer {token}",
        "User-Agent": "keyswitch",
        "X-GitHub-Api-Version": "2022-11-28",
    }
    return Api(os.environ["GITHUB_API_URL"], headers)


def put(find: Callable[[], Any], update: Callable[[Any], Any], create: Callable[[], Any]) -> None:
    """Update what is found, or create it; after a failure of the server it looks again, so nothing is made twice."""
    for attempt in range(1, AT_MOST + 1):
        found = find()
        try:
            create() if found is None else update(found)
        except Failed as error:
            if attempt == AT_MOST or 0 < error.status < 500:
                raise
        else:
            return


def fail(message: object) -> NoReturn:
    """Print an error that GitHub shows on top of the run, and exit with 1."""
    text = str(message).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    sys.exit(print(f"::error title=keyswitch::{text}") or 1)


def output(name: str, value: str) -> None:
    """Set an output of the step."""
    with open(os.environ["GITHUB_OUTPUT"], "a", encoding="utf-8") as file:
        file.write(f"{name}={' '.join(value.splitlines())}\n")


def _wait(status: int, headers: Message, attempt: int) -> float | None:
    """Return the seconds to wait before the request is sent again; None: it would fail again.

    (https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api)
    """
    if status in (403, 429) and (
        status == 429 or "Retry-After" in headers or headers.get("X-RateLimit-Remaining") == "0"
    ):
        if "Retry-After" in headers:
            return float(headers["Retry-After"])
        return max(0.0, float(headers.get("X-RateLimit-Reset", time.time() + 60)) - time.time())
    return float(headers.get("Retry-After", 2.0**attempt)) if status >= 500 else None


def _next(link: str) -> str:
    """Return the address of the next page, from the header Link; "" after the last one."""
    for part in link.split(","):
        address, *relations = (each.strip() for each in part.split(";"))
        if 'rel="next"' in relations:
            return address.strip("<>")
    return ""


class _WithoutToken(urllib.request.HTTPRedirectHandler):
    """Follows a redirect to a store of files, which must not get the token and refuses it."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> urllib.request.Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)
        if request is not None and urllib.parse.urlsplit(newurl).netloc != urllib.parse.urlsplit(req.full_url).netloc:
            for name in ("Authorization", "Private-token"):
                request.remove_header(name)
        return request


_OPENER = urllib.request.build_opener(_WithoutToken)
