"""The types for what an audit of access keys finds. Decides nothing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from keyswitch.access_key.benchmark import ROTATED_WITHIN, UNUSED_FOR, Benchmark, Control
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.inventory import Inventory
from keyswitch.access_key.phrases import owner


class Severity(str, Enum):
    """How serious a finding is, the most serious first."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def __str__(self) -> str:
        return self.value

    @property
    def rank(self) -> int:
        """0 for the most serious."""
        return list(Severity).index(self)


class Rule(str, Enum):
    """What is looked for. Users' scripts know the values."""

    ROOT_KEY = "rootKey"
    NOT_AS_DECLARED = "notAsDeclared"
    UNUSED = "unused"
    NEVER_USED = "neverUsed"
    NOT_ROTATED = "notRotated"
    SEVERAL_ACTIVE = "severalActive"
    READY_TO_DELETE = "readyToDelete"
    GONE = "gone"

    def __str__(self) -> str:
        return self.value


TITLES: Mapping[Rule, str] = {
    Rule.ROOT_KEY: "The root user has an access key",
    Rule.NOT_AS_DECLARED: "The status is not the declared one",
    Rule.UNUSED: f"Active, but not used for {UNUSED_FOR.days} days",
    Rule.NEVER_USED: f"Active and older than {UNUSED_FOR.days} days, but never used",
    Rule.NOT_ROTATED: f"Active and older than {ROTATED_WITHIN.days} days",
    Rule.SEVERAL_ACTIVE: "The user has more than one active key",
    Rule.READY_TO_DELETE: "Deactivated for long enough to be deleted",
    Rule.GONE: "Declared, but not in the account",
}
"""A headline for each rule."""

CONTROLS: Mapping[Rule, Control] = {
    Rule.ROOT_KEY: Control.NO_ROOT_KEY,
    Rule.UNUSED: Control.UNUSED,
    Rule.NEVER_USED: Control.UNUSED,
    Rule.NOT_ROTATED: Control.ROTATED,
    Rule.SEVERAL_ACTIVE: Control.ONE_ACTIVE,
}
"""The control of a benchmark behind a rule; the other rules are our own."""


READY_AFTER = timedelta(days=30)
"""How long a key is Inactive before it is ready to be deleted, if nothing else is said."""


@dataclass(frozen=True)
class Finding:
    """One objection to one key.

    Attributes:
        rule: what was looked for.
        severity: how serious it is.
        control: the number of the benchmark's control; None: the rule is our own.
        access_key_id: which key; None: a key of the root user, whose ID only the root user can see.
        user_name: its owner; None: the root user. Of a key that is gone, the declared one.
        saw: what was seen.
        remedy: what to do about it.
        lines: the entry in `keyswitch:keys` that does it, or begins to; empty if none does.
    """

    rule: Rule
    severity: Severity
    control: str | None
    access_key_id: str | None
    user_name: str | None
    saw: str
    remedy: str
    lines: tuple[str, ...] = ()

    @property
    def owner(self) -> str:
        """The owner for people. AWS does not say whose a key was that is gone."""
        return "owner not known" if self.rule is Rule.GONE and self.user_name is None else owner(self.user_name)


@dataclass(frozen=True)
class Off:
    """Since when a key has been Inactive.

    Attributes:
        at: since then (UTC).
        is_exact: whether that is when it was deactivated; else it was at some time before.
    """

    at: datetime
    is_exact: bool = True


@dataclass(frozen=True)
class Subject:
    """What is audited, and by what.

    Attributes:
        inventory: the keys of the account, or of a part of it.
        declared: the entries of the configuration, by access key ID.
        deactivated: when keys became Inactive (UTC), by access key ID, as far as that is known.
        known_since: from when on every deactivation is among those (UTC); None: none is sure to be.
        benchmark: the version of the benchmark.
        ready_after: how long a key must have been Inactive before it is ready to be deleted.
    """

    inventory: Inventory
    benchmark: Benchmark
    declared: Mapping[str, Desired] = field(default_factory=dict)
    deactivated: Mapping[str, datetime] = field(default_factory=dict)
    known_since: datetime | None = None
    ready_after: timedelta = READY_AFTER
