"""The inventory of an account: who is asked for, what is asked of AWS, and what a report tells of which key."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from keyswitch.access_key.errors import AccessDenied, Throttled
from keyswitch.access_key.inventory import CredentialReport, Inventory, ReportedKey, Scope, User
from keyswitch.access_key.model import AccessKey, LastUsed
from keyswitch.switching.inventory import REPORT_FROM_USERS, take_inventory
from tests.support.examples import OPERATOR
from tests.support.fake_gateway import FakeAccount

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
CREATED = NOW - timedelta(days=100)
REPORTED = LastUsed("bob", NOW - timedelta(days=7), "s3", "us-east-1")
PEOPLE = (
    User("alice", "/dev/", tags={"team": "web"}),
    User("bob", "/ci/", tags={"team": "payments"}),
    User("Carol", "/ci/deep/", tags={"team": "payments", "stage": "prod"}),
)


def key(number: int, user_name: str | None, created: datetime = CREATED, status: str = "Active") -> AccessKey:
    """A key of the account."""
    return AccessKey(f"AKIAINVENTORY{number:04d}", user_name, status, created)


def many() -> tuple[User, ...]:
    """As many users as make the report worth its seconds."""
    return tuple(User(f"user-{n:03d}") for n in range(REPORT_FROM_USERS))


def names(inventory: Inventory) -> list[str | None]:
    """The owners, in order."""
    return [owner.user.user_name if owner.user else None for owner in inventory.owners]


def test_it_lists_users_by_name_and_keys_by_id() -> None:
    """Users stand in the order of their names without case, also those without keys."""
    account = FakeAccount(key(2, "bob"), key(1, "bob"), key(3, "alice"), people=PEOPLE)
    inventory = take_inventory(account, clock=lambda: NOW)
    assert (inventory.account, inventory.at, inventory.uses_from) == (OPERATOR.account, NOW, None)
    assert names(inventory) == ["alice", "bob", "Carol"]
    assert [k.key.access_key_id[-1] for _, k in inventory.keys] == ["3", "1", "2"]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(user_names=frozenset({"bob", "alice"})), ["alice", "bob"]),
        (Scope(user_names=frozenset({"bob", "nobody"})), ["bob"]),
        (Scope(user_names=frozenset({"bob", "alice"}), path_prefix="/ci/"), ["bob"]),
        (Scope(path_prefix="/ci/"), ["bob", "Carol"]),
        (Scope(tags={"team": "payments"}), ["bob", "Carol"]),
        (Scope(tags={"team": "payments", "stage": "prod"}), ["Carol"]),
        (Scope(user_names=frozenset({"bob", "Carol"}), tags={"stage": "prod"}), ["Carol"]),
        (Scope(tags={"team": "nobody"}), []),
    ],
)
def test_a_scope_bounds_it(scope: Scope, expected: list[str]) -> None:
    """Names, path and tags must all match; keys of others are not listed."""
    account = FakeAccount(key(1, "bob"), people=PEOPLE)
    assert names(take_inventory(account, scope)) == expected
    assert sorted(account.asked("access_keys")) == sorted(expected)


def test_tags_are_looked_up_only_where_they_are_wanted() -> None:
    """Tags cost a call a user; users asked for by name come with them."""
    account = FakeAccount(key(1, "bob"), people=PEOPLE)
    assert [owner.user.tags for owner in take_inventory(account).owners if owner.user] == [None, None, None]
    assert account.asked("tags") == []
    tagged = take_inventory(account, with_tags=True).owners
    assert [owner.user.tags for owner in tagged if owner.user] == [user.tags for user in PEOPLE]


def test_root_is_listed_only_where_root_signs() -> None:
    """Only root sees the IDs of its keys; the account summary tells everybody whether there are any."""
    keys = (key(1, None), key(2, "bob"))
    assert names(take_inventory(FakeAccount(*keys, root_has_keys=True))) == ["bob"]
    assert take_inventory(FakeAccount(*keys, root_has_keys=True)).root_has_keys is True
    root = replace(OPERATOR, arn=f"arn:aws:iam::{OPERATOR.account}:root")
    assert names(take_inventory(FakeAccount(*keys, caller=root))) == [None, "bob"]
    assert names(take_inventory(FakeAccount(*keys, caller=root), Scope(path_prefix="/ci/"))) == []


def test_a_small_account_is_asked_for_each_use() -> None:
    """A report takes seconds and may be hours old."""
    account = FakeAccount(key(1, "bob"), uses={"AKIAINVENTORY0001": REPORTED})
    inventory = take_inventory(account)
    assert [k.last_used for _, k in inventory.keys] == [REPORTED]
    assert account.asked("credential_report") == []


def test_a_report_replaces_the_look_ups_of_a_large_account() -> None:
    """Two calls tell the last uses of all keys, and how old they are."""
    row = ReportedKey("bob", CREATED, REPORTED)
    account = FakeAccount(key(1, "bob"), people=many(), report=CredentialReport(NOW, (row,)))
    inventory = take_inventory(account)
    assert inventory.uses_from == NOW
    assert [k.last_used for _, k in inventory.keys] == [REPORTED]
    assert account.asked("last_used") == []


def test_keys_that_a_report_does_not_tell_apart_are_looked_up() -> None:
    """A report names no IDs. A key younger than it, twins of one second, and a third key are asked for."""
    later = CREATED + timedelta(days=1)
    keys = (
        key(1, "bob", CREATED.replace(microsecond=9)),
        key(2, "bob", NOW),
        key(3, "twins", CREATED),
        key(4, "twins", CREATED),
        key(5, "three", CREATED),
        key(6, "three", later),
        key(7, "three", later + timedelta(days=1)),
        key(8, "undated", None),  # type: ignore[arg-type]
    )
    rows = [ReportedKey("bob", CREATED, REPORTED)]
    rows += [ReportedKey("twins", CREATED, REPORTED)] * 2
    rows += [ReportedKey("three", when, REPORTED) for when in (CREATED, later)]
    account = FakeAccount(*keys, people=many(), report=CredentialReport(NOW, tuple(rows)))
    inventory = take_inventory(account)
    assert sorted(str(about)[-1] for about in account.asked("last_used")) == ["2", "3", "4", "7", "8"]
    told = {k.key.access_key_id[-1] for _, k in inventory.keys if k.last_used == REPORTED}
    assert told == {"1", "5", "6"}


def test_a_report_that_may_not_be_had_costs_a_look_up_a_key() -> None:
    """Without the permission every use is looked up, and nothing claims to be from a report."""
    account = FakeAccount(key(1, "bob"), people=many(), report=None)
    assert take_inventory(account).uses_from is None
    assert account.asked("last_used") == ["AKIAINVENTORY0001"]


def test_uses_can_be_left_out() -> None:
    """Who needs no uses pays for none."""
    account = FakeAccount(key(1, "bob"), people=many())
    assert [k.last_used for _, k in take_inventory(account, with_uses=False).keys] == [None]
    assert account.asked("last_used") == account.asked("credential_report") == []


def test_what_cannot_be_looked_up_is_a_problem_of_its_own() -> None:
    """One user or one use that AWS refuses leaves the others."""
    denied, throttled = AccessDenied("no", "grant", action="iam:ListAccessKeys"), Throttled("slow", "repeat")
    failures = {("access_keys", "alice"): denied, ("last_used", "AKIAINVENTORY0001"): throttled}
    account = FakeAccount(key(1, "bob"), key(2, "alice"), people=PEOPLE, failures=failures)
    inventory = take_inventory(account)
    assert inventory.problems == {"alice": denied, "AKIAINVENTORY0001": throttled}
    assert names(inventory) == ["bob", "Carol"]
    assert [k.last_used for _, k in inventory.keys] == [None]


def test_a_user_that_vanishes_is_left_out() -> None:
    """Between two calls anybody may delete a user."""
    account = FakeAccount(key(1, "bob"), people=PEOPLE)
    account.renamed_outside("alice", "other")
    assert names(take_inventory(account)) == ["bob", "Carol"]


def test_users_that_may_not_be_listed_end_it() -> None:
    """Without the users there is no inventory."""
    denied = AccessDenied("no", "grant", action="iam:ListUsers")
    with pytest.raises(AccessDenied):
        take_inventory(FakeAccount(key(1, "bob"), failures={("users", "/"): denied}))
