"""The policies of both roles on an IAM that enforces them: what is declared works, what is left out is denied."""

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from keyswitch.access.coverage import by_name, by_path, by_tag, exactly
from keyswitch.access.policies import Reads, Role, is_reading, policy
from keyswitch.access.trust import AUDIENCE, trust_policy
from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.sandbox.server import Sandbox
from tests.support.access import ACCOUNT, BOB, DEPLOY, PROVIDER
from tests.support.enforced import (
    OTHER_AUDIENCE,
    REPOSITORY,
    SUBJECTS,
    allow,
    assumed,
    enforcing,
    make_roles,
    session,
)
from tests.support.sandbox_client import ALICE, CI, Answer, aws, headers, raw, send
from tests.support.sandbox_client import BOB as BOB_KEY

Call = tuple[str, str, dict[str, str]]
"""A service, an action, and parameters."""

DECLARED = exactly(ACCOUNT, [BOB, DEPLOY])
OWNERS = {"Bob": BOB_KEY, "ci-deploy": CI, "alice": ALICE}
QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV2"


def about(user: str) -> dict[str, Call]:
    """Every call of keyswitch about one user, by name."""
    key = OWNERS[user]
    return {
        f"ListAccessKeys {user}": ("iam", "ListAccessKeys", {"UserName": user}),
        f"GetAccessKeyLastUsed {user}": ("iam", "GetAccessKeyLastUsed", {"AccessKeyId": key}),
        f"GetUser {user}": ("iam", "GetUser", {"UserName": user}),
        f"ListUserTags {user}": ("iam", "ListUserTags", {"UserName": user}),
        f"UpdateAccessKey {user}": (
            "iam",
            "UpdateAccessKey",
            {"UserName": user, "AccessKeyId": key, "Status": "Active"},
        ),
    }


CALLER: dict[str, Call] = {"GetCallerIdentity": ("sts", "GetCallerIdentity", {})}
WHOLE: dict[str, Call] = {
    "ListUsers": ("iam", "ListUsers", {}),
    "ListPolicies": ("iam", "ListPolicies", {}),
    "ListEntitiesForPolicy": ("iam", "ListEntitiesForPolicy", {"PolicyArn": QUARANTINE}),
    "GetAccountSummary": ("iam", "GetAccountSummary", {}),
    "GenerateCredentialReport": ("iam", "GenerateCredentialReport", {}),
    "GetCredentialReport": ("iam", "GetCredentialReport", {}),
    "LookupEvents": ("cloudtrail", "LookupEvents", {}),
}
DECLARED_CALLS = {**CALLER, **about("Bob"), **about("ci-deploy")}
NEVER: dict[str, Call] = {
    "CreateAccessKey": ("iam", "CreateAccessKey", {"UserName": "alice"}),
    "CreateAccessKey Bob": ("iam", "CreateAccessKey", {"UserName": "Bob"}),
    "DeleteAccessKey Bob": ("iam", "DeleteAccessKey", {"UserName": "Bob", "AccessKeyId": "AKIAI44QH8DHBEXAMPLE"}),
}
OTHERS: dict[str, Call] = {
    "ListEntitiesForPolicy of another": (
        "iam",
        "ListEntitiesForPolicy",
        {"PolicyArn": f"arn:aws:iam::{ACCOUNT.account_id}:policy/own"},
    ),
    "CreateUser": ("iam", "CreateUser", {"UserName": "mallory"}),
    "DeleteUser": ("iam", "DeleteUser", {"UserName": "ci-deploy"}),
    "UpdateUser": ("iam", "UpdateUser", {"UserName": "Bob", "NewPath": "/ci/"}),
    "TagUser": ("iam", "TagUser", {"UserName": "Bob", "Tags.member.1.Key": "a", "Tags.member.1.Value": "b"}),
    "CreateLoginProfile": ("iam", "CreateLoginProfile", {"UserName": "Bob", "Password": "x"}),
    "AttachUserPolicy": ("iam", "AttachUserPolicy", {"UserName": "Bob", "PolicyArn": QUARANTINE}),
    "PutRolePolicy": (
        "iam",
        "PutRolePolicy",
        {"RoleName": "keyswitch-preview", "PolicyName": "more", "PolicyDocument": "{}"},
    ),
    "ListRoles": ("iam", "ListRoles", {}),
    "GetAccountAuthorizationDetails": ("iam", "GetAccountAuthorizationDetails", {}),
    "GetAccessKeyInfo": ("sts", "GetAccessKeyInfo", {"AccessKeyId": BOB_KEY}),
}
CALLS = {**DECLARED_CALLS, **about("alice"), **WHOLE, **NEVER, **OTHERS}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


@pytest.fixture
def iam() -> Sandbox:
    """The example's keys, on an IAM that enforces policies."""
    return enforcing()


def test_the_calls_here_are_those_of_the_gateway() -> None:
    """Each action that keyswitch asks for is tried, about a declared user where it is about users."""
    tried = {f"{service}:{action}" for service, action, _ in {**DECLARED_CALLS, **WHOLE}.values()}
    table = {action for needed in PERMISSIONS.values() for action in needed}
    assert table == tried


def allowed(sandbox: Sandbox, credentials: dict[str, str], calls: dict[str, Call] = CALLS) -> set[str]:
    """The calls that are not denied."""
    answers = {
        name: json_call(sandbox, action, credentials, service)
        if service == "cloudtrail"
        else raw(sandbox, action, credentials, service=service, **given)
        for name, (service, action, given) in calls.items()
    }
    return {name for name, answer in answers.items() if answer.status != 403}


def json_call(sandbox: Sandbox, action: str, credentials: dict[str, str], service: str) -> Answer:
    """Send a request of a service whose requests are JSON."""
    given = {**headers(credentials, service), "X-Amz-Target": f"{service}.{action}"}
    return send(sandbox, "POST", "/", "{}", given)


def expected(role: Role, reads: Reads) -> set[str]:
    """The calls that a role may make."""
    calls = {**DECLARED_CALLS, **(WHOLE if reads is Reads.ACCOUNT else {})}
    if reads is Reads.ACCOUNT:
        calls |= {name: call for name, call in about("alice").items() if is_reading(f"iam:{call[1]}")}
    return {name for name, (_, action, _) in calls.items() if role is Role.APPLY or is_reading(f"iam:{action}")}


@pytest.mark.parametrize("reads", Reads)
def test_what_is_declared_works_and_what_is_left_out_is_denied(sandbox: Sandbox, reads: Reads) -> None:
    """Every call of keyswitch, about declared users and another one, and calls that keyswitch never makes."""
    make_roles(sandbox, reads)
    before = sandbox.statuses()
    for role in Role:
        assert allowed(sandbox, session(sandbox, role)) == expected(role, reads)
    assert sandbox.statuses() == before


def test_no_other_policy_lets_the_roles_do_what_they_never_do(sandbox: Sandbox) -> None:
    """Also with all permissions neither makes or deletes a key, and the preview role switches none."""
    make_roles(sandbox)
    for role in Role:
        allow(sandbox, role, EVERYTHING, "everything")
    updates = {name: call for name, call in CALLS.items() if call[1] == "UpdateAccessKey"}
    assert allowed(sandbox, session(sandbox, Role.PREVIEW), {**NEVER, **updates}) == set()
    assert allowed(sandbox, session(sandbox, Role.APPLY), {**NEVER, **updates}) == updates.keys()


def mutations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The document with one thing left out: a statement, one of its actions, one of its resources; and one widened."""
    for number, statement in enumerate(document["Statement"]):
        sid = statement["Sid"]
        yield f"without {sid}", {**document, "Statement": [s for s in document["Statement"] if s is not statement]}
        for element in ("Action", "Resource"):
            values = statement[element]
            for value in values if isinstance(values, list) and len(values) > 1 else []:
                changed = copy.deepcopy(document)
                changed["Statement"][number][element].remove(value)
                yield f"{sid} without {value}", changed
        if statement["Effect"] == "Allow" and statement["Resource"] != ["*"]:
            changed = copy.deepcopy(document)
            changed["Statement"][number]["Resource"] = ["*"]
            yield f"{sid} for everything", changed


MUTATIONS = [
    pytest.param(role, reads, changed, id=f"{role.value}, {reads.value}: {what}")
    for role in Role
    for reads in Reads
    for what, changed in mutations(policy(role, DECLARED, reads))
    if what != "without LookAtCaller" and "GetCallerIdentity" not in what  # which everybody may
    if what != "LookAtUsers for everything"  # all users are everything that these actions act on
]


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """One sandbox with the roles, for policies that replace each other."""
    with enforcing() as running:
        make_roles(running)
        yield running


@pytest.mark.parametrize(("role", "reads", "changed"), MUTATIONS)
def test_every_part_of_a_policy_counts(shared: Sandbox, role: Role, reads: Reads, changed: dict[str, Any]) -> None:
    """With a part left out or widened, a call is allowed that should not be, or denied that should not be."""
    allow(shared, role, changed)
    credentials = session(shared, role)
    alone = allowed(shared, credentials, {**CALLS, **OTHERS})
    allow(shared, role, EVERYTHING, "everything")
    with_everything = allowed(shared, credentials, {**NEVER, **about("alice")})
    aws(shared).delete_role_policy(RoleName=f"keyswitch-{role.value}", PolicyName="everything")
    may_update = {"UpdateAccessKey alice"} if role is Role.APPLY else set()
    looks = {name for name in about("alice") if not name.startswith("Update")}
    assert (alone, with_everything) != (expected(role, reads), looks | may_update)


@pytest.mark.parametrize(
    ("covered", "users"),
    [
        (by_name(ACCOUNT, ["Bob", "ci-deploy"]), {"Bob", "ci-deploy"}),
        (by_path(ACCOUNT, "/ci/"), {"ci-deploy"}),
        (by_tag(ACCOUNT, "keyswitch", "managed"), {"alice"}),
    ],
    ids=["names", "a path", "a tag"],
)
def test_users_may_be_covered_by_name_path_or_tag(sandbox: Sandbox, covered: Any, users: set[str]) -> None:
    """Each covers exactly whom it says, wherever they are."""
    make_roles(sandbox)
    aws(sandbox).tag_user(UserName="alice", Tags=[{"Key": "keyswitch", "Value": "managed"}])
    aws(sandbox).tag_user(UserName="Bob", Tags=[{"Key": "keyswitch", "Value": "no"}])
    allow(sandbox, Role.APPLY, policy(Role.APPLY, covered))
    calls = {name: call for user in OWNERS for name, call in about(user).items()}
    found = allowed(sandbox, session(sandbox, Role.APPLY), calls)
    assert found == {name for user in users for name in about(user)}


TOKENS = {
    "a pull request": ("repo:octo/keys:pull_request", {}),
    "a pull request, with IDs": ("repo:octo@12/keys@34:pull_request", {}),
    "the environment": (SUBJECTS[Role.APPLY], {}),
    "the environment, without IDs": ("repo:octo/keys:environment:production", {}),
    "the main branch": ("repo:octo/keys:ref:refs/heads/main", {}),
    "the main branch, with IDs": ("repo:octo@12/keys@34:ref:refs/heads/main", {}),
    "another branch": ("repo:octo/keys:ref:refs/heads/topic", {}),
    "another environment": ("repo:octo/keys:environment:staging", {}),
    "another repository": ("repo:octo/other:environment:production", {}),
    "another repository's pull request": ("repo:octo@12/other@35:pull_request", {}),
    "another owner": ("repo:mallory/keys:environment:production", {}),
    "a fork": ("repo:mallory@9/keys@34:pull_request", {}),
    "another audience, for a pull request": ("repo:octo/keys:pull_request", {"aud": OTHER_AUDIENCE}),
    "another audience, for the environment": (SUBJECTS[Role.APPLY], {"aud": OTHER_AUDIENCE}),
    "a pull request, with tags": ("repo:octo/keys:pull_request", {"https://aws.amazon.com/tags": {"run": "1"}}),
    "the environment, with tags": (SUBJECTS[Role.APPLY], {"https://aws.amazon.com/tags": {"run": "1"}}),
}
TRUSTED = {
    Role.PREVIEW: {
        "a pull request",
        "a pull request, with IDs",
        "the main branch",
        "the main branch, with IDs",
        "a pull request, with tags",
    },
    Role.APPLY: {"the environment", "the environment, without IDs", "the environment, with tags"},
}


def trusted(sandbox: Sandbox, role: Role) -> set[str]:
    """The tokens for which a role may be assumed."""
    return {n for n, (subject, more) in TOKENS.items() if isinstance(assumed(sandbox, role, subject, **more), dict)}


@pytest.mark.parametrize("role", Role)
def test_a_role_is_assumed_by_its_own_workflows_only(sandbox: Sandbox, role: Role) -> None:
    """The apply role by jobs in the environment, the preview role by pull requests and the scheduled check."""
    make_roles(sandbox)
    assert trusted(sandbox, role) == TRUSTED[role]


@pytest.mark.parametrize("role", Role)
def test_every_part_of_a_trust_policy_counts(sandbox: Sandbox, role: Role) -> None:
    """Without one of its conditions, subjects or actions, or for another provider, others are trusted."""
    make_roles(sandbox)
    subjects = REPOSITORY.preview_subjects() if role is Role.PREVIEW else REPOSITORY.apply_subjects()
    whole = trust_policy(PROVIDER, AUDIENCE, subjects)
    changed: list[dict[str, Any]] = [trust_policy(f"{PROVIDER}2", AUDIENCE, subjects)]
    changed += [trust_policy(PROVIDER, AUDIENCE, [s for s in subjects if s != left_out]) for left_out in subjects]
    for operator in whole["Statement"][0]["Condition"]:
        changed.append(copy.deepcopy(whole))
        del changed[-1]["Statement"][0]["Condition"][operator]
    for action in whole["Statement"][0]["Action"]:
        changed.append(copy.deepcopy(whole))
        changed[-1]["Statement"][0]["Action"].remove(action)
    for document in changed:
        name = f"keyswitch-{role.value}"
        aws(sandbox).update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))
        assert trusted(sandbox, role) != TRUSTED[role], document


def test_a_permissions_boundary_narrows_a_role(sandbox: Sandbox) -> None:
    """What the boundary does not allow is denied, whatever the role's own policy says."""
    make_roles(sandbox)
    boundary = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["iam:List*", "sts:*"], "Resource": "*"}],
    }
    iam = aws(sandbox)
    arn = iam.create_policy(PolicyName="narrow", PolicyDocument=json.dumps(boundary))["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="keyswitch-apply", PermissionsBoundary=arn)
    found = allowed(sandbox, session(sandbox, Role.APPLY))
    assert found == {name for name in expected(Role.APPLY, Reads.DECLARED) if name.startswith(("List", "GetCaller"))}
