"""Looks at every declared key as it is in AWS now: one list per user, in parallel, within a bound.

It only looks. What cannot be found is a problem among the others, so that all can be told at once.
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import (
    AccessKeyNotFound,
    KeyswitchError,
    UserNotFound,
    WrongAccount,
    WrongOwner,
)
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.iam.connection import CONCURRENCY

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")

Tell = Callable[[str, int, int], None]
"""Is told what is being done, how much of it is done, and how much there is to do."""


def in_silence(_what: str, _done: int, _of: int) -> None:
    """Tell nobody."""


_Listing = tuple[AccessKey, ...] | None


@dataclass(frozen=True)
class Observation:
    """What was seen.

    Attributes:
        caller: who looked.
        keys: the declared keys that were found, by access key ID.
        keys_by_user: all keys of every user that was listed; None stands for the root user.
        last_used: the last uses that had to be looked up to learn an owner, by access key ID.
        problems: by access key ID, why a key could not be found as declared.
    """

    caller: Caller
    keys: Mapping[str, AccessKey]
    keys_by_user: Mapping[str | None, tuple[AccessKey, ...]]
    last_used: Mapping[str, LastUsed]
    problems: Mapping[str, KeyswitchError]


class Looks(Protocol):
    """What can be looked at in AWS; as `Gateway` does."""

    def caller(self) -> Caller:
        """Who signs."""
        ...

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """All keys of a user."""
        ...

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The last use and the owner of a key."""
        ...


def observe(
    gateway: Looks,
    wanted: Collection[Desired],
    account: str | None,
    owners: Mapping[str, str] | None = None,
    tell: Tell = in_silence,
) -> Observation:
    """Look at every declared key.

    Args:
        gateway: whom to ask.
        wanted: the entries.
        account: the account it must be, if that is declared.
        owners: whose keys were whose when they were last seen; where that still holds, nothing needs to be looked up.
        tell: is told how far it is.

    Raises:
        WrongAccount: the credentials belong to another account.
        IamUnavailable: there are no credentials, or AWS cannot be reached at all.
    """
    caller = require_account(gateway, account)
    listings = concurrently(
        gateway.access_keys, _users_to_list(wanted, caller, owners or {}), tell, "listing the keys of users"
    )
    seen = _keys(listings.values())
    unplaced = [
        d.access_key_id
        for d in wanted
        if not d.root and d.access_key_id not in seen and not (d.user_name and _failed(listings, d.user_name))
    ]
    uses = concurrently(gateway.last_used, unplaced, tell, "looking up owners")
    found = {used.user_name for used in uses.values() if isinstance(used, LastUsed) and used.user_name}
    listings |= concurrently(gateway.access_keys, found - listings.keys())
    seen = _keys(listings.values())

    keys: dict[str, AccessKey] = {}
    problems: dict[str, KeyswitchError] = {}
    for desired in wanted:
        hint = (owners or {}).get(desired.access_key_id)
        placed = _placed(desired, caller, listings, seen, uses.get(desired.access_key_id), hint)
        if isinstance(placed, AccessKey):
            keys[desired.access_key_id] = placed
        else:
            problems[desired.access_key_id] = placed
    return Observation(
        caller=caller,
        keys=keys,
        keys_by_user={user: keys for user, keys in listings.items() if isinstance(keys, tuple)},
        last_used={key_id: used for key_id, used in uses.items() if isinstance(used, LastUsed)},
        problems=problems,
    )


def require_account(gateway: Looks, account: str | None) -> Caller:
    """Say who signs, provided that it is in the declared account.

    Raises:
        WrongAccount: it is another one.
    """
    caller = gateway.caller()
    if account is not None and caller.account != account:
        raise WrongAccount(
            f"The credentials belong to account {caller.account} ({caller.arn}), not to {account}",
            f"Choose credentials of account {account}, or correct keyswitch:account",
        )
    return caller


def concurrently(
    ask: Callable[[_K], _V], about: Iterable[_K], tell: Tell = in_silence, what: str = ""
) -> dict[_K, _V | KeyswitchError]:
    """Ask the same about many, at most CONCURRENCY at once; what fails is an answer, too.

    An interrupt does not wait for the answers under way.
    """

    def answer(item: _K) -> _V | KeyswitchError:
        try:
            return ask(item)
        except KeyswitchError as error:
            return error

    items = list(dict.fromkeys(about))
    if len(items) <= 1:
        return {item: answer(item) for item in items}
    answers: dict[_K, _V | KeyswitchError] = {}
    pool = ThreadPoolExecutor(max_workers=min(CONCURRENCY, len(items)), thread_name_prefix="keyswitch")
    try:
        for item, found in zip(items, pool.map(answer, items), strict=True):
            answers[item] = found
            tell(what, len(answers), len(items))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return answers


def _users_to_list(wanted: Iterable[Desired], caller: Caller, owners: Mapping[str, str]) -> set[str | None]:
    """The users named or remembered; else the signer, whose own keys need no look-up."""
    users: set[str | None] = set()
    for desired in wanted:
        if desired.root:
            if caller.is_root:
                users.add(None)
        elif user := desired.user_name or owners.get(desired.access_key_id) or caller.user_name:
            users.add(user)
        elif caller.is_root:
            users.add(None)  # it may be root's own, without saying so
    return users


def _keys(listings: Iterable[_Listing | KeyswitchError]) -> dict[str, AccessKey]:
    return {key.access_key_id: key for keys in listings if isinstance(keys, tuple) for key in keys}


def _placed(
    desired: Desired,
    caller: Caller,
    listings: Mapping[str | None, _Listing | KeyswitchError],
    seen: Mapping[str, AccessKey],
    used: LastUsed | KeyswitchError | None,
    hint: str | None,
) -> AccessKey | KeyswitchError:
    """The key as declared, or what is wrong with the declaration; `hint` is whose it was when it was last seen."""
    key_id, user = desired.access_key_id, desired.user_name
    key = seen.get(key_id)
    if desired.root:
        if not caller.is_root:
            return WrongOwner(
                f"{key_id} is declared as a key of the root user, but {caller.arn} signs",
                "Only the root user can switch its own keys: sign in as root, or remove root: true",
            )
        if error := _failed(listings, None):
            return error
        if key is None or key.user_name is not None:
            return _not_found(key_id, caller)
        return key
    if key is not None and key.user_name is None:
        return WrongOwner(f"{key_id} is a key of the root user", "Write  root: true  and leave userName out")
    if key is not None and user in (None, key.user_name):
        return key
    if user is not None and (error := _failed(listings, user)):
        return error
    if isinstance(used, KeyswitchError):
        return used
    owner = key.user_name if key is not None else used.user_name if used is not None else None
    if user is not None and owner is not None and owner != user:
        return WrongOwner(
            f"{key_id} belongs to user {owner}, not to {user}",
            f"Write  userName: {owner}  or leave userName out",
        )
    if user is not None and listings.get(user) is None:
        return UserNotFound(
            f"{key_id}: there is no IAM user {user} in account {caller.account}",
            "Correct userName, or leave it out to have the owner looked up",
        )
    for whose in (owner, hint):
        if whose is not None and (error := _failed(listings, whose)):
            return error
    return _not_found(key_id, caller, user)


def _failed(listings: Mapping[str | None, _Listing | KeyswitchError], user: str | None) -> KeyswitchError | None:
    found = listings.get(user)
    return found if isinstance(found, KeyswitchError) else None


def _not_found(key_id: str, caller: Caller, user: str | None = None) -> AccessKeyNotFound:
    if user is not None:
        return AccessKeyNotFound(
            f"User {user} of account {caller.account} has no access key {key_id}",
            "Check the key ID; remove the entry if the key was deleted",
        )
    return AccessKeyNotFound(
        f"There is no access key {key_id} in account {caller.account}, as far as {caller.arn} may see",
        "Check the key ID; AWS answers the same where iam:GetAccessKeyLastUsed is not granted: "
        "grant it, or name the owner with userName",
    )
