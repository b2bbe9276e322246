"""The plan of the changes of a whole configuration, as a value. Asks nothing of AWS."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keyswitch.access_key.change import Change
from keyswitch.access_key.digest import digest
from keyswitch.access_key.errors import GuardRefused, KeyswitchError, NotReviewed
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import Caller, LastUsed
from keyswitch.access_key.notes import Note
from keyswitch.access_key.policy import Level
from keyswitch.access_key.record import Recorded
from keyswitch.access_key.undeclared import Undeclared


@dataclass(frozen=True)
class Failure:
    """One entry that cannot be carried out, and why. It stops only the changes that have to wait for it."""

    change: Change
    error: KeyswitchError


@dataclass(frozen=True)
class Plan:
    """What would change, and every objection to it.

    Attributes:
        caller: who signs.
        changes: one for each key that was found, in the order they are listed; also of keys that leave the
            configuration.
        gone: keys that leave the configuration and are no longer in AWS.
        findings: every guard that fired.
        notes: what else a reviewer should know.
        last_used: the last uses that were looked up, by access key ID; None where AWS does not say.
        failures: the entries that cannot be carried out.
        refusal: what the guards refuse; None if they refuse nothing.
        at: when observing AWS began (UTC).
        undeclared: the keys that no entry names; None: they were not looked for.
        unreviewed: why the run may write nothing: it is held to another change; None: it may.
    """

    caller: Caller
    changes: tuple[Change, ...]
    gone: tuple[Recorded, ...]
    findings: tuple[Finding, ...]
    notes: tuple[Note, ...]
    last_used: Mapping[str, LastUsed | None]
    failures: tuple[Failure, ...]
    refusal: GuardRefused | None
    at: datetime
    undeclared: Undeclared | None = None
    unreviewed: NotReviewed | None = None

    @property
    def errors(self) -> tuple[KeyswitchError, ...]:
        """All failures and refusals; empty if the whole plan may be carried out."""
        refusals = filter(None, (self.refusal, self.unreviewed))
        undeclared = self.undeclared.errors if self.undeclared else ()
        return (*(failure.error for failure in self.failures), *refusals, *undeclared)

    @property
    def refused(self) -> tuple[Change, ...]:
        """The changes that guards refuse."""
        keys = {key_id for f in self.findings if f.level is Level.BLOCK for key_id in f.access_key_ids}
        return tuple(change for change in self.changes if change.access_key_id in keys)

    @property
    def permitted(self) -> tuple[Change, ...]:
        """The writes that no guard refuses."""
        refused = {change.access_key_id for change in self.refused}
        return tuple(change for change in self.writes if change.access_key_id not in refused)

    @property
    def digest(self) -> str:
        """The digest of the writes that no guard refuses."""
        return digest(self.caller.account, self.permitted)

    @property
    def declared(self) -> tuple[Change, ...]:
        """The changes of the keys that are declared."""
        return tuple(change for change in self.changes if not change.is_removal)

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that write to AWS."""
        return tuple(change for change in self.changes if change.is_write)

    @property
    def changes_something(self) -> bool:
        """Whether anything changes, even if only in the state."""
        return bool(self.gone) or any(change.is_write or change.is_record_only for change in self.changes)
