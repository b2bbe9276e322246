"""Reads a request: its parameters and who signs it, in the same form for GET, POST and presigned requests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from keyswitch.sandbox.wire import Refusal

_AUTHORIZATION = frozenset(
    f"X-Amz-{name}"
    for name in ("Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature", "Security-Token")
)
"""The query parameters of a presigned request that are no parameters of the operation."""

_UNSIGNED = ("AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")


@dataclass(frozen=True)
class Incoming:
    """A request, however it came in.

    Attributes:
        method: of HTTP.
        parameters: of the operation, Action and Version among them; the first of each name.
        body: as it was read from the socket.
        access_key_id: the key that signs; empty: none.
        service: that the signature is for.
        region: that the signature is for.
        session_token: that came with a session's key; empty: none.
        target: the operation of a service whose requests are JSON; empty: none.
        source_ip: where it came from.
        user_agent: what sent it, as it calls itself.
    """

    method: str
    parameters: dict[str, str]
    body: bytes
    access_key_id: str
    service: str
    region: str
    session_token: str
    target: str = ""
    source_ip: str = ""
    user_agent: str = ""

    @property
    def action(self) -> str:
        """Such as `UpdateAccessKey`; empty: none."""
        return self.parameters.get("Action") or self.target.rpartition(".")[2]

    @property
    def is_query(self) -> bool:
        """Whether it is for IAM or STS, whose requests are queries."""
        return self.service in ("iam", "sts")


def incoming(environ: Mapping[str, Any]) -> Incoming:
    """Read a request from its socket.

    Raises:
        Refusal: MalformedHttpRequest: it does not say how long it is.
    """
    length = environ.get("CONTENT_LENGTH") or "0"
    if not (length.isascii() and length.isdigit()):
        raise Refusal("MalformedHttpRequestException", 400, "The Content-Length of the request is not a number.")
    body = bytes(environ["wsgi.input"].read(int(length)))
    query = environ.get("QUERY_STRING", "").encode("latin-1")
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    given = {**_first_values(query), **({} if target else _first_values(body))}
    scope = _scope(environ.get("HTTP_AUTHORIZATION", ""), given)
    action = given.get("Action", "")
    access_key_id, region, service = scope or ("", "us-east-1", "sts" if action in _UNSIGNED else "iam")
    return Incoming(
        method=environ["REQUEST_METHOD"],
        parameters={name: value for name, value in given.items() if name not in _AUTHORIZATION},
        body=body,
        access_key_id=access_key_id,
        service=service,
        region=region,
        session_token=environ.get("HTTP_X_AMZ_SECURITY_TOKEN") or given.get("X-Amz-Security-Token", ""),
        target=target,
        source_ip=environ.get("REMOTE_ADDR", ""),
        user_agent=environ.get("HTTP_USER_AGENT", ""),
    )


def _first_values(query: bytes) -> dict[str, str]:
    values = parse_qs(query.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: of_name[0] for name, of_name in values.items()}


def _scope(authorization: str, given: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The signing key, the region and the service of a signature in the header or in the query; None: unsigned."""
    credential = authorization.partition("Credential=")[2].partition(",")[0] or given.get("X-Amz-Credential", "")
    parts = credential.strip().split("/")
    return (parts[0], parts[2], parts[3]) if len(parts) == 5 else None
