"""Answers a request: with bad luck, throttling, AWS's checks, and in the end the operation or moto.

Whatever goes wrong inside is an error of AWS's form; only a fault on request cuts a connection.
"""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from keyswitch.sandbox.authorization import authorize
from keyswitch.sandbox.faults import CUT, DELAY, SLOW_BODY, TRUNCATE, Fault, Request, TokenBucket
from keyswitch.sandbox.handover import Moto
from keyswitch.sandbox.incoming import Incoming, incoming
from keyswitch.sandbox.listener import StartResponse
from keyswitch.sandbox.model import settle_action
from keyswitch.sandbox.operations import OPERATIONS, UNSIGNED
from keyswitch.sandbox.validation import validate
from keyswitch.sandbox.wire import JSON, Refusal, answer, refused, refused_as_json
from keyswitch.sandbox.world import Principal, World


@dataclass(frozen=True)
class _Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes


@dataclass(kw_only=True)
class Answering:
    """What answers AWS's clients, and takes down what they asked.

    Attributes:
        latency: seconds that each request takes at least.
        throttle: requests a second beyond which it throttles; None: never.
        world: the accounts, their clock, how long changes take to be seen.
        journal: every request, in order.
        faults: bad luck still to come.
    """

    latency: float = 0.0
    throttle: TokenBucket | None = None
    world: World = field(default_factory=World)
    journal: list[Request] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    _moto: Moto = field(default_factory=Moto)
    _in_flight: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _moto_lock: threading.RLock = field(default_factory=threading.RLock)

    def actions(self) -> Counter[str]:
        """How often each action was asked for."""
        with self._lock:
            return Counter(request.action for request in self.journal)

    def most_in_flight(self) -> int:
        """The high-water mark of concurrency."""
        with self._lock:
            return max((request.in_flight for request in self.journal), default=0)

    def answer(
        self, environ: dict[str, Any], start_response: StartResponse, refusal: Refusal | None = None
    ) -> Iterable[bytes]:
        """Answer a request of a client of AWS's, with the refusal if there is one already."""
        request_id = str(uuid4())
        try:
            asked = incoming(environ)
            if refusal is not None:
                raise refusal
        except Refusal as refusal:
            return _send(_refused(refusal, "iam", request_id), start_response)
        entry = self._taken_down(asked)
        try:
            return self._answered(asked, entry, environ, request_id, start_response)
        finally:
            with self._lock:
                self._in_flight -= 1

    def _answered(
        self, asked: Incoming, entry: Request, environ: dict[str, Any], request_id: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        if self.latency:
            time.sleep(self.latency)
        fault = self._fault_for(entry)
        if fault is not None and fault.code != SLOW_BODY:
            time.sleep(fault.seconds)
            if fault.code == DELAY:
                fault = None
        try:
            if fault is not None and not fault.after and fault.code not in (TRUNCATE, SLOW_BODY):
                raise _as_refusal(fault)
            if fault is None and not self._admitted():
                raise Refusal("Throttling", 400, "Rate exceeded")
            response = self._settled(asked, environ, request_id)
            if fault is not None and fault.after:
                raise _as_refusal(fault)
        except Refusal as refusal:
            entry.outcome = refusal.code or "cut"
            if refusal.code == CUT:
                _cut(environ)
            return _send(_refused(refusal, asked.service, request_id), start_response)
        entry.outcome = "ok" if response.status < 400 else "refused"
        if fault is not None:
            entry.outcome = fault.code
            return _badly(fault, response, environ, start_response)
        return _send(response, start_response)

    def _settled(self, asked: Incoming, environ: dict[str, Any], request_id: str) -> _Response:
        """The response, or a refusal, whatever happens."""
        try:
            with self._moto_lock:
                return self._response(asked, environ, request_id)
        except Refusal:
            raise
        except Exception as error:
            words = f"The sandbox failed: {type(error).__name__}: {error}"
            raise Refusal("InternalFailure", 500, words) from error

    def _response(self, asked: Incoming, environ: dict[str, Any], request_id: str) -> _Response:
        if (asked.service, asked.action) == _EVENT_HISTORY:
            signer = self.world.signer(asked)
            self._authorize(signer, asked)
            events = signer.account.history.look_up(asked.body)
            return _Response(
                200, [("Content-Type", JSON), ("x-amzn-RequestId", request_id)], json.dumps(events).encode()
            )
        if not asked.is_query:
            signer = self.world.signer(asked)
            self._authorize(signer, asked)
            return _Response(*self._moto.other(asked, environ, signer))
        action, given = asked.action, asked.parameters
        settle_action(asked.service, action, given.get("Version"))
        if unsigned := UNSIGNED.get((asked.service, action)):
            validate(asked.service, action, given)
            return _found(answer(action, asked.service, unsigned(self.world, given), request_id), request_id)
        signer = self.world.signer(asked)
        validate(asked.service, action, given)
        if operation := OPERATIONS.get((asked.service, action)):
            with _recorded(asked, signer):
                self._authorize(signer, asked)
                result = operation(self.world, signer, given)
            return _found(answer(action, asked.service, result, request_id), request_id)
        self._authorize(signer, asked)
        return _found(self._moto.query(asked, environ, signer, request_id), request_id)

    def _authorize(self, signer: Principal, asked: Incoming) -> None:
        if self.world.enforces_policies:
            authorize(self.world, signer, asked)

    def _admitted(self) -> bool:
        with self._lock:
            return self.throttle is None or self.throttle.take()

    def _taken_down(self, asked: Incoming) -> Request:
        text = asked.body.decode("utf-8", "replace")
        with self._lock:
            self._in_flight += 1
            now = self.world.clock.now()
            entry = Request(asked.action, asked.parameters, asked.access_key_id, text, now, self._in_flight)
            self.journal.append(entry)
        return entry

    def _fault_for(self, entry: Request) -> Fault | None:
        with self._lock:
            fault = next((fault for fault in self.faults if fault.hits(entry)), None)
            if fault is not None and fault.times is not None:
                fault.times -= 1
            return fault


_EVENT_HISTORY = ("cloudtrail", "LookupEvents")


@contextmanager
def _recorded(asked: Incoming, signer: Principal) -> Iterator[None]:
    """Record the call in CloudTrail's event history if it switches a key, or was to switch one."""
    refusal = None
    try:
        yield
    except Refusal as error:
        refusal = error
        raise
    finally:
        if asked.action == "UpdateAccessKey":
            signer.account.history.record(asked, signer.identity, refusal)


def _as_refusal(fault: Fault) -> Refusal:
    return Refusal(fault.code, fault.http_status, fault.message)


def _found(body: bytes, request_id: str, status: int = 200) -> _Response:
    return _Response(status, [("Content-Type", "text/xml"), ("x-amzn-RequestId", request_id)], body)


def _refused(refusal: Refusal, service: str, request_id: str) -> _Response:
    if service == "cloudtrail":
        headers = [("Content-Type", JSON), ("x-amzn-RequestId", request_id)]
        return _Response(refusal.http_status, headers, refused_as_json(refusal))
    return _found(refused(refusal, service, request_id), request_id, refusal.http_status)


def _begin(response: _Response, start_response: StartResponse) -> None:
    own = ("content-length", "connection", "server", "date")
    headers = [(name, value) for name, value in response.headers if name.lower() not in own]
    reason = "OK" if response.status < 400 else "Refused"
    start_response(f"{response.status} {reason}", [*headers, ("Content-Length", str(len(response.body)))])


def _send(response: _Response, start_response: StartResponse) -> list[bytes]:
    _begin(response, start_response)
    return [response.body]


def _badly(
    fault: Fault, response: _Response, environ: dict[str, Any], start_response: StartResponse
) -> Iterator[bytes]:
    """The answer, but only half of it, or only slowly."""
    _begin(response, start_response)
    half = len(response.body) // 2
    yield response.body[:half]
    if fault.code == TRUNCATE:
        _cut(environ)
    time.sleep(fault.seconds)
    yield response.body[half:]


def _cut(environ: dict[str, Any]) -> None:
    """Cut the connection.

    Raises:
        ConnectionResetError: which the server takes for a client that has gone.
    """
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError
