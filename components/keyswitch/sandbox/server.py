"""The sandbox's server: moto on loopback, with a journal of what was asked and faults on request."""

import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from moto.iam.models import iam_backends
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, SeededKey, plant

_StartResponse = Callable[..., Any]
_App = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


@dataclass(frozen=True)
class Request:
    """One request as it came in: the action, its parameters, and the access key that signed it."""

    action: str
    parameters: dict[str, str]
    signer: str
    body: str

    @property
    def access_key_id(self) -> str | None:
        """The key it is about."""
        return self.parameters.get("AccessKeyId")


@dataclass
class Fault:
    """Bad luck on request, for the next `times` requests that match.

    Attributes:
        action: such as `UpdateAccessKey`.
        code: the error code to answer with; empty: cut the connection.
        http_status: of that answer.
        after: let the request do its work first, then answer so.
        times: how often; None: always.
        about: only for requests with this AccessKeyId or UserName.
    """

    action: str
    code: str
    http_status: int = 400
    message: str = ""
    after: bool = False
    times: int | None = 1
    about: str | None = None

    def hits(self, request: Request) -> bool:
        """Whether it is this request's turn."""
        return (
            self.times != 0
            and self.action == request.action
            and (self.about is None or self.about in request.parameters.values())
        )


@dataclass
class Sandbox:
    """An IAM on loopback, as a context manager; one at a time in a process.

    Attributes:
        seed: what it holds at the start.
        port: on loopback; 0: any free one.
        latency: seconds that each request takes at least.
        journal: every request, in order.
        faults: bad luck still to come.
    """

    seed: Sequence[SeededKey] = EXAMPLE
    port: int = 0
    latency: float = 0.0
    journal: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _server: BaseWSGIServer | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Sandbox":
        """Start it; it answers when this returns.

        Raises:
            OSError: the port is taken.
        """
        moto_api_backend.reset()
        plant(self.seed)
        application = DomainDispatcherApplication(create_backend_app)
        if self.port:
            with socket.socket() as probe:  # werkzeug would print and exit where the port is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", self.port))
        self._server = make_server(
            "127.0.0.1", self.port, self._fronted(application), threaded=True, request_handler=_Handler
        )
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True, name="sandbox")
        self._thread.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        """Stop it."""
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    @property
    def endpoint(self) -> str:
        """Its URL."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead any AWS client to the sandbox, and away from everything else."""
        return {
            "AWS_ACCESS_KEY_ID": OPERATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": f"sandbox-{secrets.token_hex(8)}",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def statuses(self, account: str = ACCOUNT) -> dict[str, str]:
        """The status of each key as it stands in memory, the operator's excepted."""
        keys = iam_backends[account]["aws"].access_keys.values()
        return {k.access_key_id: k.status for k in keys if k.access_key_id != OPERATOR_KEY}

    def set_status(self, access_key_id: str, status: str, account: str = ACCOUNT) -> None:
        """Switch a key behind everybody's back."""
        backend = iam_backends[account]["aws"]
        key = backend.access_keys[access_key_id]
        backend.update_access_key(key.user_name, access_key_id, status)

    def rename_user(self, user_name: str, new_user_name: str, account: str = ACCOUNT) -> None:
        """Rename a user; the keys follow, which moto forgets."""
        backend = iam_backends[account]["aws"]
        backend.update_user(user_name, new_user_name=new_user_name)
        for key in backend.get_user(new_user_name).access_keys:
            key.user_name = new_user_name

    def delete(self, access_key_id: str, account: str = ACCOUNT) -> None:
        """Delete a key, as somebody else might."""
        backend = iam_backends[account]["aws"]
        backend.delete_access_key(access_key_id, backend.access_keys[access_key_id].user_name)

    def actions(self) -> Counter[str]:
        """How often each action was asked for."""
        with self._lock:
            return Counter(request.action for request in self.journal)

    def _fronted(self, application: _App) -> _App:
        def front(environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
            request = self._taken_down(environ)
            fault = self._fault_for(request)
            if self.latency:
                time.sleep(self.latency)
            if fault is None:
                return application(environ, start_response)
            if fault.after:
                b"".join(application(environ, lambda *_: None))
            return _answer(fault, environ, start_response)

        return front

    def _taken_down(self, environ: dict[str, Any]) -> Request:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = _Body(body)
        text = body.decode("utf-8", "replace")
        parameters = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        authorization = environ.get("HTTP_AUTHORIZATION", "")
        signer = authorization.partition("Credential=")[2].partition("/")[0]
        request = Request(parameters.get("Action", ""), parameters, signer, text)
        with self._lock:
            self.journal.append(request)
        return request

    def _fault_for(self, request: Request) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self.faults if fault.hits(request)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            return fault


class _Handler(MotoRequestHandler):  # type: ignore[misc]  # moto's types are not looked at
    """Keeps connections open, as AWS does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


class _Body:
    """A request body that has been read once and can be read again."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        taken, self._data = (self._data, b"") if size < 0 else (self._data[:size], self._data[size:])
        return taken


def _answer(fault: Fault, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
    if not fault.code:
        environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        raise ConnectionResetError  # which the server takes for a client that has gone
    kind = "Sender" if fault.http_status < 500 else "Receiver"
    body = (
        '<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">'
        f"<Error><Type>{kind}</Type><Code>{fault.code}</Code><Message>{escape(fault.message)}</Message></Error>"
        "<RequestId>sandbox</RequestId></ErrorResponse>"
    ).encode()
    start_response(f"{fault.http_status} Fault", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
    return [body]
