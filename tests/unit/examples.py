"""The keys, users and callers that the unit tests speak of, in the words of the domain."""

from datetime import datetime, timedelta, timezone

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.guards import Evidence
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status

NOW = datetime(2025, 6, 1, 12, 0, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

OLD = "AKIABOBOLDEXAMPLE001"
NEW = "AKIABOBNEWEXAMPLE002"
ALICES = "AKIAALICEEXAMPLE0001"
ROOTS = "AKIAROOTEXAMPLE00001"
SIGNING = "AKIAOPERATOREXAMPLE1"
UNKNOWN = "AKIANOBODYKNOWSIT001"

OPERATOR = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/operator", SIGNING, SIGNING)
ROOT = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", ROOTS, ROOTS)
ROLE = Caller(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/switch/keyswitch", "ASIATEMPORARYEXAMPLE", SIGNING)


def key(access_key_id: str = OLD, user_name: str | None = "bob", status: str = "Active") -> AccessKey:
    """A key as IAM lists it."""
    return AccessKey(access_key_id, user_name, status)


def change(before: AccessKey, status: str | None, **fields: object) -> Change:
    """What bringing a key to a status comes to; None only observes it."""
    return decide(Desired(before.access_key_id, status=Status(status) if status else None, **fields), before)


def used(ago: timedelta | None, user_name: str | None = "bob") -> LastUsed:
    """A last use that long before NOW; None: never."""
    return LastUsed(user_name, None) if ago is None else LastUsed(user_name, NOW - ago, "s3", "us-east-1")


def evidence(*keys: AccessKey, caller: Caller = OPERATOR, uses: dict[str, LastUsed] | None = None) -> Evidence:
    """All that guards look at; a key without a given use was never used."""
    by_user: dict[str | None, list[AccessKey]] = {}
    for each in keys:
        by_user.setdefault(each.user_name, []).append(each)
    never = {each.access_key_id: used(None, each.user_name) for each in keys}
    return Evidence(caller, by_user, never if uses is None else uses, NOW)
