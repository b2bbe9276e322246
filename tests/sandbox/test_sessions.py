"""What sessions may do: of GetSessionToken, of GetFederationToken, of roles; and what needs no credentials."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import ALICE, BOB, DOORS, ROOT, ROOT_KEYS, aws, raw, refused

ROLE = f"arn:aws:iam::{ACCOUNT}:role/admin"
MFA = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone", "TokenCode": "123456"}
INVALID = ("InvalidClientTokenId", 403, "The security token included in the request is invalid.")

IAM_CALLS: dict[str, dict[str, str]] = {
    "UpdateAccessKey": {"UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive"},
    "ListAccessKeys": {"UserName": "Bob"},
    "ListGroups": {},
}
STS_CALLS: dict[str, dict[str, str]] = {
    "GetCallerIdentity": {},
    "AssumeRole": {"RoleArn": ROLE, "RoleSessionName": "next"},
    "GetSessionToken": {},
    "GetFederationToken": {"Name": "jane"},
    "GetAccessKeyInfo": {"AccessKeyId": BOB},
}


def session(sandbox: Sandbox, kind: str) -> dict[str, Any]:
    """The credentials of a session of the operator's."""
    sts = aws(sandbox, service="sts")
    if kind == "AssumeRole":
        answer = sts.assume_role(RoleArn=ROLE, RoleSessionName="jane")
    elif kind == "GetFederationToken":
        answer = sts.get_federation_token(Name="jane")
    else:
        answer = sts.get_session_token(**(MFA if kind == "with MFA" else {}))
    return dict(answer["Credentials"])


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(
    ("kind", "calls_iam", "sts"),
    [
        ("without MFA", False, {"GetCallerIdentity", "AssumeRole"}),
        ("with MFA", True, {"GetCallerIdentity", "AssumeRole", "GetAccessKeyInfo"}),
        ("GetFederationToken", False, {"GetCallerIdentity"}),
        ("AssumeRole", True, {"GetCallerIdentity", "AssumeRole", "GetAccessKeyInfo"}),
    ],
    ids=["GetSessionToken", "GetSessionToken with MFA", "GetFederationToken", "AssumeRole"],
)
def test_what_a_session_may_call(sandbox: Sandbox, door: str, kind: str, calls_iam: bool, sts: set[str]) -> None:
    """Without MFA no IAM (InvalidClientTokenId 403) and little of STS (AccessDenied 403); nothing is changed."""
    credentials = session(sandbox, kind)
    for action, given in IAM_CALLS.items():
        answer = raw(sandbox, action, credentials, door=door, **given)
        assert (action, answer.status) == (action, 200 if calls_iam else 403)
        assert calls_iam or (answer.code, answer.status, answer.message) == INVALID
    assert sandbox.statuses()[BOB] == ("Inactive" if calls_iam else "Active")
    answers = {a: raw(sandbox, a, credentials, service="sts", door=door, **given) for a, given in STS_CALLS.items()}
    assert {action for action, answer in answers.items() if answer.status == 200} == sts
    assert {(a.status, a.code) for a in answers.values() if a.status != 200} == {(403, "AccessDenied")}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("kind", ["without MFA", "with MFA", "GetFederationToken", "AssumeRole"])
@pytest.mark.parametrize("token", [None, "", "somebody-else's"], ids=["none", "empty", "wrong"])
def test_a_sessions_key_needs_its_token(sandbox: Sandbox, door: str, kind: str, token: str | None) -> None:
    """A key that begins with ASIA without its token, or with another one: InvalidClientTokenId 403."""
    credentials = session(sandbox, kind)
    without: Mapping[str, Any] = {"AccessKeyId": credentials["AccessKeyId"]}
    signer = without if token is None else {**without, "SessionToken": token}
    answer = raw(sandbox, "GetCallerIdentity", signer, service="sts", door=door)
    assert (answer.code, answer.status, answer.message) == INVALID


@pytest.mark.parametrize("door", DOORS)
def test_a_long_term_key_has_no_token(sandbox: Sandbox, door: str) -> None:
    """A long-term key with the token of a session that was forgotten in the environment is refused (memory)."""
    token = session(sandbox, "AssumeRole")["SessionToken"]
    signer = {"AccessKeyId": OPERATOR_KEY, "SessionToken": token}
    answer = raw(sandbox, "ListAccessKeys", signer, door=door)
    assert (answer.code, answer.status, answer.message) == INVALID


@pytest.mark.parametrize(
    "role_arn",
    [
        f"arn:aws:iam::{ACCOUNT}:role/nobody",
        f"arn:aws:iam::{ACCOUNT}:role/path/admin",
        "arn:aws:iam::999999999999:role/admin",
        f"arn:aws:iam::{ACCOUNT}:user/Bob",
    ],
    ids=["no such role", "another path", "another account", "a user"],
)
def test_a_role_that_is_not_there(sandbox: Sandbox, role_arn: str) -> None:
    """AssumeRole of nothing: AccessDenied 403, as for a role that may not be assumed; no session is made."""
    answer = raw(sandbox, "AssumeRole", service="sts", RoleArn=role_arn, RoleSessionName="jane")
    operator = f"arn:aws:iam::{ACCOUNT}:user/operator"
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert answer.message == f"User: {operator} is not authorized to perform: sts:AssumeRole on resource: {role_arn}"
    assert sandbox.world.issued == []


@pytest.mark.parametrize("role_arn", ["nothing-valid-in-here", "arn:a::::something/test-role", "arn:a:a::aaaaaaaaaa:"])
def test_an_arn_that_is_none(sandbox: Sandbox, role_arn: str) -> None:
    """ValidationError 400, in AWS's words."""
    answer = raw(sandbox, "AssumeRole", service="sts", RoleArn=role_arn, RoleSessionName="jane")
    assert (answer.status, answer.code, answer.message) == (400, "ValidationError", f"{role_arn} is invalid")


def test_sts_repeats_the_value(sandbox: Sandbox) -> None:
    """The messages of STS's constraints quote the value, those of IAM do not."""
    answer = raw(sandbox, "AssumeRole", service="sts", RoleArn=ROLE, RoleSessionName="Session1:2")
    assert answer.message == (
        "1 validation error detected: Value 'Session1:2' at 'roleSessionName' failed to satisfy constraint: "
        "Member must satisfy regular expression pattern: [\\w+=,.@-]*"
    )


@pytest.mark.parametrize("region", ["us-east-1", "cn-north-1", "us-gov-west-1"])
def test_what_was_made_in_one_region_is_there_in_all(sandbox: Sandbox, region: str) -> None:
    """There is one partition (chosen), whoever answers."""
    raw(sandbox, "CreateGroup", region=region, GroupName="staff")
    raw(sandbox, "CreateRole", region=region, RoleName="new", AssumeRolePolicyDocument="{}")
    assert raw(sandbox, "GetGroup", GroupName="staff").status == 200
    given = {"RoleArn": f"arn:aws:iam::{ACCOUNT}:role/new", "RoleSessionName": "jane"}
    assert raw(sandbox, "AssumeRole", service="sts", region=region, **given).status == 200


def test_a_role_that_was_made_can_be_assumed(sandbox: Sandbox) -> None:
    """CreateRole is enough; the session has the role's own ID."""
    role = aws(sandbox).create_role(RoleName="new", Path="/team/", AssumeRolePolicyDocument="{}")["Role"]
    assumed = aws(sandbox, service="sts").assume_role(RoleArn=role["Arn"], RoleSessionName="jane")
    assert assumed["AssumedRoleUser"] == {
        "AssumedRoleId": f"{role['RoleId']}:jane",
        "Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/new/jane",
    }


def _token(**claims: str) -> str:
    return f"e30.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.sig"


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("signer", [None, BOB], ids=["unsigned", "signed"])
@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("AssumeRoleWithWebIdentity", {"RoleSessionName": "ci", "WebIdentityToken": _token(sub="repo:x", iss="ci")}),
        (
            "AssumeRoleWithSAML",
            {"PrincipalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/sso", "SAMLAssertion": "PHNhbWw+"},
        ),
    ],
    ids=["web identity", "SAML"],
)
def test_what_needs_no_credentials(
    sandbox: Sandbox, door: str, signer: str | None, action: str, given: dict[str, str]
) -> None:
    """A role for a token of somebody else's: its session works; a role that is not there is AccessDenied."""
    aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
    answer = raw(sandbox, action, signer, service="sts", door=door, RoleArn=ROLE, **given)
    assert answer.status == 200, answer.body
    who = aws(sandbox, sandbox.world.issued[-1], "sts").get_caller_identity()
    assert who["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/admin/")
    answer = raw(sandbox, action, signer, service="sts", door=door, RoleArn=f"{ROLE}-not", **given)
    assert (answer.status, answer.code) == (403, "AccessDenied")
    assert raw(sandbox, action, signer, service="sts", door=door, **given).code == "ValidationError"


def test_web_identity_by_boto3(sandbox: Sandbox) -> None:
    """As botocore's provider for AWS_WEB_IDENTITY_TOKEN_FILE calls it; the token's claims are told."""
    answer = aws(sandbox, service="sts").assume_role_with_web_identity(
        RoleArn=ROLE, RoleSessionName="ci", WebIdentityToken=_token(sub="repo:x", aud="sts.amazonaws.com", iss="ci")
    )
    assert (answer["SubjectFromWebIdentityToken"], answer["Audience"], answer["Provider"]) == (
        "repo:x", "sts.amazonaws.com", "ci"
    )  # fmt: skip


@pytest.mark.parametrize("action", ["GetSessionToken", "GetFederationToken"])
def test_roots_sessions_last_an_hour(action: str) -> None:
    """At most, however long was asked for."""
    with Sandbox([*EXAMPLE, *ROOT_KEYS]) as sandbox:
        sts = aws(sandbox, ROOT, "sts")
        ask = sts.get_session_token if action == "GetSessionToken" else sts.get_federation_token
        given = {"Name": "jane"} if action == "GetFederationToken" else {}
        left = ask(DurationSeconds=36000, **given)["Credentials"]["Expiration"] - sandbox.world.clock.now()
        assert timedelta(minutes=59) < left <= timedelta(hours=1)


def test_an_expired_session_of_a_user(sandbox: Sandbox) -> None:
    """It is expired first, whatever it may call."""
    credentials = aws(sandbox, ALICE, "sts").get_session_token(DurationSeconds=900)["Credentials"]
    sandbox.world.clock.advance(timedelta(hours=1))
    with pytest.raises(ClientError) as error:
        aws(sandbox, credentials).list_access_keys(UserName="Bob")
    assert refused(error)[:2] == ("ExpiredToken", 403)
