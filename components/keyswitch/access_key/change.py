"""Decides, from what is wanted and what is there, what is to be written. Nothing to do is a value, too."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.record import Record, Recorded


class Kind(Enum):
    """What can happen to a key.

    ACTIVATE, DEACTIVATE: its status is written, also when the key leaves the configuration.
    ADOPT: it stays as it is, and is new to the state.
    RECORD: it stays as it is, and only its entry in the state is updated.
    OBSERVE: the configuration asks nothing of it.
    LEAVE: it leaves the configuration and stays as it is in AWS.
    GONE: it leaves the configuration and is no longer in AWS; there is no Change of such a key.
    NOTHING: it is as it should be.
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
    """What reconciling one key comes to.

    Attributes:
        desired: what the configuration wants; of a key that leaves it, what it wanted last.
        observed: the key as it is in AWS.
        target: the status to write; None when nothing is to be written.
        record: what becomes of the key's entry in the state.
        recorded: that entry as the last update left it, if there is one.
        updated: what is brought up to date in it, in the words of the configuration.
    """

    desired: Desired
    observed: AccessKey
    target: Status | None
    record: Record = Record.UNKNOWN
    recorded: Recorded | None = None
    updated: tuple[str, ...] = ()

    @property
    def access_key_id(self) -> str:
        """The key it is about."""
        return self.observed.access_key_id

    @property
    def kind(self) -> Kind:
        """What happens to the key."""
        if self.target is not None:
            return Kind.ACTIVATE if self.target is Status.ACTIVE else Kind.DEACTIVATE
        if self.is_removal:
            return Kind.LEAVE
        if self.desired.status is None:
            return Kind.OBSERVE
        return _WHERE_IT_STAYS.get(self.record, Kind.NOTHING)

    @property
    def is_write(self) -> bool:
        """Whether something is to be written to AWS."""
        return self.kind in (Kind.ACTIVATE, Kind.DEACTIVATE)

    @property
    def is_activation(self) -> bool:
        """Whether it makes a key usable."""
        return self.kind is Kind.ACTIVATE

    @property
    def is_deactivation(self) -> bool:
        """Whether it cuts something off; a key that is not Active already has nobody to cut off."""
        return self.kind is Kind.DEACTIVATE and self.observed.is_active

    @property
    def is_removal(self) -> bool:
        """Whether the key leaves the configuration, with or without a write."""
        return self.record is Record.REMOVED

    @property
    def is_record_only(self) -> bool:
        """Whether nothing changes in AWS, but something in the state."""
        return not self.is_write and self.record in (Record.ADOPTED, Record.UPDATED, Record.REMOVED)

    @property
    def is_drift(self) -> bool:
        """Whether the key was switched by somebody else since the last update."""
        return self.recorded is not None and self.recorded.status not in (None, self.observed.status)

    @property
    def resulting_status(self) -> str:
        """The status the key has afterwards."""
        return self.target.value if self.target is not None else self.observed.status


_WHERE_IT_STAYS = {Record.ADOPTED: Kind.ADOPT, Record.UPDATED: Kind.RECORD}


def decide(desired: Desired, observed: AccessKey) -> Change:
    """Decide what makes the observed key the wanted one."""
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


def announced(desired: Desired, first_seen: AccessKey) -> Change | None:
    """Decide what a run may write to a key, by how it saw the key first; None: nothing.

    What a run did not announce it does not do: where nothing was to be written at the first look, nothing is,
    whatever has happened since. The next run will show it.
    """
    change = decide(desired, first_seen)
    return change if change.is_write else None


def remember(change: Change, recorded: Recorded | None) -> Change:
    """Add to a decision what the state of the stack knows of the key; None: it is new to the stack."""
    if recorded is None:
        return replace(change, record=Record.ADOPTED)
    updated = recorded.differences(change.desired, change.observed)
    record = Record.UPDATED if updated or change.is_write else Record.SAME
    return replace(change, record=record, recorded=recorded, updated=updated)


def decide_removal(recorded: Recorded, observed: AccessKey) -> Change:
    """Decide what happens to a key whose entry has left the configuration."""
    wanted = None
    if recorded.desired.on_removal is OnRemoval.DEACTIVATE:
        wanted = Status.INACTIVE
    elif recorded.desired.on_removal is OnRemoval.RESTORE and recorded.status_at_adoption in {s.value for s in Status}:
        wanted = Status(recorded.status_at_adoption)
    decided = decide(replace(recorded.desired, status=wanted), observed)
    return replace(decided, record=Record.REMOVED, recorded=recorded)


def by_user(changes: Iterable[Change]) -> list[Change]:
    """Sort changes as they are listed and carried out: by user, then key; root first."""
    return sorted(changes, key=lambda c: (c.observed.user_name or "", c.access_key_id))


def prerequisites(changes: Iterable[Change], depended_on: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Say for each deactivated key which keys are to be switched first.

    Of the same user those to be activated: so a user is never without a working key in between, and stays with the
    old one when the new one fails. And before a key that the run itself depends on, all others: so nothing is left
    undone for want of credentials, and where something fails, there are some to repeat it with.

    Args:
        changes: any.
        depended_on: the keys that the run depends on, the one that signs first; so that it comes last of all.

    Returns:
        The access key IDs, sorted, by the access key ID of the deactivation; root is a user here.
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
