"""A GitHub, and its likeness at GitLab, on loopback: pages, comments, issues, runs, artifacts, and what goes wrong."""

import io
import json
import re
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

REPOSITORY = "acme/keys"
TOKEN = "token-of-the-job"
BOT = {"login": "github-actions[bot]", "type": "Bot", "id": 1}
ALICE = {"login": "alice", "type": "User", "id": 2}
MAIN = f"/repos/{REPOSITORY}"


@dataclass
class Fault:
    """What happens to the next requests of a kind.

    Attributes:
        method: of the requests.
        path: a part of their path.
        status: of the answer.
        headers: of the answer.
        times: how many requests.
        is_done: whether the request is carried out all the same, and only the answer is lost.
    """

    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=lambda: {"Retry-After": "0"})
    times: int = 1
    is_done: bool = False


@dataclass
class GitHub:
    """What the fake holds. All lists are in the order of creation, as GitHub returns them.

    Attributes:
        comments: those of the pull request 7; at GitLab, the notes of the merge request 7.
        issues: all issues and pull requests.
        pulls: the pull requests by the commit that they belong to.
        runs: the runs of preview.yml; all are returned, whatever head is asked for.
        artifacts: by run.
        files: the content of each artifact, by ID.
        faults: what goes wrong.
        asked: the method and path of every request.
        largest: the largest page.
    """

    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    pulls: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    runs: list[dict[str, Any]] = field(default_factory=list)
    artifacts: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[int, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    asked: list[tuple[str, str]] = field(default_factory=list)
    largest: int = 10
    url: str = ""

    def comment(self, user: Mapping[str, Any], body: str) -> dict[str, Any]:
        """Add a comment."""
        made = {"id": 100 + len(self.comments), "user": dict(user), "author": dict(user), "body": body}
        self.comments.append(made)
        return made

    def issue(self, user: Mapping[str, Any], body: str, **fields: Any) -> dict[str, Any]:
        """Add an issue."""
        made = {"number": 1 + len(self.issues), "user": dict(user), "state": "open", "body": body, **fields}
        self.issues.append(made)
        return made

    def previewed(self, head: str, branch: str, results: Mapping[str, str], **fields: Any) -> dict[str, Any]:
        """Add a run of preview.yml with an artifact for each result, by the name of the artifact."""
        run = {
            "id": 1000 + len(self.runs), "head_sha": head, "head_branch": branch, "event": "pull_request",
            "path": ".github/workflows/preview.yml", "conclusion": "success",
            "head_repository": {"full_name": REPOSITORY}, **fields,
        }  # fmt: skip
        self.runs.append(run)
        for name, text in results.items():
            self.upload(run["id"], name, text)
        return run

    def upload(self, run: int, name: str, text: str) -> None:
        """Add an artifact with a result to a run."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("result.json", text)
        number = 5000 + len(self.files)
        self.files[number] = packed.getvalue()
        self.artifacts.setdefault(run, []).append({"id": number, "name": name, "expired": False})

    @property
    def environment(self) -> dict[str, str]:
        """What a runner tells a step."""
        return {
            "GITHUB_API_URL": self.url, "GITHUB_SERVER_URL": "https://github.example", "GITHUB_TOKEN": TOKEN,
            "GITHUB_REPOSITORY": REPOSITORY, "GITHUB_RUN_ID": "4711",
        }  # fmt: skip


@contextmanager
def serving() -> Iterator[GitHub]:
    """Serve on a free port of loopback; it ends with the block."""
    held = GitHub()

    class Handler(_Handler):
        github = held

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        held.url = f"http://127.0.0.1:{server.server_address[1]}"
        try:
            yield held
        finally:
            server.shutdown()
            thread.join()


class _Handler(BaseHTTPRequestHandler):
    github: GitHub

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        path, query = parts.path, {name: values[-1] for name, values in parse_qs(parts.query).items()}
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length)) if length else {}
        self.github.asked.append((self.command, path))
        if path.startswith("/store/"):
            if "Authorization" in self.headers:
                return self._send(400, b"the store takes no token")
            return self._send(200, self.github.files[int(path.rpartition("/")[2])])
        if self.headers.get("Authorization") != f"Bearer {TOKEN}" and self.headers.get("PRIVATE-TOKEN") != TOKEN:
            return self._send(401, b"who is asking?")
        fault = next((f for f in self.github.faults if f.times and f.method == self.command and f.path in path), None)
        if fault is not None:
            fault.times -= 1
            if fault.is_done:
                self._do(path, query, body)
            return self._send(fault.status, b'{"message": "something went wrong"}', fault.headers)
        answer = self._do(path, query, body)
        if answer is None:
            return self._send(404, f"{self.command} {path}".encode())
        if isinstance(answer, tuple):
            return self._page(*answer, path, query)
        if isinstance(answer, str):
            return self._send(302, b"", {"Location": answer})
        return self._send(200, json.dumps(answer).encode())

    do_GET = do_POST = do_PATCH = do_PUT = _answer  # noqa: N815  (names that http.server calls)

    def _do(self, path: str, query: Mapping[str, str], body: dict[str, Any]) -> Any:
        """Carry a request out: a document, a page's list with its field, or the address of a file."""
        github = self.github
        routes: list[tuple[str, str, Callable[..., Any]]] = [
            ("GET", f"{MAIN}/issues/7/comments", lambda: (github.comments, "")),
            ("POST", f"{MAIN}/issues/7/comments", lambda: github.comment(BOT, body["body"])),
            ("PATCH", f"{MAIN}/issues/comments/(\\d+)", lambda n: self._update(github.comments, "id", n, body)),
            ("GET", "/user", lambda: BOT),
            ("GET", "/projects/3/merge_requests/7/notes", lambda: (github.comments, "")),
            ("POST", "/projects/3/merge_requests/7/notes", lambda: github.comment(BOT, body["body"])),
            (
                "PUT",
                "/projects/3/merge_requests/7/notes/(\\d+)",
                lambda n: self._update(github.comments, "id", n, body),
            ),
            ("GET", f"{MAIN}/issues", lambda: ([i for i in github.issues if i["state"] == query["state"]], "")),
            ("POST", f"{MAIN}/issues", lambda: github.issue(BOT, **body)),
            ("PATCH", f"{MAIN}/issues/(\\d+)", lambda n: self._update(github.issues, "number", n, body)),
            ("GET", f"{MAIN}/commits/(\\w+)/pulls", lambda sha: (github.pulls.get(sha, []), "")),
            (
                "GET",
                f"{MAIN}/actions/workflows/preview.yml/runs",
                lambda: (github.runs, "workflow_runs"),
            ),
            ("GET", f"{MAIN}/actions/runs/(\\d+)/artifacts", lambda n: (github.artifacts.get(int(n), []), "artifacts")),
            (
                "GET",
                f"{MAIN}/actions/artifacts/(\\d+)/zip",
                lambda n: f"{github.url.replace('127.0.0.1', 'localhost')}/store/{n}",
            ),
        ]
        for method, pattern, act in routes:
            if method == self.command and (found := re.fullmatch(pattern, path)):
                return act(*found.groups())
        return None

    @staticmethod
    def _update(things: list[dict[str, Any]], name: str, number: str, body: dict[str, Any]) -> dict[str, Any]:
        (thing,) = (each for each in things if each[name] == int(number))
        thing.update(body)
        return thing

    def _page(self, items: list[Any], name: str, path: str, query: Mapping[str, str]) -> None:
        number, size = int(query.get("page", 1)), min(self.github.largest, int(query.get("per_page", 30)))
        part, rest = items[(number - 1) * size : number * size], items[number * size :]
        others = "&".join(f"{each}={value}" for each, value in query.items() if each != "page")
        link = f'<{self.github.url}{path}?{others}&page={number + 1}>; rel="next"' if rest else ""
        document = {"total_count": len(items), name: part} if name else part
        self._send(200, json.dumps(document).encode(), {"Link": f'<{self.github.url}>; rel="first", {link}'})

    def _send(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
