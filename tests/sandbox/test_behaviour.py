"""One test for each row of the table of real AWS's behaviour, in its order.

Where the table leaves a choice, or calls something unverified, the docstring says what the sandbox chooses.
"""

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from keyswitch.sandbox.faults import TokenBucket
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, SeededKey, SeededRole, plant
from keyswitch.sandbox.server import Sandbox
from keyswitch.sandbox.world import World
from tests.support.sandbox_client import (
    ALICE,
    ALICE_OLD,
    BOB,
    BOB_INACTIVE,
    CI,
    NAMESPACES,
    NOBODYS,
    ROOT,
    ROOT_INACTIVE,
    ROOT_KEYS,
    aws,
    raw,
    refused,
    report,
    rows,
    shown,
)

OTHER_ACCOUNT = "210987654321"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
MUST_NAME = "Must specify userName when calling with non-User credentials"
HOUR = timedelta(hours=1)
MFA = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/operator", "TokenCode": "123456"}


def role_session(sandbox: Sandbox) -> dict[str, Any]:
    """The credentials of a role."""
    return aws(sandbox, service="sts").assume_role(RoleArn=ROLE, RoleSessionName="jane")["Credentials"]


def federated_session(sandbox: Sandbox) -> dict[str, Any]:
    """The credentials of a federated user."""
    return aws(sandbox, service="sts").get_federation_token(Name="jane")["Credentials"]


def user_session(sandbox: Sandbox, **parameters: str) -> dict[str, Any]:
    """The credentials of GetSessionToken, for the operator."""
    return aws(sandbox, service="sts").get_session_token(**parameters)["Credentials"]


def mfa_session(sandbox: Sandbox) -> dict[str, Any]:
    """The credentials of GetSessionToken with MFA, for the operator."""
    return user_session(sandbox, **MFA)


def test_update_succeeds(sandbox: Sandbox) -> None:
    """Update succeeds: 200, nothing but a request ID; the same status again is accepted (assumed, so chosen)."""
    for _ in range(2):
        answer = raw(sandbox, "UpdateAccessKey", UserName="Bob", AccessKeyId=BOB, Status="Inactive")
        assert answer.status == 200
        tags = [node.tag for node in answer.xml.iter()]
        assert tags == [f"{NAMESPACES['iam']}{name}" for name in (
            "UpdateAccessKeyResponse", "ResponseMetadata", "RequestId"
        )]  # fmt: skip
        assert shown(sandbox, "Bob") == {BOB: "Inactive", BOB_INACTIVE: "Inactive"}


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("update_access_key", {"AccessKeyId": BOB, "Status": "Inactive"}),
        ("list_access_keys", {}),
        ("create_access_key", {}),
        ("delete_access_key", {"AccessKeyId": BOB}),
    ],
    ids=["update", "list", "create", "delete"],
)
def test_missing_user(sandbox: Sandbox, operation: str, parameters: dict[str, str]) -> None:
    """Missing user: NoSuchEntity 404, in AWS's own words."""
    with pytest.raises(ClientError) as error:
        getattr(aws(sandbox), operation)(UserName="nobody", **parameters)
    assert refused(error) == ("NoSuchEntity", 404, "The user with name nobody cannot be found.")


@pytest.mark.parametrize("action", ["UpdateAccessKey", "DeleteAccessKey"])
def test_missing_key_user_given(sandbox: Sandbox, action: str) -> None:
    """Missing key, user given: NoSuchEntity 404, with a full stop."""
    given = {"Status": "Inactive"} if action == "UpdateAccessKey" else {}
    answer = raw(sandbox, action, UserName="Bob", AccessKeyId=NOBODYS, **given)
    assert (answer.status, answer.code) == (404, "NoSuchEntity")
    assert answer.message == f"The Access Key with id {NOBODYS} cannot be found."


def test_key_belongs_to_another_user(sandbox: Sandbox) -> None:
    """Key belongs to another user: NoSuchEntity, since it is looked up inside the named user; nothing changes."""
    before = sandbox.statuses()
    with pytest.raises(ClientError) as error:
        aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=ALICE, Status="Inactive")
    assert refused(error) == ("NoSuchEntity", 404, f"The Access Key with id {ALICE} cannot be found.")
    assert sandbox.statuses() == before


@pytest.mark.parametrize("status", ["Bogus", "active", "inactive", "Expired", "", None], ids=str)
def test_invalid_status(sandbox: Sandbox, status: str | None) -> None:
    """Invalid Status: ValidationError 400, nothing is stored; Expired is none that may be asked for (chosen)."""
    given = {} if status is None else {"Status": status}
    answer = raw(sandbox, "UpdateAccessKey", UserName="Bob", AccessKeyId=BOB, **given)
    assert (answer.status, answer.code) == (400, "ValidationError")
    value, constraint = (
        (" null", "Member must not be null")
        if status is None
        else ("", "Member must satisfy enum value set: [Active, Inactive]")
    )
    assert answer.message == (
        f"1 validation error detected: Value{value} at 'status' failed to satisfy constraint: {constraint}"
    )
    assert sandbox.statuses()[BOB] == "Active"


@pytest.mark.parametrize(
    ("parameters", "member", "constraint"),
    [
        ({"AccessKeyId": "A" * 15}, "accessKeyId", "Member must have length greater than or equal to 16"),
        ({"AccessKeyId": "A" * 129}, "accessKeyId", "Member must have length less than or equal to 128"),
        ({"AccessKeyId": "AKIA-IOSFODNN7EXAMPLE"}, "accessKeyId", r"Member must satisfy regular expression"),
        ({"AccessKeyId": "AKIAIOSFODNN7EXAMPLÉ"}, "accessKeyId", r"Member must satisfy regular expression"),
        ({"UserName": ""}, "userName", "Member must have length greater than or equal to 1"),
        ({"UserName": "B" * 129}, "userName", "Member must have length less than or equal to 128"),
    ],
    ids=["short", "long", "dash", "accent", "no name", "long name"],
)
def test_id_too_short_or_bad_characters_bad_user_characters(
    sandbox: Sandbox, parameters: dict[str, str], member: str, constraint: str
) -> None:
    """ID too short / bad characters; bad user characters: ValidationError 400, not NoSuchEntity."""
    given = {"UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive", **parameters}
    answer = raw(sandbox, "UpdateAccessKey", **given)
    assert (answer.status, answer.code) == (400, "ValidationError")
    assert answer.message is not None
    assert answer.message.startswith(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: {constraint}"
    )


@pytest.mark.parametrize("user_name", ["Bob Smith", "/dev/Bob", "Björn"], ids=["space", "path", "accent"])
@pytest.mark.parametrize("action", ["UpdateAccessKey", "ListUserPolicies"], ids=["ours", "left to moto"])
def test_bad_characters_in_a_user_name(sandbox: Sandbox, action: str, user_name: str) -> None:
    """A user name with bad characters: ValidationError 400, in IAM's own words for names."""
    answer = raw(sandbox, action, UserName=user_name, AccessKeyId=BOB, Status="Inactive")
    assert (answer.status, answer.code) == (400, "ValidationError")
    assert answer.message == (
        "The specified value for userName is invalid. "
        "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    )


def test_user_name_omitted_signed_by_a_users_long_term_key(sandbox: Sandbox) -> None:
    """UserName omitted, signed by a user's long-term key: the user is the signer, not the owner of the target."""
    alice = aws(sandbox, ALICE)
    with pytest.raises(ClientError) as error:
        alice.update_access_key(AccessKeyId=BOB, Status="Inactive")
    assert refused(error) == ("NoSuchEntity", 404, f"The Access Key with id {BOB} cannot be found.")
    assert sandbox.statuses()[BOB] == "Active"
    alice.update_access_key(AccessKeyId=ALICE_OLD, Status="Inactive")
    assert sandbox.statuses()[ALICE_OLD] == "Inactive"
    assert {key["AccessKeyId"] for key in alice.list_access_keys()["AccessKeyMetadata"]} == {ALICE, ALICE_OLD}


@pytest.mark.parametrize("session", [role_session, mfa_session], ids=["role", "GetSessionToken with MFA"])
def test_user_name_omitted_in_a_session(sandbox: Sandbox, session: Callable[[Sandbox], dict[str, Any]]) -> None:
    """UserName omitted, role session: ValidationError 400; a GetSessionToken session, too (chosen)."""
    iam = aws(sandbox, session(sandbox))
    with pytest.raises(ClientError) as error:
        iam.list_access_keys()
    assert refused(error) == ("ValidationError", 400, MUST_NAME)
    with pytest.raises(ClientError) as error:
        iam.update_access_key(AccessKeyId=BOB, Status="Inactive")
    assert refused(error) == ("ValidationError", 400, MUST_NAME)
    iam.update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
    assert sandbox.statuses()[BOB] == "Inactive"


def test_user_name_omitted_root_signs() -> None:
    """UserName omitted, root signs: it acts on root's own keys, and finds no user's among them."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS]) as sandbox:
        root = aws(sandbox, ROOT)
        listed = root.list_access_keys()["AccessKeyMetadata"]
        assert [key["AccessKeyId"] for key in listed] == [ROOT, ROOT_INACTIVE]
        root.update_access_key(AccessKeyId=ROOT_INACTIVE, Status="Active")
        assert sandbox.statuses()[ROOT_INACTIVE] == "Active"
        with pytest.raises(ClientError) as error:
            root.update_access_key(AccessKeyId=BOB, Status="Inactive")
        assert refused(error)[:2] == ("NoSuchEntity", 404)


@pytest.mark.parametrize("key_id", [NOBODYS, "AKIAOTHERACCOUNTKEY1"], ids=["unknown", "another account's"])
def test_last_used_of_an_unknown_key_or_key_of_another_account(sandbox: Sandbox, key_id: str) -> None:
    """GetAccessKeyLastUsed, unknown key or key of another account: AccessDenied 403, even to an administrator."""
    plant([SeededKey("AKIAOTHERACCOUNTKEY1", "carol")], OTHER_ACCOUNT)
    with pytest.raises(ClientError) as error:
        aws(sandbox).get_access_key_last_used(AccessKeyId=key_id)
    assert refused(error) == (
        "AccessDenied",
        403,
        f"User: arn:aws:iam::{ACCOUNT}:user/operator is not authorized to perform iam:GetAccessKeyLastUsed "
        f"on resource: access key {key_id}",
    )


def test_last_used_of_a_key_never_used(sandbox: Sandbox) -> None:
    """GetAccessKeyLastUsed, never used: the owner, N/A twice, and no date."""
    answer = aws(sandbox).get_access_key_last_used(AccessKeyId=BOB_INACTIVE)
    assert answer["UserName"] == "Bob"
    assert answer["AccessKeyLastUsed"] == {"ServiceName": "N/A", "Region": "N/A"}


def test_last_used_freshness(sandbox: Sandbox) -> None:
    """last-used freshness: a use shows after 7 minutes (chosen, of what was seen), one in 15 minutes."""
    clock, iam = sandbox.world.clock, aws(sandbox)

    def date() -> datetime | None:
        seen = iam.get_access_key_last_used(AccessKeyId=CI)["AccessKeyLastUsed"].get("LastUsedDate")
        assert seen is None or isinstance(seen, datetime)
        return seen

    before = date()
    raw(sandbox, "GetCallerIdentity", CI, service="sts")
    assert date() == before
    clock.advance(timedelta(minutes=8))
    first = date()
    assert before is not None
    assert first is not None
    assert first > before
    raw(sandbox, "GetCallerIdentity", CI, service="sts")
    clock.advance(timedelta(minutes=8))
    assert date() == first


@pytest.mark.parametrize(
    ("service", "action", "region"),
    [("iam", "ListAccessKeys", "us-east-1"), ("sts", "GetCallerIdentity", "eu-central-1")],
    ids=["iam", "sts"],
)
def test_last_used_service_name_of_the_call(sandbox: Sandbox, service: str, action: str, region: str) -> None:
    """Last used, ServiceName of the call: the service and the region that the signature names."""
    assert raw(sandbox, action, ALICE, service=service, region=region).status == 200
    sandbox.world.clock.advance(HOUR)
    used = aws(sandbox).get_access_key_last_used(AccessKeyId=ALICE)["AccessKeyLastUsed"]
    assert (used["ServiceName"], used["Region"]) == (service, region)


def test_list_access_keys(sandbox: Sandbox) -> None:
    """ListAccessKeys: metadata (maybe empty) and IsTruncated are always there; MaxItems and Marker are heeded."""
    iam = aws(sandbox)
    iam.create_user(UserName="newcomer")
    for user in ("newcomer", "Bob"):
        tags = {node.tag.partition("}")[2] for node in raw(sandbox, "ListAccessKeys", UserName=user).xml.iter()}
        assert {"AccessKeyMetadata", "IsTruncated"} <= tags
    assert iam.list_access_keys(UserName="newcomer")["AccessKeyMetadata"] == []
    first = iam.list_access_keys(UserName="Bob", MaxItems=1)
    assert first["IsTruncated"] is True
    assert [key["AccessKeyId"] for key in first["AccessKeyMetadata"]] == [BOB]
    second = iam.list_access_keys(UserName="Bob", MaxItems=1, Marker=first["Marker"])
    assert second["IsTruncated"] is False
    assert "Marker" not in second
    assert [key["AccessKeyId"] for key in second["AccessKeyMetadata"]] == [BOB_INACTIVE]
    pages = iam.get_paginator("list_access_keys").paginate(UserName="Bob", PaginationConfig={"PageSize": 1})
    assert [key["AccessKeyId"] for page in pages for key in page["AccessKeyMetadata"]] == [BOB, BOB_INACTIVE]
    assert raw(sandbox, "ListAccessKeys", UserName="Bob", MaxItems="0").code == "ValidationError"
    assert raw(sandbox, "ListAccessKeys", UserName="Bob", MaxItems="1001").code == "ValidationError"


def test_create_date(sandbox: Sandbox) -> None:
    """CreateDate: whole seconds, of a key that was there and of one just made."""
    iam = aws(sandbox)
    made = iam.create_access_key(UserName="ci-deploy")["AccessKey"]
    listed = {k["AccessKeyId"]: k for k in iam.list_access_keys(UserName="ci-deploy")["AccessKeyMetadata"]}
    assert [key["CreateDate"].microsecond for key in (made, *listed.values())] == [0, 0, 0]
    assert listed[made["AccessKeyId"]]["CreateDate"] == made["CreateDate"]


def test_third_key(sandbox: Sandbox) -> None:
    """Third key: LimitExceeded 409, Inactive ones count; the sandbox is airtight in parallel, AWS is not (chosen)."""
    with pytest.raises(ClientError) as error:
        aws(sandbox).create_access_key(UserName="Bob")
    assert refused(error) == ("LimitExceeded", 409, "Cannot exceed quota for AccessKeysPerUser: 2")
    aws(sandbox).create_user(UserName="newcomer")
    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(lambda _: raw(sandbox, "CreateAccessKey", UserName="newcomer").code, range(12)))
    assert sorted(code or "made" for code in answers) == ["LimitExceeded"] * 10 + ["made"] * 2


def test_delete_an_active_key(sandbox: Sandbox) -> None:
    """Delete an active key: allowed; it is in no list any more."""
    aws(sandbox).delete_access_key(UserName="Bob", AccessKeyId=BOB)
    assert shown(sandbox, "Bob") == {BOB_INACTIVE: "Inactive"}


def test_delete_user_with_keys(sandbox: Sandbox) -> None:
    """DeleteUser with keys: DeleteConflict 409, nothing is deleted; without keys it goes."""
    iam = aws(sandbox)
    with pytest.raises(ClientError) as error:
        iam.delete_user(UserName="ci-deploy")
    code, status, message = refused(error)
    assert (code, status) == ("DeleteConflict", 409)
    assert "must delete access keys first" in message
    assert shown(sandbox, "ci-deploy") == {CI: "Active"}
    iam.delete_access_key(UserName="ci-deploy", AccessKeyId=CI)
    iam.delete_user(UserName="ci-deploy")
    assert raw(sandbox, "ListAccessKeys", UserName="ci-deploy").code == "NoSuchEntity"


def test_rename_user(sandbox: Sandbox) -> None:
    """Rename user: the keys follow, and every answer has the new name."""
    iam = aws(sandbox)
    iam.update_user(UserName="Bob", NewUserName="robert")
    listed = iam.list_access_keys(UserName="robert")["AccessKeyMetadata"]
    assert [(key["UserName"], key["AccessKeyId"]) for key in listed] == [("robert", BOB), ("robert", BOB_INACTIVE)]
    assert iam.get_access_key_last_used(AccessKeyId=BOB)["UserName"] == "robert"
    assert raw(sandbox, "ListAccessKeys", UserName="Bob").code == "NoSuchEntity"
    arn = aws(sandbox, BOB, "sts").get_caller_identity()["Arn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:user/robert"
    iam.update_access_key(UserName="robert", AccessKeyId=BOB, Status="Inactive")
    assert sandbox.statuses()[BOB] == "Inactive"


@pytest.mark.parametrize("signer", [BOB_INACTIVE, NOBODYS], ids=["Inactive", "unknown"])
@pytest.mark.parametrize(
    ("service", "action"),
    [("iam", "ListAccessKeys"), ("sts", "GetCallerIdentity"), ("iam", "ListUsers")],
    ids=["iam", "sts", "left to moto"],
)
def test_inactive_key_signs_a_request(sandbox: Sandbox, signer: str, service: str, action: str) -> None:
    """Inactive key signs a request: InvalidClientTokenId 403, as for a key that does not exist."""
    answer = raw(sandbox, action, signer, service=service)
    assert (answer.status, answer.code) == (403, "InvalidClientTokenId")
    assert answer.message == "The security token included in the request is invalid."


def test_propagation() -> None:
    """propagation: eventually consistent, within seconds; how many is chosen with World(propagation=…)."""
    with Sandbox(world=World(propagation=timedelta(seconds=30))) as sandbox:
        raw(sandbox, "UpdateAccessKey", UserName="Bob", AccessKeyId=BOB, Status="Inactive")
        assert shown(sandbox, "Bob")[BOB] == "Active"
        sandbox.world.clock.advance(timedelta(seconds=31))
        assert shown(sandbox, "Bob")[BOB] == "Inactive"


def test_sessions_made_with_the_key(sandbox: Sandbox) -> None:
    """Sessions made with the key: valid until they expire, whatever becomes of the key."""
    session = aws(sandbox, ALICE, "sts").get_session_token(DurationSeconds=3600)["Credentials"]
    assert session["AccessKeyId"].startswith("ASIA")
    aws(sandbox).update_access_key(UserName="alice", AccessKeyId=ALICE, Status="Inactive")
    assert raw(sandbox, "GetCallerIdentity", ALICE, service="sts").code == "InvalidClientTokenId"
    sts = aws(sandbox, session, "sts")
    assert sts.get_caller_identity()["Arn"].endswith(":user/alice")
    sandbox.world.clock.advance(HOUR)
    with pytest.raises(ClientError) as error:
        sts.get_caller_identity()
    assert refused(error)[:2] == ("ExpiredToken", 403)


def test_throttling(sandbox: Sandbox) -> None:
    """throttling: Throttling 400, "Rate exceeded"; botocore tries again, which it does not after LimitExceeded."""
    sandbox.throttle = TokenBucket(rate=1e-6, burst=1)
    assert raw(sandbox, "ListAccessKeys", UserName="Bob").status == 200
    answer = raw(sandbox, "ListAccessKeys", UserName="Bob")
    assert (answer.status, answer.code, answer.message) == (400, "Throttling", "Rate exceeded")
    sandbox.journal.clear()
    with pytest.raises(ClientError) as error:
        aws(sandbox, attempts=2).list_access_keys(UserName="Bob")
    assert refused(error)[0] == "Throttling"
    assert sandbox.actions()["ListAccessKeys"] == 2
    sandbox.throttle = None
    with pytest.raises(ClientError):
        aws(sandbox, attempts=2).create_access_key(UserName="Bob")
    assert sandbox.actions()["CreateAccessKey"] == 1


def test_generate_credential_report(sandbox: Sandbox) -> None:
    """GenerateCredentialReport: STARTED, INPROGRESS, COMPLETE after 2 s (as seen for 52 rows), for four hours."""
    iam, clock = aws(sandbox), sandbox.world.clock
    started = iam.generate_credential_report()
    assert started["State"] == "STARTED"
    assert started["Description"] == "No report exists. Starting a new report generation task"
    assert iam.generate_credential_report()["State"] == "INPROGRESS"
    clock.advance(timedelta(seconds=3))
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    clock.advance(3 * HOUR)
    assert iam.generate_credential_report()["State"] == "COMPLETE"
    clock.advance(HOUR)
    assert iam.generate_credential_report()["State"] == "STARTED"


def test_get_credential_report_errors(sandbox: Sandbox) -> None:
    """GetCredentialReport errors: ReportNotPresent 410, ReportInProgress 404 ("Unknown"), ReportExpired 410."""
    seen = []
    for then in (None, "GenerateCredentialReport", 4 * HOUR):
        if isinstance(then, str):
            raw(sandbox, then)
        elif then is not None:
            sandbox.world.clock.advance(then)
        answer = raw(sandbox, "GetCredentialReport")
        seen.append((answer.code, answer.status))
    assert seen == [("ReportNotPresent", 410), ("ReportInProgress", 404), ("ReportExpired", 410)]
    raw(sandbox, "GenerateCredentialReport")
    assert raw(sandbox, "GetCredentialReport").message == "Unknown"


def test_report_content(sandbox: Sandbox) -> None:
    """Report content: 22 columns, root first, users sorted without case, dates in Z, no final newline, stale."""
    before = datetime.now(timezone.utc) - timedelta(seconds=1)
    aws(sandbox).create_user(UserName="Zoe")
    aws(sandbox).create_user(UserName="yann")
    content = report(sandbox)
    assert not content.endswith(b"\n")
    lines = content.decode().split("\n")
    assert len(lines[0].split(",")) == 22
    assert {line.count(",") for line in lines} == {21}
    found = rows(content)
    assert list(found) == ["<root_account>", "alice", "Bob", "ci-deploy", "operator", "yann", "Zoe"]
    assert found["<root_account>"]["arn"] == f"arn:aws:iam::{ACCOUNT}:root"
    dates = [v for row in found.values() for name, v in row.items() if v[:2] == "20" and name != "user"]
    assert len(dates) > 10
    for date in dates:
        assert datetime.strptime(date, "%Y-%m-%dT%H:%M:%SZ")
    bob = found["Bob"]
    slot = next(n for n in "12" if bob[f"access_key_{n}_active"] == "true")
    assert bob[f"access_key_{slot}_last_used_service"] == "s3"
    assert bob[f"access_key_{slot}_last_used_region"] == "us-east-1"
    answer = aws(sandbox).get_credential_report()
    assert answer["ReportFormat"] == "text/csv"
    assert before <= answer["GeneratedTime"] <= sandbox.world.clock.now()
    aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
    sandbox.world.clock.advance(3 * HOUR)
    aws(sandbox).generate_credential_report()
    assert aws(sandbox).get_credential_report()["Content"] == content


def test_access_key_n_last_rotated(sandbox: Sandbox) -> None:
    """`access_key_N_last_rotated`: the creation time; a status change does not move it, an Inactive key has it."""
    created = {
        f"{key['CreateDate']:%Y-%m-%dT%H:%M:%SZ}"
        for key in aws(sandbox).list_access_keys(UserName="Bob")["AccessKeyMetadata"]
    }
    aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
    bob = rows(report(sandbox))["Bob"]
    assert [bob["access_key_1_active"], bob["access_key_2_active"]] == ["false", "false"]
    assert {bob["access_key_1_last_rotated"], bob["access_key_2_last_rotated"]} == created


def test_slot_order_in_the_report() -> None:
    """Slot order in the report: ascending by key ID ("looked" so: chosen), whichever was created first."""
    older, newer = (
        SeededKey("AKIAZZZZZZZZZZZZZZZZ", "dave", age=timedelta(days=90)),
        SeededKey("AKIAAAAAAAAAAAAAAAAA", "dave", "Inactive", age=timedelta(days=1)),
    )
    with Sandbox([older, newer]) as sandbox:
        dave = rows(report(sandbox))["dave"]
        assert [dave["access_key_1_active"], dave["access_key_2_active"]] == ["false", "true"]
        assert dave["access_key_1_last_rotated"] > dave["access_key_2_last_rotated"]


def test_get_access_key_info(sandbox: Sandbox) -> None:
    """GetAccessKeyInfo (STS): the account of any key ID, Active or not, of this account or another."""
    plant([SeededKey("AKIAOTHERACCOUNTKEY1", "carol")], OTHER_ACCOUNT)
    sts = aws(sandbox, service="sts")
    accounts = [sts.get_access_key_info(AccessKeyId=k)["Account"] for k in (BOB, BOB_INACTIVE, "AKIAOTHERACCOUNTKEY1")]
    assert accounts == [ACCOUNT, ACCOUNT, OTHER_ACCOUNT]


def test_account_from_key_id_offline(sandbox: Sandbox) -> None:
    """Account from key ID offline: IDs that are made encode the account; the example's decode to nonsense."""

    def decoded(key_id: str) -> str:
        number = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
        return f"{(number & 0x7FFFFFFFFF80) >> 7:012d}"

    made = aws(sandbox).create_access_key(UserName="ci-deploy")["AccessKey"]["AccessKeyId"]
    assert decoded(made) == ACCOUNT
    assert decoded("AKIAIOSFODNN7EXAMPLE") != ACCOUNT


@pytest.mark.parametrize("task", ["IAMDeleteRootUserCredentials", "IAMAuditRootUserCredentials"])
def test_root_task_sessions(sandbox: Sandbox, task: str) -> None:
    """Root-task sessions (`sts:AssumeRoot`): no UpdateAccessKey in AWS; here it is a 4xx (chosen)."""
    parameters = {"TargetPrincipal": ACCOUNT, "TaskPolicyArn.arn": f"arn:aws:iam::aws:policy/root-task/{task}"}
    answer = raw(sandbox, "AssumeRoot", service="sts", **parameters)
    assert 400 <= answer.status < 500, answer.body
    assert answer.code
    assert sandbox.world.issued == []


@pytest.mark.parametrize("version", ["", "V2", "V3", "V4"], ids=["V1", "V2", "V3", "V4"])
def test_quarantine(sandbox: Sandbox, version: str) -> None:
    """quarantine: the user's own key management is denied, also its sessions; an administrator's is not."""
    policy = f"arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine{version}"
    aws(sandbox).attach_user_policy(UserName="alice", PolicyArn=policy)
    _is_quarantined(sandbox)


def _is_quarantined(sandbox: Sandbox) -> None:
    mine = {"UserName": "alice", "AccessKeyId": ALICE_OLD}
    for action, given in (
        ("UpdateAccessKey", {**mine, "Status": "Inactive"}),
        ("DeleteAccessKey", mine),
        ("CreateAccessKey", {"UserName": "alice"}),
    ):
        answer = raw(sandbox, action, ALICE, **given)
        assert (action, answer.status, answer.code) == (action, 403, "AccessDenied")
    assert shown(sandbox, "alice") == {ALICE: "Active", ALICE_OLD: "Active"}
    assert raw(sandbox, "UpdateAccessKey", **{**mine, "Status": "Inactive"}).status == 200
    assert shown(sandbox, "alice") == {ALICE: "Active", ALICE_OLD: "Inactive"}


def _quarantined(sandbox: Sandbox, name: str = "AWSCompromisedKeyQuarantineV3") -> None:
    """Put alice under a policy of that name, of this account."""
    policy = aws(sandbox).create_policy(
        PolicyName=name,
        PolicyDocument='{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}',
    )["Policy"]["Arn"]
    aws(sandbox).attach_user_policy(UserName="alice", PolicyArn=policy)


@pytest.mark.parametrize("version", ["V3", "V5", "V12"])
def test_quarantine_by_a_policy_of_that_name(sandbox: Sandbox, version: str) -> None:
    """quarantine: known by the name's beginning, in every version; a customer's policy does the same (chosen)."""
    _quarantined(sandbox, f"AWSCompromisedKeyQuarantine{version}")
    _is_quarantined(sandbox)


def test_what_is_no_quarantine(sandbox: Sandbox) -> None:
    """quarantine: a policy whose name only holds those words is none."""
    _quarantined(sandbox, "NoAWSCompromisedKeyQuarantine")
    assert (
        raw(sandbox, "UpdateAccessKey", ALICE, UserName="alice", AccessKeyId=ALICE_OLD, Status="Inactive").status == 200
    )


@pytest.mark.parametrize(
    ("action", "parameters"),
    [("GetSessionToken", {}), ("GetFederationToken", {"Name": "jane"})],
    ids=["GetSessionToken", "GetFederationToken"],
)
def test_quarantine_denies_sessions(sandbox: Sandbox, action: str, parameters: dict[str, str]) -> None:
    """quarantine: GetSessionToken and GetFederationToken are denied to the user, too."""
    _quarantined(sandbox)
    answer = raw(sandbox, action, ALICE, service="sts", **parameters)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert sandbox.world.issued == []


def test_access_denied_text(sandbox: Sandbox) -> None:
    """Access denied text: AWS may add a link and an ID at the end; the sandbox has the short form (chosen)."""
    answer = raw(sandbox, "GetAccessKeyLastUsed", ALICE, AccessKeyId=NOBODYS)
    assert answer.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform iam:GetAccessKeyLastUsed "
        f"on resource: access key {NOBODYS}"
    )


@pytest.mark.parametrize(
    ("region", "host"),
    [
        ("us-east-1", "iam.amazonaws.com"),
        ("eu-central-1", "iam.amazonaws.com"),
        ("us-gov-west-1", "iam.us-gov.amazonaws.com"),
        ("cn-north-1", "iam.cn-north-1.amazonaws.com.cn"),
        ("eusc-de-east-1", "iam.eusc-de-east-1.amazonaws.eu"),
    ],
    ids=["commercial", "commercial, another Region", "us-gov", "China", "European sovereign"],
)
def test_endpoints(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, region: str, host: str) -> None:
    """endpoints: global in AWS, one a partition; the sandbox answers at its one, whatever region signs (chosen)."""
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    there = boto3.client("iam", region_name=region, aws_access_key_id=BOB, aws_secret_access_key="x")
    assert there.meta.endpoint_url == f"https://{host}"
    assert raw(sandbox, "ListAccessKeys", region=region, UserName="Bob").status == 200


def test_permissions(sandbox: Sandbox) -> None:
    """permissions: the sandbox checks none (chosen): any user may do what AWS lets administrators do."""
    assert raw(sandbox, "UpdateAccessKey", CI, UserName="Bob", AccessKeyId=BOB, Status="Inactive").status == 200
    assert raw(sandbox, "GetAccessKeyLastUsed", CI, AccessKeyId=ALICE).status == 200
    assert raw(sandbox, "GenerateCredentialReport", CI).status == 200


def test_caller_identity() -> None:
    """Caller identity: the session's ARN for roles, the user's for users and their sessions, root's for root."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS, SeededRole(ROLE)]) as sandbox:

        def who(signer: Any) -> dict[str, str]:
            answer = aws(sandbox, signer, "sts").get_caller_identity()
            return {"Arn": answer["Arn"], "Account": answer["Account"]}

        assert who(OPERATOR_KEY) == {"Arn": f"arn:aws:iam::{ACCOUNT}:user/operator", "Account": ACCOUNT}
        assert who(BOB) == {"Arn": f"arn:aws:iam::{ACCOUNT}:user/Bob", "Account": ACCOUNT}
        assert who(user_session(sandbox)) == {"Arn": f"arn:aws:iam::{ACCOUNT}:user/operator", "Account": ACCOUNT}
        assert who(role_session(sandbox)) == {
            "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/jane",
            "Account": ACCOUNT,
        }
        assert who(ROOT) == {"Arn": f"arn:aws:iam::{ACCOUNT}:root", "Account": ACCOUNT}
        users = [u["UserName"] for u in aws(sandbox).list_users()["Users"]]
        assert aws(sandbox, BOB).get_user()["User"]["UserName"] == "Bob"
        assert "default_user" not in users
