"""What a sandbox holds when it starts: users, their access keys, and how these were used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from moto.iam.models import AccessKey, AccessKeyLastUsed, iam_backends

ACCOUNT = "123456789012"
"""The account of the sandbox, AWS's own example."""

OPERATOR_KEY = "AKIAOPERATOREXAMPLE0"
"""The access key of the user `operator`, who signs in examples; it is not among the keys of the story."""


@dataclass(frozen=True)
class SeededKey:
    """An access key to begin with: `last_used` is how long ago; None means never."""

    access_key_id: str
    user_name: str
    status: str = "Active"
    age: timedelta = timedelta(days=120)
    last_used: timedelta | None = None
    service_name: str = "s3"


EXAMPLE = (
    SeededKey("AKIAIOSFODNN7EXAMPLE", "Bob", age=timedelta(days=400), last_used=timedelta(days=95)),
    SeededKey("AKIAI44QH8DHBEXAMPLE", "Bob", "Inactive", age=timedelta(days=30)),
    SeededKey("AKIAALICEDEVEXAMPLE1", "alice", last_used=timedelta(days=3), service_name="ec2"),
    SeededKey("AKIAALICEOLDEXAMPLE2", "alice", age=timedelta(days=700), last_used=timedelta(days=210)),
    SeededKey("AKIACIDEPLOYEXAMPLE1", "ci-deploy", age=timedelta(days=60), last_used=timedelta(minutes=40)),
)
"""Five keys of three users: the second of Bob's is AWS's documented example."""


def plant(keys: Sequence[SeededKey], account: str = ACCOUNT) -> None:
    """Put users and keys into moto's memory, the operator's among them; keys are made there, never by keyswitch."""
    for key in (*keys, SeededKey(OPERATOR_KEY, "operator", age=timedelta(days=10))):
        _plant(key, account)


def _plant(seeded: SeededKey, account: str) -> None:
    backend = iam_backends[account]["aws"]
    if seeded.user_name not in {user.name for user in backend.users.values()}:
        backend.create_user(region_name="us-east-1", user_name=seeded.user_name)
    user = backend.get_user(seeded.user_name)
    now = datetime.now(timezone.utc).replace(tzinfo=None, microsecond=0)
    key = AccessKey(user_name=seeded.user_name, prefix="AKIA", account_id=account, status=seeded.status)
    key.access_key_id = seeded.access_key_id
    key.create_date = now - seeded.age
    if seeded.last_used is not None:
        key.last_used = AccessKeyLastUsed(now - seeded.last_used, seeded.service_name, "us-east-1")
    user.access_keys.append(key)
    backend.access_keys[key.access_key_id] = key
