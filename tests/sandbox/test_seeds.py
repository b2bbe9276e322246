"""What a sandbox begins with: the example, as many keys as one likes, a copy of an account, root."""

import json
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from keyswitch.access_key.model import access_key_id_problem, user_name_problem
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, SeededKey, generated, inventory
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import BOB, BOB_INACTIVE, CI, ROOT, ROOT_INACTIVE, ROOT_KEYS, aws, raw, shown

DOCUMENT: dict[str, Any] = {
    "version": 1,
    "users": [
        {
            "userName": "<root_account>",
            "accessKeys": [
                {"accessKeyId": ROOT, "status": "Active", "createDate": "2024-01-02T03:04:05Z", "lastUsed": None}
            ],
        },
        {
            "userName": "Bob",
            "accessKeys": [
                {
                    "accessKeyId": BOB,
                    "status": "Active",
                    "createDate": "2025-01-02T03:04:05Z",
                    "lastUsed": {"date": "2025-06-07T08:09:10Z", "serviceName": "s3", "region": "eu-west-1"},
                },
                {
                    "accessKeyId": BOB_INACTIVE,
                    "status": "Inactive",
                    "createDate": "2025-02-03T04:05:06+00:00",
                    "lastUsed": {"date": None, "serviceName": "N/A", "region": "N/A"},
                },
            ],
        },
        {"userName": "keyless", "accessKeys": []},
    ],
}


def written(tmp_path: Path, document: object) -> Path:
    """An inventory file."""
    path = tmp_path / "inventory.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_the_example(sandbox: Sandbox) -> None:
    """Five keys of three users; the operator signs and is not among them."""
    assert sandbox.statuses() == {key.access_key_id: key.status for key in EXAMPLE}
    assert OPERATOR_KEY not in sandbox.statuses()
    assert shown(sandbox, "Bob") == {BOB: "Active", BOB_INACTIVE: "Inactive"}
    used = aws(sandbox).get_access_key_last_used(AccessKeyId=CI)["AccessKeyLastUsed"]
    assert timedelta(minutes=40) <= sandbox.world.clock.now() - used["LastUsedDate"] < timedelta(minutes=42)


def test_generated_keys_are_the_same_every_time_and_all_different() -> None:
    """Deterministic, unique, valid IDs and names, no example's, some used and some never."""
    keys = generated(1000, 2)
    assert keys == generated(1000, 2)
    ids = {key.access_key_id for key in keys}
    assert len(ids) == 2000
    assert not ids & {OPERATOR_KEY, *(key.access_key_id for key in EXAMPLE)}
    assert {len(key_id) for key_id in ids} == {20}
    assert [key for key in keys if access_key_id_problem(key.access_key_id)] == []
    assert [key for key in keys if user_name_problem(key.user_name)] == []
    assert 0 < sum(key.last_used is None for key in keys) < 2000


@pytest.mark.parametrize(("users", "keys_per_user"), [(100_000, 1), (2, 100)], ids=["most users", "most keys"])
def test_the_most_that_can_be_asked_for(users: int, keys_per_user: int) -> None:
    """At the bounds of the command every ID is still valid and unique."""
    keys = generated(users, keys_per_user)
    assert len({key.access_key_id for key in keys}) == users * keys_per_user
    assert {len(key.access_key_id) for key in keys} == {20}


@pytest.mark.timed
def test_two_thousand_keys_start_quickly() -> None:
    """In under two seconds, and each is found."""
    keys = generated(1000, 2)
    begun = time.monotonic()
    with Sandbox(keys) as sandbox:
        took = time.monotonic() - begun
        assert len(sandbox.statuses()) == 2000
        assert shown(sandbox, "user-00999") == {key.access_key_id: "Active" for key in keys[-2:]}
    assert took < 2, f"{took:.1f} s"


def test_an_inventory_comes_out_as_it_went_in(tmp_path: Path) -> None:
    """Owners, statuses, dates of creation and last use, root's key; a key never used has no date."""
    with Sandbox(inventory(written(tmp_path, DOCUMENT))) as sandbox:
        assert sandbox.statuses() == {ROOT: "Active", BOB: "Active", BOB_INACTIVE: "Inactive"}
        iam = aws(sandbox)
        dates = {k["AccessKeyId"]: k["CreateDate"] for k in iam.list_access_keys(UserName="Bob")["AccessKeyMetadata"]}
        assert f"{dates[BOB]:%Y-%m-%dT%H:%M:%SZ}" == "2025-01-02T03:04:05Z"
        assert f"{dates[BOB_INACTIVE]:%Y-%m-%dT%H:%M:%SZ}" == "2025-02-03T04:05:06Z"
        used = iam.get_access_key_last_used(AccessKeyId=BOB)
        assert used["UserName"] == "Bob"
        assert f"{used['AccessKeyLastUsed']['LastUsedDate']:%Y-%m-%dT%H:%M:%SZ}" == "2025-06-07T08:09:10Z"
        assert used["AccessKeyLastUsed"]["ServiceName"] == "s3"
        assert used["AccessKeyLastUsed"]["Region"] == "eu-west-1"
        never = {"ServiceName": "N/A", "Region": "N/A"}
        for key_id in (BOB_INACTIVE, ROOT):
            assert iam.get_access_key_last_used(AccessKeyId=key_id)["AccessKeyLastUsed"] == never
        assert aws(sandbox, ROOT, "sts").get_caller_identity()["Arn"].endswith(":root")


def test_a_user_without_keys_is_in_the_copy_too(tmp_path: Path) -> None:
    """A user of the inventory who has no keys is a user: an empty list, not NoSuchEntity."""
    with Sandbox(inventory(written(tmp_path, DOCUMENT))) as sandbox:
        assert shown(sandbox, "keyless") == {}


def test_roles_of_the_copy_can_be_assumed(tmp_path: Path) -> None:
    """Those that are listed, in whichever account they are; others are AccessDenied."""
    roles = ["arn:aws:iam::123456789012:role/team/switch", "arn:aws:iam::210987654321:role/switch"]
    with Sandbox(inventory(written(tmp_path, {**DOCUMENT, "roles": roles}))) as sandbox:
        sts = aws(sandbox, service="sts")
        arns = [sts.assume_role(RoleArn=r, RoleSessionName="jane")["AssumedRoleUser"]["Arn"] for r in roles]
        assert arns == [f"arn:aws:sts::{account}:assumed-role/switch/jane" for account in (ACCOUNT, "210987654321")]
        other = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/switch", "RoleSessionName": "jane"}
        assert raw(sandbox, "AssumeRole", service="sts", **other).code == "AccessDenied"


def _key(**changes: object) -> dict[str, object]:
    key = {"accessKeyId": BOB, "status": "Active", "createDate": "2025-01-02T03:04:05Z", "lastUsed": None, **changes}
    return {"version": 1, "users": [{"userName": "Bob", "accessKeys": [key]}]}


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "",
        [],
        "null",
        {},
        {"version": 2, "users": []},
        {"version": 1},
        {"version": 1, "users": [{"userName": "Bob"}]},
        {"version": 1, "users": ["Bob"]},
        {"version": 1, "users": [{"userName": "Bob", "accessKeys": [{"accessKeyId": BOB}]}]},
        _key(createDate="yesterday"),
        _key(createDate=5),
        _key(status="Off"),
        _key(accessKeyId="AKIA"),
        _key(accessKeyId=5),
        _key(lastUsed="never"),
        {"version": 1, "users": [], "roles": ["switch"]},
        {"version": 1, "users": [], "roles": [5]},
        {"version": 1, "users": [], "roles": 5},
    ],
    ids=[
        "no JSON", "empty", "a list", "null", "nothing", "other version", "no users", "no keys", "user is text",
        "key without status", "date is no date", "date is a number", "unknown status", "ID too short",
        "ID is a number", "last use is text", "role without ARN", "role is a number", "roles are a number",
    ],
)  # fmt: skip
def test_what_is_no_inventory_is_said_in_one_line(tmp_path: Path, document: object) -> None:
    """A ValueError that names the file, in one line."""
    path = written(tmp_path, document)
    with pytest.raises(ValueError, match="inventory") as error:
        inventory(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_an_inventory_that_cannot_be_read(tmp_path: Path) -> None:
    """An OSError, as the docstring says."""
    with pytest.raises(OSError, match=r"none\.json"):
        inventory(tmp_path / "none.json")


def test_root_keys_are_roots() -> None:
    """A key without a user signs as root; calls without UserName are about root's own keys and nobody else's."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS]) as sandbox:
        identity = aws(sandbox, ROOT, "sts").get_caller_identity()
        assert (identity["Arn"], identity["Account"]) == (f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT)
        iam = aws(sandbox, ROOT)
        assert {k["AccessKeyId"] for k in iam.list_access_keys()["AccessKeyMetadata"]} == {ROOT, ROOT_INACTIVE}
        iam.update_access_key(AccessKeyId=ROOT_INACTIVE, Status="Active")
        iam.update_access_key(AccessKeyId=ROOT, Status="Inactive")
        assert sandbox.statuses()[ROOT_INACTIVE] == "Active"
        assert raw(sandbox, "ListAccessKeys", ROOT).code == "InvalidClientTokenId"
        assert {k["AccessKeyId"] for k in aws(sandbox).list_access_keys()["AccessKeyMetadata"]} == {OPERATOR_KEY}


def test_an_empty_seed_has_the_operator_alone() -> None:
    """Nobody else is there."""
    with Sandbox([]) as sandbox:
        assert sandbox.statuses() == {}
        assert [user["UserName"] for user in aws(sandbox).list_users()["Users"]] == ["operator"]


def test_a_seeded_use_is_seen_at_once() -> None:
    """What was used long ago needs no delay to be seen."""
    with Sandbox([SeededKey(BOB, "Bob", last_used=timedelta(days=1))]) as sandbox:
        assert "LastUsedDate" in aws(sandbox).get_access_key_last_used(AccessKeyId=BOB)["AccessKeyLastUsed"]
