"""Which changes have a line of their own, and how many of them are put together: by what happens, and why."""

from collections.abc import Callable, Iterable

from keyswitch.access_key.change import Change, Kind
from keyswitch.switching.plan import Plan
from keyswitch.telling.wording import what

LISTED = 40
"""How many changes are listed one by one."""

_GROUPS = 10
"""How many groups have a reason of their own."""


def is_listed(change: Change) -> bool:
    """Whether a change is worth a line among those that change something."""
    return change.kind not in (Kind.OBSERVE, Kind.NOTHING)


def groups(changes: Iterable[Change]) -> dict[tuple[str, str], list[Change]]:
    """Put together what happens to many keys for the same reason, the largest group first.

    Where there are too many reasons, the smaller groups share the reason "various reasons".
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
    """Order a group: last use not known first, then the most recently used."""

    def risk(change: Change) -> tuple[int, float]:
        used = plan.last_used.get(change.access_key_id)
        if used is None:
            return (0, 0.0) if change.access_key_id in plan.last_used else (3, 0.0)
        return (2, 0.0) if used.date is None else (1, -used.date.timestamp())

    return risk
