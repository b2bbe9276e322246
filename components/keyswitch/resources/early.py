"""Asks the engine early for what takes it time: the state, then the provider's process. Loads nothing else.

The engine starts one provider after the other. The state comes first, because it would otherwise wait for the process.
"""

import time
from collections.abc import Mapping
from typing import Any

import pulumi

from keyswitch.resources import sdk

Resources = Mapping[str, Mapping[str, Any]]
"""The type and the outputs of each resource, by URN."""


def begin() -> None:
    """Read the state and start the provider's process, once in a run. `resources` returns what was read."""
    run = sdk.of_this_run()
    if _BEGUN in run:
        return
    run[_BEGUN] = True
    try:
        run[_READ] = _read(stack())
    except Exception as error:  # engines and backends raise many classes
        run[_READ] = error
    sdk.wake_dynamic_provider()


def resources() -> Resources:
    """Return the resources in the state after the last update, and keep no reference to them.

    Raises:
        Exception: of any class, if the engine or its backend does not answer.
    """
    read = sdk.of_this_run().pop(_READ, None)
    if isinstance(read, Exception):
        raise read
    return _read(stack()) if read is None else read


def stack() -> str:
    """Return the full name of the running stack."""
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _read(stack: str) -> Resources:
    """Read the resources in the state; read it again if that fails, because another process may be writing it."""
    try:
        return sdk.stack_resources(stack)
    except Exception:  # engines and backends raise many classes
        time.sleep(_WRITTEN_AFTER_SECONDS)
        return sdk.stack_resources(stack)


_BEGUN, _READ = "early.begun", "early.read"

_WRITTEN_AFTER_SECONDS = 0.3
"""How long a backend may take to write a state."""
