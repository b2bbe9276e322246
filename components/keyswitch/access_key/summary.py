"""The words in which changes are told: the same in a preview, in an update and in every command.

A line a key as long as they can be read; then grouped by what happens and why, the riskiest keys by name.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from keyswitch.access_key.change import Change, by_user
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.notes import Note
from keyswitch.access_key.phrases import age, ago, count, owner
from keyswitch.access_key.policy import GuardName, Level
from keyswitch.access_key.record import Record, Recorded

LISTED = 40
"""How many changes are told one by one."""

_BY_NAME = 5
"""How many of a group are told by name."""

_GROUPS = 10
"""How many groups are told with a reason of their own."""


@dataclass(frozen=True)
class Told:
    """Everything there is to tell.

    Attributes:
        changes: one for each key, those that leave the configuration included.
        gone: the keys that leave the configuration and are no longer in AWS.
        findings: the guards that fired.
        notes: what else is to be known.
        last_used: by access key ID; None: not known; missing: not looked up.
        now: when AWS was looked at (UTC).
    """

    changes: Sequence[Change]
    gone: Sequence[Recorded]
    findings: Sequence[Finding]
    notes: Sequence[Note]
    last_used: Mapping[str, LastUsed | None]
    now: datetime


def lines(told: Told) -> list[str]:
    """Tell it all: what changes, by user; the keys only observed; warnings; notes; and a total at the end."""
    ordered = by_user(told.changes)
    changing = [c for c in ordered if is_told(c)]
    observed = [c for c in ordered if is_only_observed(c)]
    if len(changing) + len(told.gone) <= LISTED:
        text = [change_line(c, told) for c in changing] + [_gone(recorded) for recorded in told.gone]
    else:
        text = _grouped(changing, told) + _several([_gone(recorded) for recorded in told.gone], "keys that are gone")
    if len(observed) <= LISTED:
        text += [change_line(c, told) for c in observed]
    else:
        text.append(f"{len(observed)} keys only observed: {_counted(c.observed.status for c in observed)}")
    for guard in GuardName:
        warned = [f for f in told.findings if f.guard is guard and f.level is Level.WARN]
        text += _several([f"warning: {f} [{guard}]" for f in warned], f"warnings [{guard}]")
    text += [f"note: {note.text}" for note in told.notes]
    return [*text, total(told)]


def is_told(change: Change) -> bool:
    """Whether a change is worth a line: it writes to AWS, or to a record that stood there or should."""
    return change.is_write or (change.is_record_only and not is_only_observed(change))


def is_only_observed(change: Change) -> bool:
    """Whether the configuration asks nothing of the key."""
    return change.desired.status is None and not change.is_removal


def change_line(change: Change, told: Told) -> str:
    """Tell one change: `bob AKIA…: Active → Inactive, 400 d old, last used 3 h ago by s3 from us-east-1; OPS-1234`."""
    text = f"{owner(change.observed.user_name)} {change.access_key_id}: {what(change)}"
    text += "".join(f", {fact}" for fact in facts(change, told))
    return f"{text}; {change.desired.reason}" if change.desired.reason and not change.is_removal else text


def done_line(change: Change) -> str:
    """Tell one change that is done: what has happened, and why."""
    text = f"{owner(change.observed.user_name)} {change.access_key_id}: {what(change)}"
    return f"{text}; {change.desired.reason}" if change.desired.reason else text


def what(change: Change) -> str:
    """Say what happens to a key."""
    live = change.observed.status
    moved = f"{live} → {change.target}" if change.is_write else ""
    if change.is_removal:
        how = "leaves the configuration"
        if moved:
            return f"{how}; {moved} ({change.recorded.desired.on_removal if change.recorded else 'onRemoval'})"
        kept = change.desired.status is None
        return f"{how}; the key itself stays {live}" if kept else f"{how}; the key is {live} already"
    if moved:
        return f"{moved} (drift: {_drift(change)})" if change.is_drift else moved
    if change.desired.status is None:
        return f"{live} (only observed{'; ' + _drift(change) if change.is_drift else ''})"
    if change.record is Record.ADOPTED:
        return f"stays {live}, only the record changes (taken over)"
    names = [f"drift: {_drift(change)}" if name == "drift" else name for name in change.updated]
    return f"stays {live}, only the record changes ({', '.join(names)})" if names else f"stays {live}"


def _drift(change: Change) -> str:
    return f"it was {change.recorded.status} after the last update" if change.recorded else ""


def facts(change: Change, told: Told) -> list[str]:
    """What is known of a key beside its status: its age, and for a change in AWS its last use."""
    known = [age(change.observed.create_date, told.now)] if change.observed.create_date else []
    return [*known, use(change.access_key_id, told)] if change.is_write else known


def use(access_key_id: str, told: Told) -> str:
    """Tell a last use; never, long ago, not known and not looked up are four different things."""
    if access_key_id not in told.last_used:
        return "last use not looked up"
    last_used = told.last_used[access_key_id]
    if last_used is None:
        return "last use not known"
    if last_used.date is None:
        return "never used"
    return f"last used {ago(last_used.date, told.now)} by {last_used.service_name} from {last_used.region}"


def groups(changes: Iterable[Change]) -> dict[tuple[str, str], list[Change]]:
    """Put together what happens to many keys for the same reason, the largest group first.

    Where there are too many reasons, those of the smaller groups are not told apart.
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


def riskiest_first(told: Told) -> Callable[[Change], tuple[int, float]]:
    """Order a group: not known first, then the most recently used."""

    def risk(change: Change) -> tuple[int, float]:
        used = told.last_used.get(change.access_key_id)
        if used is None:
            return (0, 0.0) if change.access_key_id in told.last_used else (3, 0.0)
        return (2, 0.0) if used.date is None else (1, -used.date.timestamp())

    return risk


def last_uses(changes: Iterable[Change], told: Told) -> str:
    """Count the last uses of many keys: `3 within 7 d, 40 within 90 d, 120 longer ago, 80 never, 1 not known`."""
    counted: Counter[str] = Counter()
    for change in changes:
        used = told.last_used.get(change.access_key_id)
        if change.access_key_id not in told.last_used:
            counted["not looked up"] += 1
        elif used is None:
            counted["not known"] += 1
        elif used.date is None:
            counted["never"] += 1
        else:
            passed = told.now - used.date
            near = next((text for text, length in _NEAR if passed <= length), "longer ago")
            counted[near] += 1
    order = [*(text for text, _ in _NEAR), "longer ago", "never", "not known", "not looked up"]
    return ", ".join(f"{counted[text]} {text}" for text in order if counted[text])


_NEAR = (("within 7 d", timedelta(days=7)), ("within 90 d", timedelta(days=90)))


def _grouped(changes: Iterable[Change], told: Told) -> list[str]:
    text = []
    for (happens, reason), members in groups(changes).items():
        if len(members) <= _BY_NAME:
            text += [change_line(change, told) for change in members]
            continue
        users = len({change.observed.user_name for change in members})
        text.append(f"{len(members)} keys of {count(users, 'user')}: {happens}{'; ' + reason if reason else ''}")
        if members[0].is_write:
            text.append(f"  last used: {last_uses(members, told)}")
        named = sorted(members, key=riskiest_first(told))[:_BY_NAME]
        text += [f"  {change_line(change, told)}" for change in named]
        text.append(f"  … and {count(len(members) - len(named), 'other')}")
    return [*text, "every single one: keyswitch plan --format json"]


def _several(text: list[str], noun: str) -> list[str]:
    if len(text) <= LISTED:
        return text
    return [*text[:_BY_NAME], f"… and {len(text) - _BY_NAME} more {noun}"]


def _gone(recorded: Recorded) -> str:
    return (
        f"{owner(recorded.owner)} {recorded.desired.access_key_id}: leaves the configuration; "
        "the key is gone from AWS already"
    )


def _counted(statuses: Iterable[str]) -> str:
    return ", ".join(f"{number} {status}" for status, number in sorted(Counter(statuses).items()))


def total(told: Told) -> str:
    """Tell the sums: `5 access keys: 1 to activate, 2 to deactivate, 2 unchanged`."""
    counted = counts(told)
    parts = [f"{number} {kind}" for kind, number in counted.items()]
    return (
        f"{count(sum(counted.values()), 'access key')}: {', '.join(parts)}" if parts else "no access keys are declared"
    )


def counts(told: Told) -> dict[str, int]:
    """Count what happens to the keys; what does not happen is left out."""
    kinds = Counter(_kind(change) for change in told.changes)
    kinds["leaving"] += len(told.gone)
    return {kind: kinds[kind] for kind in _KINDS if kinds[kind]}


_KINDS = ("to activate", "to deactivate", "only in the record", "leaving", "unchanged")


def _kind(change: Change) -> str:
    if change.is_write:
        return "to activate" if change.is_activation else "to deactivate"
    if change.is_removal:
        return "leaving"
    return "only in the record" if change.is_record_only else "unchanged"
