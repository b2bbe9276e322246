"""Takes the inventory of an account: its users and all their access keys. Writes nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.inventory import (
    EVERYBODY,
    CredentialReport,
    Inventory,
    InventoryKey,
    Owner,
    ReportedKey,
    Scope,
    User,
)
from keyswitch.access_key.model import AccessKey, LastUsed
from keyswitch.switching.concurrently import Progress, concurrently, unreported
from keyswitch.switching.plan import Clock, utc_now
from keyswitch.switching.port import Account

REPORT_FROM_USERS = 50
"""From how many users on the credential report is read. It is up to four hours old and takes seconds to make; below,
looking up each last use takes less time and is up to date."""


def take_inventory(
    account: Account,
    scope: Scope = EVERYBODY,
    *,
    with_uses: bool = True,
    with_tags: bool = False,
    clock: Clock = utc_now,
    progress: Progress = unreported,
) -> Inventory:
    """List the keys of all users of a part of an account, in parallel, within a bound.

    A user or a key that vanishes meanwhile is left out. The root user is part of it only for `EVERYBODY`.

    Args:
        account: is asked.
        scope: which users.
        with_uses: whether the last use of each key is wanted.
        with_tags: whether the tags of each user are wanted, beyond those that the scope needs.
        clock: says the present time.
        progress: receives how far it is.

    Raises:
        AccessDenied, Throttled, IamUnavailable: users cannot be listed, or nothing can be observed.
    """
    at, caller = clock(), account.caller()
    beside = ThreadPoolExecutor(max_workers=2, thread_name_prefix="keyswitch-account")
    try:
        root_has_keys = beside.submit(account.root_has_keys)
        users, problems = users_in(account, scope, with_tags, progress)
        report = beside.submit(account.credential_report) if with_uses and len(users) >= REPORT_FROM_USERS else None
        names: list[str | None] = [user.user_name for user in users]
        if caller.is_root and scope == EVERYBODY:
            names.insert(0, None)
        listings = concurrently(account.access_keys, names, account.concurrency, progress, "listing the keys of users")
        problems |= {str(name): found for name, found in listings.items() if isinstance(found, KeyswitchError)}
        listed = {name: sorted(found, key=_id) for name, found in listings.items() if isinstance(found, tuple)}
        uses, uses_from = _uses(account, listed, report, progress) if with_uses else ({}, None)
        problems |= {key_id: found for key_id, found in uses.items() if isinstance(found, KeyswitchError)}
        return Inventory(
            account=caller.account,
            owners=tuple(_owners(users, listed, uses)),
            root_has_keys=root_has_keys.result(),
            uses_from=uses_from,
            at=at,
            problems=problems,
        )
    finally:
        beside.shutdown(wait=False, cancel_futures=True)


def users_in(
    account: Account, scope: Scope, with_tags: bool, progress: Progress
) -> tuple[list[User], dict[str, KeyswitchError]]:
    """Return the users of a scope in the order of their names, and by user name why a user is not among them.

    Raises:
        AccessDenied, Throttled, IamUnavailable: users cannot be listed.
    """
    problems: dict[str, KeyswitchError] = {}
    if scope.user_names:
        found = concurrently(account.user, sorted(scope.user_names), account.concurrency, progress, "looking up users")
        problems |= {name: error for name, error in found.items() if isinstance(error, KeyswitchError)}
        users = [user for user in found.values() if isinstance(user, User) and user.path.startswith(scope.path_prefix)]
    else:
        users = list(account.users(scope.path_prefix))
        if with_tags or scope.tags:
            names = [user.user_name for user in users]
            tags = concurrently(account.tags, names, account.concurrency, progress, "looking up the tags of users")
            problems |= {name: error for name, error in tags.items() if isinstance(error, KeyswitchError)}
            users = [replace(user, tags=_known(tags[user.user_name])) for user in users]
    users = [user for user in users if scope.tags.items() <= (user.tags or {}).items()]
    return sorted(users, key=lambda user: (user.user_name.lower(), user.user_name)), problems


def _known(tags: Mapping[str, str] | KeyswitchError | None) -> Mapping[str, str] | None:
    return None if isinstance(tags, KeyswitchError) else tags


def _id(key: AccessKey) -> str:
    return key.access_key_id


_Uses = dict[str, LastUsed | KeyswitchError | None]


def _uses(
    account: Account,
    listed: Mapping[str | None, Sequence[AccessKey]],
    asked: Future[CredentialReport | None] | None,
    progress: Progress,
) -> tuple[_Uses, datetime | None]:
    """The last use of each key: from the report, and for keys that it does not tell apart, from AWS."""
    report = asked.result() if asked is not None else None
    uses: _Uses = dict(_reported(listed, report.keys)) if report is not None else {}
    used_from = report.generated if report is not None and uses else None
    rest = [key.access_key_id for keys in listed.values() for key in keys if key.access_key_id not in uses]
    uses |= concurrently(account.last_used, rest, account.concurrency, progress, "looking up last uses")
    return uses, used_from


def _reported(
    listed: Mapping[str | None, Sequence[AccessKey]], reported: Iterable[ReportedKey]
) -> Iterator[tuple[str, LastUsed]]:
    """The uses in a report, by access key ID. A report names no IDs: owner and creation time identify a key.

    Two keys of a user that were created in the same second cannot be told apart, so neither is answered.
    """
    rows: dict[tuple[str | None, datetime | None], list[ReportedKey]] = {}
    for row in reported:
        rows.setdefault((row.user_name, _second(row.create_date)), []).append(row)
    for user_name, keys in listed.items():
        seconds = [_second(key.create_date) for key in keys]
        for key, second in zip(keys, seconds, strict=True):
            found = rows.get((user_name, second), [])
            if second is not None and len(found) == 1 and seconds.count(second) == 1:
                yield key.access_key_id, found[0].last_used


def _second(date: datetime | None) -> datetime | None:
    return date.replace(microsecond=0) if date is not None else None


def _owners(users: Sequence[User], listed: Mapping[str | None, Sequence[AccessKey]], uses: _Uses) -> Iterator[Owner]:
    def keys(name: str | None) -> tuple[InventoryKey, ...]:
        found = ((key, uses.get(key.access_key_id)) for key in listed[name])
        return tuple(InventoryKey(key, None if isinstance(used, KeyswitchError) else used) for key, used in found)

    if listed.get(None):
        yield Owner(None, keys(None))
    for user in users:
        if user.user_name in listed:
            yield Owner(user, keys(user.user_name))
