"""What a sandbox holds when it starts: users, their access keys, and how these were used."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from moto.iam.models import AccessKey, iam_backends

from keyswitch.access_key.model import access_key_id_problem, status_problem
from keyswitch.sandbox.account import user_id

ACCOUNT = "123456789012"
"""The account of the sandbox, AWS's own example."""

OPERATOR_NAME = "operator"
"""The user who signs in examples."""

OPERATOR_KEY = "AKIARZPUZDIKOPERATOR"
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


@dataclass(frozen=True)
class SeededUser:
    """A user to begin with, who may have no keys.

    Attributes:
        user_name: the name.
        path: such as `/ci/`.
        age: how long ago the user was created; None: not before the first of the keys.
        tags: the tags by key.
    """

    user_name: str
    path: str = "/"
    age: timedelta | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SeededRole:
    """A role to begin with, which everybody may assume; its ARN says in which account."""

    role_arn: str


@dataclass(frozen=True)
class SeededAccount:
    """The account that all users and keys are in; without one it is AWS's example."""

    account_id: str


Seed = SeededKey | SeededUser | SeededRole | SeededAccount

EXAMPLE = (
    SeededKey("AKIAIOSFODNN7EXAMPLE", "Bob", age=timedelta(days=400), last_used=timedelta(days=95)),
    SeededKey("AKIAI44QH8DHBEXAMPLE", "Bob", "Inactive", age=timedelta(days=30)),
    SeededKey("AKIAALICEDEVEXAMPLE1", "alice", last_used=timedelta(days=3), service_name="ec2"),
    SeededKey("AKIAALICEOLDEXAMPLE2", "alice", age=timedelta(days=700), last_used=timedelta(days=210)),
    SeededKey("AKIACIDEPLOYEXAMPLE1", "ci-deploy", age=timedelta(days=60), last_used=timedelta(minutes=40)),
)
"""Five keys of three users: the first of Bob's is AWS's documented example."""


OPERATOR = SeededKey(OPERATOR_KEY, OPERATOR_NAME, age=timedelta(days=10))
"""The key with which examples sign."""


def generated(users: int, keys_per_user: int) -> list[SeededKey]:
    """As many keys as one likes, with the same IDs every time; used at different times, some never.

    A user's keys differ in their dates, as by hand nobody makes two in a second: a credential report names no IDs.
    """
    return [
        SeededKey(
            f"AKIA{user:07d}N{key:02d}EXAMPL",
            f"user-{user:05d}",
            age=timedelta(days=120, seconds=key),
            last_used=timedelta(days=2 + (user * 7 + key) % 300) if (user + key) % 5 else None,
        )
        for user in range(users)
        for key in range(keys_per_user)
    ]


def inventory(path: Path) -> list[Seed]:
    """Read a copy of an account, to rehearse a change against it. `keyswitch discover --json` prints one.

    The document: `{"version": 1, "account": 12 digits, "users": [{"userName": …, "path": …, "createDate": ISO 8601,
    "tags": {key: value}, "accessKeys": [{"accessKeyId": …, "status": …, "createDate": …, "lastUsed": {"date": …,
    "serviceName": …, "region": …} or null}]}], "roles": [ARN, …]}`. The user `<root_account>` stands for root.
    Account, path, a user's date, tags, last uses and roles may be left out.

    Raises:
        ValueError: it is not such a document.
        OSError: it cannot be read.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != 1:
            raise ValueError(f"version {document['version']!r} is not known")
        now = datetime.now(timezone.utc).replace(microsecond=0)
        roles = [SeededRole(_role_arn(role)) for role in document.get("roles", [])]
        accounts = [SeededAccount(_account(document["account"]))] if "account" in document else []
        return [*accounts, *roles, *(seed for user in document["users"] for seed in _inventoried(user, now))]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError(f"{path} is no inventory: {type(error).__name__}: {error}") from None


def _inventoried(user: Mapping[str, Any], now: datetime) -> Iterator[Seed]:
    name = None if user["userName"] == "<root_account>" else user["userName"]
    if name is not None:
        age = now - _date(user["createDate"]) if user.get("createDate") else None
        yield SeededUser(name, user.get("path") or "/", age, user.get("tags") or {})
    for key in user["accessKeys"]:
        problem = access_key_id_problem(key["accessKeyId"]) or status_problem(key["status"])
        if problem:
            raise ValueError(problem)
        used = key.get("lastUsed") or {}
        yield SeededKey(
            key["accessKeyId"],
            name,
            key["status"],
            age=now - _date(key["createDate"]),
            last_used=now - _date(used["date"]) if used.get("date") else None,
            service_name=used.get("serviceName") or "N/A",
            region=used.get("region") or "N/A",
        )


def _account(account: str) -> str:
    if not re.fullmatch(r"\d{12}", account):
        raise ValueError(f"{account!r} is no account ID")
    return account


def _role_arn(role: str) -> str:
    if not re.fullmatch(r"arn:[\w-]+:iam::\d{12}:role(/[\w+=,.@-]+)+", role):
        raise ValueError(f"{role!r} is no role's ARN")
    return role


def _date(text: str) -> datetime:
    date = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def account_of(seeds: Sequence[Seed]) -> str:
    """Return the account that all users and keys are in."""
    return next((seed.account_id for seed in seeds if isinstance(seed, SeededAccount)), ACCOUNT)


def plant(seeds: Sequence[Seed], account: str = ACCOUNT) -> None:
    """Put users, keys and roles into moto's memory; keyswitch itself makes none."""
    now = datetime.now(timezone.utc).replace(microsecond=0)
    for seed in seeds:
        if isinstance(seed, SeededRole):
            _plant_role(seed.role_arn)
        elif isinstance(seed, SeededUser):
            _plant_user(seed, account, now)
        elif isinstance(seed, SeededKey) and seed.access_key_id not in iam_backends[account]["aws"].access_keys:
            user = _plant_user(SeededUser(seed.user_name), account, now) if seed.user_name is not None else None
            _plant_key(seed, user, account, now)


def _plant_user(seed: SeededUser, account: str, now: datetime) -> Any:  # noqa: ANN401  (moto's types do not hold)
    backend = iam_backends[account]["aws"]
    user = backend.users.get(seed.user_name)
    if user is None:
        tags = [{"Key": key, "Value": value} for key, value in seed.tags.items()]
        user = backend.create_user(region_name="us-east-1", user_name=seed.user_name, path=seed.path, tags=tags)
        user.id = user_id(account)
        user.create_date = (now - (seed.age or timedelta())).replace(tzinfo=None)
    return user


def _plant_key(seed: SeededKey, user: Any, account: str, now: datetime) -> None:  # noqa: ANN401
    key: Any = AccessKey(user_name=seed.user_name, prefix="AKIA", account_id=account, status=seed.status)
    key.access_key_id = seed.access_key_id
    key.create_date = (now - seed.age).replace(tzinfo=None)
    if seed.last_used is not None:
        key.uses = [(now - seed.last_used, seed.service_name, seed.region)]
    if user is not None:
        user.access_keys.append(key)
        user.create_date = min(user.create_date, key.create_date)
    iam_backends[account]["aws"].access_keys[key.access_key_id] = key


_TO_EVERYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
"""The statement of a trust policy that lets everybody assume a role."""


def _plant_role(role_arn: str) -> None:
    account, resource = role_arn.split(":")[4:6]
    path, _, name = resource.removeprefix("role").rpartition("/")
    trust = json.dumps({"Version": "2012-10-17", "Statement": [_TO_EVERYBODY]})
    roles = iam_backends[account]["aws"]
    if name not in {role.name for role in roles.roles.values()}:
        roles.create_role(name, trust, f"{path}/", None, "", [], "3600")
