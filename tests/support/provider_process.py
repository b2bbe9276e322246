"""Starts the process of the provider as Pulumi does; one method for each call of the engine.

Every call has a deadline. No answer may hold the secret that the process signs with. The process ends with the test.
"""

import os
import re
import select
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import grpc
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.struct_pb2 import Struct
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2 as proto
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub

from tests.support.persisted import PROVIDER

DEADLINE = 30.0
UNKNOWN = rpc.UNKNOWN
"""What the engine sends in a preview for a value that is not known yet."""

Properties = Mapping[str, Any]


class Refused(Exception):
    """An error that the engine would show the user, with its whole text."""


@dataclass(frozen=True)
class Checked:
    """The checked inputs, and the failures: (property, reason)."""

    inputs: dict[str, Any]
    failures: list[tuple[str, str]]


@dataclass(frozen=True)
class Difference:
    """Whether anything changes, and which properties force a replacement."""

    changes: bool
    replaces: list[str] = field(default_factory=list)
    delete_before_replace: bool = False


@dataclass(frozen=True)
class Known:
    """A resource as the engine records it; an empty ID: it is gone."""

    id: str
    outputs: dict[str, Any]
    inputs: dict[str, Any] = field(default_factory=dict)


class Host:
    """A running provider process. Each method is the engine's call of that name."""

    def __init__(self, process: subprocess.Popen[bytes], stub: ResourceProviderStub, stderr: Path, secret: str) -> None:
        self.process = process
        self.stub = stub
        self._stderr = stderr
        self._secret = secret
        self.spares_tracebacks = True

    def configure(self, config: Mapping[str, str]) -> None:
        """Pass the stack's configuration. Every value is a text; an object is JSON."""
        self._call(self.stub.Configure, proto.ConfigureRequest(args=struct(config)))

    def check(self, news: Properties, olds: Properties | None = None) -> Checked:
        answer = self._call(
            self.stub.Check, proto.CheckRequest(olds=struct(olds or {}), news=struct(_with_provider(news)))
        )
        return Checked(properties(answer.inputs), [(f.property, f.reason) for f in answer.failures])

    def diff(self, olds: Properties, news: Properties) -> Difference:
        answer = self._call(
            self.stub.Diff,
            proto.DiffRequest(
                id=olds["access_key_id"], olds=struct(_with_provider(olds)), news=struct(_with_provider(news))
            ),
        )
        assert answer.changes != proto.DiffResponse.DIFF_UNKNOWN, "the engine is never left to compare by itself"
        changes = answer.changes == proto.DiffResponse.DIFF_SOME
        return Difference(changes, list(answer.replaces), answer.deleteBeforeReplace)

    def create(self, inputs: Properties) -> Known:
        answer = self._call(self.stub.Create, proto.CreateRequest(properties=struct(_with_provider(inputs))))
        return Known(answer.id, properties(answer.properties))

    def update(self, olds: Properties, news: Properties) -> dict[str, Any]:
        """Update; returns the outputs."""
        return properties(self._call(self.stub.Update, update_request(olds, news)).properties)

    def read(self, olds: Properties, inputs: Properties | None = None) -> Known:
        """Read as a refresh does: with the recorded outputs as properties."""
        answer = self._call(
            self.stub.Read,
            proto.ReadRequest(
                id=olds["access_key_id"],
                properties=struct(_with_provider(olds)),
                inputs=struct(_with_provider(inputs or {})),
            ),
        )
        return Known(answer.id, properties(answer.properties), properties(answer.inputs))

    def delete(self, olds: Properties) -> None:
        self._call(
            self.stub.Delete,
            proto.DeleteRequest(id=olds["access_key_id"], properties=struct(_with_provider(olds))),
        )

    def said(self) -> str:
        """What the process wrote to standard error, which the engine shows the user."""
        return self._stderr.read_text(encoding="utf-8")

    def _call(self, method: Callable[..., Any], request: Message) -> Any:
        try:
            answer = method(request, timeout=DEADLINE)
        except grpc.RpcError as error:
            raise self._refused(error.code(), error.details()) from None
        assert self._secret.encode() not in answer.SerializeToString()
        return answer

    def _refused(self, code: grpc.StatusCode, text: str) -> Refused:
        assert self._secret not in text
        assert code is grpc.StatusCode.UNKNOWN, f"{code}: {text}"
        if self.spares_tracebacks:
            assert not re.search(r'Traceback|File "', text), text
        return Refused(text.rstrip("\n"))


Start = Callable[..., Host]
"""Starts a provider process; settings as `keyswitch__account="…"`."""


@contextmanager
def provider(folder: Path, environment: Mapping[str, str] | None = None, config: Properties | None = None) -> Iterator:
    """Start the process of the dynamic provider in a folder, with only the given environment."""
    with process_of(Host, [sys.executable, "-u", "-m", "pulumi.dynamic"], folder, environment) as host:
        host.configure({"aws:region": "us-east-1", **(config or {})})
        yield host


_H = TypeVar("_H", bound="Host")


@contextmanager
def process_of(
    kind: type[_H], command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None
) -> Iterator[_H]:
    """Start a process that serves a provider; it is not configured yet."""
    world = {name: value for name, value in os.environ.items() if name in _NEEDED or name.startswith("COVERAGE_")}
    given = {**world, **_NOBODYS_AWS, "HOME": str(folder), **(environment or {})}
    stderr = folder / f"stderr-{len(list(folder.iterdir()))}"
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & lets children ignore it
    try:
        with stderr.open("wb") as said:
            process = subprocess.Popen(
                command,
                cwd=folder,
                env=given,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=said,
            )
    finally:
        signal.signal(signal.SIGINT, before)
    secret = given.get("AWS_SECRET_ACCESS_KEY", "no-secret-was-given")
    try:
        with grpc.insecure_channel(f"127.0.0.1:{_port(process)}") as channel:
            host = kind(process, ResourceProviderStub(channel), stderr, secret)
            host.spares_tracebacks = "KEYSWITCH_DEBUG" not in given
            yield host
    finally:
        _stop(process)
        assert secret not in stderr.read_text(encoding="utf-8")


_NEEDED = ("PATH", "LANG", "LC_ALL", "TMPDIR")
_NOBODYS_AWS = {
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_MAX_ATTEMPTS": "2",
}


def _port(process: subprocess.Popen[bytes]) -> int:
    """The port, which is the first line that the process prints."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], DEADLINE)
    assert ready, "the provider process does not say its port"
    return int(process.stdout.readline())


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Kill the process; it has nothing to save. Under coverage, interrupt it first, so that it writes its data."""
    with process:
        if any(name.startswith("COVERAGE_") for name in os.environ):
            process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=5)
        process.kill()


def update_request(olds: Properties, news: Properties) -> proto.UpdateRequest:
    return proto.UpdateRequest(
        id=olds["access_key_id"], olds=struct(_with_provider(olds)), news=struct(_with_provider(news))
    )


def struct(values: Properties) -> Struct:
    """Properties in the form of the protocol; None leaves a property out."""
    made = Struct()
    made.update({name: value for name, value in values.items() if value is not None})
    return made


def properties(travelled: Struct) -> dict[str, Any]:
    """Properties as they arrived, without the serialized provider, which must be as it was sent."""
    values = MessageToDict(travelled)
    if values:
        assert values.pop("__provider") == PROVIDER
    return values


def _with_provider(values: Properties) -> Properties:
    return {"__provider": PROVIDER, **values}
