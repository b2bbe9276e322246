"""Writes the exact lines of configuration that mend something, such as a refused change. Decides nothing."""

import json
from collections.abc import Iterable
from dataclasses import replace

from keyswitch.access_key.change import Change
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import AtOnce, GuardName
from keyswitch.access_key.written import entry, quoted

_ASK = "write here why it may be cut off"


def entries(refused: Iterable[tuple[Change, GuardName]]) -> tuple[str, ...]:
    """Write the lines of the entries in `keyswitch:keys` with which these changes pass these guards.

    A complete entry only gains what is missing. If the reason is missing, its line asks for one.
    """
    return tuple(line for change, guards in _by_key(refused) for line in _entry(change, guards))


def arguments(refused: Iterable[tuple[Change, GuardName]]) -> tuple[str, ...]:
    """Write the same as arguments of `AccessKeyStatus`, for a program that declares the keys itself."""
    return tuple(
        f"AccessKeyStatus(…, access_key_id={json.dumps(change.access_key_id)}, "
        f"reason={quoted(change.desired.reason or _ASK)}, "
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


def _entry(change: Change, guards: set[GuardName]) -> tuple[str, ...]:
    desired, user_name = change.desired, change.observed.user_name
    return entry(
        replace(
            desired,
            access_key_id=change.access_key_id,
            user_name=desired.user_name and user_name,  # of a key that leaves, the user may have been renamed since
            status=Status.INACTIVE,
            reason=desired.reason or _ASK,
            allow=desired.allow | guards,
        )
    )
