"""Decides which change brings an observed access key to its wanted state. No change is a value, too."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.record import Record, Recorded


class Kind(Enum):
    """The kinds of change.

    ACTIVATE, DEACTIVATE: the status is written; possibly of a key that leaves the configuration.
    ADOPT: the status stays; the state gets a new entry.
    RECORD: the status stays; the entry in the state is updated.
    OBSERVE: the configuration declares no status.
    LEAVE: the key leaves the configuration and stays as it is in AWS.
    GONE: the key leaves the configuration and no longer exists in AWS. Such a key has no Change.
    NOTHING: the key is as declared.
    """

    ACTIVATE = "activate"
    DEACTIVATE = "deactivate"
    ADOPT = "adopt"
    RECORD = "record"
    OBSERVE = "observe"
    LEAVE = "leave"
    GONE = "gone"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Change:
    """The change that reconciles one access key.

    Attributes:
        desired: the wanted state; for a key that leaves the configuration, the last one.
        observed: the key as AWS shows it.
        target: the status to write; None writes nothing.
        record: what happens to the key's entry in the state.
        recorded: the entry as the last update left it; None if there is none.
        updated: the names of the fields that the entry gets anew, as the configuration spells them.
    """

    desired: Desired
    observed: AccessKey
    target: Status | None
    record: Record = Record.UNKNOWN
    recorded: Recorded | None = None
    updated: tuple[str, ...] = ()

    @property
    def access_key_id(self) -> str:
        """The access key that changes."""
        return self.observed.access_key_id

    @property
    def kind(self) -> Kind:
        """The kind of the change."""
        if self.target is not None:
            return Kind.ACTIVATE if self.target is Status.ACTIVE else Kind.DEACTIVATE
        if self.is_removal:
            return Kind.LEAVE
        if self.desired.status is None:
            return Kind.OBSERVE
        return _WHERE_IT_STAYS.get(self.record, Kind.NOTHING)

    @property
    def is_write(self) -> bool:
        """Whether it writes to AWS."""
        return self.kind in (Kind.ACTIVATE, Kind.DEACTIVATE)

    @property
    def is_activation(self) -> bool:
        """Whether it writes the status Active."""
        return self.kind is Kind.ACTIVATE

    @property
    def is_deactivation(self) -> bool:
        """Whether it deactivates an Active key. Only such a change can cut anybody off."""
        return self.kind is Kind.DEACTIVATE and self.observed.is_active

    @property
    def is_removal(self) -> bool:
        """Whether the key leaves the configuration, with or without a write."""
        return self.record is Record.REMOVED

    @property
    def is_record_only(self) -> bool:
        """Whether it changes the state but not AWS."""
        return not self.is_write and self.record in (Record.ADOPTED, Record.UPDATED, Record.REMOVED)

    @property
    def is_drift(self) -> bool:
        """Whether somebody else has switched the key since the last update."""
        return self.recorded is not None and self.recorded.status not in (None, self.observed.status)

    @property
    def resulting_status(self) -> str:
        """The status after the change."""
        return self.target.value if self.target is not None else self.observed.status


_WHERE_IT_STAYS = {Record.ADOPTED: Kind.ADOPT, Record.UPDATED: Kind.RECORD}


def decide(desired: Desired, observed: AccessKey) -> Change:
    """Decide the change from the observed key to the wanted state."""
    unchanged = desired.status is None or observed.status == desired.status.value
    return Change(desired, observed, None if unchanged else desired.status)


def unknown(desired: Desired, owner: str | None) -> Change:
    """What an entry wants of a key that cannot be looked up; it is never carried out, but others may wait for it.

    Args:
        desired: the entry.
        owner: whose key it was when it was last seen, if that is known.
    """
    user_name = None if desired.root else desired.user_name or owner or ""
    return Change(desired, AccessKey(desired.access_key_id, user_name, "not known"), desired.status)


def deleted(
    desired: Desired, recorded: Recorded | None, keys_of_owner: Collection[AccessKey] | None
) -> AccessKey | None:
    """Return a stand-in for a declared key that was deleted after the stack adopted it, if nothing is left to do.

    A key never changes its user, so a listing of its owner without it proves the deletion. A missing user proves
    nothing, because the user may have been renamed. A key that the state does not know may be mistyped.

    Args:
        desired: the entry; its key was not found.
        recorded: what the state knows of the key, if anything.
        keys_of_owner: the keys of the recorded owner; None: there is no such user, or it was not listed.

    Returns:
        An Inactive key, because a deleted key cannot be used; None: the missing key is an error.
    """
    if recorded is None or keys_of_owner is None or desired.status is not Status.INACTIVE:
        return None
    if any(key.access_key_id == desired.access_key_id for key in keys_of_owner):
        return None
    return AccessKey(desired.access_key_id, recorded.owner, Status.INACTIVE.value)


def announced(desired: Desired, first_seen: AccessKey) -> Change | None:
    """Decide what a run may write to a key, by how the run saw the key first; None: nothing.

    A run only writes what it announced. If it announced no write at the first look, it writes nothing, even if the key
    has changed since. The next run shows that change.
    """
    change = decide(desired, first_seen)
    return change if change.is_write else None


def remember(change: Change, recorded: Recorded | None) -> Change:
    """Complete a change with the key's entry in the state; None: the key is new to the stack."""
    if recorded is None:
        return replace(change, record=Record.ADOPTED)
    updated = recorded.differences(change.desired, change.observed)
    record = Record.UPDATED if updated or change.is_write else Record.SAME
    return replace(change, record=record, recorded=recorded, updated=updated)


def decide_removal(recorded: Recorded, observed: AccessKey) -> Change:
    """Decide the change of a key whose entry has left the configuration."""
    wanted = None
    if recorded.desired.on_removal is OnRemoval.DEACTIVATE:
        wanted = Status.INACTIVE
    elif recorded.desired.on_removal is OnRemoval.RESTORE and recorded.status_at_adoption in {s.value for s in Status}:
        wanted = Status(recorded.status_at_adoption)
    decided = decide(replace(recorded.desired, status=wanted), observed)
    return replace(decided, record=Record.REMOVED, recorded=recorded)


def by_user(changes: Iterable[Change]) -> list[Change]:
    """Sort changes by user, then by key, root first: the order of all lists and of execution."""
    return sorted(changes, key=lambda c: (c.observed.user_name or "", c.access_key_id))


def prerequisites(changes: Iterable[Change], depended_on: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Return for each deactivated key the keys that must be switched before it.

    These are the user's keys to activate: the user always has a working key, and keeps the old one if the new one
    fails. Before a key that the run itself depends on, these are all other keys: the run keeps its credentials until
    everything else is done, and if something fails, the same credentials can repeat the run.

    Args:
        changes: any.
        depended_on: the keys that the run depends on, the signing key first. It is switched last of all.

    Returns:
        The access key IDs, sorted, by the access key ID of the deactivated key. Root counts as a user.
    """
    writes = {change.access_key_id: change for change in changes if change.is_write}
    activations: dict[str | None, list[str]] = defaultdict(list)
    for key_id, change in writes.items():
        if change.is_activation:
            activations[change.observed.user_name].append(key_id)
    own = [key_id for key_id in reversed(depended_on) if key_id in writes and writes[key_id].is_deactivation]
    needs = {
        key_id: activations[change.observed.user_name]
        for key_id, change in writes.items()
        if change.is_deactivation and change.observed.user_name in activations
    }
    before = [key_id for key_id in writes if key_id not in own]
    for key_id in own:
        needs[key_id] = before
        before = [*before, key_id]
    return {key_id: tuple(sorted(first)) for key_id, first in needs.items() if first}
