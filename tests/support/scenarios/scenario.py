"""What a scenario is, and what scenarios are built from: keys, signers, settings, entries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, SeededKey

OTHER_ACCOUNT = "999999999999"
SWITCH = f"arn:aws:iam::{ACCOUNT}:role/switch"
HOP = f"arn:aws:iam::{ACCOUNT}:role/hop"
SWITCH_ELSEWHERE = f"arn:aws:iam::{OTHER_ACCOUNT}:role/switch"

OLD, NEW, THIRD = "AKIABOBOLDEXAMPLE001", "AKIABOBNEWEXAMPLE002", "AKIABOBTHIRDEXAMPLE3"
ALICES, ALICES_SECOND = "AKIAALICEEXAMPLE0001", "AKIAALICEEXAMPLE0002"
ROOTS, ROOTS_SECOND = "AKIAROOTEXAMPLE00001", "AKIAROOTEXAMPLE00002"
ELSEWHERE = "AKIAELSEWHEREEXAMPLE"
UNKNOWN = "AKIANOBODYKNOWSIT001"
DIGITS = "1234567890123456"

OWN, RECENT, LAST = "ownCredentials", "recentlyUsed", "lastActiveKey"
MANY = "tooManyAtOnce"
ON, OFF = "activate", "deactivate"

Findings = frozenset[tuple[str | None, str]]
"""Which guards fired for which keys; None: for the whole change."""

NOTHING: Findings = frozenset()


@dataclass(frozen=True)
class Signer:
    """Who signs a run.

    Attributes:
        access_key_id: the long-term key with which everything begins.
        is_session: a session of GetSessionToken, made with that key, signs instead.
        roles: assumed one after the other by the run, as `aws:assumeRoles` says.
        handed: a role that was assumed before the run; the run only sees its temporary credentials.
    """

    access_key_id: str = OPERATOR_KEY
    is_session: bool = False
    roles: tuple[str, ...] = ()
    handed: str | None = None


@dataclass(frozen=True)
class Trouble:
    """An error that is not a guard's: its type, and a phrase of its message."""

    error: str
    says: str


@dataclass(frozen=True)
class Scenario:
    """One situation, and what must come of it.

    Attributes:
        id: the name of the test.
        promise: what holds, in a sentence.
        keys: `keyswitch:keys`, as it is written.
        there: the keys in the account, beside the operator's.
        elsewhere: the keys in another account.
        settings: the other settings under `keyswitch:`, by their name there.
        signer: who signs.
        faults: the fields of each `Fault` of the sandbox.
        seen_after: how long a use takes to be seen at AWS; negative: AWS's clock is ahead of ours.
        quarantined: the users whom AWS has quarantined.
        writes: what would be written, by access key ID.
        warnings: which keys which guards warn of; None stands for the whole change.
        refused: which keys which guards refuse; None stands for the whole change.
        errors: what else makes the plan fail.
        notes: the kinds of notes that must be told.
        says: phrases of the warnings and refusals.
        undeclared: the keys that are listed because no entry names them; None: they are not looked for.
        engine: whether the real engine runs it, too.
    """

    id: str
    promise: str
    keys: Mapping[str, Any]
    there: tuple[SeededKey, ...]
    elsewhere: tuple[SeededKey, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    signer: Signer = Signer()
    faults: tuple[Mapping[str, Any], ...] = ()
    seen_after: timedelta = timedelta(minutes=7)
    quarantined: tuple[str, ...] = ()
    writes: Mapping[str, str] = field(default_factory=dict)
    warnings: Findings = NOTHING
    refused: Findings = NOTHING
    errors: tuple[Trouble, ...] = ()
    notes: frozenset[str] = frozenset()
    says: tuple[str, ...] = ()
    undeclared: tuple[str, ...] | None = None
    engine: bool = False

    @property
    def config(self) -> dict[str, Any]:
        """The stack's configuration by full name; the keys come last."""
        roles = {"aws:assumeRoles": [{"roleArn": role} for role in self.signer.roles]} if self.signer.roles else {}
        own = {f"keyswitch:{name}": value for name, value in self.settings.items()}
        return {**roles, **own, "keyswitch:keys": self.keys}

    @property
    def is_harmless(self) -> bool:
        """Whether no alarm is to be raised at all."""
        return not (self.warnings or self.refused or self.errors)


def ago(*, days: float = 0, hours: float = 0, minutes: float = 0) -> timedelta:
    """A time before now."""
    return timedelta(days=days, hours=hours, minutes=minutes)


LONG_AGO = ago(days=95)
AGED = ago(days=400)


def bob(
    used: timedelta | None = LONG_AGO, status: str = "Active", *, age: timedelta = AGED, name: str = "bob"
) -> tuple[SeededKey, ...]:
    """A user with one key."""
    return (SeededKey(OLD, name, status, age=age, last_used=used),)


def pair(
    used: timedelta | None = LONG_AGO,
    old: str = "Active",
    new: str = "Active",
    *,
    age: timedelta = AGED,
    new_used: timedelta | None = LONG_AGO,
    name: str = "bob",
) -> tuple[SeededKey, ...]:
    """A user with an old key and a newer one."""
    return (
        SeededKey(OLD, name, old, age=age, last_used=used),
        SeededKey(NEW, name, new, age=ago(days=120), last_used=new_used),
    )


ALICE = (SeededKey(ALICES, "alice", last_used=LONG_AGO), SeededKey(ALICES_SECOND, "alice", last_used=ago(hours=1)))
ROOT = (SeededKey(ROOTS, None, last_used=LONG_AGO), SeededKey(ROOTS_SECOND, None, last_used=LONG_AGO))
CROWD = tuple(
    SeededKey(f"AKIACROWD{user:03d}N{key}EXAMPLE", f"user-{user:03d}", last_used=LONG_AGO)
    for user in range(50)
    for key in range(2)
)
FIRST_KEYS = tuple(seeded.access_key_id for seeded in CROWD[::2])
"""One key of each user of the crowd."""

OF_THE_CROWD = CROWD[42].access_key_id

DEACTIVATE = {OLD: "Inactive"}
DEACTIVATES = {OLD: OFF}
SWAP = {OLD: "Inactive", NEW: "Active"}
SWAPS = {OLD: OFF, NEW: ON}

BOBS_OLD = Signer(OLD)
BOBS_NEW = Signer(NEW)
BOBS_SESSION = Signer(OLD, is_session=True)
BOBS_ROLE = Signer(OLD, roles=(SWITCH,))
SESSIONS_ROLE = Signer(OLD, is_session=True, roles=(SWITCH,))
HANDED_ROLE = Signer(OLD, handed=SWITCH)

AT_ONCE = ago()
BLOCK_ALL = {"guards": {OWN: "block", RECENT: "block", LAST: "block", MANY: "block"}}
OFF_ALL = {"guards": {OWN: "off", RECENT: "off", LAST: "off", MANY: "off"}}
NO_LAST_USE = {"action": "GetAccessKeyLastUsed", "code": "AccessDenied", "http_status": 403, "times": None}


def entry(status: str | None = "Inactive", **fields: Any) -> dict[str, Any]:
    """An entry in its long form."""
    return {**({"status": status} if status else {}), **fields}


def allowed(*guards: str, **fields: Any) -> dict[str, Any]:
    """A deactivation that may pass some guards."""
    return entry(reason="OPS-1234 agreed with bob", allow=list(guards), **fields)
