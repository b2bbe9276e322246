"""Begins early in a run what takes long: signing in, reading the state, starting the provider's process.

The engine and AWS are asked while Python still loads the other modules. Importing this one loads none of them.
"""

import time
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

import pulumi

from keyswitch.resources import sdk

if TYPE_CHECKING:
    from keyswitch.access_key.model import Caller
    from keyswitch.configuration.stack import Settings
    from keyswitch.iam.directory import Directory

Resources = Mapping[str, Mapping[str, Any]]
"""The type and the outputs of each resource, by URN."""


class Early:
    """What was begun early in a run.

    Attributes:
        settings: the settings of the stack.
        directory: the connection to AWS.
        caller: who signs.
    """

    def __init__(self) -> None:
        context = copy_context()  # in which the SDK knows its stack
        beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="keyswitch-early")
        self.settings: Future[Settings] = beside.submit(context.run, _settings)
        self.directory: Future[Directory] = beside.submit(lambda: _connected(self.settings.result()))
        self.caller: Future[Caller] = beside.submit(lambda: self.directory.result().caller())
        beside.shutdown(wait=False)
        self._stored: Future[Resources] | None = Future()
        try:
            self._stored.set_result(stored())
        except Exception as error:  # engines and backends raise many classes
            self._stored.set_exception(error)
        sdk.wake_dynamic_provider()  # after the state: the engine starts one provider after the other

    def stored(self) -> Resources:
        """Return the resources in the state after the last update, and forget them: they may be large.

        Raises:
            Exception: of any class, if the engine or its backend does not answer.
        """
        first, self._stored = self._stored, None
        return stored() if first is None else first.result()


def begin() -> Early:
    """Begin, once in a run; return what was begun."""
    return sdk.once_in_a_run(Early)


def stored() -> Resources:
    """Read the resources in the state; read it again if that fails, because another process may be writing it.

    Raises:
        Exception: of any class, if the engine or its backend does not answer.
    """
    try:
        return sdk.stack_resources(stack())
    except Exception:  # engines and backends raise many classes
        time.sleep(_WRITTEN_AFTER_SECONDS)
        return sdk.stack_resources(stack())


_WRITTEN_AFTER_SECONDS = 0.3
"""How long a backend may take to write a state."""


def stack() -> str:
    """Return the full name of the running stack."""
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _settings() -> "Settings":
    from keyswitch.resources.settings import stack_settings

    return stack_settings()


def _connected(settings: "Settings") -> "Directory":
    from keyswitch.iam.directory import Directory
    from keyswitch.iam.session import connect

    return Directory(connect(settings.connection))
