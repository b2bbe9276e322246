"""Says what a request is about: the ARN that policies name, and the tags that it has.

(https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html)
"""

from collections.abc import Mapping

from keyswitch.sandbox.account import Account
from keyswitch.sandbox.model import parameters
from keyswitch.sandbox.world import Principal, owner

_ON_GROUPS = ("AddUserToGroup", "RemoveUserFromGroup")
_BY_ARN = ("PolicyArn", "OpenIDConnectProviderArn", "SAMLProviderArn", "RoleArn", "SerialNumber")
_MADE = {"CreatePolicy": ("policy", "PolicyName"), "CreateOpenIDConnectProvider": ("oidc-provider", "Url")}


def resource_of(signer: Principal, service: str, action: str, given: Mapping[str, str]) -> tuple[str, str]:
    """Return the ARN of a request's resource, and how AWS's messages show it. `*` is the ARN of no resource.

    Raises:
        Refusal: a session must name the user.
    """
    if service not in ("iam", "sts"):
        return "*", "*"
    account = signer.account
    shapes, _ = parameters(service, action)
    if action == "GetAccessKeyLastUsed":
        key = account.backend.access_keys.get(given["AccessKeyId"])
        shown = f"access key {given['AccessKeyId']}"
        return (shown if key is None else _arn(account, "user", key.user_name or "", given)), shown
    if service == "iam" and "UserName" in shapes and action not in _ON_GROUPS:
        name = owner(signer, given) or ""
        return _arn(account, "user", name, given), f"user {name}"
    for kind, parameter in (("role", "RoleName"), ("group", "GroupName")):
        if parameter in shapes and parameter in given:
            return _arn(account, kind, given[parameter], given), f"{kind} {given[parameter]}"
    if action in _MADE:
        kind, parameter = _MADE[action]
        arn = _arn(account, kind, given[parameter].removeprefix("https://"), given)
        return arn, arn
    arn = next((given[parameter] for parameter in _BY_ARN if parameter in given), "*")
    return arn, arn


def tags_of(account: Account, arn: str) -> dict[str, str]:
    """Return the tags of a resource as the keys of a condition."""
    tags = account.backend.tagger.get_tag_dict_for_resource(arn)
    return {
        f"{prefix}:resourcetag/{key}".lower(): value or "" for key, value in tags.items() for prefix in ("aws", "iam")
    }


def _arn(account: Account, kind: str, name: str, given: Mapping[str, str]) -> str:
    """The ARN of something that may not be there yet; what is there has its own path."""
    backend = account.backend
    there = backend.users.get(name) if kind == "user" else None
    if kind in ("group", "role"):
        holders = backend.groups if kind == "group" else backend.roles
        there = next((holder for holder in holders.values() if holder.name == name), None)
    path = there.path if there is not None else given.get("Path", "/")
    return f"arn:aws:iam::{account.account_id}:{kind}{path}{name}"
