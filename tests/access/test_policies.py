"""The policies of both roles: what they allow, for whom, how they follow the gateway's table, and how long they are."""

import json
from importlib.resources import files
from typing import Any

import pytest

from keyswitch.access.coverage import Account, by_name, by_path, by_tag, common_path, exactly
from keyswitch.access.policies import (
    MOST_CHARACTERS,
    ON_USERS,
    PolicyTooLong,
    Reads,
    Role,
    covering,
    is_reading,
    policy,
    text_of,
)
from keyswitch.access_key.inventory import User
from keyswitch.iam.permissions import PERMISSIONS
from tests.support.access import ACCOUNT, BOB, DEPLOY
from tests.support.policy_linter import findings

ACTIONS = {action for needed in PERMISSIONS.values() for action in needed}
DECLARED = exactly(ACCOUNT, [DEPLOY, BOB])


def allowed(document: dict[str, Any], action: str) -> list[str]:
    """The resources for which a policy allows an action."""
    return [
        resource
        for statement in document["Statement"]
        if statement["Effect"] == "Allow" and action in statement["Action"]
        for resource in statement["Resource"]
    ]


def test_the_apply_role_switches_exactly_the_declared_users() -> None:
    """The whole policy as it is printed: the path of a user belongs to the ARN."""
    users = ["arn:aws:iam::123456789012:user/Bob", "arn:aws:iam::123456789012:user/ci/ci-deploy"]
    assert policy(Role.APPLY, DECLARED) == {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "LookAtCaller", "Effect": "Allow", "Action": ["sts:GetCallerIdentity"], "Resource": ["*"]},
            {"Sid": "DeclaredUsers", "Effect": "Allow", "Action": sorted(ON_USERS), "Resource": users},
            {
                "Sid": "Never",
                "Effect": "Deny",
                "Action": ["iam:CreateAccessKey", "iam:DeleteAccessKey"],
                "Resource": "*",
            },
        ],
    }


@pytest.mark.parametrize("reads", Reads)
def test_the_preview_role_is_allowed_no_write(reads: Reads) -> None:
    """It is denied every write, and allowed every look-up that the apply role is allowed."""
    preview, apply = policy(Role.PREVIEW, DECLARED, reads), policy(Role.APPLY, DECLARED, reads)
    assert preview["Statement"][-1]["Action"] == [
        "iam:CreateAccessKey",
        "iam:DeleteAccessKey",
        "iam:UpdateAccessKey",
    ]
    for action in ACTIONS:
        assert allowed(preview, action) == (allowed(apply, action) if is_reading(action) else [])


def test_reading_the_account_widens_no_write() -> None:
    """Every look-up of the table is allowed on everything it acts on; keys of undeclared users stay as they are."""
    document = policy(Role.APPLY, DECLARED, Reads.ACCOUNT)
    everybody = ["arn:aws:iam::123456789012:user/*"]
    for action in ACTIONS - {"iam:UpdateAccessKey", "iam:ListEntitiesForPolicy"}:
        assert allowed(document, action) == (everybody if action in ON_USERS else ["*"])
    assert allowed(document, "iam:ListEntitiesForPolicy") == ["arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantine*"]
    assert allowed(document, "iam:UpdateAccessKey") == list(DECLARED.arns)


def test_a_new_row_of_the_table_appears_by_itself() -> None:
    """A look-up appears for both roles; an action that may write only for the declared users of the apply role."""
    table = {**PERMISSIONS, "looked_up": ("iam:ListAccountAliases",), "written": ("iam:TagUser",)}
    for role in Role:
        document = policy(role, DECLARED, Reads.ACCOUNT, table)
        assert allowed(document, "iam:ListAccountAliases") == ["*"]
        assert allowed(document, "iam:TagUser") == (list(DECLARED.arns) if role is Role.APPLY else [])
        assert ("iam:TagUser" in document["Statement"][-1]["Action"]) is (role is Role.PREVIEW)


def test_what_each_action_acts_on_is_what_aws_says() -> None:
    """AWS's service authorization reference, as cfn-lint ships it, knows the actions and the kinds of resources."""
    services = json.loads(files("cfnlint.data.AdditionalSpecs").joinpath("Policies.json").read_text(encoding="utf-8"))
    kinds = {
        action: services[action.split(":")[0]]["Actions"][action.split(":")[1].lower()].get("Resources", [])
        for action in ACTIONS
    }
    assert {action for action, kind in kinds.items() if kind == ["user"]} == ON_USERS
    assert {action for action, kind in kinds.items() if kind == ["policy"]} == {"iam:ListEntitiesForPolicy"}
    assert {action for action in ACTIONS if not is_reading(action)} == {"iam:UpdateAccessKey"}


def test_a_partition_has_its_own_arns() -> None:
    """In China and GovCloud nothing names the partition `aws`, AWS's own policies included."""
    for partition in ("aws-cn", "aws-us-gov"):
        covered = exactly(Account("123456789012", partition), [BOB])
        text = text_of(policy(Role.APPLY, covered, Reads.ACCOUNT))
        assert f"arn:{partition}:iam::123456789012:user/Bob" in text
        assert f"arn:{partition}:iam::aws:policy/" in text
        assert "arn:aws:" not in text


def test_without_declared_users_nothing_may_be_switched() -> None:
    """A statement without resources would be refused by IAM."""
    document = policy(Role.APPLY, exactly(ACCOUNT, []))
    assert [statement["Sid"] for statement in document["Statement"]] == ["LookAtCaller", "Never"]


def test_a_name_without_its_path_takes_two_patterns() -> None:
    """For a policy that is made without asking AWS; a name is unique in an account, and has no slash."""
    assert by_name(ACCOUNT, ["Bob", "Bob"]).arns == (
        "arn:aws:iam::123456789012:user/Bob",
        "arn:aws:iam::123456789012:user/*/Bob",
    )


def test_a_tag_is_a_condition() -> None:
    """Only tagged users are covered; the look-ups of a whole account need no tag."""
    document = policy(Role.APPLY, by_tag(ACCOUNT, "keyswitch", "managed"), Reads.ACCOUNT)
    conditions = {s["Sid"]: s.get("Condition") for s in document["Statement"]}
    assert conditions["DeclaredUsers"] == {"StringEquals": {"aws:ResourceTag/keyswitch": "managed"}}
    assert {sid for sid, condition in conditions.items() if condition} == {"DeclaredUsers"}


@pytest.mark.parametrize(
    ("paths", "common"),
    [
        (["/ci/", "/ci/"], "/ci/"),
        (["/ci/a/", "/ci/b/"], "/ci/"),
        (["/ci-1/", "/ci-2/"], "/"),
        (["/ci/", "/"], "/"),
        ([], "/"),
    ],
)
def test_the_path_that_all_users_are_under(paths: list[str], common: str) -> None:
    """It ends where a folder ends, so that no folder with a similar name is covered."""
    assert common_path([User("name", path) for path in paths]) == common


def many(number: int, path: str) -> list[User]:
    """As many users under a path."""
    return [User(f"user-{n:05d}", path) for n in range(number)]


def test_users_who_do_not_fit_are_covered_by_their_path_and_it_is_said() -> None:
    """As many as fit are named; one more, and the policy covers the path that all of them are under."""
    fitting = next(n for n in range(200, 0, -1) if not covering(ACCOUNT, many(n, "/ci/")).note)
    assert 90 < fitting < 140
    named = covering(ACCOUNT, many(fitting, "/ci/"))
    assert (len(named.arns), named.note) == (fitting, "")
    assert MOST_CHARACTERS - 60 < len(text_of(policy(Role.APPLY, named))) <= MOST_CHARACTERS
    wider = covering(ACCOUNT, many(fitting + 1, "/ci/"))
    assert wider == by_path(ACCOUNT, "/ci/")
    assert wider.arns == ("arn:aws:iam::123456789012:user/ci/*",)
    assert wider.note == "every user under /ci/ is covered, also those that are not declared"


def test_users_who_do_not_fit_and_share_no_path_are_refused() -> None:
    """All users of the account would be covered; that takes somebody's decision."""
    with pytest.raises(PolicyTooLong) as error:
        covering(ACCOUNT, many(200, "/"))
    assert str(error.value) == (
        "a policy that names the declared users has 9,200 characters, and a managed policy may have 6,144. "
        "Cover a path that all of them are under, or a tag that all of them have"
    )


def test_the_size_is_counted_with_the_look_ups_of_the_account() -> None:
    """They leave room for fewer users."""
    users = many(next(n for n in range(200, 0, -1) if not covering(ACCOUNT, many(n, "/ci/")).note), "/ci/")
    assert covering(ACCOUNT, users, Reads.ACCOUNT).note


@pytest.mark.xdist_group("linter")
def test_a_linter_finds_nothing_in_any_policy() -> None:
    """cfn-lint knows every action and what it acts on."""
    coverages = [DECLARED, by_name(ACCOUNT, ["Bob"]), by_path(ACCOUNT, "/ci/"), by_tag(ACCOUNT, "keyswitch", "managed")]
    documents = [policy(role, covered, reads) for role in Role for reads in Reads for covered in coverages]
    assert findings(policies=documents) == []


@pytest.mark.xdist_group("linter")
def test_the_linter_would_find_something() -> None:
    """An action that does not exist, a resource of another kind, and a condition that does not exist."""
    document = policy(Role.APPLY, DECLARED)
    users = document["Statement"][1]
    users["Action"].append("iam:UpdateAccessKeys")
    wrong_kind = {"Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "arn:aws:iam::123456789012:role/x"}
    document["Statement"] += [wrong_kind, {**users, "Action": "iam:GetUser", "Condition": {"StringIs": {"a": "b"}}}]
    assert {finding.split()[0] for finding in findings(policies=[document])} == {"W3037", "I3510", "E3510"}
