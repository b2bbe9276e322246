"""A mock of Pulumi's engine: it records what a program registers and logs, and creates nothing."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

import grpc
import pulumi
from pulumi.runtime import rpc, set_all_config, set_mocks, settings
from pulumi.runtime.mocks import MockCallArgs, MockMonitor, MockResourceArgs, Mocks
from pulumi.runtime.mocks import test as run_to_the_end
from pulumi.runtime.sync_await import _ensure_event_loop

from tests.support.persisted import ACCESS_KEY_STATUS


@dataclass(frozen=True)
class Registered:
    """One resource as the engine received it; parent and dependencies by name.

    `tells_where`: whether a stack trace came with it.
    """

    type: str
    name: str
    inputs: dict[str, Any]
    parent: str
    depends_on: tuple[str, ...]
    ignore_changes: tuple[str, ...]
    tells_where: bool


@dataclass
class MockedEngine:
    """Runs a program, and holds what the run registered and logged.

    Attributes:
        registered: the resources, by name, in the order of registration.
        everything: the resources, also those whose type differs and whose name does not.
        outputs: what was registered as outputs, by name of the resource.
        exported: the stack's outputs.
        said: (level, message) of everything logged for the user.
        debugged: the debug messages of Pulumi's SDK.
        recorded: the outputs that the state holds before the run, by URN; None: the state cannot be read.
        asked_for: the stacks whose state was asked for, by their full names.
        asked: every function that was called, in order.
        provider_was_asked: whether the provider was asked for something before any resource was.
        refusing: the name of a resource whose registration fails.
    """

    registered: dict[str, Registered] = field(default_factory=dict)
    everything: list[Registered] = field(default_factory=list)
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    exported: dict[str, Any] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    debugged: list[str] = field(default_factory=list)
    recorded: Mapping[str, Mapping[str, Any]] | None = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    provider_was_asked: Event = field(default_factory=Event)
    refusing: str | None = None

    def run(
        self,
        program: Callable[[], Any],
        config: Mapping[str, Any] | None = None,
        *,
        project: str = "keyswitch",
        stack: str = "test",
        preview: bool = False,
    ) -> "MockedEngine":
        """Run a program to its end; raises what the program raises."""
        set_all_config(dict(config or {}))
        settings.set_root_resource(None)
        _ensure_event_loop()  # as `pulumi up` does; `set_mocks` needs one, which Python 3.14 does not make by itself
        set_mocks(
            _Echo(self),
            project=project,
            stack=stack,
            preview=preview,
            monitor=_Monitor(self, _Echo(self)),
            logger=_log(self),
        )
        try:
            run_to_the_end(program)()
        finally:
            set_all_config({})
            exported = dict(settings.get_root_resource().outputs)
        self.exported = {name: known(value) for name, value in exported.items()}
        return self

    @property
    def access_keys(self) -> dict[str, Registered]:
        """The registered `AccessKeyStatus` resources."""
        return {name: r for name, r in self.registered.items() if r.type == ACCESS_KEY_STATUS}

    def lines(self, level: str = "INFO") -> list[str]:
        """All lines that were logged at a level."""
        return [line for said, message in self.said if said == level for line in message.splitlines()]


def known(value: Any) -> Any:
    """The value of an output, after the run."""
    found: list[Any] = []
    run_to_the_end(lambda: pulumi.Output.from_input(value).apply(found.append))()
    return found[0]


class _Echo(Mocks):
    """Answers for the provider with the inputs and the seen status, and for the engine with the state."""

    def __init__(self, engine: MockedEngine) -> None:
        self._engine = engine

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        if args.typ != ACCESS_KEY_STATUS:
            return f"{args.name}-id", {"name": args.name, **args.inputs}
        seen = json.loads(args.inputs.get("observed") or "{}")
        return args.inputs.get("access_key_id", ""), {"status": seen.get("status"), **args.inputs}

    def call(self, args: MockCallArgs) -> dict[str, Any]:
        self._engine.asked.append(args.token)
        if args.token.startswith("pulumi-python:"):
            self._engine.provider_was_asked.set()
            raise _Unimplemented
        assert args.token == "pulumi:pulumi:readStackResourceOutputs", "nothing else is asked of the engine"
        self._engine.asked_for.append(args.args["stackName"])
        if self._engine.recorded is None:
            raise _Away
        outputs = {urn: {"type": urn.split("::")[2], "outputs": dict(o)} for urn, o in self._engine.recorded.items()}
        return {"name": args.args["stackName"], "outputs": outputs}


class _Away(grpc.RpcError):
    """The error of a call that the engine cannot answer."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNKNOWN

    def details(self) -> str:
        return "the backend is away"


class _Unimplemented(grpc.RpcError):
    """The error of a function call, which dynamic providers do not implement."""

    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNIMPLEMENTED

    def details(self) -> str:
        return "Invoke is not implemented by the dynamic provider"


class _Monitor(MockMonitor):
    """Records parents, dependencies and options, which the SDK's own mocks drop."""

    def __init__(self, engine: MockedEngine, mocks: Mocks) -> None:
        super().__init__(mocks)
        self._engine = engine

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802  (gRPC's name)
        if request.name == self._engine.refusing:
            raise ValueError("it is refused")
        if request.type != "pulumi:pulumi:Stack":
            self._engine.registered[request.name] = Registered(
                request.type,
                request.name,
                rpc.deserialize_properties(request.object, keep_unknowns=True),
                _name(request.parent),
                tuple(sorted(_name(urn) for urn in request.dependencies)),
                tuple(request.ignoreChanges),
                bool(request.stackTrace.frames),
            )
            self._engine.everything.append(self._engine.registered[request.name])
        return super().RegisterResource(request)

    def RegisterResourceOutputs(self, request: Any) -> Any:  # noqa: N802  (gRPC's name)
        self._engine.outputs[_name(request.urn)] = rpc.deserialize_properties(request.outputs)
        return super().RegisterResourceOutputs(request)


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _log(engine: MockedEngine) -> logging.Logger:
    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.levelno > logging.DEBUG:
                engine.said.append((record.levelname, record.getMessage()))
            else:
                engine.debugged.append(record.getMessage())

    logger = logging.Logger("engine")
    logger.addHandler(Keep())
    return logger
