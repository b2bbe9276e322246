"""Which keys of an account become entries, which entries have lost their key, and what is said of them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import Selection, entry, gone, select, unlisted
from keyswitch.access_key.errors import AccessDenied, KeyswitchError
from keyswitch.access_key.inventory import Inventory, InventoryKey, Owner, User
from keyswitch.access_key.model import AccessKey, LastUsed, Status
from keyswitch.telling.discovered import LISTED, added_lines, facts, gone_lines, notes, summary

NOW = datetime(2026, 11, 25, 12, tzinfo=timezone.utc)
KEY, OTHER, ROOTS = "AKIADISCOVERED000001", "AKIADISCOVERED000002", "AKIADISCOVERED000003"
NEVER, UNKNOWN = -1, None
DENIED = AccessDenied("denied", action="iam:ListAccessKeys")


def key(age: float | None = 100, used: float | None = NEVER, status: str = "Active", key_id: str = KEY) -> InventoryKey:
    """A key of so many days, that was used so many days ago."""
    created = NOW - timedelta(days=age) if age is not None else None
    use = None
    if used is not None:
        use = LastUsed("bob", None) if used == NEVER else LastUsed("bob", NOW - timedelta(days=used), "s3", "us-east-1")
    return InventoryKey(AccessKey(key_id, "bob", status, created), use)


def account(
    *keys: InventoryKey,
    root: Sequence[InventoryKey] = (),
    root_has_keys: bool | None = False,
    uses_from: datetime | None = None,
    problems: dict[str, KeyswitchError] | None = None,
) -> Inventory:
    """An account in which Bob has keys."""
    owners = [*([Owner(None, tuple(root))] if root else []), Owner(User("bob"), keys)]
    return Inventory("123456789012", tuple(owners), root_has_keys, uses_from, NOW, problems or {})


DAYS_90 = timedelta(days=90)
UNUSED, OLD = Selection(unused_for=DAYS_90), Selection(older_than=DAYS_90)


@pytest.mark.parametrize(
    ("selection", "found", "included"),
    [
        pytest.param(Selection(), key(0, UNKNOWN), True, id="everything"),
        pytest.param(Selection(status=Status.ACTIVE), key(), True, id="its status"),
        pytest.param(Selection(status=Status.INACTIVE), key(), False, id="another status"),
        pytest.param(Selection(status=Status.INACTIVE), key(status="Expired"), False, id="a status of nobody's"),
        pytest.param(OLD, key(90), True, id="just old enough"),
        pytest.param(OLD, key(89.9), False, id="too young"),
        pytest.param(OLD, key(None), False, id="of unknown age"),
        pytest.param(OLD, key(100, UNKNOWN), True, id="old, its use does not matter"),
        pytest.param(UNUSED, key(100, 90), True, id="just unused for long enough"),
        pytest.param(UNUSED, key(100, 89.9), False, id="used lately"),
        pytest.param(UNUSED, key(100, NEVER), True, id="never used, and old"),
        pytest.param(UNUSED, key(90, NEVER), True, id="never used, and just old enough"),
        pytest.param(UNUSED, key(89.9, NEVER), False, id="never used, but young"),
        pytest.param(UNUSED, key(10, 90), False, id="younger than its use, if that can be"),
        pytest.param(UNUSED, key(None, 100), False, id="unused, of unknown age"),
        pytest.param(UNUSED, key(100, UNKNOWN), None, id="of unknown use"),
        pytest.param(UNUSED, key(10, UNKNOWN), False, id="of unknown use, but young"),
        pytest.param(replace(UNUSED, older_than=timedelta(days=200)), key(100, NEVER), False, id="unused, not old"),
        pytest.param(replace(UNUSED, older_than=timedelta(days=10)), key(50, NEVER), False, id="old, not unused"),
        pytest.param(replace(UNUSED, status=Status.INACTIVE), key(100, UNKNOWN), False, id="of unknown use, no match"),
    ],
)
def test_what_is_selected(selection: Selection, found: InventoryKey, included: bool | None) -> None:
    """All conditions must hold; a young key is spared, whether it was used or not."""
    assert selection.includes(found, NOW, NOW) is included


@pytest.mark.parametrize(("hours", "included"), [(4, False), (0, True)])
def test_a_report_says_nothing_of_the_time_after_it(hours: int, included: bool) -> None:
    """A use within these hours would not be in it."""
    selection = Selection(unused_for=timedelta(days=1))
    assert selection.includes(key(100, 1), NOW, NOW - timedelta(hours=hours)) is included
    found = select(account(key(100, 1), uses_from=NOW - timedelta(hours=hours)), selection)
    assert bool(found.selected) is included


def test_a_selection_keeps_the_order_and_names_what_it_cannot_judge() -> None:
    """A key of unknown use is left out, and that is said."""
    inventory = account(key(key_id=KEY), key(used=UNKNOWN, key_id=OTHER), root=[key(key_id=ROOTS)])
    found = select(inventory, UNUSED)
    assert [each.key.access_key_id for _, each in found.selected] == [ROOTS, KEY]
    assert found.unknown == (OTHER,)
    assert summary(inventory, found) == "3 access keys of 1 user in account 123456789012, 2 of them selected"
    assert list(notes(inventory, found, whole=True)) == [
        f"left out, because AWS does not say when they were last used: {OTHER}"
    ]


@pytest.mark.parametrize(
    ("user", "status", "observe", "expected"),
    [
        (User("bob"), "Active", False, Desired(KEY, "bob", Status.ACTIVE)),
        (User("bob"), "Inactive", False, Desired(KEY, "bob", Status.INACTIVE)),
        (User("bob"), "Active", True, Desired(KEY, "bob")),
        (User("bob"), "Expired", False, Desired(KEY, "bob")),
        (None, "Active", False, Desired(KEY, None, Status.ACTIVE, root=True)),
        (User("wJalrXUtnFEMI/K7MDENG".replace("/", "+") + "+bPxRfiCYEXAMPLEKEY"), "Active", False,
         Desired(KEY, None, Status.ACTIVE)),
    ],
    ids=["Active", "Inactive", "observed", "Expired", "root's", "a name like a secret"],
)  # fmt: skip
def test_an_entry_declares_a_key_as_it_is(user: User | None, status: str, observe: bool, expected: Desired) -> None:
    """So that nothing changes. What no entry can say is left out: the reader looks it up."""
    assert entry(user, key(status=status), observe=observe) == expected


ENTRIES = (Desired(KEY), Desired(OTHER), Desired(ROOTS, root=True))


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (account(key()), [OTHER, ROOTS]),
        (account(key(), root_has_keys=True), [OTHER]),
        (account(key(), root_has_keys=None), [OTHER]),
        (account(key(), root=[key(key_id=ROOTS)], root_has_keys=True), [OTHER]),
        (account(key(), root=[key(key_id="AKIAANOTHERKEYOFROOT")], root_has_keys=True), [OTHER, ROOTS]),
        (account(key(), problems={"alice": DENIED}), []),
        (account(key(), problems={KEY: DENIED}), [OTHER, ROOTS]),
    ],
    ids=[
        "root has none",
        "root has some",
        "not said of root",
        "root asks",
        "root's is gone",
        "a user unlisted",
        "a use",
    ],
)
def test_what_is_gone(inventory: Inventory, expected: list[str]) -> None:
    """Only what is gone for sure: every key that it could be was seen."""
    assert [desired.access_key_id for desired in gone(ENTRIES, inventory)] == expected


def test_a_user_whose_keys_could_not_be_listed_is_told_from_a_key() -> None:
    """Both have a problem in the inventory."""
    assert unlisted(account(key(), problems={KEY: DENIED, "alice": DENIED})) == ("alice",)


@pytest.mark.parametrize(
    ("found", "text"),
    [
        (key(120, 3), "120 d old, last used 3 d ago by s3"),
        (key(0.5, NEVER), "12 h old, never used"),
        (key(120, UNKNOWN), "120 d old, last use not known"),
        (key(None, NEVER), "never used"),
    ],
)
def test_what_is_said_of_a_key(found: InventoryKey, text: str) -> None:
    """Never used and not known differ."""
    assert facts(found, NOW) == text


@pytest.mark.parametrize(
    ("inventory", "expected"),
    [
        (account(key()), []),
        (
            account(key(), uses_from=NOW - timedelta(hours=3)),
            ["from the credential report that was made 3 h ago; AWS makes"],
        ),
        (account(key(), root_has_keys=True), ["the root user has access keys; AWS shows their IDs only to root"]),
        (account(key(), root_has_keys=None), ["does not say whether the root user has access keys"]),
        (account(key(), root=[key(key_id=ROOTS)], root_has_keys=True), []),
        (account(key(), problems={"alice": DENIED}), ["which declared keys are gone is not known as long as"]),
    ],
    ids=["nothing", "a report", "root", "root unknown", "root asks", "unlisted"],
)
def test_what_limits_a_discovery_is_said(inventory: Inventory, expected: list[str]) -> None:
    """How old the uses are, which keys nobody but root sees, and what is not known."""
    found = list(notes(inventory, select(inventory, Selection()), whole=True))
    assert len(found) == len(expected)
    assert all(part in text for part, text in zip(expected, found, strict=True))
    assert not any(
        "root" in text or "gone" in text for text in notes(inventory, select(inventory, UNUSED), whole=False)
    )


def test_very_many_entries_are_counted() -> None:
    """The file has them all."""
    added = [Desired(f"AKIAMANY{n:012}", "bob", Status.ACTIVE) for n in range(LISTED + 2)]
    lines = added_lines(added, {added[0].access_key_id: "120 d old"})
    assert lines[0] == "+ bob AKIAMANY000000000000: Active, 120 d old"
    assert (len(lines), lines[-1]) == (LISTED + 1, "… and 2 others")
    assert added_lines([Desired(KEY, root=True)], {}) == [f"+ root {KEY}: only observed"]


def test_a_gone_key_is_named_with_the_way_on() -> None:
    """It stays an entry until somebody wants it removed."""
    assert gone_lines([Desired(KEY, "bob"), Desired(OTHER)], removed=False) == [
        f"- bob {KEY}: gone from AWS; --prune removes the entry",
        f"- {OTHER}: gone from AWS; --prune removes the entry",
    ]
    assert gone_lines([Desired(OTHER)], removed=True) == [f"- {OTHER}: gone from AWS; entry removed"]
