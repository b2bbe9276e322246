"""Derives the policies of the roles from the gateway's table of permissions. Asks nothing of AWS."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from keyswitch.access.coverage import Account, Coverage, by_path, common_path, exactly
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.inventory import User
from keyswitch.iam.permissions import PERMISSIONS

MOST_CHARACTERS = 6144
"""The size of a managed policy without white space, at most
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

ON_USERS = frozenset(
    ("iam:GetAccessKeyLastUsed", "iam:GetUser", "iam:ListAccessKeys", "iam:ListUserTags", "iam:UpdateAccessKey")
)
"""The actions whose resource is a user
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html)."""

NEVER = ("iam:CreateAccessKey", "iam:DeleteAccessKey")
"""What keyswitch never does. Both roles are denied it, whatever other policies they have."""

_ANYBODYS = "sts:GetCallerIdentity"
_READING = ("Describe", "Generate", "Get", "List", "Lookup")
_QUARANTINES = "policy/AWSCompromisedKeyQuarantine*"


class Role(str, Enum):
    """Who a policy is for: a run that previews changes, or one that applies them."""

    PREVIEW = "preview"
    APPLY = "apply"


class Reads(str, Enum):
    """What a role may look up: the declared users, or the whole account."""

    DECLARED = "declared"
    ACCOUNT = "account"


class PolicyTooLong(KeyswitchError):
    """The declared users do not fit into a managed policy, and no wider set of users was chosen."""


def policy(
    role: Role,
    covered: Coverage,
    reads: Reads = Reads.DECLARED,
    permissions: Mapping[str, Sequence[str]] = PERMISSIONS,
) -> dict[str, Any]:
    """Return the policy document of a role.

    An action that the table gains appears by itself: one that reads in both roles, any other only in the apply role,
    and, unless it is known what it acts on, for the covered users.

    Args:
        role: whose policy it is.
        covered: the users whose keys may be switched.
        reads: what may be looked up.
        permissions: the actions that keyswitch asks for, by method.
    """
    actions = sorted({action for needed in permissions.values() for action in needed})
    writes = [action for action in actions if not is_reading(action)]
    looking = [action for action in actions if is_reading(action) and action in ON_USERS]
    switching = writes if role is Role.APPLY else []
    statements = []
    if reads is Reads.ACCOUNT:
        others = [action for action in actions if is_reading(action) and action not in ON_USERS]
        statements += _allow("LookAtAccount", [a for a in others if a != "iam:ListEntitiesForPolicy"], ["*"])
        quarantines = f"arn:{covered.account.partition}:iam::aws:{_QUARANTINES}"
        statements += _allow(
            "LookAtQuarantines", [a for a in others if a == "iam:ListEntitiesForPolicy"], [quarantines]
        )
        statements += _allow("LookAtUsers", looking, [covered.account.users("/*")])
    else:
        statements += _allow("LookAtCaller", [a for a in actions if a == _ANYBODYS], ["*"])
        switching = sorted([*looking, *switching])
    statements += _allow("DeclaredUsers", switching, covered.arns, covered.tag)
    denied = sorted({*NEVER, *(() if role is Role.APPLY else writes)})
    statements.append({"Sid": "Never", "Effect": "Deny", "Action": denied, "Resource": "*"})
    return {"Version": "2012-10-17", "Statement": statements}


def is_reading(action: str) -> bool:
    """Whether an action changes nothing, as its name says. Making a credential report changes nothing."""
    return action.partition(":")[2].startswith(_READING)


def text_of(document: Mapping[str, Any]) -> str:
    """Return a policy without white space, as its size is counted."""
    return json.dumps(document, separators=(",", ":"))


def covering(account: Account, users: Sequence[User], reads: Reads = Reads.DECLARED) -> Coverage:
    """Cover exactly these users; if they do not fit into a policy, cover the path that all of them are under.

    Raises:
        PolicyTooLong: they do not fit, and share no path.
    """
    covered = exactly(account, users)
    if fits(covered, reads):
        return covered
    path = common_path(users)
    if path == "/":
        raise too_long(covered, reads)
    return by_path(account, path)


def fits(covered: Coverage, reads: Reads) -> bool:
    """Whether the longer of the two policies fits into a managed policy."""
    return _size(covered, reads) <= MOST_CHARACTERS


def too_long(covered: Coverage, reads: Reads) -> PolicyTooLong:
    """Return the error for users who do not fit into a policy."""
    return PolicyTooLong(
        f"a policy that names the declared users has {_size(covered, reads):,} characters, and a managed policy may "
        f"have {MOST_CHARACTERS:,}",
        "Cover a path that all of them are under, or a tag that all of them have",
    )


def _size(covered: Coverage, reads: Reads) -> int:
    return len(text_of(policy(Role.APPLY, covered, reads)))


def _allow(
    sid: str, actions: Sequence[str], resources: Sequence[str], tag: tuple[str, str] | None = None
) -> list[dict[str, Any]]:
    """Return the statement, or none if it would allow nothing."""
    if not actions or not resources:
        return []
    statement: dict[str, Any] = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources)}
    if tag is not None:
        statement["Condition"] = {"StringEquals": {f"aws:ResourceTag/{tag[0]}": tag[1]}}
    return [statement]
