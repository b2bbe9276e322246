"""AWS's query protocol: what a request says, and what an answer looks like."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from uuid import uuid4
from xml.sax.saxutils import escape

_NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}


@dataclass
class Refusal(Exception):
    """An error that AWS answers with."""

    code: str
    http_status: int
    message: str


def answer(action: str, service: str, result: Mapping[str, object] | None) -> bytes:
    """The body of an answer; without a result it holds nothing but a request ID."""
    inner = f"<{action}Result>{_xml(result)}</{action}Result>" if result is not None else ""
    return (
        f'<{action}Response xmlns="{_NAMESPACES[service]}">{inner}'
        f"<ResponseMetadata><RequestId>{uuid4()}</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


def refused(refusal: Refusal, service: str) -> bytes:
    """The body of an error."""
    kind = "Sender" if refusal.http_status < 500 else "Receiver"
    return (
        f'<ErrorResponse xmlns="{_NAMESPACES.get(service, _NAMESPACES["iam"])}"><Error><Type>{kind}</Type>'
        f"<Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>"
        f"<RequestId>{uuid4()}</RequestId></ErrorResponse>"
    ).encode()


def _xml(value: object) -> str:
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return f"{value.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"  # whole seconds, as AWS has them
    return escape(str(value))
