"""AWS's query protocol: what an answer and an error look like; and an error of a service that speaks JSON."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from xml.sax.saxutils import escape

_NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class Refusal(Exception):
    """An error that AWS answers with; without a message it has no such element."""

    code: str
    http_status: int
    message: str


class Entries(dict[str, object]):
    """A map as the protocol has it: `entry`, `key`, `value`."""


def answer(action: str, service: str, result: Mapping[str, object] | None, request_id: str) -> bytes:
    """The body of an answer; without a result it holds nothing but a request ID."""
    inner = f"<{action}Result>{_xml(result)}</{action}Result>" if result is not None else ""
    return (
        f'<{action}Response xmlns="{_NAMESPACES[service]}">{inner}'
        f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    ).encode()


def refused(refusal: Refusal, service: str, request_id: str) -> bytes:
    """The body of an error: Type, Code and Message, and the request ID."""
    kind = "Sender" if refusal.http_status < 500 else "Receiver"
    message = f"<Message>{_text(refusal.message)}</Message>" if refusal.message else ""
    return (
        f'<ErrorResponse xmlns="{_NAMESPACES.get(service, _NAMESPACES["iam"])}"><Error><Type>{kind}</Type>'
        f"<Code>{_text(refusal.code)}</Code>{message}</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    ).encode()


JSON = "application/x-amz-json-1.1"


def refused_as_json(refusal: Refusal) -> bytes:
    """The body of an error of a service that speaks JSON."""
    return json.dumps({"__type": refusal.code, "message": refusal.message}).encode()


def timestamp(date: datetime) -> str:
    """A date as AWS writes it: UTC, in whole seconds."""
    in_utc = date.astimezone(timezone.utc) if date.tzinfo else date
    return f"{in_utc:%Y-%m-%dT%H:%M:%SZ}"


def _xml(value: object) -> str:
    if isinstance(value, Entries):
        return "".join(f"<entry><key>{_text(k)}</key><value>{_xml(v)}</value></entry>" for k, v in value.items())
    if isinstance(value, Mapping):
        return "".join(f"<{name}>{_xml(item)}</{name}>" for name, item in value.items() if item is not None)
    if isinstance(value, list):
        return "".join(f"<member>{_xml(item)}</member>" for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return timestamp(value)
    return _text(str(value))


def _text(text: str) -> str:
    """Text for an XML document, which cannot hold control characters at all."""
    return escape(_NOT_XML.sub("\ufffd", text))
