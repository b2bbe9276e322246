"""What Pulumi's SDK does not document: each use has its effect, and does no harm where the SDK is without it.

`test_sdk_versions.py` runs this file with the oldest and the newest SDK that is allowed.
"""

import asyncio
import contextvars
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread
from types import SimpleNamespace
from typing import Any

import pulumi
import pytest

from keyswitch.resources import sdk
from tests.support.mocked_engine import MockedEngine

SYNC_AWAIT = "pulumi.runtime.sync_await._sync_await"


class Component(pulumi.ComponentResource):
    """A resource that nobody has to answer for."""

    def __init__(self, resource_name: str) -> None:
        super().__init__("test:index:Component", resource_name)


def in_a_program(engine: MockedEngine, function: Callable[[], Any]) -> Any:
    """What a function answers in a program."""
    answers: list[Any] = []
    engine.run(lambda: answers.append(function()))
    return answers[0]


class TestConfiguration:
    """All of it, with names that nobody asks for."""

    def test_what_is_set_in_the_process(self, engine: MockedEngine) -> None:
        """Programs of the Automation API and of tests have it there; it wins over the environment."""
        found: list[dict[str, Any]] = []
        engine.run(lambda: found.append(sdk.configuration()), {"keyswitch:kyes": "{}", "aws:region": "us-east-1"})
        assert found == [{"keyswitch:kyes": "{}", "aws:region": "us-east-1"}]

    def test_what_is_set_in_the_environment(self, engine: MockedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        """The engine hands it to a program there."""
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"keyswitch:kyes": "{}", "aws:region": "eu-west-1"}))
        found: list[dict[str, Any]] = []
        engine.run(lambda: found.append(sdk.configuration()), {"aws:region": "us-east-1"})
        assert found == [{"keyswitch:kyes": "{}", "aws:region": "us-east-1"}]

    def test_without_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The environment is enough."""
        monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"keyswitch:kyes": "{}"}))
        monkeypatch.delattr("pulumi.runtime.config.CONFIG")
        assert sdk.configuration() == {"keyswitch:kyes": "{}"}


class TestOperationsAtOnce:
    """How many resources the engine changes at the same time."""

    @pytest.mark.parametrize("parallel", [8, None])
    def test_it_is_what_the_language_host_was_told(self, parallel: int | None) -> None:
        """None where it was told nothing."""

        def program() -> int | None:
            pulumi.runtime.configure(pulumi.runtime.Settings("project", "stack", parallel=parallel))
            return sdk.operations_at_once()

        assert contextvars.copy_context().run(program) == parallel

    def test_without_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It is not known."""
        monkeypatch.delattr("pulumi.runtime.settings.SETTINGS")
        assert sdk.operations_at_once() is None


class TestWakeDynamicProvider:
    """The process of the provider starts before the first resource."""

    def test_the_engine_is_asked_at_once(self, engine: MockedEngine) -> None:
        """The request is sent when the function returns; the answer, an error, disturbs nobody."""

        def asked() -> bool:
            sdk.wake_dynamic_provider()
            return engine.provider_was_asked.wait(10)

        assert in_a_program(engine, asked)
        assert engine.asked == ["pulumi-python:keyswitch:wake"]
        assert engine.said == []

    def test_without_it(self, engine: MockedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is asked."""
        monkeypatch.delattr(SYNC_AWAIT)
        engine.run(sdk.wake_dynamic_provider)
        assert engine.asked == []


class TestRegisterInTurn:
    """Few resources are made ahead of their registration."""

    NAMES = tuple(f"resource-{n:03}" for n in range(60))

    @pytest.fixture
    def ahead(self, engine: MockedEngine) -> list[int]:
        """How many are made and not registered, whenever another one is made."""
        return []

    @pytest.fixture
    def program(self, engine: MockedEngine, ahead: list[int]) -> Callable[[], None]:
        """A program that registers them all, eight ahead."""

        def register(name: str) -> pulumi.Resource:
            ahead.append(len(ahead) + 1 - len(engine.registered))
            return Component(name)

        return lambda: sdk.register_in_turn(self.NAMES, register, 8)

    def test_no_more_than_so_many_wait(
        self, engine: MockedEngine, ahead: list[int], program: Callable[[], None]
    ) -> None:
        """All are registered in the end."""
        engine.run(program)
        assert set(engine.registered) == set(self.NAMES)
        assert max(ahead) == 8

    def test_a_slow_one_holds_up_none(self, engine: MockedEngine) -> None:
        """It takes one of the places; the others go on meanwhile."""
        others: list[str] = []

        def register(name: str) -> Any:
            if name == self.NAMES[0]:
                return SimpleNamespace(urn=SimpleNamespace(future=slow))
            others.append(name)
            return Component(name)

        async def slow() -> None:
            for _ in range(1000):
                if len(others) == len(self.NAMES) - 1:
                    return
                await asyncio.sleep(0.01)
            others.append("waited")

        engine.run(lambda: sdk.register_in_turn(self.NAMES, register, 8))
        assert tuple(others) == self.NAMES[1:]

    def test_one_that_is_refused(self, engine: MockedEngine, ahead: list[int], program: Callable[[], None]) -> None:
        """The others are made all the same; the error comes out when the program has ended."""
        engine.refusing = self.NAMES[3]
        with pytest.raises(Exception, match="it is refused"):
            engine.run(program)
        assert len(ahead) == len(self.NAMES)

    def test_without_it(
        self, engine: MockedEngine, ahead: list[int], program: Callable[[], None], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """All are made first, and registered."""
        monkeypatch.delattr(SYNC_AWAIT)
        engine.run(program)
        assert set(engine.registered) == set(self.NAMES)
        assert max(ahead) == len(self.NAMES)


class TestWithoutStackTraces:
    """The place of a registration does not stand in the state."""

    def test_what_is_registered_within_it(self, engine: MockedEngine) -> None:
        """Only that: what is registered before and after tells where."""

        def program() -> None:
            Component("before")
            with sdk.without_stack_traces():
                Component("within")
            Component("after")

        engine.run(program)
        assert {name: r.tells_where for name, r in engine.registered.items()} == {
            "before": True,
            "within": False,
            "after": True,
        }

    @pytest.fixture(params=[None, 5])
    def limit(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[int | None]:
        """A limit that the process has, or none."""
        if request.param is not None:
            monkeypatch.setattr(sys, "tracebacklimit", request.param, raising=False)
        return request.param

    def test_the_limit_of_the_process_comes_back(self, limit: int | None) -> None:
        """Also after an error."""
        with pytest.raises(ZeroDivisionError), sdk.without_stack_traces():
            raise ZeroDivisionError
        assert getattr(sys, "tracebacklimit", None) == limit


def test_silence_debug_messages(engine: MockedEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The SDK sends none from then on; every other message is sent."""
    monkeypatch.setattr(pulumi.log, "debug", pulumi.log.debug)

    def program() -> None:
        Component("told-of")
        sdk.silence_debug_messages()
        Component("silent")
        pulumi.log.info("it is done")

    engine.run(program)
    assert any("told-of" in message for message in engine.debugged)
    assert not any("silent" in message for message in engine.debugged)
    assert engine.said == [("INFO", "it is done")]


def test_exit_after_telling() -> None:
    """The exit code that Pulumi's language host knows; the tests on the real engine show what it makes of it."""
    with pytest.raises(SystemExit) as ended:
        sdk.exit_after_telling()
    assert ended.value.code == 32


class TestStackResources:
    """What the last update left."""

    URN = "urn:pulumi:test::keyswitch::test:index:Component::one"

    def test_type_and_outputs_by_urn(self, engine: MockedEngine) -> None:
        """Of the stack that was asked for."""
        engine.recorded = {self.URN: {"status": "Active"}}
        found = in_a_program(engine, lambda: sdk.stack_resources("organization/keyswitch/test"))
        assert found == {self.URN: {"type": "test:index:Component", "outputs": {"status": "Active"}}}
        assert engine.asked_for == ["organization/keyswitch/test"]

    def test_of_an_empty_state(self, engine: MockedEngine) -> None:
        """Nothing, and no error."""
        assert in_a_program(engine, lambda: sdk.stack_resources("organization/keyswitch/test")) == {}

    def test_without_it(self, engine: MockedEngine) -> None:
        """The error is the caller's, who goes on without the state (`test_state.py`)."""
        engine.recorded = None
        with pytest.raises(Exception, match="the backend is away"):
            in_a_program(engine, lambda: sdk.stack_resources("organization/keyswitch/test"))


class TestServeWith:
    """More requests at once than the pool was made for. `tests/provider/test_threads.py` shows it of the process."""

    def test_the_pool_of_this_thread_grows(self) -> None:
        """From four to sixteen that run at the same time."""
        together = Barrier(16)
        with ThreadPoolExecutor(4) as pool:
            pool.submit(sdk.serve_with, 16).result(timeout=10)
            waiting = [pool.submit(together.wait, 10) for _ in range(16)]
            assert sorted(each.result(timeout=20) for each in waiting) == list(range(16))

    def test_it_never_shrinks(self) -> None:
        """Who asks for fewer than there are changes nothing."""
        together = Barrier(4)
        with ThreadPoolExecutor(4) as pool:
            pool.submit(sdk.serve_with, 2).result(timeout=10)
            waiting = [pool.submit(together.wait, 10) for _ in range(4)]
            assert len([each.result(timeout=20) for each in waiting]) == 4

    @pytest.mark.parametrize("arguments", [(), (lambda: None,), ("a text",)], ids=["none", "a function", "a text"])
    def test_without_it(self, arguments: tuple[Any, ...]) -> None:
        """A thread of another kind is left as it is."""
        failed: list[BaseException] = []

        def serve(*_: object) -> None:
            try:
                sdk.serve_with(16)
            except BaseException as error:
                failed.append(error)

        thread = Thread(target=serve, args=arguments)
        thread.start()
        thread.join(10)
        assert failed == []


def test_a_module_that_is_gone_counts_as_a_name_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK may move any of its own modules."""
    monkeypatch.setitem(sys.modules, "pulumi.runtime.settings", None)
    assert sdk.operations_at_once() is None


def test_the_event_loop_is_that_of_the_program(engine: MockedEngine) -> None:
    """What else the program has begun goes on while resources are registered in turn."""
    begun: list[str] = []

    async def something_else() -> None:
        begun.append("something else")

    def program() -> None:
        other = asyncio.ensure_future(something_else())
        sdk.register_in_turn(["one", "two"], Component, 1)
        assert other.done()

    engine.run(program)
    assert begun == ["something else"]
