"""Every use of something that Pulumi's SDK does not document. No other module may use such a thing.

Each function says what it gains and what happens where the SDK is without it: the run is slower, larger or says less,
and still does the same. Nothing here knows of access keys.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from importlib import import_module
from threading import current_thread
from typing import Any, NoReturn, TypeVar
from weakref import WeakKeyDictionary

import pulumi
from pulumi.runtime import get_config_env, invoke, invoke_async

_T = TypeVar("_T")


def configuration() -> dict[str, Any]:
    """Return the configuration of the running stack, by full name (`aws:region`).

    Gains: names that nobody asks for, so that a misspelled one is an error; `pulumi.Config` answers for known names.
    Without it: the configuration that the engine hands to a program in its environment, which is the same. Only
    programs that run inside a process of the Automation API, or with mocks, would have none.
    """
    variable = _undocumented("pulumi.runtime.config", "CONFIG")
    given = variable.get() if isinstance(variable, ContextVar) else {}
    return {**get_config_env(), **given}


def operations_at_once() -> int | None:
    """Return how many resources the engine changes at the same time.

    Gains: the advice to raise the number is given only where it is small.
    Without it: None, and that advice is not given.
    """
    number = getattr(_undocumented("pulumi.runtime.settings", "SETTINGS"), "parallel", None)
    return number if isinstance(number, int) else None


def wake_dynamic_provider() -> None:
    """Let the engine start the process of the dynamic provider now, not at the first resource.

    The call always fails, because a dynamic provider has no functions; the failure is ignored. Its only effect is
    to start the process, while the program looks at AWS.

    Gains: about a second of every run.
    Without it: the engine starts the process at the first resource.
    """
    wait_for = _undocumented("pulumi.runtime.sync_await", "_sync_await")
    if wait_for is None:
        return

    async def call() -> None:
        with suppress(Exception):
            await invoke_async("pulumi-python:keyswitch:wake", {})

    wait_for(asyncio.wait([asyncio.ensure_future(call())], timeout=0.02))


def register_in_turn(items: Sequence[_T], register: Callable[[_T], pulumi.Resource], ahead: int) -> None:
    """Register a resource for each item, with at most so many that are not at the engine yet.

    The SDK's function is entered once for all: each entry lets the event loop's list grow by what was begun before.

    Gains: 25 to 30 of 125 MB at 1,000 resources; the engine begins with the first while others are being made.
    Without it: all resources are made first.

    Args:
        items: what to register, in order.
        register: makes the resource of an item.
        ahead: how many resources are made before the first of them has to be registered.
    """
    made: list[pulumi.Resource] = []

    async def in_turn() -> None:
        for n, item in enumerate(items):
            if n >= ahead:
                with suppress(Exception):  # the SDK keeps it, and raises it when the program has ended
                    await made[n - ahead].urn.future()
            made.append(register(item))

    wait_for = _undocumented("pulumi.runtime.sync_await", "_sync_await")
    if wait_for is not None:
        wait_for(in_turn())
    else:
        for item in items:
            register(item)


@contextmanager
def without_stack_traces() -> Iterator[None]:
    """Register resources without the place in the program from which they are registered.

    The SDK takes the place with `traceback`, which heeds `sys.tracebacklimit`.

    Gains: 1.4 of 2.8 kB of state for each resource, which would be the same in all of them.
    Without it: the place stands in the state.
    """
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 1
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


def silence_debug_messages() -> None:
    """Send the engine none of the SDK's debug messages, from now on.

    The SDK sends four for each resource, and waits for each.

    Gains: a third of the program's CPU time.
    Without it: they are sent.
    """
    pulumi.log.debug = lambda *_, **__: None


def exit_after_telling() -> NoReturn:
    """End a program that has told the user why it fails.

    The exit code says so to Pulumi's language host (sdk/python/cmd/pulumi-language-python/main.go,
    `pythonProcessExitedAfterShowingUserActionableMessage`).

    Gains: the reason stands alone.
    Without it: Pulumi adds "an unhandled error occurred" and the exit code.
    """
    sys.exit(32)


def stack_resources(stack: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the type and the outputs of each resource in the state of a stack, by URN.

    The engine's own function answers from the state it works with
    (pulumi/pulumi pkg/resource/deploy/builtins.go, `readStackResourceOutputs`).

    Gains: what the last update left, known to a preview.
    Without it: the engine refuses the call, and the caller has to go on without the state.

    Args:
        stack: the full name, `organization/project/stack`.

    Raises:
        Exception: of any class, when the engine or its backend does not answer.
    """
    answer = invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack}).value
    return (answer or {}).get("outputs") or {}


def once_in_a_run(ask: Callable[[str], _T], about: str) -> _T:
    """Return the answer to a question that is asked of the engine once in a run, however many resources need it.

    The connection to the engine tells one run from the next in the same process.

    Gains: 10 to 20 ms for each resource but the first.
    Without it: each resource asks.
    """
    monitor = getattr(_undocumented("pulumi.runtime.settings", "SETTINGS"), "monitor", None)
    if monitor is None:
        return ask(about)
    answers = _ANSWERS.setdefault(monitor, {})
    if (ask, about) not in answers:
        answers[ask, about] = ask(about)
    answer: _T = answers[ask, about]
    return answer


_ANSWERS: WeakKeyDictionary[object, dict[tuple[Callable[[str], Any], str], Any]] = WeakKeyDictionary()


def serve_with(threads: int) -> None:
    """Let the process of a dynamic provider answer so many requests at once; to be called while it answers one.

    It answers in the threads of a pool of four (sdk/python/lib/pulumi/dynamic/__main__.py), to which this thread
    belongs.

    Gains: an update of 1,000 keys in 46 instead of 147 seconds, because most of the time they wait for AWS.
    Without it: four at once.
    """
    arguments = getattr(current_thread(), "_args", None) or ()
    pool = arguments[0]() if arguments and callable(arguments[0]) else None
    if isinstance(pool, ThreadPoolExecutor) and isinstance(getattr(pool, "_max_workers", None), int):
        pool._max_workers = max(pool._max_workers, threads)


def _undocumented(module: str, name: str) -> Any | None:  # noqa: ANN401  (it may be anything)
    """Something of the SDK, or None where this SDK does not have it."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None
