"""Registers the keys of a plan as children of a component, in an order that Pulumi keeps."""

from collections.abc import Sequence
from typing import Any

import pulumi

from keyswitch.access_key.change import Change
from keyswitch.resources import sdk
from keyswitch.resources.failing import failed, in_order
from keyswitch.resources.properties import as_failed, as_seen, declared, shown_to_policies
from keyswitch.resources.state import StackState
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching.planned import Plan
from keyswitch.switching.prefetch import AHEAD

_AT_ONCE = 64
"""The maximum number of keys that are declared and not yet registered.

The engine never runs out of work, because it processes far fewer at once. Memory stays small: a waiting key takes about
30 kB. Registration starts while later keys are still being declared.
"""


def registered(parent: pulumi.Resource, planned: Plan, before: StackState | None) -> dict[str, AccessKeyStatus]:
    """Register the children in order of their dependencies, a bounded number at a time."""
    fails = failed(planned)
    ordered, first = in_order(planned)
    ahead = _ahead([c for c in ordered if c.is_write and c.access_key_id not in fails])
    adopted = {key_id: r.status_at_adoption for key_id, r in (before.keys if before else {}).items()}
    keys: dict[str, AccessKeyStatus] = {}

    def register(change: Change) -> AccessKeyStatus:
        key_id = change.access_key_id
        known = (
            as_failed(fails[key_id], adopted.get(key_id))
            if key_id in fails
            else as_seen(change, planned, ahead.get(key_id, ()), adopted.get(key_id))
        )
        waits_for = [keys[other] for other in first.get(key_id, ())]
        options = pulumi.ResourceOptions(parent=parent, depends_on=waits_for)
        with sdk.without_stack_traces():  # no other code runs in this block
            keys[key_id] = AccessKeyStatus(
                key_id,
                **declared(change.desired),
                opts=options,
                _observed=known,
                _seen=shown_to_policies(change.observed),
            )
        return keys[key_id]

    sdk.register_in_turn(ordered, register, _AT_ONCE)
    return keys


def _ahead(writes: Sequence[Change]) -> dict[str, list[list[Any]]]:
    """Return, by access key ID, the later keys that the provider can prefetch when it handles that key."""
    keys = [[c.access_key_id, c.observed.user_name or "", c.is_deactivation] for c in writes]
    return {c.access_key_id: keys[i + AHEAD : i + AHEAD + 1] if i else keys[: AHEAD + 1] for i, c in enumerate(writes)}
