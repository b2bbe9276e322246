"""What the last update left: read from the state of the running stack, so that a preview can tell what leaves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi

from keyswitch.access_key.record import Recorded
from keyswitch.resources import diagnostics, sdk
from keyswitch.resources.properties import recorded
from keyswitch.telling.document import displayed

_COMPONENT = "keyswitch:index:AccessKeys"
_CHILD = f"{_COMPONENT}$pulumi-python:dynamic/keyswitch:AccessKeyStatus::"
"""What the URN of a child of `AccessKeys` contains, followed by the access key ID."""


@dataclass(frozen=True)
class StackState:
    """What the last update left.

    Attributes:
        keys: the keys that `AccessKeys` declared, by access key ID.
        summary: what the last update that changed something has changed; None if there was none.
    """

    keys: Mapping[str, Recorded]
    summary: Mapping[str, Any] | None


def read_state() -> StackState | None:
    """Read what the last update left.

    Returns:
        None where the state cannot be read; that is said, and everything works but the outlook on what leaves.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        resources = sdk.stack_resources(stack)
    except Exception as error:  # whatever an engine or a backend raises here: the run does not depend on it
        diagnostics.warn(f"the state of {stack} could not be read; keys that leave it are not told of: {error}")
        return None
    keys, summaries = {}, []
    for urn, resource in resources.items():
        outputs = resource.get("outputs") or {}
        if _CHILD in urn and outputs:
            keys[urn.rpartition("::")[2]] = recorded(outputs)
        elif resource.get("type") == _COMPONENT and isinstance(outputs.get("summary"), dict):
            summaries.append(displayed(outputs["summary"]))
    return StackState(keys, summaries[0] if len(summaries) == 1 else None)
