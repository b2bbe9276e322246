"""A sandbox that enforces policies: what each element of a policy means, who may assume a role, what AWS says."""

import json
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from keyswitch.sandbox.conditions import are_met
from keyswitch.sandbox.evaluation import Asked, Verdict, evaluate, matches
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, SeededKey, SeededRole
from keyswitch.sandbox.server import Sandbox
from keyswitch.sandbox.world import World
from tests.support.sandbox_client import ALICE, BOB, DOORS, ROOT, ROOT_KEYS, aws, raw, refused, send

ROLE = f"arn:aws:iam::{ACCOUNT}:role/made"
SEEDED = f"arn:aws:iam::{ACCOUNT}:role/seeded"
DENIED = (
    f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: iam:UpdateAccessKey on resource: user Bob "
)


@pytest.fixture
def iam() -> Sandbox:
    """The example's keys, root's and a role, on an IAM that enforces policies."""
    return Sandbox([*EXAMPLE, *ROOT_KEYS, SeededRole(SEEDED)], world=World(enforces_policies=True))


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """A policy of statements, which allow unless they say otherwise."""
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}


def let(sandbox: Sandbox, user_name: str, *statements: dict[str, Any]) -> None:
    """Give a user a policy."""
    text = json.dumps(document(*statements))
    aws(sandbox).put_user_policy(UserName=user_name, PolicyName="test", PolicyDocument=text)


SWITCH = {"UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive"}


@pytest.mark.parametrize("door", DOORS)
def test_what_no_policy_allows_is_denied_through_every_door(sandbox: Sandbox, door: str) -> None:
    """With AWS's code and words; nothing is changed. What is allowed works through the same door."""
    answer = raw(sandbox, "UpdateAccessKey", ALICE, door=door, **SWITCH)
    words = f"{DENIED}because no identity-based policy allows the iam:UpdateAccessKey action"
    assert (answer.status, answer.code, answer.message) == (403, "AccessDenied", words)
    assert sandbox.statuses()[BOB] == "Active"
    let(sandbox, "alice", {"Action": "iam:UpdateAccessKey", "Resource": f"arn:aws:iam::{ACCOUNT}:user/Bob"})
    assert raw(sandbox, "UpdateAccessKey", ALICE, door=door, **SWITCH).status == 200
    assert sandbox.statuses()[BOB] == "Inactive"


def test_a_denial_wins(sandbox: Sandbox) -> None:
    """Whichever policy says it, inline, attached, or of a group; AWS's message tells it apart."""
    let(sandbox, "alice", {"Action": "*", "Resource": "*"})
    iam = aws(sandbox)
    iam.create_group(GroupName="all")
    iam.add_user_to_group(GroupName="all", UserName="alice")
    denial = json.dumps(document({"Effect": "Deny", "Action": "iam:Update*", "Resource": "*"}))
    iam.put_group_policy(GroupName="all", PolicyName="no", PolicyDocument=denial)
    answer = raw(sandbox, "UpdateAccessKey", ALICE, **SWITCH)
    assert answer.message == f"{DENIED}with an explicit deny in an identity-based policy"


def test_an_attached_policy_counts_in_its_default_version(sandbox: Sandbox) -> None:
    """A new version takes its place at once."""
    iam = aws(sandbox)
    allowing = json.dumps(document({"Action": "iam:ListAccessKeys", "Resource": "*"}))
    arn = iam.create_policy(PolicyName="look", PolicyDocument=allowing)["Policy"]["Arn"]
    iam.attach_user_policy(UserName="alice", PolicyArn=arn)
    assert raw(sandbox, "ListAccessKeys", ALICE, UserName="Bob").status == 200
    other = json.dumps(document({"Action": "iam:ListUsers", "Resource": "*"}))
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=other, SetAsDefault=True)
    assert raw(sandbox, "ListAccessKeys", ALICE, UserName="Bob").status == 403
    assert raw(sandbox, "ListUsers", ALICE).status == 200


def test_root_the_operator_and_identity_need_no_policy(sandbox: Sandbox) -> None:
    """Root may do everything, the operator is an administrator, and everybody may ask who they are."""
    assert raw(sandbox, "ListUsers", ROOT).status == 200
    assert raw(sandbox, "ListUsers").status == 200
    let(sandbox, "alice", {"Effect": "Deny", "Action": "*", "Resource": "*"})
    assert raw(sandbox, "GetCallerIdentity", ALICE, service="sts").status == 200
    assert raw(sandbox, "GetSessionToken", ALICE, service="sts").status == 403
    assert raw(sandbox, "GetSessionToken", BOB, service="sts").status == 200


def test_a_user_may_be_allowed_ones_own_keys(sandbox: Sandbox) -> None:
    """With a variable, and without naming oneself in the request."""
    let(sandbox, "alice", {"Action": "iam:*AccessKey*", "Resource": f"arn:aws:iam::{ACCOUNT}:user/${{aws:username}}"})
    assert raw(sandbox, "ListAccessKeys", ALICE).status == 200
    assert raw(sandbox, "ListAccessKeys", ALICE, UserName="Bob").status == 403


def test_a_path_belongs_to_the_arn(sandbox: Sandbox) -> None:
    """A user who moves is not covered any more."""
    let(sandbox, "alice", {"Action": "iam:GetUser", "Resource": f"arn:aws:iam::{ACCOUNT}:user/Bob"})
    assert raw(sandbox, "GetUser", ALICE, UserName="Bob").status == 200
    aws(sandbox).update_user(UserName="Bob", NewPath="/ci/")
    assert raw(sandbox, "GetUser", ALICE, UserName="Bob").status == 403


def test_a_boundary_narrows_a_user(sandbox: Sandbox) -> None:
    """Both must allow it."""
    let(sandbox, "alice", {"Action": "*", "Resource": "*"})
    iam = aws(sandbox)
    narrow = json.dumps(document({"Action": "iam:Get*", "Resource": "*"}))
    arn = iam.create_policy(PolicyName="narrow", PolicyDocument=narrow)["Policy"]["Arn"]
    iam.put_user_permissions_boundary(UserName="alice", PermissionsBoundary=arn)
    assert raw(sandbox, "GetUser", ALICE, UserName="Bob").status == 200
    answer = raw(sandbox, "ListUsers", ALICE)
    assert (answer.message or "").endswith("because no permissions boundary allows the iam:ListUsers action")


def test_sessions_made_before_a_date_may_be_denied(sandbox: Sandbox) -> None:
    """As a revocation of sessions does it: a long-term key carries no time of issue, and is not concerned."""
    mfa = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/a", "TokenCode": "123456"}
    before = aws(sandbox, ALICE, "sts").get_session_token(**mfa)["Credentials"]
    sandbox.world.clock.advance(timedelta(minutes=1))
    now = sandbox.world.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    older = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    older["Condition"] = {"DateLessThan": {"aws:TokenIssueTime": now}}  # type: ignore[assignment]
    let(sandbox, "alice", {"Action": "*", "Resource": "*"}, older)
    sandbox.world.clock.advance(timedelta(minutes=1))
    after = aws(sandbox, ALICE, "sts").get_session_token(**mfa)["Credentials"]
    assert [raw(sandbox, "ListUsers", who).status for who in (before, after, ALICE)] == [403, 200, 200]


TRUSTS = {
    "itself": ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/alice"}, {}, True, True),
    "the account": ({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, {}, False, True),
    "the account's number": ({"AWS": [ACCOUNT]}, {}, False, True),
    "everybody": ("*", {}, True, True),
    "somebody else": ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/Bob"}, {}, False, False),
    "a service": ({"Service": "ec2.amazonaws.com"}, {}, False, False),
    "with an ID": ({"AWS": "*"}, {"StringEquals": {"sts:ExternalId": "x"}}, False, False),
    "under a name": ({"AWS": "*"}, {"StringLike": {"sts:RoleSessionName": "jan?"}}, True, True),
}


@pytest.mark.parametrize(("principal", "condition", "alone", "with_policy"), TRUSTS.values(), ids=TRUSTS)
def test_who_may_assume_a_role(
    sandbox: Sandbox, principal: Any, condition: dict[str, Any], alone: bool, with_policy: bool
) -> None:
    """A role that trusts the caller needs no policy of the caller's; one that trusts the account does."""
    trust = document({"Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
    aws(sandbox).create_role(RoleName="made", AssumeRolePolicyDocument=json.dumps(trust))
    assume = {"RoleArn": ROLE, "RoleSessionName": "jane"}
    assert (raw(sandbox, "AssumeRole", ALICE, service="sts", **assume).status == 200) is alone
    let(sandbox, "alice", {"Action": "sts:AssumeRole", "Resource": ROLE})
    assert (raw(sandbox, "AssumeRole", ALICE, service="sts", **assume).status == 200) is with_policy
    let(sandbox, "alice", {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": ROLE})
    assert raw(sandbox, "AssumeRole", ALICE, service="sts", **assume).status == 403


def test_tags_of_a_session_need_a_permission_of_their_own(sandbox: Sandbox) -> None:
    """sts:TagSession, in the trust policy."""
    tags = {"Tags.member.1.Key": "run", "Tags.member.1.Value": "1"}
    assume = {"RoleArn": SEEDED, "RoleSessionName": "jane", **tags}
    assert raw(sandbox, "AssumeRole", ALICE, service="sts", **assume).status == 200
    trust = document({"Principal": "*", "Action": "sts:AssumeRole"})
    aws(sandbox).update_assume_role_policy(RoleName="seeded", PolicyDocument=json.dumps(trust))
    assert raw(sandbox, "AssumeRole", ALICE, service="sts", **assume).status == 403


def test_a_seeded_role_is_assumed_by_everybody_and_may_do_nothing(sandbox: Sandbox) -> None:
    """Until it is given a policy."""
    role = aws(sandbox, ALICE, "sts").assume_role(RoleArn=SEEDED, RoleSessionName="jane")["Credentials"]
    with pytest.raises(ClientError) as error:
        aws(sandbox, role).list_users()
    assert refused(error)[:2] == ("AccessDenied", 403)
    allowing = json.dumps(document({"Action": "iam:ListUsers", "Resource": "*"}))
    aws(sandbox).put_role_policy(RoleName="seeded", PolicyName="look", PolicyDocument=allowing)
    assert aws(sandbox, role).list_users()["Users"]
    with pytest.raises(ClientError) as error:
        aws(sandbox, role).list_access_keys()
    assert refused(error)[0] == "ValidationError", "it names no user"


def test_a_token_of_an_unknown_provider_is_refused(sandbox: Sandbox) -> None:
    """As is one for another audience; both are InvalidIdentityToken. SAML is denied."""
    given = {"RoleArn": SEEDED, "RoleSessionName": "jane", "WebIdentityToken": "a.eyJpc3MiOiJodHRwczovL3gifQ.c"}
    answer = raw(sandbox, "AssumeRoleWithWebIdentity", None, service="sts", **given)
    assert (answer.status, answer.code) == (400, "InvalidIdentityToken")
    aws(sandbox).create_open_id_connect_provider(Url="https://x", ClientIDList=["a"], ThumbprintList=["0" * 40])
    answer = raw(sandbox, "AssumeRoleWithWebIdentity", None, service="sts", **given)
    assert answer.message == "Incorrect token audience"
    saml = {"RoleArn": SEEDED, "PrincipalArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/x", "SAMLAssertion": "abcd"}
    assert raw(sandbox, "AssumeRoleWithSAML", None, service="sts", **saml).status == 403


def test_other_services_are_asked_for_by_their_own_actions(sandbox: Sandbox) -> None:
    """The header names the action, such as sqs:ListQueues."""
    with pytest.raises(ClientError) as error:
        aws(sandbox, ALICE, "sqs").list_queues()
    assert "is not authorized to perform: sqs:ListQueues on resource: *" in refused(error)[2]
    let(sandbox, "alice", {"Action": "sqs:List*", "Resource": "*"})
    assert aws(sandbox, ALICE, "sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_the_own_endpoint_needs_no_policy(sandbox: Sandbox) -> None:
    """It is the sandbox's, not IAM's."""
    token = {"Authorization": f"Bearer {sandbox.token}"}
    assert send(sandbox, "GET", "/_sandbox/statuses", given=token).status == 200


def test_without_enforcement_everything_is_allowed() -> None:
    """Policies are stored and change nothing."""
    with Sandbox([*EXAMPLE, SeededKey("AKIANEWEXAMPLEKEY001", "new")]) as plain:
        let(plain, "alice", {"Effect": "Deny", "Action": "*", "Resource": "*"})
        assert raw(plain, "UpdateAccessKey", ALICE, **SWITCH).status == 200


USER = f"arn:aws:iam::{ACCOUNT}:user/ci/bob"
ASKED = Asked("iam:UpdateAccessKey", USER, {"aws:username": "bob"})


@pytest.mark.parametrize(
    ("statement", "verdict"),
    [
        ({"Action": "iam:updateaccesskey", "Resource": USER}, Verdict.ALLOWED),
        ({"Action": "iam:Update?ccessKey", "Resource": "*"}, Verdict.ALLOWED),
        ({"Action": ["iam:GetUser", "iam:*"], "Resource": ["x", f"arn:aws:iam::{ACCOUNT}:user/ci/*"]}, Verdict.ALLOWED),
        ({"Action": "iam:Update", "Resource": "*"}, Verdict.NOT_ALLOWED),
        ({"Action": "*", "Resource": f"arn:aws:iam::{ACCOUNT}:user/bob"}, Verdict.NOT_ALLOWED),
        ({"Action": "*", "Resource": f"arn:aws:iam::{ACCOUNT}:user/CI/bob"}, Verdict.NOT_ALLOWED),
        ({"Action": "*", "Resource": "arn:aws:iam:.*"}, Verdict.NOT_ALLOWED),
        ({"NotAction": "iam:Get*", "Resource": "*"}, Verdict.ALLOWED),
        ({"NotAction": ["iam:Update*"], "Resource": "*"}, Verdict.NOT_ALLOWED),
        ({"Action": "*", "NotResource": USER}, Verdict.NOT_ALLOWED),
        ({"Action": "*", "NotResource": ["x"]}, Verdict.ALLOWED),
        ({"Effect": "Deny", "Action": "*", "Resource": "*"}, Verdict.DENIED),
        ({"Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "eve"}}}, Verdict.NOT_ALLOWED),
        (
            {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:username": "eve"}}},
            Verdict.NOT_ALLOWED,
        ),
    ],
)
def test_the_elements_of_a_statement(statement: dict[str, Any], verdict: Verdict) -> None:
    """Actions without regard to case, resources with; a condition that is not met makes a denial none."""
    assert evaluate([document(statement)], ASKED) is verdict
    assert evaluate([{"Statement": document(statement)["Statement"][0]}], ASKED) is verdict


@pytest.mark.parametrize(
    ("pattern", "is_one"),
    [
        ("user/${aws:username}", True),
        ("user/${AWS:UserName}", True),
        ("user/${aws:userid}", False),
        ("user/b${*}", False),
        ("user/b*", True),
        ("user/b??", True),
        ("user/b?", False),
    ],
)
def test_a_variable_is_the_value_and_no_pattern(pattern: str, is_one: bool) -> None:
    """A variable without a value fits nothing; an asterisk can be meant literally."""
    assert matches(pattern, "user/bob", {"aws:username": "bob"}) is is_one
    assert matches("${aws:username}", "anybody", {"aws:username": "*"}) is False


CONTEXT = {
    "name": "keyswitch-1",
    "number": "5",
    "date": "2026-11-25T12:00:00Z",
    "flag": "true",
    "ip": "10.1.2.3",
    "arn": "arn:aws:iam::1:user/a",
}


@pytest.mark.parametrize(
    ("operator", "key", "met", "not_met"),
    [
        ("StringEquals", "name", ["x", "keyswitch-1"], "KEYSWITCH-1"),
        ("StringEqualsIgnoreCase", "name", "KEYSWITCH-1", "x"),
        ("StringNotEquals", "name", "x", "keyswitch-1"),
        ("StringLike", "name", "key*-?", "key[s]*"),
        ("StringNotLike", "name", "x*", "key*"),
        ("ArnLike", "arn", "arn:aws:iam::*:user/?", "arn:aws:iam::2:*"),
        ("ArnNotEquals", "arn", "arn:aws:iam::2:user/a", "arn:aws:iam::1:user/a"),
        ("NumericLessThan", "number", "6", "5"),
        ("NumericGreaterThanEquals", "number", "5", "6"),
        ("NumericNotEquals", "number", "6", "5"),
        ("DateGreaterThan", "date", "2026-11-25T11:59:59Z", "2026-11-25T12:00:00Z"),
        ("DateLessThanEquals", "date", "1795608000", "2026-11-25"),
        ("Bool", "flag", True, "false"),
        ("IpAddress", "ip", "10.0.0.0/8", "192.0.2.0/24"),
        ("NotIpAddress", "ip", "192.0.2.0/24", "10.0.0.0/8"),
        ("Null", "name", "false", "true"),
        ("Null", "missing", "true", "false"),
        ("ForAnyValue:StringEquals", "name", ["keyswitch-1"], ["x"]),
        ("ForAllValues:StringEquals", "name", ["keyswitch-1"], ["x"]),
    ],
)
def test_the_operators_of_conditions(operator: str, key: str, met: object, not_met: object) -> None:
    """Each is met by the one and not by the other."""
    assert are_met({operator: {key.upper(): met}}, CONTEXT)
    assert not are_met({operator: {key: not_met}}, CONTEXT)


def test_a_key_that_the_request_lacks() -> None:
    """It meets only what is negated, what is IfExists, and all values of none."""
    for operator in ("StringNotEquals", "StringEqualsIfExists", "DateLessThanIfExists", "ForAllValues:StringLike"):
        assert are_met({operator: {"missing": "x"}}, CONTEXT), operator
    for operator in ("StringEquals", "ForAnyValue:StringEquals", "Bool", "DateLessThan"):
        assert not are_met({operator: {"missing": "x"}}, CONTEXT), operator


@pytest.mark.parametrize("operator", ["StringIs", "DateLike", "Equals"])
def test_an_operator_that_is_not_known_is_an_error(operator: str) -> None:
    """It is no condition that is met, and none that is not."""
    with pytest.raises(ValueError, match="does not know the operator"):
        are_met({operator: {"name": "x"}}, CONTEXT)
