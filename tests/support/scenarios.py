"""The one table of scenarios: what there is, who signs, what is declared, and what is to come of it.

Three kinds of tests read it: the pure decision (tests/unit), `keyswitch plan` against the sandbox (tests/cli), and the
real engine (tests/engine). It runs nothing itself; stage.py puts a scenario on stage.
"""

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
ON, OFF = "activate", "deactivate"

Findings = frozenset[tuple[str, str]]
NOTHING: Findings = frozenset()


@dataclass(frozen=True)
class Signer:
    """Who signs a run.

    Attributes:
        access_key_id: the long-term key that it all begins with.
        is_session: a session of GetSessionToken, made with that key, signs instead of it.
        roles: assumed one after the other by the run, as `aws:assumeRoles` says.
        handed: a role that was assumed before the run, which only sees its temporary credentials.
    """

    access_key_id: str = OPERATOR_KEY
    is_session: bool = False
    roles: tuple[str, ...] = ()
    handed: str | None = None


@dataclass(frozen=True)
class Trouble:
    """An error that is no guard's: its type, a phrase of its message, and the key it leaves undecided, if only one."""

    error: str
    says: str
    about: str | None = None


@dataclass(frozen=True)
class Scenario:
    """One situation, and what is to come of it.

    Attributes:
        id: the name of the test.
        promise: what holds, in a sentence.
        keys: `keyswitch:keys`, as it is written.
        there: the keys in the account, beside the operator's.
        elsewhere: the keys in another account.
        settings: the other settings under `keyswitch:`, by their name there.
        signer: who signs.
        faults: bad luck, in the fields of a `Fault`.
        seen_after: how long a use takes to be seen at AWS; negative: AWS's clock is ahead of ours.
        quarantined: the users whom AWS has quarantined.
        writes: what would be written, by access key ID.
        warnings: which keys which guards warn of.
        refused: which keys which guards refuse.
        errors: what else forbids it.
        notes: the kinds of notes that must be told.
        says: phrases of the warnings and refusals.
        engine: whether it runs on the real engine, too.
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
    """How long before now."""
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
BLOCK_ALL = {"guards": {OWN: "block", RECENT: "block", LAST: "block"}}
OFF_ALL = {"guards": {OWN: "off", RECENT: "off", LAST: "off"}}
NO_LAST_USE = {"action": "GetAccessKeyLastUsed", "code": "AccessDenied", "http_status": 403, "times": None}


def entry(status: str | None = "Inactive", **fields: Any) -> dict[str, Any]:
    """An entry in its long form."""
    return {**({"status": status} if status else {}), **fields}


def allowed(*guards: str, **fields: Any) -> dict[str, Any]:
    """A deactivation that may pass some guards."""
    return entry(reason="OPS-1234 agreed with bob", allow=list(guards), **fields)


HARMLESS = (
    # --- a key that nobody uses
    Scenario(
        "an old key, last used 95 d ago",
        "A forgotten key beside a second one is what this is for.",
        DEACTIVATE,
        pair(LONG_AGO),
        writes=DEACTIVATES,
        notes=frozenset({"sessionsOutlive"}),
        engine=True,
    ),
    Scenario(
        "an old key, never used",
        "Never used is not recently used.",
        DEACTIVATE,
        pair(None),
        writes=DEACTIVATES,
    ),
    Scenario(
        "a key of 17 min, never used",
        "By then AWS would have recorded a use.",
        DEACTIVATE,
        pair(None, age=ago(minutes=17)),
        writes=DEACTIVATES,
    ),
    Scenario("used 25 h ago", "Beyond the window of a day.", DEACTIVATE, pair(ago(hours=25)), writes=DEACTIVATES),
    Scenario(
        "used 24 h 18 min ago",
        "Beyond the window and AWS's delay of 15 minutes.",
        DEACTIVATE,
        pair(ago(hours=24, minutes=18)),
        writes=DEACTIVATES,
        engine=True,
    ),
    Scenario(
        "used 48 min ago, window of 30 min",
        "A shorter window is honoured.",
        DEACTIVATE,
        pair(ago(minutes=48)),
        settings={"recentUse": "30m"},
        writes=DEACTIVATES,
    ),
    Scenario(
        "used 8 d ago, window of 7 d",
        "Beyond a longer window.",
        DEACTIVATE,
        pair(ago(days=8)),
        settings={"recentUse": "7d"},
        writes=DEACTIVATES,
    ),
    Scenario(
        "used 91 d ago, window of 90 d",
        "Beyond a very long window.",
        DEACTIVATE,
        pair(ago(days=91)),
        settings={"recentUse": "90d"},
        writes=DEACTIVATES,
    ),
    Scenario(
        "never used, window of 90 d",
        "However long the window, never is never.",
        DEACTIVATE,
        pair(None),
        settings={"recentUse": "90d"},
        writes=DEACTIVATES,
    ),
    Scenario(
        "used 20 min ago, window of nothing",
        "With a window of 0m only AWS's delay counts.",
        DEACTIVATE,
        pair(ago(minutes=20)),
        settings={"recentUse": "0m"},
        writes=DEACTIVATES,
    ),
    Scenario(
        "two users at once",
        "Each has another key left.",
        {OLD: "Inactive", ALICES: "Inactive"},
        (*pair(), *ALICE),
        settings=BLOCK_ALL,
        writes={OLD: OFF, ALICES: OFF},
    ),
    # --- a key is left
    Scenario(
        "the other key is not declared",
        "What nobody declares stays as it is, and counts.",
        DEACTIVATE,
        pair(),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
    ),
    Scenario(
        "a swap, the old key first",
        "The user has the new key afterwards; the order of the entries is no matter.",
        {OLD: "Inactive", NEW: "Active"},
        pair(new="Inactive"),
        settings=BLOCK_ALL,
        writes=SWAPS,
        engine=True,
    ),
    Scenario(
        "a swap, the new key first",
        "The same in the other order.",
        {NEW: "Active", OLD: "Inactive"},
        pair(new="Inactive"),
        settings=BLOCK_ALL,
        writes=SWAPS,
    ),
    Scenario(
        "two of three keys",
        "The third is left, declared or not.",
        {OLD: "Inactive", NEW: "Inactive"},
        (*pair(), SeededKey(THIRD, "bob", last_used=ago(hours=1))),
        settings=BLOCK_ALL,
        writes={OLD: OFF, NEW: OFF},
    ),
    Scenario(
        "two of three keys, the third activated",
        "What is activated in the same change counts.",
        {OLD: "Inactive", NEW: "Inactive", THIRD: "Active"},
        (*pair(), SeededKey(THIRD, "bob", "Inactive")),
        settings=BLOCK_ALL,
        writes={OLD: OFF, NEW: OFF, THIRD: ON},
    ),
    # --- activations
    Scenario(
        "activation of an old key",
        "Nothing is cut off by it.",
        {OLD: "Active"},
        bob(LONG_AGO, "Inactive"),
        settings=BLOCK_ALL,
        writes={OLD: ON},
        notes=frozenset({"oldKey"}),
    ),
    Scenario(
        "activation of a key never used",
        "Nor by this one.",
        {OLD: "Active"},
        bob(None, "Inactive", age=ago(minutes=5)),
        settings=BLOCK_ALL,
        writes={OLD: ON},
    ),
    Scenario(
        "activation of a key used until a minute ago",
        "Switching back what was switched off too fast is never stopped.",
        {OLD: "Active"},
        bob(ago(minutes=1), "Inactive"),
        settings=BLOCK_ALL,
        seen_after=AT_ONCE,
        writes={OLD: ON},
        engine=True,
    ),
    Scenario(
        "activation of the caller's other key",
        "One's own key may be switched on.",
        {OLD: "Active"},
        pair(old="Inactive"),
        settings=BLOCK_ALL,
        signer=BOBS_NEW,
        writes={OLD: ON},
    ),
    Scenario(
        "activation where last uses may not be looked up",
        "With the owner named, nothing needs to be known of its use.",
        {OLD: entry("Active", userName="bob")},
        bob(LONG_AGO, "Inactive"),
        settings=BLOCK_ALL,
        faults=(NO_LAST_USE,),
        writes={OLD: ON},
    ),
    Scenario(
        "activation by a session of the owner",
        "A session may switch on a key of its user.",
        {NEW: "Active"},
        pair(new="Inactive"),
        signer=BOBS_SESSION,
        writes={NEW: ON},
    ),
    # --- nothing is written
    Scenario(
        "the caller's key only observed",
        "Looking cuts nothing off.",
        {OLD: {}},
        bob(ago(minutes=10)),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
        engine=True,
    ),
    Scenario(
        "a key used a minute ago only observed",
        "Nor here.",
        {OLD: entry(None, reason="who uses it?")},
        bob(ago(minutes=1)),
        settings=BLOCK_ALL,
        seen_after=AT_ONCE,
    ),
    Scenario(
        "Inactive already, used 40 min ago",
        "It is as wanted, so there is nothing to guard.",
        DEACTIVATE,
        bob(ago(minutes=40), "Inactive"),
        settings=BLOCK_ALL,
    ),
    Scenario(
        "Active already, and the caller's own",
        "The same of the key that signs.",
        {OLD: "Active"},
        bob(ago(minutes=40)),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
    ),
    Scenario(
        "keys older than 90 d that stay Active",
        "That is told as a note, and is no alarm.",
        {OLD: "Active", NEW: "Active"},
        pair(),
        notes=frozenset({"oldKey", "severalActive"}),
        engine=True,
    ),
    Scenario("no keys declared", "An empty configuration is a configuration.", {}, pair(), engine=True),
    # --- who signs
    Scenario(
        "the caller's other key",
        "The key that signs stays.",
        {NEW: "Inactive"},
        pair(),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
        writes={NEW: OFF},
    ),
    Scenario(
        "another key of the user behind the assumed role",
        "The key that assumed the role stays.",
        {NEW: "Inactive"},
        pair(),
        settings=BLOCK_ALL,
        signer=BOBS_ROLE,
        writes={NEW: OFF},
    ),
    Scenario(
        "somebody else's key, by an assumed role",
        "The role is a means, no danger.",
        {ALICES: "Inactive"},
        (*pair(), *ALICE),
        settings=BLOCK_ALL,
        signer=BOBS_ROLE,
        writes={ALICES: OFF},
        engine=True,
    ),
    Scenario(
        "somebody else's key, by a session",
        "A session of bob says nothing of alice.",
        {ALICES: "Inactive"},
        (*pair(), *ALICE),
        settings=BLOCK_ALL,
        signer=BOBS_SESSION,
        writes={ALICES: OFF},
    ),
    Scenario(
        "a role session from outside",
        "With whose key it was made nobody can know, and an alarm for every key would be none.",
        DEACTIVATE,
        pair(),
        settings=BLOCK_ALL,
        signer=HANDED_ROLE,
        writes=DEACTIVATES,
        engine=True,
    ),
    Scenario(
        "a user's key, by root",
        "Root may switch the keys of users.",
        DEACTIVATE,
        (*pair(), *ROOT),
        settings=BLOCK_ALL,
        signer=Signer(ROOTS),
        writes=DEACTIVATES,
    ),
    Scenario(
        "root's other key, by root",
        "Root switches off a key that it does not sign with.",
        {ROOTS_SECOND: entry(root=True)},
        ROOT,
        settings=BLOCK_ALL,
        signer=Signer(ROOTS),
        writes={ROOTS_SECOND: OFF},
        engine=True,
    ),
    Scenario(
        "a key in another account, by a role there",
        "The account that counts is the role's.",
        {ELSEWHERE: "Inactive"},
        pair(),
        elsewhere=(SeededKey(ELSEWHERE, "eve", last_used=LONG_AGO), SeededKey(NEW[::-1], "eve")),
        settings={**BLOCK_ALL, "account": OTHER_ACCOUNT},
        signer=Signer(roles=(SWITCH_ELSEWHERE,)),
        writes={ELSEWHERE: OFF},
    ),
    # --- how it is written
    Scenario(
        "the account is the declared one",
        "Then it is not mentioned.",
        DEACTIVATE,
        pair(),
        settings={"account": ACCOUNT},
        writes=DEACTIVATES,
    ),
    Scenario(
        "the owner is named, in a long entry",
        "The long form says the same as the short one.",
        {OLD: entry(userName="bob", reason="OPS-1234", onRemoval="restore")},
        pair(),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
    ),
    Scenario(
        "a user name with odd characters",
        "Plus, dot and at are letters to IAM.",
        {OLD: entry(userName="first.last+x=1,y@example.com")},
        pair(name="first.last+x=1,y@example.com"),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
        engine=True,
    ),
    Scenario(
        "the owner was renamed and is not named",
        "The keys follow the user; a look-up finds them.",
        DEACTIVATE,
        pair(name="robert"),
        writes=DEACTIVATES,
    ),
    Scenario(
        "the same reason twice",
        "One ticket may be about many keys.",
        {key: entry(reason="OPS-1234") for key in (OLD, ALICES)},
        (*pair(), *ALICE),
        writes={OLD: OFF, ALICES: OFF},
    ),
    Scenario(
        "50 users at once",
        "Many harmless changes are as harmless as one.",
        {seeded.access_key_id: "Inactive" for seeded in CROWD[::2]},
        CROWD,
        settings=BLOCK_ALL,
        writes={seeded.access_key_id: OFF for seeded in CROWD[::2]},
    ),
    # --- what else there may be
    Scenario(
        "a quarantined owner",
        "That AWS takes the key for leaked is told as a note; to switch it off is right.",
        DEACTIVATE,
        pair(),
        quarantined=("bob",),
        writes=DEACTIVATES,
        notes=frozenset({"quarantined", "sessionsOutlive"}),
    ),
    Scenario(
        "an Expired key is made Inactive",
        "It signs nothing any more, so nobody is cut off.",
        DEACTIVATE,
        bob(ago(minutes=40), "Expired"),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
    ),
    Scenario(
        "throttled once",
        "It is asked again, and nobody hears of it.",
        DEACTIVATE,
        pair(),
        faults=({"action": "GetAccessKeyLastUsed", "code": "Throttling", "times": 1},),
        writes=DEACTIVATES,
    ),
)
"""No alarm is to be raised by any of these."""

DANGEROUS = (
    # --- recently used
    Scenario(
        "used just now",
        "A use in this very minute is a use.",
        DEACTIVATE,
        pair(ago()),
        seen_after=AT_ONCE,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("just now", "still signs with it"),
    ),
    Scenario(
        "used 1 min ago",
        "So is one a minute ago.",
        DEACTIVATE,
        pair(ago(minutes=1)),
        seen_after=AT_ONCE,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("last used 1 min ago", "by s3 from us-east-1"),
    ),
    Scenario(
        "used by a clock ahead of ours",
        "A use in the future is no old one.",
        DEACTIVATE,
        pair(-ago(minutes=2)),
        seen_after=-ago(minutes=5),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "used 40 min ago, by the short form",
        "The usual mistake; the lines that let it pass are a whole entry.",
        DEACTIVATE,
        pair(ago(minutes=40)),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("last used 40 min ago",),
        engine=True,
    ),
    Scenario(
        "used 23 h ago",
        "Within the window of a day.",
        DEACTIVATE,
        pair(ago(hours=23)),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "used 24 h 10 min ago",
        "AWS may have recorded a use up to 15 minutes too early.",
        DEACTIVATE,
        pair(ago(hours=24, minutes=10)),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("a use within 24h",),
    ),
    Scenario(
        "used 43 min ago, window of 30 min",
        "The margin belongs to every window.",
        DEACTIVATE,
        pair(ago(minutes=43)),
        settings={"recentUse": "30m"},
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("a use within 30m",),
    ),
    Scenario(
        "used 6 d 23 h ago, window of 7 d",
        "Within a longer window.",
        DEACTIVATE,
        pair(ago(days=6, hours=23)),
        settings={"recentUse": "7d"},
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("last used 6 d ago", "a use within 7d"),
    ),
    Scenario(
        "used 89 d ago, window of 90 d",
        "Within a very long window.",
        DEACTIVATE,
        pair(ago(days=89)),
        settings={"recentUse": "90d"},
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "used 10 min ago, window of nothing",
        "With a window of 0m AWS's delay still counts.",
        DEACTIVATE,
        pair(ago(minutes=10)),
        settings={"recentUse": "0m"},
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "5 min old and never used",
        "Too young to tell, which is a warning and never more.",
        DEACTIVATE,
        pair(None, age=ago(minutes=5)),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, RECENT)}),
        says=("too young to tell",),
        engine=True,
    ),
    Scenario(
        "13 min old and never used",
        "Still too young.",
        DEACTIVATE,
        pair(None, age=ago(minutes=13)),
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "used 40 min ago, at level warn",
        "The level of the configuration counts.",
        DEACTIVATE,
        pair(ago(minutes=40)),
        settings={"guards": {RECENT: "warn"}},
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "the last use may not be looked up",
        "Not known is not harmless; the missing permission is named.",
        {OLD: entry(userName="bob")},
        pair(),
        faults=(NO_LAST_USE,),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("iam:GetAccessKeyLastUsed", "may be in use right now"),
        engine=True,
    ),
    Scenario(
        "the last use may not be looked up, at level warn",
        "Where a use would be a warning, not knowing it is one.",
        {OLD: entry(userName="bob")},
        pair(),
        settings={"guards": {RECENT: "warn"}},
        faults=(NO_LAST_USE,),
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "the last use of one key of two may not be looked up",
        "Only that key is refused.",
        {OLD: entry(userName="bob"), ALICES: entry(userName="alice")},
        (*pair(), *ALICE),
        faults=({**NO_LAST_USE, "about": ALICES},),
        writes={OLD: OFF, ALICES: OFF},
        refused=frozenset({(ALICES, RECENT)}),
    ),
    Scenario(
        "the look-up of the last use is throttled",
        "Not known for a while is not known.",
        {OLD: entry(userName="bob")},
        pair(),
        faults=({"action": "GetAccessKeyLastUsed", "code": "Throttling", "times": None},),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        says=("last use is not known", "throttled"),
    ),
    Scenario(
        "one of 50 users",
        "It is found in the crowd.",
        {seeded.access_key_id: "Inactive" for seeded in CROWD[::2]},
        tuple(
            SeededKey(k.access_key_id, k.user_name, last_used=ago(hours=3)) if k.access_key_id == OF_THE_CROWD else k
            for k in CROWD
        ),
        writes={seeded.access_key_id: OFF for seeded in CROWD[::2]},
        refused=frozenset({(OF_THE_CROWD, RECENT)}),
    ),
    # --- own credentials
    Scenario(
        "the key that signs",
        "Whoever switches off the key in their hand is locked out.",
        DEACTIVATE,
        pair(),
        signer=BOBS_OLD,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, OWN)}),
        says=("this run signs with this key", "locks out whoever runs this"),
        engine=True,
    ),
    Scenario(
        "the key that signs, in a swap",
        "The new key is of no use to this run.",
        SWAP,
        pair(new="Inactive"),
        signer=BOBS_OLD,
        writes=SWAPS,
        refused=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "the operator's own only key",
        "It stands in no story, and is guarded all the same.",
        {OPERATOR_KEY: "Inactive"},
        pair(),
        writes={OPERATOR_KEY: OFF},
        refused=frozenset({(OPERATOR_KEY, OWN)}),
        warnings=frozenset({(OPERATOR_KEY, LAST)}),
    ),
    Scenario(
        "the key that signs, at level warn",
        "The level of the configuration counts.",
        DEACTIVATE,
        pair(),
        settings={"guards": {OWN: "warn"}},
        signer=BOBS_OLD,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "the key behind the assumed role",
        "The next run could not assume the role again.",
        DEACTIVATE,
        pair(),
        signer=BOBS_ROLE,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, OWN)}),
        says=("this run assumed", "role/switch/keyswitch with this key"),
        engine=True,
    ),
    Scenario(
        "the key behind a chain of roles",
        "However many roles there are in between.",
        DEACTIVATE,
        pair(),
        signer=Signer(OLD, roles=(HOP, SWITCH)),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "a session of the owner, another key is left",
        "It may be the key of the session, which AWS does not say.",
        DEACTIVATE,
        pair(),
        settings=BLOCK_ALL,
        signer=BOBS_SESSION,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, OWN)}),
        says=("a session of user bob", "it may be this one"),
        engine=True,
    ),
    Scenario(
        "a session of the owner, no other key is left",
        "There is no key to make the next session with.",
        DEACTIVATE,
        bob(),
        signer=BOBS_SESSION,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, LAST)}),
        refused=frozenset({(OLD, OWN)}),
        says=("a session of user bob", "no other active key is left"),
        engine=True,
    ),
    Scenario(
        "a session of the owner, both keys at once",
        "Neither leaves the other.",
        {OLD: "Inactive", NEW: "Inactive"},
        pair(),
        signer=BOBS_SESSION,
        writes={OLD: OFF, NEW: OFF},
        warnings=frozenset({(OLD, LAST), (NEW, LAST)}),
        refused=frozenset({(OLD, OWN), (NEW, OWN)}),
    ),
    Scenario(
        "a session of the owner, in a swap",
        "The new key is left.",
        SWAP,
        pair(new="Inactive"),
        signer=BOBS_SESSION,
        writes=SWAPS,
        warnings=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "a role assumed by a session of the owner",
        "The session behind the role is looked at, too.",
        DEACTIVATE,
        pair(),
        signer=SESSIONS_ROLE,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "a role assumed by a session of the owner, no other key is left",
        "And stops it.",
        DEACTIVATE,
        bob(),
        signer=SESSIONS_ROLE,
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, LAST)}),
        refused=frozenset({(OLD, OWN)}),
    ),
    Scenario(
        "root's key, by root with it",
        "Root is locked out like anybody.",
        {ROOTS: entry(root=True)},
        ROOT,
        signer=Signer(ROOTS),
        writes={ROOTS: OFF},
        refused=frozenset({(ROOTS, OWN)}),
        engine=True,
    ),
    Scenario(
        "root's only key, by root with it",
        "And is warned of having no key left.",
        {ROOTS: entry(root=True)},
        ROOT[:1],
        signer=Signer(ROOTS),
        writes={ROOTS: OFF},
        refused=frozenset({(ROOTS, OWN)}),
        warnings=frozenset({(ROOTS, LAST)}),
        says=("the root user is left without",),
    ),
    # --- last active key
    Scenario(
        "the only key",
        "By default that is a warning.",
        DEACTIVATE,
        bob(),
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, LAST)}),
        says=("bob is left without any active access key", "loses access"),
        engine=True,
    ),
    Scenario(
        "the only key, at level block",
        "The level of the configuration counts.",
        DEACTIVATE,
        bob(),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, LAST)}),
    ),
    Scenario(
        "both keys at once",
        "Each is told: either may be the one to keep.",
        {OLD: "Inactive", NEW: "Inactive"},
        pair(),
        writes={OLD: OFF, NEW: OFF},
        warnings=frozenset({(OLD, LAST), (NEW, LAST)}),
    ),
    Scenario(
        "both keys at once, at level block",
        "Both are refused, and both get their lines.",
        {OLD: "Inactive", NEW: entry(reason="OPS-1", onRemoval="deactivate")},
        pair(),
        settings=BLOCK_ALL,
        writes={OLD: OFF, NEW: OFF},
        refused=frozenset({(OLD, LAST), (NEW, LAST)}),
    ),
    Scenario(
        "the other key is Inactive",
        "A key that is off is no key to fall back on.",
        DEACTIVATE,
        pair(new="Inactive"),
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, LAST)}),
    ),
    Scenario(
        "the other key is Inactive and only observed",
        "To observe a key does not switch it on.",
        {OLD: "Inactive", NEW: {}},
        pair(new="Inactive"),
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, LAST)}),
    ),
    Scenario(
        "the other key is Expired",
        "Nor is one that AWS shows as Expired.",
        DEACTIVATE,
        pair(new="Expired"),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, LAST)}),
    ),
    Scenario(
        "a key of another user is activated",
        "That does not help this one.",
        {OLD: "Inactive", ALICES: "Active"},
        (*bob(), SeededKey(ALICES, "alice", "Inactive")),
        settings=BLOCK_ALL,
        writes={OLD: OFF, ALICES: ON},
        refused=frozenset({(OLD, LAST)}),
    ),
    # --- several guards
    Scenario(
        "all three guards on one key",
        "All are told at once, and one entry lets all of them pass.",
        DEACTIVATE,
        bob(ago(hours=1)),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, OWN), (OLD, RECENT), (OLD, LAST)}),
        engine=True,
    ),
    Scenario(
        "one guard of three may be passed",
        "The other two still stop it; the lines keep what was allowed already.",
        {OLD: allowed(OWN, userName="bob")},
        bob(ago(hours=1)),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT), (OLD, LAST)}),
    ),
    Scenario(
        "two warnings for one key",
        "Each guard speaks for itself.",
        DEACTIVATE,
        bob(ago(hours=1)),
        settings={"guards": {RECENT: "warn"}},
        writes=DEACTIVATES,
        warnings=frozenset({(OLD, RECENT), (OLD, LAST)}),
    ),
    Scenario(
        "one entry may pass, the other not",
        "What is allowed is allowed to one key only.",
        {OLD: allowed(RECENT), ALICES_SECOND: "Inactive"},
        (*pair(ago(hours=1)), *ALICE),
        writes={OLD: OFF, ALICES_SECOND: OFF},
        refused=frozenset({(ALICES_SECOND, RECENT)}),
    ),
    # --- lines that are not easily written
    Scenario(
        "a reason full of YAML's own signs",
        "The lines keep it as it is.",
        {OLD: entry(reason='#1: "bob" said {yes}, & \\ -- 100 % [sure] | > * ! é 🔑', onRemoval="restore")},
        pair(ago(hours=1)),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "a user called null whose reason is no",
        "What YAML takes for something else is quoted.",
        {OLD: entry(userName="null", reason="no")},
        pair(ago(hours=1), name="null"),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
    ),
    Scenario(
        "a key ID of digits, a user called 007",
        "Numbers, too.",
        {DIGITS: entry(userName="007", reason="2025-06-01")},
        (SeededKey(DIGITS, "007", last_used=ago(hours=1)), SeededKey(NEW, "007")),
        writes={DIGITS: OFF},
        refused=frozenset({(DIGITS, RECENT)}),
    ),
)
"""Each of these is to raise exactly the alarms that it says."""

ODD = (
    # --- alarms that somebody has silenced
    Scenario(
        "used 40 min ago, guard off",
        "A guard that is off does not look.",
        DEACTIVATE,
        pair(ago(minutes=40)),
        settings={"guards": {RECENT: "off"}},
        writes=DEACTIVATES,
    ),
    Scenario(
        "used 40 min ago, allowed with a reason",
        "The entry may pass.",
        {OLD: allowed(RECENT)},
        pair(ago(minutes=40)),
        writes=DEACTIVATES,
        engine=True,
    ),
    Scenario(
        "the last use may not be looked up, allowed with a reason",
        "Whoever may pass needs no permission for it.",
        {OLD: allowed(RECENT, userName="bob")},
        pair(),
        faults=(NO_LAST_USE,),
        writes=DEACTIVATES,
    ),
    Scenario(
        "the key that signs, guard off",
        "The same of one's own key.",
        DEACTIVATE,
        pair(),
        settings={"guards": {OWN: "off"}},
        signer=BOBS_OLD,
        writes=DEACTIVATES,
    ),
    Scenario(
        "a session of the owner, allowed with a reason",
        "Neither a warning nor a refusal is left.",
        {OLD: allowed(OWN, LAST)},
        bob(),
        signer=BOBS_SESSION,
        writes=DEACTIVATES,
    ),
    Scenario(
        "the only key, guard off",
        "The same of the last key.",
        DEACTIVATE,
        bob(),
        settings={"guards": {LAST: "off"}},
        writes=DEACTIVATES,
    ),
    Scenario(
        "the only key, allowed at level block",
        "An entry that may pass is not even warned of.",
        {OLD: allowed(LAST)},
        bob(),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
    ),
    Scenario(
        "all three guards, all allowed",
        "A leak is answered like this.",
        {OLD: allowed(OWN, RECENT, LAST)},
        bob(ago(hours=1)),
        settings=BLOCK_ALL,
        signer=BOBS_OLD,
        writes=DEACTIVATES,
    ),
    Scenario(
        "all three guards, all off",
        "Or like this.",
        DEACTIVATE,
        bob(ago(hours=1)),
        settings=OFF_ALL,
        signer=BOBS_OLD,
        writes=DEACTIVATES,
    ),
    Scenario(
        "an allowance that is not needed",
        "It does no harm.",
        {OLD: allowed(OWN, RECENT, LAST), NEW: entry("Active", reason="stays", allow=[OWN])},
        pair(),
        settings=BLOCK_ALL,
        writes=DEACTIVATES,
    ),
    # --- what nobody can see
    Scenario(
        "the first use ever a minute ago",
        "AWS shows a use only minutes later: until then an old key looks never used.",
        DEACTIVATE,
        pair(ago(minutes=1)),
        writes=DEACTIVATES,
    ),
    Scenario(
        "an Expired key is activated",
        "It is asked for; what AWS makes of it is AWS's.",
        {OLD: "Active"},
        bob(status="Expired"),
        writes={OLD: ON},
    ),
    # --- errors that no guard and no level lets pass
    Scenario(
        "another owner than declared",
        "The right one is named.",
        {OLD: entry(userName="alice")},
        (*pair(), *ALICE),
        errors=(Trouble("WrongOwner", "belongs to user bob, not to alice", OLD),),
    ),
    Scenario(
        "the owner was renamed since",
        "The new name is named.",
        {OLD: entry(userName="bob")},
        pair(name="robert"),
        errors=(Trouble("WrongOwner", "belongs to user robert, not to bob", OLD),),
    ),
    Scenario(
        "the owner in another case",
        "Names are compared letter by letter.",
        {OLD: entry(userName="Bob")},
        pair(),
        errors=(Trouble("WrongOwner", "belongs to user bob, not to Bob", OLD),),
    ),
    Scenario(
        "a key that nobody knows",
        "It may be misspelt, deleted, or not be seen.",
        {UNKNOWN: "Inactive"},
        pair(),
        errors=(Trouble("AccessKeyNotFound", "There is no access key", UNKNOWN),),
    ),
    Scenario(
        "a key that its user does not have",
        "The user is there, the key is not.",
        {UNKNOWN: entry(userName="bob")},
        pair(),
        errors=(Trouble("AccessKeyNotFound", "User bob of account 123456789012 has no access key", UNKNOWN),),
    ),
    Scenario(
        "a user that nobody knows",
        "Neither is there.",
        {UNKNOWN: entry(userName="nobody")},
        pair(),
        errors=(Trouble("UserNotFound", "there is no IAM user nobody", UNKNOWN),),
    ),
    Scenario(
        "a key of another account",
        "It is nobody's here.",
        {ELSEWHERE: "Inactive"},
        pair(),
        elsewhere=(SeededKey(ELSEWHERE, "eve", last_used=LONG_AGO),),
        errors=(Trouble("AccessKeyNotFound", "There is no access key", ELSEWHERE),),
    ),
    Scenario(
        "credentials of another account than declared",
        "Nothing is even looked at.",
        DEACTIVATE,
        pair(),
        settings={"account": OTHER_ACCOUNT},
        errors=(Trouble("WrongAccount", f"belong to account {ACCOUNT}"),),
        engine=True,
    ),
    Scenario(
        "a role in another account than declared",
        "Where the role is, is where it would be written.",
        DEACTIVATE,
        pair(),
        settings={"account": ACCOUNT},
        signer=Signer(roles=(SWITCH_ELSEWHERE,)),
        errors=(Trouble("WrongAccount", f"belong to account {OTHER_ACCOUNT}"),),
    ),
    Scenario(
        "root's key, not signed by root",
        "Only root can switch it.",
        {ROOTS: entry(root=True)},
        (*pair(), *ROOT),
        errors=(Trouble("WrongOwner", "declared as a key of the root user", ROOTS),),
    ),
    Scenario(
        "root's key without root: true",
        "The line that is missing is named.",
        {ROOTS_SECOND: "Inactive"},
        ROOT,
        signer=Signer(ROOTS),
        errors=(Trouble("WrongOwner", "root: true", ROOTS_SECOND),),
    ),
    Scenario(
        "a user's key with root: true",
        "Root has no such key.",
        {OLD: entry(root=True)},
        (*pair(), *ROOT),
        signer=Signer(ROOTS),
        errors=(Trouble("AccessKeyNotFound", "There is no access key", OLD),),
    ),
    Scenario(
        "the owner is not named and may not be looked up",
        "The permission and the way around it are named.",
        DEACTIVATE,
        pair(),
        faults=(NO_LAST_USE,),
        errors=(Trouble("AccessKeyNotFound", "iam:GetAccessKeyLastUsed", OLD),),
    ),
    Scenario(
        "the keys of a user may not be listed",
        "The missing permission is named.",
        {OLD: entry(userName="bob")},
        pair(),
        faults=({"action": "ListAccessKeys", "code": "AccessDenied", "http_status": 403, "times": None},),
        errors=(Trouble("AccessDenied", "iam:ListAccessKeys", OLD),),
    ),
    Scenario(
        "the list of a user's keys is throttled",
        "What cannot be seen is not decided.",
        {OLD: entry(userName="bob")},
        pair(),
        faults=({"action": "ListAccessKeys", "code": "Throttling", "times": None},),
        errors=(Trouble("Throttled", "iam:ListAccessKeys of user bob", OLD),),
    ),
    Scenario(
        "the key that signs is Inactive",
        "The run cannot begin.",
        {OLD: "Active"},
        pair(old="Inactive"),
        signer=BOBS_OLD,
        errors=(Trouble("CredentialsRefused", "does not accept the credentials"),),
    ),
    Scenario(
        "a wrong owner, and another key used 40 min ago",
        "All that forbids it is told at once.",
        {OLD: "Inactive", ALICES: entry(userName="bob")},
        (*pair(ago(minutes=40)), *ALICE),
        writes=DEACTIVATES,
        refused=frozenset({(OLD, RECENT)}),
        errors=(Trouble("WrongOwner", "belongs to user alice, not to bob", ALICES),),
        engine=True,
    ),
    # --- configurations that are none
    Scenario(
        "an allowance without a reason",
        "Whoever passes a guard says why.",
        {OLD: entry(allow=[RECENT])},
        pair(ago(minutes=40)),
        errors=(Trouble("InvalidConfiguration", "needs a reason"),),
    ),
    Scenario(
        "a status in another case",
        "What was meant is asked.",
        {OLD: "inactive"},
        pair(),
        errors=(Trouble("InvalidConfiguration", "did you mean Inactive?"),),
    ),
    Scenario(
        "a guard that does not exist",
        "A guard that is misspelt would not guard.",
        DEACTIVATE,
        pair(),
        settings={"guards": {"recentlyUsd": "off"}},
        errors=(Trouble("InvalidConfiguration", "recentlyUsd"),),
    ),
    Scenario(
        "a temporary key",
        "A session has no status to switch.",
        {"ASIATEMPORARYEXAMPLE": "Inactive"},
        pair(),
        errors=(Trouble("InvalidConfiguration", "temporary access key"),),
    ),
)
"""Silenced alarms, blind spots, and what is no guard's to refuse."""

SCENARIOS = (*HARMLESS, *DANGEROUS, *ODD)
ON_THE_ENGINE = tuple(scenario for scenario in SCENARIOS if scenario.engine)
