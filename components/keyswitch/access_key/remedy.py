"""Writes the exact lines of configuration that let a refused change pass. Decides nothing."""

import json
import re
from collections.abc import Iterable

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.policy import AtOnce, GuardName
from keyswitch.access_key.shown import brief, visible

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.,/()'+@=-]*[A-Za-z0-9.)]")
_ASK = "write here why it may be cut off"
_LONGEST = 1_000
"""The length of the longest text, in characters."""

_NOT_A_TEXT = {"yes", "no", "on", "off", "true", "false", "null"}


def entries(refused: Iterable[tuple[Change, GuardName]]) -> tuple[str, ...]:
    """Write the lines of the entries in `keyswitch:keys` with which these changes pass these guards.

    A complete entry only gains what is missing. If the reason is missing, its line asks for one.
    """
    return tuple(line for change, guards in _by_key(refused) for line in _entry(change, guards))


def arguments(refused: Iterable[tuple[Change, GuardName]]) -> tuple[str, ...]:
    """Write the same as arguments of `AccessKeyStatus`, for a program that declares the keys itself."""
    return tuple(
        f"AccessKeyStatus(…, access_key_id={json.dumps(change.access_key_id)}, "
        f"reason={_quoted(change.desired.reason or _ASK)}, "
        f"allow={json.dumps(_allowed(change, guards))})"
        for change, guards in _by_key(refused)
    )


def thresholds(number: int, at_once: AtOnce) -> tuple[str, ...]:
    """Write the lines of the setting with which one change may deactivate this many keys, and not one more."""
    return ("keyswitch:tooManyAtOnce:", f"  count: {number + 1}", f"  share: {at_once.share}%")


def _by_key(refused: Iterable[tuple[Change, GuardName]]) -> list[tuple[Change, set[GuardName]]]:
    found: dict[str, tuple[Change, set[GuardName]]] = {}
    for change, guard in refused:
        found.setdefault(change.access_key_id, (change, set()))[1].add(guard)
    return list(found.values())


def _allowed(change: Change, guards: set[GuardName]) -> list[str]:
    return sorted(guard.value for guard in guards | change.desired.allow)


def _entry(change: Change, guards: set[GuardName]) -> list[str]:
    desired, user_name = change.desired, change.observed.user_name
    lines = [f"{_scalar(change.access_key_id)}:"]
    if desired.user_name and user_name:  # of a key that leaves, the user may have been renamed since it was declared
        lines.append(f"  userName: {_scalar(user_name)}")
    if desired.root:
        lines.append("  root: true")
    lines.append("  status: Inactive")
    lines.append(f"  reason: {_scalar(desired.reason or _ASK)}")
    if desired.on_removal is not OnRemoval.LEAVE:
        lines.append(f"  onRemoval: {desired.on_removal}")
    lines.append(f"  allow: [{', '.join(_allowed(change, guards))}]")
    return lines


def _scalar(text: str) -> str:
    """Write a text so that YAML reads it back; of a very long text only the beginning."""
    text = brief(text, _LONGEST)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_A_TEXT
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    """Write a text in quotes for YAML and Python, with escapes for what cannot be seen or would be executed."""
    quoted = json.dumps(brief(text, _LONGEST), ensure_ascii=False)
    return visible(quoted, lambda char: f"\\U{ord(char):08x}")
