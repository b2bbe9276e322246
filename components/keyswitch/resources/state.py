"""Reads the state of the running stack after the last update. Writes nothing, and a run works without it."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from keyswitch.access_key.record import Recorded
from keyswitch.resources import diagnostics, sdk
from keyswitch.resources.properties import recorded
from keyswitch.telling.document import displayed

_COMPONENT = "keyswitch:index:AccessKeys"
_KEY = "pulumi-python:dynamic/keyswitch:AccessKeyStatus::"
"""What the URN of every `AccessKeyStatus` contains, followed by its logical name."""

_CHILD = f"{_COMPONENT}${_KEY}"
"""What the URN of a child of `AccessKeys` contains."""


@dataclass(frozen=True)
class StackState:
    """The state of a stack after its last update.

    Attributes:
        keys: the keys that `AccessKeys` declared, by access key ID.
        summary: the summary of the last update that changed something; None if there was no such update.
    """

    keys: Mapping[str, Recorded]
    summary: Mapping[str, Any] | None


def read_state() -> StackState | None:
    """Read the state after the last update.

    Returns:
        The state; None if it cannot be read. This function then logs a warning, and the run cannot show which keys
        leave the configuration.
    """
    stack = _stack()
    try:
        resources = _resources(stack)
    except Exception as error:  # engines and backends raise many classes; the run does not need the state
        diagnostics.warn(f"the state of {stack} could not be read; keys that leave it are not shown: {error}")
        return None
    keys, summaries = {}, []
    for urn, resource in resources.items():
        outputs = resource.get("outputs") or {}
        if _CHILD in urn and outputs:
            keys[outputs["access_key_id"]] = recorded(outputs)
        elif resource.get("type") == _COMPONENT and isinstance(outputs.get("summary"), dict):
            summaries.append(displayed(outputs["summary"]))
    return StackState(keys, summaries[0] if len(summaries) == 1 else None)


def statuses_at_adoption() -> Mapping[str, str]:
    """Return the status of each key when this stack adopted it, under any name; empty without a state."""
    try:
        return sdk.once_in_a_run(_adoptions, _stack())
    except Exception:  # engines, backends and mocks raise many classes; every key then counts as new
        return {}


def _stack() -> str:
    return f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"


def _resources(stack: str) -> Mapping[str, Mapping[str, Any]]:
    """Read the resources in the state; read it again if that fails, because another process may be writing it."""
    try:
        return sdk.stack_resources(stack)
    except Exception:  # engines and backends raise many classes
        time.sleep(_WRITTEN_AFTER_SECONDS)
        return sdk.stack_resources(stack)


_WRITTEN_AFTER_SECONDS = 0.3
"""How long a backend may take to write a state."""


def _adoptions(stack: str) -> dict[str, str]:
    found = {}
    for urn, resource in _resources(stack).items():
        outputs = resource.get("outputs") or {}
        if _KEY in urn and outputs.get("status_at_adoption"):
            found[outputs["access_key_id"]] = outputs["status_at_adoption"]
    return found
