"""Starts the process of the real provider as Pulumi does; one method for each call of the engine."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import provider_pb2 as proto

from scripts.pulumi_cli import REPOSITORY
from tests.support.provider_process import Checked, Host, Known, Properties, process_of, struct

TYPE = "keyswitch:index:AccessKeyStatus"
_KINDS = proto.PropertyDiff.Kind


@dataclass(frozen=True)
class Lines:
    """What a diff shows: the kind of change of each property, such as `{"status": "UPDATE"}`."""

    changes: bool
    properties: dict[str, str] = field(default_factory=dict)
    replaces: list[str] = field(default_factory=list)


def urn(name: str) -> str:
    return f"urn:pulumi:test::keys::{TYPE}::{name}"


class Plugin(Host):
    """A running process of the real provider. Each method is the engine's call of that name."""

    def check_config(self, settings: Properties) -> Checked:
        answer = self._call(
            self.stub.CheckConfig,
            proto.CheckRequest(urn="urn:pulumi:test::keys::pulumi:providers:keyswitch::default", news=struct(settings)),
        )
        return Checked(MessageToDict(answer.inputs), [(f.property, f.reason) for f in answer.failures])

    def check(self, news: Properties, olds: Properties | None = None, name: str = "") -> Checked:
        about = urn(name or news.get("access_key_id", "x"))
        answer = self._call(self.stub.Check, proto.CheckRequest(urn=about, olds=struct(olds or {}), news=struct(news)))
        return Checked(MessageToDict(answer.inputs), [(f.property, f.reason) for f in answer.failures])

    def diff(self, olds: Properties, news: Properties, ignore: tuple[str, ...] = ()) -> Lines:
        answer = self._call(
            self.stub.Diff,
            proto.DiffRequest(
                urn=urn(olds["access_key_id"]),
                id=olds["access_key_id"],
                olds=struct(olds),
                news=struct(news),
                ignoreChanges=ignore,
            ),
        )
        assert answer.hasDetailedDiff
        assert answer.changes != proto.DiffResponse.DIFF_UNKNOWN, "the engine is never left to compare by itself"
        changes = answer.changes == proto.DiffResponse.DIFF_SOME
        assert changes is bool(answer.detailedDiff), "a change without a line could not be read"
        kinds = {name: _KINDS.Name(difference.kind) for name, difference in answer.detailedDiff.items()}
        return Lines(changes, kinds, list(answer.replaces))

    def create(self, inputs: Properties, *, preview: bool = False) -> Known:
        answer = self._call(
            self.stub.Create,
            proto.CreateRequest(urn=urn(str(inputs["access_key_id"])), properties=struct(inputs), preview=preview),
        )
        assert answer.refresh_before_update
        return Known(answer.id, MessageToDict(answer.properties))

    def update(
        self, olds: Properties, news: Properties, ignore: tuple[str, ...] = (), *, preview: bool = False
    ) -> dict[str, Any]:
        """Update; returns the outputs."""
        request = proto.UpdateRequest(
            urn=urn(olds["access_key_id"]),
            id=olds["access_key_id"],
            olds=struct(olds),
            news=struct(news),
            ignoreChanges=ignore,
            preview=preview,
        )
        return MessageToDict(self._call(self.stub.Update, request).properties)

    def read(self, olds: Properties, inputs: Properties | None = None) -> Known:
        """Read as a refresh does."""
        return self._read(olds["access_key_id"], olds, inputs or {})

    def imported(self, access_key_id: str) -> Known:
        """Read as an import does: with nothing but the ID."""
        return self._read(access_key_id, {}, {})

    def _read(self, access_key_id: str, olds: Properties, inputs: Properties) -> Known:
        request = proto.ReadRequest(
            urn=urn(access_key_id), id=access_key_id, properties=struct(olds), inputs=struct(inputs)
        )
        answer = self._call(self.stub.Read, request)
        return Known(answer.id, MessageToDict(answer.properties), MessageToDict(answer.inputs))

    def delete(self, olds: Properties) -> None:
        self._call(
            self.stub.Delete,
            proto.DeleteRequest(urn=urn(olds["access_key_id"]), id=olds["access_key_id"], properties=struct(olds)),
        )

    def invoke(self, token: str, **arguments: Any) -> dict[str, Any]:
        """Call a function of the package; returns what it returns."""
        answer = self._call(self.stub.Invoke, proto.InvokeRequest(tok=token, args=struct(arguments)))
        assert not answer.failures, answer.failures
        return MessageToDict(getattr(answer, "return"))


@contextmanager
def plugin(
    folder: Path, environment: Mapping[str, str] | None = None, settings: Properties | None = None
) -> Iterator[Plugin]:
    """Start a process of the real provider in a folder, with only the given environment."""
    command = [sys.executable, "-u", str(REPOSITORY / "plugin"), "127.0.0.1:9"]
    with process_of(Plugin, command, folder, environment) as host:
        host.configure({"region": "us-east-1", **(settings or {})})
        yield host
