"""Words a plan and its results as lines of text: the same in a preview, in an update and in every command.

Each key has its own line, up to 40 keys. More keys are grouped, and the riskiest of each group have lines. Every line
passed the gate of `access_key/shown.py`.
"""

from collections import Counter
from collections.abc import Iterable

from keyswitch.access_key.change import Change, Kind
from keyswitch.access_key.digest import SHORT
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.phrases import age, count, owner
from keyswitch.access_key.policy import GuardName, Level
from keyswitch.access_key.shown import line
from keyswitch.switching.planned import Plan
from keyswitch.telling.counting import last_uses, total
from keyswitch.telling.grouping import LISTED, groups, is_listed, riskiest_first
from keyswitch.telling.wording import facts, gone, use, what

_BY_NAME = 5
"""The number of keys of a group that have a line."""


def plan_lines(plan: Plan) -> list[str]:
    """Return the lines of a plan: changes by user, observed keys, warnings, notes, digest, and the total at the end.

    The list is empty if errors left nothing to say.
    """
    undeclared = _undeclared(plan)
    if plan.errors and not (plan.changes or plan.gone or undeclared):
        return []
    changing = [c for c in plan.changes if is_listed(c)]
    observed = [c for c in plan.changes if c.kind is Kind.OBSERVE]
    leaving = [gone(recorded) for recorded in plan.gone]
    if len(changing) + len(leaving) <= LISTED:
        text = [change_line(c, plan) for c in changing] + leaving
    else:
        text = _grouped(changing, plan) + _several(leaving, "keys that are gone")
    if len(observed) <= LISTED:
        text += [change_line(c, plan) for c in observed]
    else:
        text.append(f"{len(observed)} keys only observed: {_counted(c.observed.status for c in observed)}")
    for guard in GuardName:
        warned = [f for f in plan.findings if f.guard is guard and f.level is Level.WARN]
        text += _several([warning_line(f) for f in warned], f"warnings [{guard}]")
    text += [*undeclared, *(f"note: {note.text}" for note in plan.notes)]
    text += [f"digest of this change: {plan.digest[:SHORT]}"] if plan.permitted else []
    return [*map(line, text), total(plan)]


def change_line(change: Change, plan: Plan) -> str:
    """Word one change: `bob AKIA…: Active → Inactive, 400 d old, last used 3 h ago by s3 from us-east-1; OPS-1234`."""
    text = ", ".join([_happens(change), *facts(change, plan)])
    return line(f"{text}; {change.desired.reason}" if change.desired.reason and not change.is_removal else text)


def warning_line(finding: Finding) -> str:
    """Word one finding of level warn."""
    return line(f"warning: {finding} [{finding.guard}]")


def undeclared_line(key: AccessKey, plan: Plan) -> str:
    """Word one key that no entry names."""
    known = [age(key.create_date, plan.at)] if key.create_date else []
    text = ", ".join(
        [f"{owner(key.user_name)} {key.access_key_id}: {key.status}", *known, use(key.access_key_id, plan)]
    )
    return line(f"{text}; no entry names it, keyswitch discover would add it")


def done_line(change: Change) -> str:
    """Word one finished change: what happened, and why."""
    text = _happens(change)
    return line(f"{text}; {change.desired.reason}" if change.desired.reason else text)


def _happens(change: Change) -> str:
    return f"{owner(change.observed.user_name)} {change.access_key_id}: {what(change)}"


def _undeclared(plan: Plan) -> list[str]:
    found = plan.undeclared
    if found is None:
        return []
    mark = "warning: " if found.level is Level.WARN else ""
    text = _several([f"{mark}{undeclared_line(key, plan)}" for key in found.keys], "undeclared keys")
    missing = found.problems if found.level is Level.WARN else ()
    return [*text, *(f"warning: undeclared keys may be missing here: {problem.what}" for problem in missing)]


def _grouped(changes: Iterable[Change], plan: Plan) -> list[str]:
    text = []
    for (happens, reason), members in groups(changes).items():
        if len(members) <= _BY_NAME:
            text += [change_line(change, plan) for change in members]
            continue
        users = len({change.observed.user_name for change in members})
        text.append(f"{len(members)} keys of {count(users, 'user')}: {happens}{'; ' + reason if reason else ''}")
        if members[0].is_write:
            text.append(f"  last used: {last_uses(members, plan)}")
        named = sorted(members, key=riskiest_first(plan))[:_BY_NAME]
        text += [f"  {change_line(change, plan)}" for change in named]
        text.append(f"  … and {count(len(members) - len(named), 'other')}")
    return [*text, "every single one: keyswitch plan --format json"]


def _several(lines: list[str], noun: str) -> list[str]:
    if len(lines) <= LISTED:
        return lines
    return [*lines[:_BY_NAME], f"… and {len(lines) - _BY_NAME} more {noun}"]


def _counted(statuses: Iterable[str]) -> str:
    return ", ".join(f"{number} {status}" for status, number in sorted(Counter(statuses).items()))
