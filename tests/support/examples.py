"""The keys, users and callers of the unit tests, as objects of the domain."""

from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

from keyswitch.access_key.change import Change, decide, unknown
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.guards import Evidence, Finding
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from keyswitch.access_key.notes import Note
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.record import Recorded
from keyswitch.switching.planned import Failure, Plan

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

OLD = "AKIABOBOLDEXAMPLE001"
NEW = "AKIABOBNEWEXAMPLE002"
ALICES = "AKIAALICEEXAMPLE0001"
ROOTS = "AKIAROOTEXAMPLE00001"
SIGNING = "AKIAOPERATOREXAMPLE1"
UNKNOWN = "AKIANOBODYKNOWSIT001"
TEMPORARY = "ASIATEMPORARYEXAMPLE"

OPERATOR = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/operator", SIGNING, SIGNING)
ROOT = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ROOTS, ROOTS)
ROLE = Caller(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/switch/keyswitch", TEMPORARY, SIGNING)

OF_A_KEY = tuple(guard for guard in GuardName if guard is not GuardName.TOO_MANY_AT_ONCE)
"""The guards that judge each key by itself."""

YEARS_AGO = timedelta(days=400)


def key(
    access_key_id: str = OLD, user_name: str | None = "bob", status: str = "Active", created: timedelta | None = None
) -> AccessKey:
    """A key as IAM lists it. `created` is how long before NOW; None: IAM does not say."""
    return AccessKey(access_key_id, user_name, status, None if created is None else NOW - created)


def change(before: AccessKey, status: str | None, **fields: object) -> Change:
    """The change that gives a key this status; None only observes the key."""
    return decide(Desired(before.access_key_id, status=Status(status) if status else None, **fields), before)


def recorded(
    access_key_id: str = OLD,
    status: str | None = "Active",
    owner: str | None = "bob",
    *,
    wanted: str | None = None,
    adopted: str | None = "Active",
    **fields: object,
) -> Recorded:
    """What the state holds of a key after an update; `fields` are those of its entry."""
    desired = Desired(access_key_id, status=Status(wanted) if wanted else None, **fields)
    return Recorded(desired, status, owner, ACCOUNT, adopted)


def used(ago: timedelta | None, user_name: str | None = "bob") -> LastUsed:
    """A last use that long before NOW; None: never."""
    return LastUsed(user_name, None) if ago is None else LastUsed(user_name, NOW - ago, "s3", "us-east-1")


def evidence(*keys: AccessKey, caller: Caller = OPERATOR, uses: dict[str, LastUsed] | None = None) -> Evidence:
    """What guards look at. Without `uses` no key was ever used."""
    never = {each.access_key_id: used(None, each.user_name) for each in keys}
    return Evidence(caller, by_user_name(*keys), never if uses is None else uses, NOW)


def by_user_name(*keys: AccessKey) -> dict[str | None, list[AccessKey]]:
    """The keys by user, as ListAccessKeys shows them."""
    found: dict[str | None, list[AccessKey]] = {}
    for each in keys:
        found.setdefault(each.user_name, []).append(each)
    return found


def plan_of(
    *changes: Change,
    gone: Sequence[Recorded] = (),
    findings: Sequence[Finding] = (),
    notes: Sequence[Note] = (),
    uses: dict[str, LastUsed | None] | None = None,
) -> Plan:
    """A plan of these changes, in this order; a use that is not given was not looked up."""
    return Plan(OPERATOR, changes, tuple(gone), tuple(findings), tuple(notes), uses or {}, (), None, NOW)


def failure(error: KeyswitchError, desired: Desired | None = None, owner: str | None = None) -> Failure:
    """An entry that cannot be carried out."""
    return Failure(unknown(desired or Desired(UNKNOWN), owner), error)


def many(number: int, status: str = "Active") -> list[AccessKey]:
    """That many keys, each of another user."""
    return [key(f"AKIAMANYEXAMPLE{n:05}", f"user{n:04}", status) for n in range(number)]
