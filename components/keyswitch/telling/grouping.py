"""Groups many changes by what happens and why, and orders a group by risk. Words nothing."""

from collections.abc import Callable, Iterable

from keyswitch.access_key.change import Change, Kind
from keyswitch.switching.planned import Plan
from keyswitch.telling.wording import what

LISTED = 40
"""The number of changes up to which each has its own line."""

_GROUPS = 10
"""The number of groups that keep their own reason."""


def is_listed(change: Change) -> bool:
    """Whether a change is listed: it changes AWS or the state."""
    return change.kind not in (Kind.OBSERVE, Kind.NOTHING)


def groups(changes: Iterable[Change]) -> dict[tuple[str, str], list[Change]]:
    """Group changes with the same effect and the same reason, the largest group first.

    If there are too many reasons, the smaller groups share the reason "various reasons".
    """
    found: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        reason = "" if change.is_removal else change.desired.reason or ""
        found.setdefault((what(change), reason), []).append(change)
    ordered = sorted(found.items(), key=lambda item: -len(item[1]))
    kept = dict(ordered[:_GROUPS])
    for (happens, _), members in ordered[_GROUPS:]:
        kept.setdefault((happens, "various reasons"), []).extend(members)
    return dict(sorted(kept.items(), key=lambda item: -len(item[1])))


def riskiest_first(plan: Plan) -> Callable[[Change], tuple[int, float]]:
    """Return a sort key: unknown last uses first, then the most recent ones."""

    def risk(change: Change) -> tuple[int, float]:
        used = plan.last_used.get(change.access_key_id)
        if used is None:
            return (0, 0.0) if change.access_key_id in plan.last_used else (3, 0.0)
        return (2, 0.0) if used.date is None else (1, -used.date.timestamp())

    return risk
