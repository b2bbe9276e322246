"""Decides whether the token of an identity provider may assume a role. Checks no signature."""

import json
from collections.abc import Mapping

from keyswitch.sandbox.evaluation import Asked, Verdict, evaluate
from keyswitch.sandbox.wire import Refusal
from keyswitch.sandbox.world import World

_TAGS = "https://aws.amazon.com/tags"


def is_trusted_token(world: World, given: Mapping[str, str], claims: Mapping[str, str]) -> bool:
    """Whether the trust policy of the role lets the token assume it, with tags if it carries some.

    Raises:
        Refusal: InvalidIdentityToken: the account does not know the provider, or not the audience.
    """
    found = world.role(given["RoleArn"])
    if found is None:
        return False
    account, role = found
    issuer = claims.get("iss", "").removeprefix("https://")
    provider = account.backend.open_id_providers.get(f"arn:aws:iam::{account.account_id}:oidc-provider/{issuer}")
    if provider is None:
        words = f"No OpenIDConnect provider found in your account for https://{issuer}"
        raise Refusal("InvalidIdentityToken", 400, words)
    if claims.get("aud") not in provider.client_id_list:
        raise Refusal("InvalidIdentityToken", 400, "Incorrect token audience")
    context = {f"{issuer}:{name}".lower(): claims[name] for name in ("aud", "sub") if name in claims}
    context["sts:rolesessionname"] = given["RoleSessionName"]
    principals = {"Federated": frozenset((provider.arn,))}
    actions = ["sts:AssumeRoleWithWebIdentity", *(["sts:TagSession"] if _TAGS in claims else [])]
    trust = [json.loads(role.assume_role_policy_document)]
    return all(evaluate(trust, Asked(each, "*", context, principals)) is Verdict.ALLOWED for each in actions)
