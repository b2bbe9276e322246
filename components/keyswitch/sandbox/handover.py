"""Hands over to moto what it answers as AWS does, and brings the form of its answers to AWS's."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from xml.sax.saxutils import unescape

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

from keyswitch.sandbox.incoming import Incoming
from keyswitch.sandbox.model import is_paged, parameters
from keyswitch.sandbox.wire import Refusal
from keyswitch.sandbox.world import Principal, owner

_FRACTION = re.compile(rb"(?<=>)(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d+Z(?=<)")
_REQUEST_ID = re.compile(rb"(?<=<RequestId>)[^<]*(?=</RequestId>)")
_AWS_SAYS = (
    (r"Group (\S+) not found", r"The group with name \1 cannot be found."),
    (r"Role (\S+) not found", r"The role with name \1 cannot be found."),
    (r"(Group|Role)(?: with name)? (\S+) already exists\.?", r"\1 with name \2 already exists."),
    (r"(Certificate .* is malformed)", r"\1."),
    (r"The SSH (Public Key with id \S+ cannot be found)", r"The \1."),
    (r"MFADevice entity at the same path and name already exists\.", "MFA device already exists."),
    (r"VirtualMFADevice (with serial number \S+) doesn't exist\.", r"MFA Device \1 does not exist."),
    (r"Device (\S+) not found", r"MFA Device with serial number \1 does not exist."),
)
"""moto's words, and AWS's as they were recorded."""

_ERROR = re.compile(rb"<Code>(?P<code>[^<]*)</Code>|<Message>(?P<message>[^<]*)</Message>")


class Moto:
    """moto's server, without its port."""

    def __init__(self) -> None:
        self._app = DomainDispatcherApplication(create_backend_app)

    def query(self, request: Incoming, environ: Mapping[str, Any], signer: Principal, request_id: str) -> bytes:
        """The body of an answer of IAM's or STS's.

        Raises:
            Refusal: moto refuses it, does not know it, or fails.
        """
        body = urlencode(_with_user(request, signer)).encode()
        # moto keeps accounts apart by partition, which it takes from the region; the sandbox has one partition.
        signed = f"AWS4-HMAC-SHA256 Credential={request.access_key_id}/20260101/us-east-1/{request.service}"
        asked = {
            **environ,
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/",
            "QUERY_STRING": "",
            "CONTENT_TYPE": "application/x-www-form-urlencoded",
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_AUTHORIZATION": f"{signed}/aws4_request, SignedHeaders=host, Signature=0",
        }
        status, _, answered = self._asked(asked, body, signer)
        if status < 400:
            answered = _REQUEST_ID.sub(request_id.encode(), _FRACTION.sub(rb"\1Z", answered))
            end = f"</{request.action}Result>".encode()
            is_list = b"<IsTruncated>" not in answered and is_paged(request.service, request.action)
            return answered.replace(end, b"<IsTruncated>false</IsTruncated>" + end) if is_list else answered
        found = {kind: match[kind] for match in _ERROR.finditer(answered) if (kind := match.lastgroup)}
        if "code" not in found:
            raise Refusal("InternalFailure", 500, f"moto answers {status}.")
        code = found["code"].decode()
        message = unescape(found.get("message", b"").decode(), {"&#39;": "'", "&#34;": '"', "&quot;": '"'})
        for of_moto, of_aws in _AWS_SAYS:
            if said := re.fullmatch(of_moto, message):
                message = said.expand(of_aws)
        raise Refusal(code, status, message)

    def other(
        self, request: Incoming, environ: Mapping[str, Any], signer: Principal
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """The status, the headers and the body of an answer of any other service, as moto has them.

        Raises:
            Refusal: moto does not know it.
        """
        if environ["PATH_INFO"].startswith("/moto-api"):
            raise Refusal("InvalidAction", 400, "moto is administered by nobody but the sandbox.")
        return self._asked(environ, request.body, signer)

    def _asked(
        self, environ: Mapping[str, Any], body: bytes, signer: Principal
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        begun: list[tuple[str, list[tuple[str, str]]]] = []
        asked = {**environ, "wsgi.input": _Body(body), "HTTP_X_MOTO_ACCOUNT_ID": signer.account.account_id}
        try:
            answered = b"".join(self._app(asked, lambda status, headers, *_: begun.append((status, headers))))
        except NotImplementedError:
            raise Refusal("InvalidAction", 400, "The sandbox does not know this action") from None
        status, headers = begun[0]
        return int(status.split()[0]), headers, answered


class _Body:
    """A request body for moto, which reads it through WSGI."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        taken, self._data = (self._data, b"") if size < 0 else (self._data[:size], self._data[size:])
        return taken


def _with_user(request: Incoming, signer: Principal) -> dict[str, str]:
    """The parameters, with the signer's own user where none is named.

    Raises:
        Refusal: the user is not there, or the marker is none of moto's, which are numbers.
    """
    given = dict(request.parameters)
    if not given.get("Marker", "0").isdecimal():
        raise Refusal("ValidationError", 400, "Invalid Marker.")
    shapes, required = parameters(request.service, request.action)
    if request.service == "iam" and "UserName" in shapes:
        user_name = given["UserName"] if "UserName" in required else owner(signer, given)
        if user_name is None:
            raise Refusal("InvalidAction", 400, "The sandbox does not know this action for the root user")
        given["UserName"] = signer.account.user(user_name).name
    return given
