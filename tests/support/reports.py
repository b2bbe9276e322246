"""Reports on invented accounts: small ones to look at in detail, and large ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from keyswitch.access_key.benchmark import BENCHMARKS
from keyswitch.access_key.decision import Decision
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.findings import Subject
from keyswitch.access_key.inventory import Inventory, InventoryKey, Owner, User
from keyswitch.access_key.model import AccessKey, LastUsed, Status
from keyswitch.access_key.policy import GuardName
from keyswitch.telling.report import Report, report

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=timezone.utc)
ACCOUNT = "123456789012"
NEVER = -1


def key(
    access_key_id: str, user_name: str | None = "bob", status: str = "Active", age: int = 10, used: float | None = 1
) -> InventoryKey:
    """A key of some age in days that was last used some days ago: `NEVER`; None: not known."""
    found = AccessKey(access_key_id, user_name, status, NOW - timedelta(days=age))
    if used is None:
        return InventoryKey(found)
    if used == NEVER:
        return InventoryKey(found, LastUsed(user_name, None))
    return InventoryKey(found, LastUsed(user_name, NOW - timedelta(days=used), "s3", "us-east-1"))


def owned(*keys: InventoryKey, path: str = "/", tags: Mapping[str, str] | None = None) -> Owner:
    """The owner of some keys, which are all of the same user."""
    name = keys[0].key.user_name
    return Owner(User(name, path, tags=tags) if name is not None else None, keys)


def inventory(
    *owners: Owner,
    root_has_keys: bool | None = False,
    uses_from: datetime | None = None,
    problems: Mapping[str, KeyswitchError] | None = None,
) -> Inventory:
    """An inventory of an account."""
    return Inventory(ACCOUNT, owners, root_has_keys, uses_from, NOW, problems or {})


def subject(*owners: Owner, cis: str = "7.0", declared: tuple[Desired, ...] = (), **known: object) -> Subject:
    """What is audited: the keys of some owners."""
    entries = {desired.access_key_id: desired for desired in declared}
    return Subject(inventory(*owners), BENCHMARKS[cis], entries, **known)  # type: ignore[arg-type]


def decision(day: int, author: str = "Ada Auditor", summary: str = "Switch keys off", line: int = 3) -> Decision:
    """A commit of some day in November."""
    commit = f"{day:02d}" * 20
    date = datetime(2026, 11, day, 9, 30, tzinfo=timezone.utc)
    return Decision("stacks/Pulumi.prod.yaml", line, commit, author, date, summary)


def large(users: int, keys_per_user: int = 2) -> Report:
    """A report on an account with as many users as one likes: keys of all ages and uses, half of them declared."""
    owners, declared, decisions, deactivated = [], {}, {}, {}
    services = ("s3", "ec2", "sts", "dynamodb", "iam", "lambda")
    paths, teams = ("/", "/ci/", "/apps/payments/", "/people/"), ("payments", "platform", "data", "search")
    for number in range(users):
        name, keys = f"user-{number:05d}", []
        for nth in range(keys_per_user):
            seed = (number * 7919 + nth * 104729) % 100_003
            age = 1 + int(2400 * (seed / 100_003) ** 2)
            used: float | None = round(age * ((seed * 31) % 997) / 997, 3)
            used = NEVER if seed % 9 == 0 else None if seed % 61 == 0 else used
            key_id = f"AKIA{number:08d}{nth:02d}EXAMPL"
            status = "Inactive" if seed % 5 == 0 else "Active"
            found = AccessKey(key_id, name, status, NOW - timedelta(days=age))
            last = None if used is None else LastUsed(name, None)
            if used is not None and used != NEVER:
                last = LastUsed(name, NOW - timedelta(days=used), services[seed % 6], "eu-central-1")
            keys.append(InventoryKey(found, last))
            if status == "Inactive" and seed % 2:
                deactivated[key_id] = NOW - timedelta(days=seed % 70)
            if number % 2:
                wanted = Status.INACTIVE if seed % 23 == 0 else Status(status)
                allow = frozenset({GuardName.RECENTLY_USED}) if seed % 41 == 0 else frozenset()
                reason = f"OPS-{seed} moved to OIDC" if allow or seed % 3 == 0 else None
                declared[key_id] = Desired(key_id, name, wanted, reason, allow=allow)
                decisions[key_id] = decision(1 + seed % 24, ("Ada Auditor", "Bo Builder")[seed % 2])
        owners.append(owned(*keys, path=paths[number % 4], tags={"team": teams[number % 4]} if number % 5 else {}))
    known = Subject(inventory(*owners, uses_from=NOW - timedelta(hours=2)), BENCHMARKS["5.0"], declared, deactivated)
    return report(known, decisions=decisions, files=("stacks/Pulumi.prod.yaml",), owner_tag="team")
