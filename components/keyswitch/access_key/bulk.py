"""The guard `tooManyAtOnce`: judges how many keys one change deactivates. Judges no single key.

A change that deactivates much of what a stack declares is almost always a mistake: a wrong file, or a bad merge. No
other guard sees it if each of the keys is unused.
"""

from collections.abc import Collection

from keyswitch.access_key.change import Change, by_user
from keyswitch.access_key.guards import Finding, refusal
from keyswitch.access_key.phrases import count, owner, some
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level


def too_many(changes: Collection[Change], keys: int, policy: GuardPolicy, *, so_far: bool = False) -> Finding | None:
    """Judge the number of deactivations in a whole change.

    Args:
        changes: all changes. A deactivation that allows the guard does not count.
        keys: the number of all keys that are declared or leave the configuration.
        policy: how strict the guards are.
        so_far: more keys may follow.

    Returns:
        One finding about all deactivations that count; None if they are not too many.
    """
    guard = GuardName.TOO_MANY_AT_ONCE
    level, limit = policy.levels.get(guard, DEFAULT_LEVELS[guard]), policy.at_once
    off = tuple(c for c in by_user(changes) if c.is_deactivation and guard not in c.desired.allow)
    if level is Level.OFF or len(off) < limit.count or len(off) * 100 <= limit.share * keys:
        return None
    named = some([f"{owner(change.observed.user_name)} {change.access_key_id}" for change in off])
    of = f"{len(off)} of {count(keys, 'key')}{' declared so far' if so_far else ''}"
    return Finding(
        guard,
        level,
        off,
        f"this change deactivates {of}: {named}",
        "so many at once are almost always a mistake, such as a wrong file or a bad merge",
    )


def too_many_so_far(changes: Collection[Change], keys_in_state: int, policy: GuardPolicy) -> Finding | None:
    """Judge the number of deactivations where a program declares one key after the other, and more may follow.

    Returns:
        What to warn of.

    Raises:
        GuardRefused: they are too many.
    """
    finding = too_many(changes, max(len(changes), keys_in_state), policy, so_far=True)
    if finding is not None and (refused := refusal([finding], policy)):
        raise refused
    return finding
