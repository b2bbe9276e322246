"""Counts changes by what happens, and last uses by their age. Words only the sums."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from keyswitch.access_key.change import Change, Kind
from keyswitch.access_key.phrases import count
from keyswitch.switching.planned import Plan

STATE_ONLY = "state only"
"""The name of the sum of changes in the state that change nothing in AWS."""

_SUMS = {
    Kind.ACTIVATE: "to activate",
    Kind.DEACTIVATE: "to deactivate",
    Kind.ADOPT: STATE_ONLY,
    Kind.RECORD: STATE_ONLY,
    Kind.LEAVE: "leaving",
    Kind.GONE: "leaving",
    Kind.OBSERVE: "unchanged",
    Kind.NOTHING: "unchanged",
}

_NEAR = (("within 7 d", timedelta(days=7)), ("within 90 d", timedelta(days=90)))


def total(plan: Plan) -> str:
    """Say the sums: `5 access keys: 1 to activate, 2 to deactivate, 2 unchanged`."""
    counted = counts(plan)
    parts = [f"{number} {name}" for name, number in counted.items()]
    return (
        f"{count(sum(counted.values()), 'access key')}: {', '.join(parts)}" if parts else "no access keys are declared"
    )


def counts(plan: Plan) -> dict[str, int]:
    """Count the keys by what happens to them; sums of zero are left out."""
    counted = Counter(_sum(change) for change in plan.changes)
    counted[_SUMS[Kind.GONE]] += len(plan.gone)
    return {name: counted[name] for name in dict.fromkeys(_SUMS.values()) if counted[name]}


def last_uses(changes: Iterable[Change], plan: Plan) -> str:
    """Count the last uses of many keys: `3 within 7 d, 40 within 90 d, 120 longer ago, 80 never, 1 not known`."""
    counted: Counter[str] = Counter()
    for change in changes:
        used = plan.last_used.get(change.access_key_id)
        if change.access_key_id not in plan.last_used:
            counted["not looked up"] += 1
        elif used is None:
            counted["not known"] += 1
        elif used.date is None:
            counted["never"] += 1
        else:
            passed = plan.at - used.date
            near = next((text for text, length in _NEAR if passed <= length), "longer ago")
            counted[near] += 1
    order = [*(text for text, _ in _NEAR), "longer ago", "never", "not known", "not looked up"]
    return ", ".join(f"{counted[text]} {text}" for text in order if counted[text])


def _sum(change: Change) -> str:
    """Name the sum that counts a change. The state of a key that is only observed can change, too."""
    return STATE_ONLY if change.kind is Kind.OBSERVE and change.is_record_only else _SUMS[change.kind]
