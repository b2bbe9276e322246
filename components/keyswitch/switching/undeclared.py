"""Looks for the access keys of an account that no entry names. Writes nothing."""

from collections.abc import Callable, Collection, Iterable

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.inventory import EVERYBODY
from keyswitch.access_key.model import AccessKey, LastUsed
from keyswitch.access_key.policy import Level
from keyswitch.access_key.undeclared import Undeclared, Watch
from keyswitch.switching.concurrently import Progress, concurrently, unreported
from keyswitch.switching.inventory import users_in
from keyswitch.switching.observation import Observation
from keyswitch.switching.port import Account

MOST_USES = 100
"""Of how many undeclared keys the last use is looked up, which is a call a key."""


def look_for_undeclared(
    account: Account, wanted: Collection[Desired], watch: Watch, progress: Progress = unreported
) -> Callable[[Observation], Undeclared | None]:
    """Return what looks for undeclared keys, for `plan`. It lists only users that were not listed before.

    Args:
        account: is asked.
        wanted: the entries.
        watch: whether and where to look.
        progress: receives how far it is.
    """
    declared = {desired.access_key_id for desired in wanted}

    def look(observed: Observation) -> Undeclared | None:
        if watch.level is Level.OFF:
            return None
        try:
            users, problems = users_in(account, watch.under, with_tags=False, progress=progress)
        except KeyswitchError as error:
            return Undeclared((), watch.level, problems=(error,))
        names: list[str | None] = [user.user_name for user in users]
        if observed.caller.is_root and watch.under == EVERYBODY:
            names.insert(0, None)
        unlisted = [name for name in names if name not in observed.keys_by_user]
        listed = concurrently(account.access_keys, unlisted, account.concurrency, progress, "listing undeclared keys")
        all_keys = {**observed.keys_by_user, **{n: keys for n, keys in listed.items() if isinstance(keys, tuple)}}
        found = tuple(
            key
            for name in names
            for key in sorted(all_keys.get(name, ()), key=lambda key: key.access_key_id)
            if key.access_key_id not in declared
        )
        return Undeclared(
            found,
            watch.level,
            _last_used(account, found, progress),
            (*problems.values(), *(error for error in listed.values() if isinstance(error, KeyswitchError))),
        )

    return look


def _last_used(account: Account, keys: Iterable[AccessKey], progress: Progress) -> dict[str, LastUsed | None]:
    asked = [key.access_key_id for key in keys][:MOST_USES]
    uses = concurrently(account.last_used, asked, account.concurrency, progress, "looking up last uses")
    return {key_id: used if isinstance(used, LastUsed) else None for key_id, used in uses.items()}
