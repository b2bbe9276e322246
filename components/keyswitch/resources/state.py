"""Reads the state of the running stack after the last update. Writes nothing, and a run works without it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from keyswitch.access_key.record import Recorded
from keyswitch.resources import diagnostics, early, sdk
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


def read_state(stored: Callable[[], early.Resources]) -> StackState | None:
    """Return the state after the last update.

    Args:
        stored: returns its resources.

    Returns:
        The state; None if it cannot be read. This function then logs a warning, and the run cannot show which keys
        leave the configuration.
    """
    try:
        found = stored()
    except Exception as error:  # engines and backends raise many classes; the run does not need the state
        diagnostics.warn(f"the state of {early.stack()} could not be read; keys that leave it are not shown: {error}")
        return None
    keys, summaries = {}, []
    for urn, resource in found.items():
        outputs = resource.get("outputs") or {}
        if _CHILD in urn and outputs:
            keys[outputs["access_key_id"]] = recorded(outputs)
        elif resource.get("type") == _COMPONENT and isinstance(outputs.get("summary"), dict):
            summaries.append(displayed(outputs["summary"]))
    return StackState(keys, summaries[0] if len(summaries) == 1 else None)


def statuses_at_adoption() -> Mapping[str, str]:
    """Return the status of each key when this stack adopted it, under any name; empty without a state."""
    try:
        return sdk.once_in_a_run(_adoptions)
    except Exception:  # engines, backends and mocks raise many classes; every key then counts as new
        return {}


def _adoptions() -> dict[str, str]:
    found = {}
    for urn, resource in early.stored().items():
        outputs = resource.get("outputs") or {}
        if _KEY in urn and outputs.get("status_at_adoption"):
            found[outputs["access_key_id"]] = outputs["status_at_adoption"]
    return found
