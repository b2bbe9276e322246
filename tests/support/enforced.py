"""A sandbox that enforces policies, with the two roles in it, and sessions of theirs from tokens of GitHub."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from keyswitch.access.coverage import exactly
from keyswitch.access.policies import Reads, Role, policy
from keyswitch.access.trust import AUDIENCE, GITHUB, GitHub, trust_policy
from keyswitch.sandbox.seed import ACCOUNT as ACCOUNT_ID
from keyswitch.sandbox.server import Sandbox
from keyswitch.sandbox.world import World
from tests.support.access import ACCOUNT, BOB, DEPLOY, PROVIDER
from tests.support.sandbox_client import aws, raw

REPOSITORY = GitHub("octo/keys", ["production"])
SUBJECTS = {
    Role.PREVIEW: "repo:octo/keys:pull_request",
    Role.APPLY: "repo:octo@12/keys@34:environment:production",
}
OTHER_AUDIENCE = "another.example"


def enforcing() -> Sandbox:
    """A sandbox with the example's keys that enforces policies, not running yet."""
    return Sandbox(world=World(enforces_policies=True))


def role_arn(role: Role) -> str:
    """The ARN of one of the two roles."""
    return f"arn:aws:iam::{ACCOUNT_ID}:role/keyswitch-{role.value}"


def make_roles(sandbox: Sandbox, reads: Reads = Reads.DECLARED) -> None:
    """Move a user under a path, and make the provider and the roles for it and for Bob, as the operator."""
    iam = aws(sandbox)
    iam.update_user(UserName="ci-deploy", NewPath="/ci/")
    iam.create_open_id_connect_provider(
        Url=f"https://{GITHUB}", ClientIDList=[AUDIENCE, OTHER_AUDIENCE], ThumbprintList=["0" * 40]
    )
    for role in Role:
        subjects = REPOSITORY.preview_subjects() if role is Role.PREVIEW else REPOSITORY.apply_subjects()
        trust = json.dumps(trust_policy(PROVIDER, AUDIENCE, subjects))
        iam.create_role(RoleName=f"keyswitch-{role.value}", AssumeRolePolicyDocument=trust)
        allow(sandbox, role, policy(role, exactly(ACCOUNT, [BOB, DEPLOY]), reads))


def allow(sandbox: Sandbox, role: Role, document: Mapping[str, Any], name: str = "keyswitch") -> None:
    """Give a role a policy, instead of the one it has under this name."""
    aws(sandbox).put_role_policy(
        RoleName=f"keyswitch-{role.value}", PolicyName=name, PolicyDocument=json.dumps(document)
    )


def token(subject: str, **claims: Any) -> str:
    """A token as GitHub makes it; its signature is nobody's."""
    claims = {"iss": f"https://{GITHUB}", "aud": AUDIENCE, "sub": subject, **claims}
    parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({}, claims)]
    return ".".join([*parts, "signature"])


def assumed(sandbox: Sandbox, role: Role, subject: str | None = None, **claims: Any) -> dict[str, str] | str:
    """The credentials of a session of a role for a token, or the code of the refusal."""
    answer = raw(
        sandbox,
        "AssumeRoleWithWebIdentity",
        None,
        service="sts",
        RoleArn=role_arn(role),
        RoleSessionName="keyswitch-1-abc",
        WebIdentityToken=token(subject or SUBJECTS[role], **claims),
    )
    if answer.status != 200:
        return str(answer.code)
    texts = {node.tag.rpartition("}")[2]: node.text or "" for node in answer.xml.iter()}
    return {name: texts[name] for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}


def session(sandbox: Sandbox, role: Role) -> dict[str, str]:
    """The credentials of a session that the role's own token gets."""
    credentials = assumed(sandbox, role)
    assert not isinstance(credentials, str), credentials
    return credentials
