"""Every use of an undocumented part of Pulumi's SDK. No other module may use one, and this one handles no access keys.

The docstring of each function states the gain, and what happens with an SDK that lacks the undocumented part. Without
it a run is slower, larger or prints less; its result is the same.
"""

import asyncio
import os
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

    Gains: all names, so that a misspelled one is an error. `pulumi.Config` returns values of known names only.
    Without it: the configuration is read from the environment variable that the engine sets, with the same content.
    Only programs inside a process of the Automation API, or with mocks, would have no configuration.
    """
    variable = _undocumented("pulumi.runtime.config", "CONFIG")
    given = variable.get() if isinstance(variable, ContextVar) else {}
    return {**get_config_env(), **given}


def operations_at_once() -> int | None:
    """Return how many resources the engine changes at the same time.

    Gains: the advice to raise this number appears only where the number is small.
    Without it: returns None, and the advice does not appear.
    """
    number = getattr(_undocumented("pulumi.runtime.settings", "SETTINGS"), "parallel", None)
    return number if isinstance(number, int) else None


def wake_dynamic_provider() -> None:
    """Make the engine start the process of the dynamic provider now, not at the first resource.

    The call always fails, because a dynamic provider has no functions. We ignore the failure. The only effect of the
    call is to start the process while the program observes AWS.

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
    """Register a resource for each item, with a bounded number of unfinished registrations.

    This calls the SDK's waiting function once for all items. Every separate call would add all earlier work to the
    event loop's list again.

    Gains: 25 to 30 of 125 MB at 1,000 resources. The engine starts with the first resources while the program creates
    the others.
    Without it: the program creates all resources first.

    Args:
        items: the items to register, in order.
        register: creates the resource of an item.
        ahead: how many resources may be created and not yet registered.
    """

    async def until_registered(resource: pulumi.Resource, done: asyncio.Semaphore) -> None:
        with suppress(Exception):  # the SDK stores it, and raises it at the program's end
            await resource.urn.future()
        done.release()

    async def in_turn() -> None:
        may_begin, unfinished = asyncio.Semaphore(ahead), set[asyncio.Task[None]]()
        for item in items:
            await may_begin.acquire()
            waiting = asyncio.ensure_future(until_registered(register(item), may_begin))
            unfinished.add(waiting)  # the loop itself holds a task only weakly
            waiting.add_done_callback(unfinished.discard)

    wait_for = _undocumented("pulumi.runtime.sync_await", "_sync_await")
    if wait_for is not None:
        wait_for(in_turn())
    else:
        for item in items:
            register(item)


@contextmanager
def without_stack_traces() -> Iterator[None]:
    """Register resources without storing the stack trace of their registration.

    The SDK uses `traceback`, which respects `sys.tracebacklimit`.

    Gains: 1.4 of 2.8 kB of state for each resource. The trace would be the same for all of them.
    Without it: the state contains the trace.
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
    """Stop sending the SDK's debug messages to the engine.

    The SDK sends four messages for each resource and waits for each of them.

    Gains: a third of the program's CPU time.
    Without it: the SDK sends them.
    """
    pulumi.log.debug = lambda *_, **__: None


def exit_after_telling() -> NoReturn:
    """End a program that has already logged the reason of its failure.

    Pulumi's language host recognises the exit code (sdk/python/cmd/pulumi-language-python/main.go,
    `pythonProcessExitedAfterShowingUserActionableMessage`).

    Gains: Pulumi prints the reason alone.
    Without it: Pulumi adds "an unhandled error occurred" and the exit code.
    """
    sys.exit(32)


def stack_resources(stack: str) -> Mapping[str, Mapping[str, Any]]:
    """Return the type and the outputs of each resource in the state of a stack, by URN.

    The engine has a function that reads its current state
    (pulumi/pulumi pkg/resource/deploy/builtins.go, `readStackResourceOutputs`).

    Gains: a preview can compare with the state after the last update.
    Without it: the engine refuses the call, and the caller must continue without the state.

    Args:
        stack: the full name, `organization/project/stack`.

    Raises:
        Exception: of any class, if the engine or its backend does not answer.
    """
    answer = invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack}).value
    return (answer or {}).get("outputs") or {}


def of_this_run() -> dict[Any, Any]:
    """Return a dictionary that lasts as long as the run.

    The connection to the engine tells one run from the next in the same process.

    Gains: what the engine is asked once need not be asked again, 10 to 20 ms for each resource but the first.
    Without it: returns a new dictionary each time, and everything is asked again.
    """
    monitor = getattr(_undocumented("pulumi.runtime.settings", "SETTINGS"), "monitor", None)
    return {} if monitor is None else _RUNS.setdefault(monitor, {})


_RUNS: WeakKeyDictionary[object, dict[Any, Any]] = WeakKeyDictionary()


def once_in_a_run(ask: Callable[[], _T]) -> _T:
    """Return the answer to a question that is asked of the engine once in a run, however many resources need it."""
    answers = of_this_run()
    if ask not in answers:
        answers[ask] = ask()
    answer: _T = answers[ask]
    return answer


def serve_with(threads: int) -> None:
    """Raise the number of requests that the process of a dynamic provider handles at once. Call it during a request.

    The process uses a pool of four threads (sdk/python/lib/pulumi/dynamic/__main__.py). The current thread belongs to
    this pool.

    Gains: an update of 1,000 keys takes 46 instead of 147 seconds, because requests mostly wait for AWS.
    Without it: the process handles four requests at once.
    """
    arguments = getattr(current_thread(), "_args", None) or ()
    pool = arguments[0]() if arguments and callable(arguments[0]) else None
    if isinstance(pool, ThreadPoolExecutor) and isinstance(getattr(pool, "_max_workers", None), int):
        pool._max_workers = max(pool._max_workers, threads)


def hide_frames_of_errors() -> None:
    """Let the process of a dynamic provider print errors without frames, unless KEYSWITCH_DEBUG is set.

    It answers an error with the text of its traceback, which heeds `sys.tracebacklimit`
    (sdk/python/lib/pulumi/dynamic/__main__.py).

    Gains: an error reaches the user as its message.
    Without it: as a traceback, with the message in its last line.
    """
    if not os.environ.get("KEYSWITCH_DEBUG"):
        sys.tracebacklimit = 0


def fail_with_message(name: str, message: str, cause: BaseException) -> NoReturn:
    """Raise an error that the process of a dynamic provider prints as `name: message`.

    The class counts as a built-in one, because a traceback shows the module of any other; and it has no cause, because
    a traceback shows causes, too, unless KEYSWITCH_DEBUG is set.

    Gains: one line instead of two tracebacks.
    Without it: the message is in the last line.
    """
    failure = type(name, (Exception,), {"__module__": "builtins"})(message)
    raise failure from cause if os.environ.get("KEYSWITCH_DEBUG") else None


def _undocumented(module: str, name: str) -> Any | None:  # noqa: ANN401  (it may be anything)
    """Return an attribute of one of the SDK's modules, or None if this SDK does not have it."""
    try:
        return getattr(import_module(module), name, None)
    except ImportError:
        return None
