"""Users, as AWS's recorded answers show them: IDs, dates, names that are taken, what is in the way of a deletion."""

import base64
import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.iam.models import SigningCertificate

from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, SeededKey, SeededUser
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import (
    ALICE,
    BOB,
    BOB_INACTIVE,
    ROOT,
    ROOT_KEYS,
    aws,
    raw,
    refused,
    report,
    rows,
    shown,
)

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iam:ListUsers", "Resource": "*"}]}'


@pytest.mark.parametrize("where", ["CreateUser", "GetUser", "ListUsers", "GetGroup", "the signer"])
def test_ids_and_dates(sandbox: Sandbox, where: str) -> None:
    """21 characters that begin with AIDA and hold the account; dates in whole seconds; the same everywhere."""
    iam = aws(sandbox)
    made = iam.create_user(UserName="newcomer")["User"]
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="newcomer")
    bob = iam.get_user(UserName="Bob")["User"]
    for user in (made, bob):
        assert re.fullmatch(r"AIDA[A-Z2-7]{17}", user["UserId"])
        assert int.from_bytes(base64.b32decode(user["UserId"][4:20])[:6], "big") >> 7 & 0xFFFFFFFFFF == int(ACCOUNT)
    found = {
        "CreateUser": lambda: made,
        "GetUser": lambda: iam.get_user(UserName="newcomer")["User"],
        "ListUsers": lambda: iam.list_users()["Users"][-1],
        "GetGroup": lambda: iam.get_group(GroupName="staff")["Users"][0],
        "the signer": lambda: {**made, "UserId": _signer_id(sandbox, "newcomer")},
    }[where]()
    assert {**found, "PasswordLastUsed": None} == {**made, "PasswordLastUsed": None}
    for name, body in (("GetUser", {"UserName": "newcomer"}), ("ListUsers", {}), ("GetGroup", {"GroupName": "staff"})):
        dates = re.findall(rb">(\d{4}-[^<]*)<", raw(sandbox, name, **body).body)
        assert dates
        assert all(re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date) for date in dates), dates


def _signer_id(sandbox: Sandbox, user_name: str) -> str:
    key = aws(sandbox).create_access_key(UserName=user_name)["AccessKey"]
    return str(aws(sandbox, key, "sts").get_caller_identity()["UserId"])


def test_what_is_made_has_the_sandboxs_date(sandbox: Sandbox) -> None:
    """When the clock was moved, too; a seeded user is as old as the first key."""
    sandbox.world.clock.advance(timedelta(days=30))
    user = aws(sandbox).create_user(UserName="newcomer")["User"]
    key = aws(sandbox).create_access_key(UserName="newcomer")["AccessKey"]
    now = sandbox.world.clock.now()
    assert timedelta() <= now - user["CreateDate"] < timedelta(minutes=1)
    assert timedelta() <= now - key["CreateDate"] < timedelta(minutes=1)
    keys = aws(sandbox).list_access_keys(UserName="Bob")["AccessKeyMetadata"]
    assert aws(sandbox).get_user(UserName="Bob")["User"]["CreateDate"] <= min(key["CreateDate"] for key in keys)


def test_who_am_i(sandbox: Sandbox) -> None:
    """GetUser without a name is the signer; a role has no user."""
    assert aws(sandbox, ALICE).get_user()["User"]["UserName"] == "alice"
    role = aws(sandbox, service="sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/admin", RoleSessionName="jane")
    with pytest.raises(ClientError) as error:
        aws(sandbox, role["Credentials"]).get_user()
    assert refused(error)[:2] == ("ValidationError", 400)


def test_root_is_a_user_of_its_own() -> None:
    """GetUser and the lists without a name, signed by root."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS]) as sandbox:
        iam = aws(sandbox, ROOT)
        assert iam.get_user()["User"]["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"
        assert iam.list_service_specific_credentials()["ServiceSpecificCredentials"] == []
        assert raw(sandbox, "ListMFADevices", ROOT).code == "InvalidAction"


@pytest.mark.parametrize("name", ["Bob", "BOB"], ids=["the same", "another case"])
@pytest.mark.parametrize("action", ["CreateUser", "UpdateUser"])
def test_a_name_that_is_taken(sandbox: Sandbox, action: str, name: str) -> None:
    """EntityAlreadyExists 409, names being unique without regard to case; nothing is lost."""
    given = {"UserName": name} if action == "CreateUser" else {"UserName": "alice", "NewUserName": name}
    answer = raw(sandbox, action, **given)
    assert (answer.status, answer.code) == (409, "EntityAlreadyExists")
    assert answer.message == f"User with name {name} already exists."
    assert set(shown(sandbox, "Bob")) == {BOB, BOB_INACTIVE}
    assert ALICE in shown(sandbox, "alice")


@pytest.mark.parametrize(
    "action", ["UpdateUser", "DeleteUser", "GetUser", "ListUserPolicies", "TagUser", "GetLoginProfile"]
)
def test_a_user_who_is_not_there(sandbox: Sandbox, action: str) -> None:
    """NoSuchEntity 404 in the same words, whoever answers."""
    given = {"Tags.member.1.Key": "k", "Tags.member.1.Value": "v"} if action == "TagUser" else {}
    answer = raw(sandbox, action, UserName="nobody", **given)
    assert (answer.status, answer.code) == (404, "NoSuchEntity")
    assert answer.message == "The user with name nobody cannot be found."


def test_leaving_a_group_twice(sandbox: Sandbox) -> None:
    """AWS accepts it; of a group or a user who is not there it is NoSuchEntity."""
    iam = aws(sandbox)
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="Bob")
    for _ in range(2):
        iam.remove_user_from_group(GroupName="staff", UserName="Bob")
        assert iam.get_group(GroupName="staff")["Users"] == []
    for given in ({"GroupName": "nobody", "UserName": "Bob"}, {"GroupName": "staff", "UserName": "nobody"}):
        assert raw(sandbox, "RemoveUserFromGroup", **given).code == "NoSuchEntity"


def test_moving_a_user(sandbox: Sandbox) -> None:
    """NewPath changes path and ARN, with or without a new name; keys, tags, the password and the ID follow."""
    iam = aws(sandbox)
    before = iam.get_user(UserName="Bob")["User"]
    iam.tag_user(UserName="Bob", Tags=[{"Key": "team", "Value": "ops"}])
    iam.create_login_profile(UserName="Bob", Password="correct horse")
    iam.update_user(UserName="Bob", NewPath="/leavers/")
    moved = iam.get_user(UserName="Bob")["User"]
    assert (moved["Path"], moved["Arn"]) == ("/leavers/", f"arn:aws:iam::{ACCOUNT}:user/leavers/Bob")
    iam.update_user(UserName="Bob", NewUserName="bob", NewPath="/")
    renamed = iam.get_user(UserName="bob")["User"]
    assert (renamed["UserId"], renamed["CreateDate"]) == (before["UserId"], before["CreateDate"])
    assert renamed["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/bob"
    assert renamed["Tags"] == [{"Key": "team", "Value": "ops"}]
    assert iam.get_login_profile(UserName="bob")["LoginProfile"]["UserName"] == "bob"
    assert set(shown(sandbox, "bob")) == {BOB, BOB_INACTIVE}
    assert aws(sandbox, BOB, "sts").get_caller_identity()["Arn"] == renamed["Arn"]
    assert raw(sandbox, "UpdateUser", UserName="bob", NewPath="leavers").message == (
        "The specified value for newPath is invalid. "
        "It must begin and end with / and contain only alphanumeric characters and/or / characters."
    )


def _attached(iam: Any) -> Callable[[], None]:
    arn = iam.create_policy(PolicyName="p", PolicyDocument=POLICY)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="victim", PolicyArn=arn)
    return lambda: iam.detach_user_policy(UserName="victim", PolicyArn=arn)


def _inline(iam: Any) -> Callable[[], None]:
    iam.put_user_policy(UserName="victim", PolicyName="p", PolicyDocument=POLICY)
    return lambda: iam.delete_user_policy(UserName="victim", PolicyName="p")


def _key(iam: Any) -> Callable[[], None]:
    key_id = iam.create_access_key(UserName="victim")["AccessKey"]["AccessKeyId"]
    return lambda: iam.delete_access_key(UserName="victim", AccessKeyId=key_id)


def _password(iam: Any) -> Callable[[], None]:
    iam.create_login_profile(UserName="victim", Password="correct horse")
    return lambda: iam.delete_login_profile(UserName="victim")


def _group(iam: Any) -> Callable[[], None]:
    iam.create_group(GroupName="staff")
    iam.add_user_to_group(GroupName="staff", UserName="victim")
    return lambda: iam.remove_user_from_group(GroupName="staff", UserName="victim")


def _mfa(iam: Any) -> Callable[[], None]:
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="phone")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(
        UserName="victim", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="234567"
    )
    return lambda: iam.deactivate_mfa_device(UserName="victim", SerialNumber=serial)


@pytest.mark.parametrize(
    ("burden", "remedy"),
    [
        (_key, "delete access keys first"),
        (_attached, "detach all policies first"),
        (_inline, "delete policies first"),
        (_password, "delete login profile first"),
        (_group, "remove users from group first"),
        (_mfa, "delete MFA device first"),
    ],
    ids=["key", "attached policy", "inline policy", "password", "group", "MFA device"],
)
def test_what_is_in_the_way_of_a_deletion(
    sandbox: Sandbox, burden: Callable[[Any], Callable[[], None]], remedy: str
) -> None:
    """DeleteConflict 409 that names it, the user stays; once it is gone, the user goes."""
    iam = aws(sandbox)
    iam.create_user(UserName="victim")
    unburden = burden(iam)
    with pytest.raises(ClientError) as error:
        iam.delete_user(UserName="victim")
    assert refused(error) == ("DeleteConflict", 409, f"Cannot delete entity, must {remedy}.")
    assert iam.get_user(UserName="victim")
    unburden()
    iam.delete_user(UserName="victim")
    assert raw(sandbox, "GetUser", UserName="victim").code == "NoSuchEntity"


@pytest.mark.parametrize("max_age", [None, 90], ids=["for ever", "for 90 days"])
def test_a_password_in_the_report(sandbox: Sandbox, max_age: int | None) -> None:
    """`true`, `no_information`, when it was changed, and when it is due by the account's policy."""
    iam = aws(sandbox)
    if max_age:
        iam.update_account_password_policy(MaxPasswordAge=max_age)
    iam.create_login_profile(UserName="Bob", Password="correct horse")
    sandbox.world.clock.advance(timedelta(days=2))
    iam.update_login_profile(UserName="Bob", Password="battery staple")
    changed = sandbox.world.clock.now()
    found = rows(report(sandbox))
    bob = found["Bob"]
    assert (bob["password_enabled"], bob["password_last_used"], bob["mfa_active"]) == (
        "true",
        "no_information",
        "false",
    )
    told = datetime.strptime(bob["password_last_changed"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)
    assert timedelta() <= changed - told < timedelta(seconds=30)
    due = f"{told + timedelta(days=max_age):%Y-%m-%dT%H:%M:%SZ}" if max_age else "N/A"
    assert bob["password_next_rotation"] == due
    alice = found["alice"]
    assert [alice[f"password_{what}"] for what in ("enabled", "last_used", "last_changed", "next_rotation")] == [
        "false", "N/A", "N/A", "N/A"
    ]  # fmt: skip


def test_certificates_in_the_report(sandbox: Sandbox) -> None:
    """Whether they are Active, and when they were uploaded; by the recorded columns."""
    backend = sandbox.world.account(ACCOUNT).backend
    for number, status in enumerate(("Active", "Inactive")):
        certificate = SigningCertificate(f"C{number}", "Bob", "PEM")
        certificate.status = status
        backend.users["Bob"].signing_certificates[certificate.id] = certificate
    bob = rows(report(sandbox))["Bob"]
    assert [bob["cert_1_active"], bob["cert_2_active"]] == ["true", "false"]
    for name in ("cert_1_last_rotated", "cert_2_last_rotated"):
        assert datetime.strptime(bob[name], "%Y-%m-%dT%H:%M:%SZ")


def test_passwords(sandbox: Sandbox) -> None:
    """One a user, in AWS's words; whether it must be reset is kept."""
    iam = aws(sandbox)
    made = iam.create_login_profile(UserName="Bob", Password="correct horse", PasswordResetRequired=True)
    assert made["LoginProfile"]["PasswordResetRequired"] is True
    assert iam.get_login_profile(UserName="Bob")["LoginProfile"] == made["LoginProfile"]
    again = raw(sandbox, "CreateLoginProfile", UserName="Bob", Password="x")
    assert (again.status, again.message) == (409, "Login Profile for user Bob already exists.")
    iam.delete_login_profile(UserName="Bob")
    for action in ("GetLoginProfile", "UpdateLoginProfile", "DeleteLoginProfile"):
        answer = raw(sandbox, action, UserName="Bob")
        assert (answer.status, answer.message) == (404, "Login Profile for User Bob cannot be found.")


def test_no_report_has_no_message(sandbox: Sandbox) -> None:
    """GetCredentialReport before any: a code and a type, and that is all."""
    answer = raw(sandbox, "GetCredentialReport")
    assert (answer.status, answer.code, answer.message) == (410, "ReportNotPresent", None)


@pytest.mark.parametrize("seed", [(), ROOT_KEYS], ids=["without root's keys", "with root's keys"])
def test_the_account_summary(seed: tuple[SeededKey, ...]) -> None:
    """AccountAccessKeysPresent says whether root has keys; users are counted."""
    with Sandbox([*EXAMPLE, *seed]) as sandbox:
        summary = aws(sandbox).get_account_summary()["SummaryMap"]
        assert summary["AccountAccessKeysPresent"] == bool(seed)
        assert (summary["Users"], summary["AccessKeysPerUserQuota"]) == (4, 2)
        assert "AccountPasswordPresent" in summary


def test_service_specific_credentials(sandbox: Sandbox) -> None:
    """An empty list for a user, who must be there: tools that delete users ask for it."""
    answer = aws(sandbox).list_service_specific_credentials(UserName="Bob")
    assert answer["ServiceSpecificCredentials"] == []
    assert raw(sandbox, "ListServiceSpecificCredentials", UserName="nobody").code == "NoSuchEntity"


def test_users_come_in_pages() -> None:
    """100 a page unless asked otherwise; under a path, those that are there."""
    with Sandbox([SeededUser(f"user-{number}") for number in range(120)]) as sandbox:
        iam = aws(sandbox)
        first = iam.list_users()
        assert (len(first["Users"]), first["IsTruncated"]) == (100, True)
        assert len(iam.list_users(Marker=first["Marker"])["Users"]) == 21
        pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 7})
        assert len({user["UserId"] for page in pages for user in page["Users"]}) == 121
        iam.create_user(UserName="apart", Path="/apart/", Tags=[{"Key": "a", "Value": "b"}, {"Key": "c", "Value": ""}])
        assert [user["UserName"] for user in iam.list_users(PathPrefix="/apart/")["Users"]] == ["apart"]
        assert len(iam.list_user_tags(UserName="apart")["Tags"]) == 2
