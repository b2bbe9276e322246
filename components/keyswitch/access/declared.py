"""Finds the users whose keys a stack declares, and their paths. Changes nothing."""

from collections.abc import Iterable, Sequence

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Problem
from keyswitch.access_key.inventory import User
from keyswitch.switching.concurrently import Progress, concurrently, unreported
from keyswitch.switching.port import Account


def declared_names(wanted: Iterable[Desired]) -> tuple[str, ...]:
    """Return the owners that the entries name. Root keys have none: only root itself can switch them.

    Raises:
        InvalidConfiguration: an entry does not name the owner of its key.
    """
    of_users = [desired for desired in wanted if not desired.root]
    unnamed = [desired for desired in of_users if desired.user_name is None]
    if unnamed:
        text = "names no owner, and without AWS it cannot be looked up: write its userName"
        raise InvalidConfiguration(_problem(desired.access_key_id, text) for desired in unnamed)
    return tuple(sorted({str(desired.user_name) for desired in of_users}))


def declared_users(wanted: Sequence[Desired], account: Account, progress: Progress = unreported) -> tuple[User, ...]:
    """Look up the owners of the declared keys, with their paths; no owner of a root key.

    Args:
        wanted: the entries.
        account: is asked, at most twice an entry.
        progress: receives how far it is.

    Raises:
        InvalidConfiguration: a key or its owner is not there, each with the reason.
        KeyswitchError: AWS refuses a look-up, or cannot be reached.
    """
    owners = {desired.access_key_id: desired.user_name for desired in wanted if not desired.root}
    unnamed = [key_id for key_id, user_name in owners.items() if user_name is None]
    uses = concurrently(account.last_used, unnamed, account.concurrency, progress, "looking up the owners of keys")
    for key_id, use in uses.items():
        if isinstance(use, KeyswitchError):
            raise use
        owners[key_id] = use.user_name if use is not None else None
    names = {user_name for user_name in owners.values() if user_name is not None}
    users = concurrently(account.user, sorted(names), account.concurrency, progress, "looking up the paths of users")
    found, problems = {}, []
    for name, user in users.items():
        if isinstance(user, KeyswitchError):
            raise user
        if user is not None:
            found[name] = user
    for key_id, owner in owners.items():
        if owner is None:
            problems.append(_problem(key_id, "its owner is not found: the key is not in this account, or not visible"))
        elif owner not in found:
            problems.append(_problem(key_id, f"its owner {owner} is not in this account"))
    if problems:
        raise InvalidConfiguration(problems)
    return tuple(found.values())


def _problem(access_key_id: str, text: str) -> Problem:
    return Problem(text, f"keyswitch:keys.{access_key_id}")
