"""Words drift as lines of text: a line for each key, and both ways on. The other forms of drift use its words."""

from datetime import datetime

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.notes import NoteKind
from keyswitch.access_key.phrases import age, ago, count, owner
from keyswitch.access_key.shown import line
from keyswitch.switching.drift import Drift, Switched
from keyswitch.switching.planned import Failure
from keyswitch.telling.wording import use

ADOPT = "To keep what is there, write among the keys"
"""Introduces the lines of configuration that declare the keys as they are."""


def drift_lines(found: Drift, apply: str) -> list[str]:
    """Return the lines: every key that differs, what is not known, the sums, and how to go on.

    Args:
        found: the drift.
        apply: the command that applies the configuration.
    """
    text = [switched_line(each, found) for each in found.switched]
    text += [gone_line(each, found) for each in found.gone]
    text += [new_line(key, found) for key in found.new]
    text += [f"note: {note}" for note in notes(found)]
    text.append(drift_total(found))
    if found.switched:
        text.append(f"{REVERT}: {apply}")
        text += [f"  a guard refuses that: {refusal}" for refusal in refusals(found)]
    if found.adoption:
        text += [f"{ADOPT}:", *(f"    {each}" for each in found.adoption)]
    if found.gone:
        text.append(remove(found))
    return [line(each) for each in text]


REVERT = "To go back to what is declared"
"""Introduces the command that gives the keys their declared statuses."""


def switched_line(each: Switched, found: Drift) -> str:
    """Word one key that does not have its declared status."""
    change = each.change
    key, reason = change.observed, change.desired.reason
    facts = [f"{key.status}, declared {change.desired.status}", " ".join([f"since {since(each, found)}", *by(each)])]
    facts += [age(key.create_date, found.plan.at)] if key.create_date else []
    text = f"{owner(key.user_name)} {key.access_key_id}: {', '.join([*facts, use(key.access_key_id, found.plan)])}"
    return line(f"{text}; {reason}" if reason else text)


def gone_line(each: Failure, found: Drift) -> str:
    """Word one declared key that AWS does not have."""
    key = each.change.observed
    name = key.access_key_id if key.user_name == "" else f"{owner(key.user_name)} {key.access_key_id}"
    said = each.error.what if each.change.desired.user_name else str(each.error)  # not certain without an owner
    return line(f"{name}: gone, since {date(found.plan.at)} at the latest: {said}")


def new_line(key: AccessKey, found: Drift) -> str:
    """Word one key that no entry names."""
    facts = [f"new, {key.status}"]
    if key.create_date:
        facts += [f"created {date(key.create_date)}", age(key.create_date, found.plan.at)]
    text = ", ".join([*facts, use(key.access_key_id, found.plan)])
    return line(f"{owner(key.user_name)} {key.access_key_id}: {text}; no entry names it")


def since(each: Switched, found: Drift) -> str:
    """Say since when a key has its status."""
    if each.switch is None:
        return f"{date(found.plan.at)} at the latest"
    return f"{date(each.switch.at)} ({ago(each.switch.at, found.plan.at)})"


def by(each: Switched) -> list[str]:
    """Say who gave a key its status, from where and with which program; nothing if that is not known."""
    switch = each.switch
    if switch is None:
        return []
    origin = f" from {switch.source_ip}" if switch.source_ip else ""
    program = f" with {switch.user_agent.split(' ')[0]}" if switch.user_agent else ""
    return [f"by {switch.by}{origin}{program}"]


def notes(found: Drift) -> list[str]:
    """Say whom AWS has quarantined, and what CloudTrail does not tell."""
    known = [note.text for note in found.plan.notes if note.kind is NoteKind.QUARANTINED]
    unknown = [each.change.access_key_id for each in found.switched if each.switch is None]
    if found.no_trail is not None:
        known.append(f"who switched keys is not known: {found.no_trail.lines[0]}")
    elif found.trail is not None and unknown:
        known.append(
            f"of {count(len(unknown), 'key')} CloudTrail shows no switch since {date(found.trail.since)}: a switch may "
            "be older, or younger than 15 minutes; or the configuration has changed and is not applied yet"
        )
    return known


def refusals(found: Drift) -> tuple[str, ...]:
    """Say which guards refuse to go back."""
    return found.plan.refusal.refusals if found.plan.refusal else ()


def remove(found: Drift) -> str:
    """Say what to do about keys that are gone."""
    ids = ", ".join(each.change.access_key_id for each in found.gone)
    return f"A deleted key cannot come back; remove {'its entry' if len(found.gone) == 1 else 'their entries'}: {ids}"


def drift_total(found: Drift) -> str:
    """Say the sums: `5 declared access keys: 1 switched, 1 gone, 3 as declared; 2 access keys are new`."""
    declared = len(found.plan.declared) + len(found.plan.failures)
    errors = len(found.plan.failures) - len(found.gone)
    same = declared - len(found.switched) - len(found.gone) - errors
    sums = {"switched": len(found.switched), "gone": len(found.gone), "not compared": errors, "as declared": same}
    parts = [f"{number} {name}" for name, number in sums.items() if number]
    text = (
        f"{count(declared, 'declared access key')}: {', '.join(parts)}" if declared else "no access keys are declared"
    )
    return f"{text}; {count(len(found.new), 'access key')} not declared" if found.new else text


def date(at: datetime) -> str:
    """Write a date: `2026-11-25 10:12 UTC`."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def error_lines(errors: tuple[KeyswitchError, ...]) -> list[str]:
    """Return what could not be compared, without duplicates."""
    return list(dict.fromkeys(each for error in errors for each in error.lines))
