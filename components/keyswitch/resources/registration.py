"""Registers the keys of a plan as children of a component, in an order that Pulumi keeps."""

from collections.abc import Mapping, Sequence, Set
from graphlib import TopologicalSorter
from typing import Any

import pulumi

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.resources import sdk
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
    """Register the children in order of their dependencies, a bounded number at a time.

    Writes come first, so that AWS is written to while the other keys are still being registered. An entry that failed
    depends on all writes that do not depend on it, so that its failure comes last.
    """
    failed = _failed(planned)
    declared_keys = [*planned.declared, *(f.change for f in planned.failures if not f.change.is_removal)]
    first = {**prerequisites(declared_keys, planned.caller.depends_on)}
    for key_id in failed:
        others = [c.access_key_id for c in planned.writes if c.access_key_id not in failed and not c.is_removal]
        first[key_id] = tuple(other for other in others if key_id not in first.get(other, ()))
    ordered = _in_order(declared_keys, first, {c.access_key_id for c in planned.writes} - failed.keys())
    ahead = _ahead([c for c in ordered if c.is_write and c.access_key_id not in failed])
    adopted = {key_id: r.status_at_adoption for key_id, r in (before.keys if before else {}).items()}
    keys: dict[str, AccessKeyStatus] = {}

    def register(change: Change) -> AccessKeyStatus:
        key_id = change.access_key_id
        known = (
            as_failed(failed[key_id], adopted.get(key_id))
            if key_id in failed
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


def _failed(planned: Plan) -> dict[str, list[str]]:
    """Return the lines of the errors of entries that fail, by access key ID."""
    refusal = str(planned.refusal).split("\n")
    return {
        **{change.access_key_id: refusal for change in planned.refused if not change.is_removal},
        **{f.change.access_key_id: str(f.error).split("\n") for f in planned.failures if not f.change.is_removal},
    }


def _in_order(changes: Sequence[Change], first: Mapping[str, Sequence[str]], early: Set[str]) -> list[Change]:
    """Sort changes so that each comes after the changes it depends on, and those of the keys in `early` come early."""
    by_id = {change.access_key_id: change for change in changes}
    sorter = TopologicalSorter({key_id: first.get(key_id, ()) for key_id in by_id})
    sorter.prepare()
    ordered: list[Change] = []
    others: list[str] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        now = [key_id for key_id in ready if key_id in early]
        others += [key_id for key_id in ready if key_id not in early]
        if not now:
            now, others = others, []
        ordered += [by_id[key_id] for key_id in now]
        sorter.done(*now)
    return ordered


def _ahead(writes: Sequence[Change]) -> dict[str, list[list[Any]]]:
    """Return, by access key ID, the later keys that the provider can prefetch when it handles that key."""
    keys = [[c.access_key_id, c.observed.user_name or "", c.is_deactivation] for c in writes]
    return {c.access_key_id: keys[i + AHEAD : i + AHEAD + 1] if i else keys[: AHEAD + 1] for i, c in enumerate(writes)}
