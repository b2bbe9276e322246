"""Looks up every declared key in AWS: one listing per user, in parallel, within a bound. Writes nothing.

A key that cannot be found as declared is a problem in the result, so that all problems can be shown at once.
"""

from collections.abc import Collection, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import (
    AccessKeyNotFound,
    KeyswitchError,
    UserNotFound,
    WrongOwner,
)
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.switching.concurrently import Progress, beside, concurrently, unreported
from keyswitch.switching.port import Lookups

_Listing = tuple[AccessKey, ...] | None


@dataclass(frozen=True)
class Observation:
    """The keys as AWS shows them.

    Attributes:
        caller: who signs.
        keys: the declared keys that were found, by access key ID.
        keys_by_user: all keys of every user that was listed; None is the root user.
        last_used: the last uses that came with the look-up of an owner, by access key ID.
        problems: by access key ID, why a key could not be found as declared.
    """

    caller: Caller
    keys: Mapping[str, AccessKey]
    keys_by_user: Mapping[str | None, tuple[AccessKey, ...]]
    last_used: Mapping[str, LastUsed]
    problems: Mapping[str, KeyswitchError]

    def after(self, changes: Mapping[str, Change]) -> "Observation":
        """The observation with the statuses that these changes, by access key ID, will lead to."""

        def switched(key: AccessKey) -> AccessKey:
            change = changes.get(key.access_key_id)
            return replace(key, status=change.resulting_status) if change is not None else key

        return replace(self, keys_by_user={u: tuple(map(switched, keys)) for u, keys in self.keys_by_user.items()})


def observe(
    iam: Lookups,
    wanted: Collection[Desired],
    owners: Mapping[str, str] | None = None,
    progress: Progress = unreported,
    uses_of: Collection[str] = (),
    caller: Future[Caller] | None = None,
) -> Observation:
    """Look up every declared key.

    Args:
        iam: answers the look-ups.
        wanted: the entries.
        owners: whose keys were whose when they were last seen; where that still holds, no owner is looked up.
        progress: receives how far it is.
        caller: who signs, if that is being asked already.
        uses_of: keys whose last use will probably be needed; looked up at the same time if there are few calls.

    Raises:
        IamUnavailable: there are no credentials, or AWS cannot be reached at all.
    """
    who, at_most = caller or _answered(iam.caller()), iam.concurrency
    users = _users_to_list(wanted, who, owners or {})

    def listed(user: str | None) -> _Listing:
        if who.done():
            who.result()  # where it is not to be known who signs, nothing more is asked
        return iam.access_keys(user)

    ahead = uses_of if len(users) + len(uses_of) <= at_most else ()
    with beside(lambda: concurrently(iam.last_used, ahead, at_most)) as used_ahead:
        listings = concurrently(listed, sorted(users, key=str), at_most, progress, "listing the keys of users")
    signer, seen = who.result(), _keys(listings.values())
    unplaced = [
        d.access_key_id
        for d in wanted
        if not d.root and d.access_key_id not in seen and not (d.user_name and _failed(listings, d.user_name))
    ]
    uses = concurrently(iam.last_used, unplaced, at_most, progress, "looking up owners")
    known = {**used_ahead.result(), **uses}
    found = {used.user_name for used in uses.values() if isinstance(used, LastUsed) and used.user_name}
    listings |= concurrently(iam.access_keys, found - listings.keys(), at_most)
    seen = _keys(listings.values())

    keys: dict[str, AccessKey] = {}
    problems: dict[str, KeyswitchError] = {}
    for desired in wanted:
        hint = (owners or {}).get(desired.access_key_id)
        placed = _placed(desired, signer, listings, seen, uses.get(desired.access_key_id), hint)
        if isinstance(placed, AccessKey):
            keys[desired.access_key_id] = placed
        else:
            problems[desired.access_key_id] = placed
    return Observation(
        caller=signer,
        keys=keys,
        keys_by_user={user: keys for user, keys in listings.items() if isinstance(keys, tuple)},
        last_used={key_id: used for key_id, used in known.items() if isinstance(used, LastUsed)},
        problems=problems,
    )


def _answered(caller: Caller) -> Future[Caller]:
    answer: Future[Caller] = Future()
    answer.set_result(caller)
    return answer


def _users_to_list(wanted: Iterable[Desired], who: Future[Caller], owners: Mapping[str, str]) -> set[str | None]:
    """The users that entries name or the state remembers; otherwise the signer, whose own keys need no look-up.

    Waits to learn who signs only if an entry does not tell whose its key is.
    """
    users: set[str | None] = set()
    for desired in wanted:
        user = None if desired.root else desired.user_name or owners.get(desired.access_key_id)
        if user is not None:
            users.add(user)
        elif who.result().is_root:
            users.add(None)  # also for an entry that means a key of root and does not say so
        elif not desired.root and (signer := who.result().user_name):
            users.add(signer)
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
    """The key as declared, or the error in its declaration; `hint` is the owner when the key was last seen."""
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
        "Check the key ID; remove the entry if the key was deleted. AWS answers the same where "
        "iam:GetAccessKeyLastUsed is not granted: grant it, or name the owner with userName",
    )
