"""The sandbox: an IAM and an STS on loopback that answer as AWS does where access keys are concerned.

A thin layer in front of moto: it settles who signs, checks the parameters, answers what moto answers otherwise
than AWS, and hands everything else to moto. It keeps a journal, and has bad luck on request.
"""

import json
import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs

from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import ThreadedWSGIServer

from keyswitch.sandbox.faults import CUT, DELAY, SLOW_BODY, TRUNCATE, Fault, Request, TokenBucket
from keyswitch.sandbox.operations import OPERATIONS, World
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, Seed, plant
from keyswitch.sandbox.validation import validate
from keyswitch.sandbox.wire import Refusal, answer, refused

_StartResponse = Callable[..., Any]
_App = Callable[[dict[str, Any], _StartResponse], Iterable[bytes]]


@dataclass
class Sandbox:
    """An IAM on loopback, as a context manager; one at a time in a process.

    Attributes:
        seed: what it holds at the start.
        port: on loopback; 0: any free one.
        latency: seconds that each request takes at least.
        throttle: requests a second beyond which it throttles; None: never.
        world: the accounts, their clock, how long changes take to be seen.
        journal: every request, in order.
        faults: bad luck still to come.
    """

    seed: Sequence[Seed] = EXAMPLE
    port: int = 0
    latency: float = 0.0
    throttle: TokenBucket | None = None
    world: World = field(default_factory=World)
    journal: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _in_flight: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _moto_lock: threading.RLock = field(default_factory=threading.RLock)
    _moto: _App | None = None
    _server: "_Server | None" = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> "Sandbox":
        """Start it; it answers when this returns.

        Raises:
            OSError: the port is taken.
        """
        moto_api_backend.reset()
        plant(self.seed)
        self._moto = DomainDispatcherApplication(create_backend_app)
        if self.port:
            with socket.socket() as probe:  # werkzeug would print and exit where the port is taken
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind(("127.0.0.1", self.port))
        self._server = _Server(self.port, self._serve)
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
        """The variables that lead any AWS client to the sandbox, as the operator, and away from everything else."""
        return {
            "AWS_ACCESS_KEY_ID": OPERATOR_KEY,
            "AWS_SECRET_ACCESS_KEY": f"sandbox-{secrets.token_hex(8)}",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def statuses(self, account: str = ACCOUNT) -> dict[str, str]:
        """The status of each key as it was last written, the operator's excepted."""
        keys = self.world.account(account).backend.access_keys.values()
        return {k.access_key_id: k.status for k in keys if k.access_key_id != OPERATOR_KEY}

    def set_status(self, access_key_id: str, status: str, account: str = ACCOUNT) -> None:
        """Switch a key behind everybody's back; seen at once."""
        key = self.world.account(account).backend.access_keys[access_key_id]
        key.status, key.changing = status, (None, None)

    def rename_user(self, user_name: str, new_user_name: str, account: str = ACCOUNT) -> None:
        """Rename a user; the keys follow."""
        self.world.account(account).rename_user(user_name, new_user_name)

    def delete(self, access_key_id: str, account: str = ACCOUNT) -> None:
        """Delete a key, as somebody else might."""
        there = self.world.account(account)
        there.delete_key(there.backend.access_keys[access_key_id])

    def actions(self) -> Counter[str]:
        """How often each action was asked for."""
        with self._lock:
            return Counter(request.action for request in self.journal)

    def most_in_flight(self) -> int:
        """The high-water mark of concurrency."""
        with self._lock:
            return max((request.in_flight for request in self.journal), default=0)

    def _serve(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            return self._administer(environ, start_response)
        request = self._taken_down(environ)
        try:
            return self._answered(request, environ, start_response)
        finally:
            with self._lock:
                self._in_flight -= 1

    def _answered(self, request: Request, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        if self.latency:
            time.sleep(self.latency)
        service = _scope(environ)[1]
        fault = self._fault_for(request)
        if fault is not None and fault.code != SLOW_BODY:
            time.sleep(fault.seconds)
            if fault.code == DELAY:
                fault = None
        try:
            if fault is not None and not fault.after and fault.code not in (TRUNCATE, SLOW_BODY):
                raise _as_refusal(fault)
            if fault is None and not self._admitted():
                raise Refusal("Throttling", 400, "Rate exceeded")
            status, body = self._result(request, environ)
            if fault is not None and fault.after:
                raise _as_refusal(fault)
        except Refusal as refusal:
            request.outcome = refusal.code or "cut"
            if refusal.code == CUT:
                _cut(environ)
            return _respond(start_response, refusal.http_status, refused(refusal, service))
        request.outcome = "ok" if status < 400 else _code(body)
        if fault is not None:
            request.outcome = fault.code
            return _badly(fault, status, body, environ, start_response)
        return _respond(start_response, status, body)

    def _result(self, request: Request, environ: dict[str, Any]) -> tuple[int, bytes]:
        key_id, service, region = _scope(environ)
        with self._moto_lock:
            signer = self.world.signer(key_id, service, region)
            if request.action in OPERATIONS:
                validate(request.action, request.parameters)
                service, operation = OPERATIONS[request.action]
                return 200, answer(request.action, service, operation(self.world, signer, request.parameters))
            environ["HTTP_X_MOTO_ACCOUNT_ID"] = signer.account.account_id
            return self._by_moto(environ)

    def _by_moto(self, environ: dict[str, Any]) -> tuple[int, bytes]:
        assert self._moto is not None  # noqa: S101  (set before the server starts)
        begun: list[str] = []
        try:
            body = b"".join(self._moto(environ, lambda status, *_: begun.append(status)))
        except NotImplementedError:
            begun, body = ["501"], b""
        status = int(begun[0].split()[0])
        if status >= 500:
            raise Refusal("InvalidAction", 400, "The sandbox does not know this action")
        return status, body

    def _admitted(self) -> bool:
        with self._lock:
            return self.throttle is None or self.throttle.take()

    def _taken_down(self, environ: dict[str, Any]) -> Request:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length)
        environ["wsgi.input"] = _Body(body)
        text = body.decode("utf-8", "replace")
        parameters = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        with self._lock:
            self._in_flight += 1
            request = Request(
                parameters.get("Action", ""),
                parameters,
                _scope(environ)[0],
                text,
                self.world.clock.now(),
                self._in_flight,
            )
            self.journal.append(request)
        return request

    def _fault_for(self, request: Request) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self.faults if fault.hits(request)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            return fault

    def _administer(self, environ: dict[str, Any], start_response: _StartResponse) -> Iterable[bytes]:
        """The small endpoint by which other processes see and steer the sandbox; JSON in, JSON out."""
        what = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix("/_sandbox/"))
        try:
            given = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)) or b"{}")
            document = self._administered(what, given)
        except (KeyError, TypeError, ValueError, OverflowError) as error:
            return _respond(start_response, 400, _json({"error": str(error)}), "application/json")
        if document is None:
            return _respond(start_response, 404, _json({"error": "no such thing"}), "application/json")
        return _respond(start_response, 200, _json(document), "application/json")

    def _administered(self, what: tuple[str, str], given: Mapping[str, Any]) -> object:
        if what == ("GET", "journal"):
            return [{**asdict(r), "time": r.time.isoformat()} for r in list(self.journal)]
        if what == ("GET", "statuses"):
            return self.statuses()
        if what == ("POST", "faults"):
            self.faults.append(Fault(**given))
            return {"faults": len(self.faults)}
        if what == ("DELETE", "faults"):
            self.faults.clear()
            return {"faults": 0}
        if what == ("POST", "clock"):
            self.world.clock.advance(timedelta(seconds=float(given["advance"])))
            return {"now": self.world.clock.now().isoformat()}
        if what == ("POST", "latency"):
            self.latency = Fault("*", seconds=float(given["seconds"])).seconds
            return {"latency": self.latency}
        if what == ("POST", "throttle"):
            rate = given["rate"]
            self.throttle = TokenBucket(float(rate), int(given.get("burst", rate))) if rate else None
            return {"throttle": rate}
        return None


class _Handler(MotoRequestHandler):  # type: ignore[misc]  # moto's types are not looked at
    """Keeps connections open as AWS does, which werkzeug's own handler never does; writes no log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "_Server"

    def setup(self) -> None:
        """Begin to serve a connection."""
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        """End it."""
        self.server.connections.discard(self.connection)
        super().finish()

    def run_wsgi(self) -> None:
        """Answer one request."""
        head: list[str] = []

        def begin(status: str, headers: Iterable[tuple[str, str]], *_: object) -> Any:  # noqa: ANN401  (as WSGI has it)
            head.extend([f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers), "", ""])

        # What was not read of a request would be taken for the next one.
        self.close_connection |= self.command not in ("GET", "POST", "DELETE") or "Transfer-Encoding" in self.headers
        for part in self.server.app(self.make_environ(), begin):
            self.wfile.write("\r\n".join(head).encode() + part)
            head.clear()

    def log(self, *_: object, **__: object) -> None:
        """Say nothing."""


class _Server(ThreadedWSGIServer):
    """Knows its open connections, so that they end with it."""

    def __init__(self, port: int, app: _App) -> None:
        self.connections: set[socket.socket] = set()
        super().__init__("127.0.0.1", port, app, _Handler)

    def server_close(self) -> None:
        """Close the port and every connection."""
        super().server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Body:
    """A request body that has been read once and can be read again."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def read(self, size: int = -1) -> bytes:
        taken, self._data = (self._data, b"") if size < 0 else (self._data[:size], self._data[size:])
        return taken


def _scope(environ: Mapping[str, Any]) -> tuple[str, str, str]:
    """The signing key, the service and the region of a request's signature."""
    credential = environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition(",")[0].split("/")
    return (credential[0], credential[3], credential[2]) if len(credential) == 5 else ("", "iam", "us-east-1")


def _as_refusal(fault: Fault) -> Refusal:
    return Refusal(fault.code, fault.http_status, fault.message)


def _respond(start_response: _StartResponse, status: int, body: bytes, kind: str = "text/xml") -> list[bytes]:
    start_response(f"{status} {'OK' if status == 200 else 'Refused'}", [
        ("Content-Type", kind), ("Content-Length", str(len(body)))
    ])  # fmt: skip
    return [body]


def _code(body: bytes) -> str:
    """The error code in an answer of moto's."""
    found = re.search(rb"<Code>(\w+)</Code>", body)
    return found[1].decode() if found else "refused"


def _badly(
    fault: Fault, status: int, body: bytes, environ: dict[str, Any], start_response: _StartResponse
) -> Iterator[bytes]:
    """The answer, but only half of it, or only slowly."""
    _respond(start_response, status, body)
    half = len(body) // 2
    yield body[:half]
    if fault.code == TRUNCATE:
        _cut(environ)
    time.sleep(fault.seconds)
    yield body[half:]


def _cut(environ: Mapping[str, Any]) -> None:
    """Cut the connection.

    Raises:
        ConnectionResetError: which the server takes for a client that has gone.
    """
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError


def _json(document: object) -> bytes:
    return json.dumps(document).encode()
