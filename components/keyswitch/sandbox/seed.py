"""What a sandbox holds when it starts: users, their access keys, and how these were used."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from moto.iam.models import AccessKey, iam_backends

ACCOUNT = "123456789012"
"""The account of the sandbox, AWS's own example."""

OPERATOR_KEY = "AKIAOPERATOREXAMPLE0"
"""The access key of the user `operator`, who signs in examples; it is not among the keys of the story."""


@dataclass(frozen=True)
class SeededKey:
    """An access key to begin with.

    Attributes:
        access_key_id: which.
        user_name: whose; None: the root user's.
        status: Active or Inactive.
        age: how long ago it was created.
        last_used: how long ago it was used; None: never.
        service_name: where.
        region: where.
    """

    access_key_id: str
    user_name: str | None
    status: str = "Active"
    age: timedelta = timedelta(days=120)
    last_used: timedelta | None = None
    service_name: str = "s3"
    region: str = "us-east-1"


EXAMPLE = (
    SeededKey("AKIAIOSFODNN7EXAMPLE", "Bob", age=timedelta(days=400), last_used=timedelta(days=95)),
    SeededKey("AKIAI44QH8DHBEXAMPLE", "Bob", "Inactive", age=timedelta(days=30)),
    SeededKey("AKIAALICEDEVEXAMPLE1", "alice", last_used=timedelta(days=3), service_name="ec2"),
    SeededKey("AKIAALICEOLDEXAMPLE2", "alice", age=timedelta(days=700), last_used=timedelta(days=210)),
    SeededKey("AKIACIDEPLOYEXAMPLE1", "ci-deploy", age=timedelta(days=60), last_used=timedelta(minutes=40)),
)
"""Five keys of three users: the first of Bob's is AWS's documented example."""


def generated(users: int, keys_per_user: int) -> list[SeededKey]:
    """As many keys as one likes, with the same IDs every time; used at different times, some never."""
    return [
        SeededKey(
            f"AKIA{user:07d}N{key:02d}EXAMPL",
            f"user-{user:05d}",
            last_used=timedelta(days=2 + (user * 7 + key) % 300) if (user + key) % 5 else None,
        )
        for user in range(users)
        for key in range(keys_per_user)
    ]


def inventory(path: Path) -> list[SeededKey]:
    """Read a copy of an account, to rehearse a change against it.

    The document: `{"version": 1, "users": [{"userName": …, "accessKeys": [{"accessKeyId": …, "status": …,
    "createDate": ISO 8601, "lastUsed": {"date": …, "serviceName": …, "region": …} or null}]}]}`; the user
    `<root_account>` stands for root.

    Raises:
        ValueError: it is not such a document.
        OSError: it cannot be read.
    """
    now = datetime.now(timezone.utc)
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != 1:
            raise ValueError(f"{path}: version {document['version']!r} is not known")
        return [_inventoried(user["userName"], key, now) for user in document["users"] for key in user["accessKeys"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{path} is no inventory: {type(error).__name__} {error}") from None


def _inventoried(user_name: str, key: Mapping[str, Any], now: datetime) -> SeededKey:
    used = key.get("lastUsed")
    return SeededKey(
        key["accessKeyId"],
        None if user_name == "<root_account>" else user_name,
        key["status"],
        age=now - _date(key["createDate"]),
        last_used=now - _date(used["date"]) if used and used.get("date") else None,
        service_name=(used or {}).get("serviceName") or "N/A",
        region=(used or {}).get("region") or "N/A",
    )


def _date(text: str) -> datetime:
    date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def plant(keys: Sequence[SeededKey], account: str = ACCOUNT) -> None:
    """Put users and keys into moto's memory, the operator's among them; keys are made there, never by keyswitch."""
    operator = SeededKey(OPERATOR_KEY, "operator", age=timedelta(days=10))
    _plant_all([*keys, operator], account)


def _plant_all(keys: Iterable[SeededKey], account: str) -> None:
    backend = iam_backends[account]["aws"]
    users = {user.name: user for user in backend.users.values()}
    now = datetime.now(timezone.utc).replace(microsecond=0)
    for seeded in keys:
        if seeded.access_key_id in backend.access_keys:
            continue
        key = AccessKey(user_name=seeded.user_name, prefix="AKIA", account_id=account, status=seeded.status)
        key.access_key_id = seeded.access_key_id
        key.create_date = (now - seeded.age).replace(tzinfo=None)
        if seeded.last_used is not None:
            key.uses = [(now - seeded.last_used, seeded.service_name, seeded.region)]
        if seeded.user_name is not None:
            if seeded.user_name not in users:
                users[seeded.user_name] = backend.create_user(region_name="us-east-1", user_name=seeded.user_name)
            users[seeded.user_name].access_keys.append(key)
        backend.access_keys[key.access_key_id] = key
