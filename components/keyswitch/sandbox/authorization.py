"""Allows or denies a request by the policies of whoever signs it, for a sandbox that enforces policies."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from keyswitch.sandbox.account import Account
from keyswitch.sandbox.evaluation import Asked, Verdict, evaluate
from keyswitch.sandbox.incoming import Incoming
from keyswitch.sandbox.resources import resource_of, tags_of
from keyswitch.sandbox.wire import Refusal, timestamp
from keyswitch.sandbox.world import Principal, SessionKind, World

_Document = Mapping[str, Any]

_TO_EVERYBODY = frozenset(("sts:GetCallerIdentity",))
"""What no policy can deny."""

_UNLESS_DENIED = frozenset(("sts:GetSessionToken",))


def authorize(world: World, signer: Principal, request: Incoming) -> None:
    """Allow the request, or deny it.

    Args:
        world: knows the time and the roles.
        signer: who signs.
        request: what is asked.

    Raises:
        Refusal: AccessDenied.
    """
    action = f"{request.service}:{request.action or 'Unknown'}"
    if signer.is_root or action in _TO_EVERYBODY:
        return
    resource, shown = resource_of(signer, request.service, request.action, request.parameters)
    asked = Asked(action, resource, {**_context(world, signer, request), **tags_of(signer.account, resource)})
    verdict = evaluate(_identity_policies(signer), asked)
    if action == "sts:AssumeRole" and verdict is not Verdict.DENIED:
        verdict = _trusted(world, signer, request.parameters, asked, verdict)
    if action in _UNLESS_DENIED and verdict is Verdict.NOT_ALLOWED:
        return
    reason = f"because no identity-based policy allows the {action} action"
    boundary = _boundary(signer)
    if boundary is not None and verdict is Verdict.ALLOWED:
        verdict = evaluate([boundary], asked)
        reason = f"because no permissions boundary allows the {action} action"
    if verdict is Verdict.DENIED:
        reason = "with an explicit deny in an identity-based policy"
    if verdict is not Verdict.ALLOWED:
        words = f"User: {signer.arn} is not authorized to perform: {action} on resource: {shown} {reason}"
        raise Refusal("AccessDenied", 403, words)


def _trusted(world: World, signer: Principal, given: Mapping[str, str], asked: Asked, identity: Verdict) -> Verdict:
    """Decide by the trust policy of a role: one that names who signs is enough, one that names the account is not."""
    found = world.role(given["RoleArn"])
    if found is None:
        return Verdict.NOT_ALLOWED
    account, role = found
    trust = [json.loads(role.assume_role_policy_document)]
    actions = [asked.action, "sts:TagSession"] if "Tags.member.1.Key" in given else [asked.action]
    context = {**asked.context, "sts:rolesessionname": given["RoleSessionName"]}
    if "ExternalId" in given:
        context["sts:externalid"] = given["ExternalId"]

    def says(*names: str) -> Verdict:
        principals = {"AWS": frozenset(names)}
        verdicts = {evaluate(trust, Asked(each, asked.resource, context, principals)) for each in actions}
        return next(v for v in (Verdict.DENIED, Verdict.NOT_ALLOWED, Verdict.ALLOWED) if v in verdicts)

    itself = says(signer.arn, asked.context["aws:principalarn"])
    number = signer.account.account_id
    by_account = says(number, f"arn:aws:iam::{number}:root")
    if Verdict.DENIED in (itself, by_account):
        return Verdict.DENIED
    if itself is Verdict.ALLOWED and account is signer.account:
        return Verdict.ALLOWED
    return identity if Verdict.ALLOWED in (itself, by_account) else Verdict.NOT_ALLOWED


def _identity_policies(signer: Principal) -> Iterator[_Document]:
    backend = signer.account.backend
    if signer.user_name is not None:
        user = signer.account.user(signer.user_name)
        groups = [group for group in backend.groups.values() if user in group.users]
        for holder in (user, *groups):
            yield from _documents(holder.policies.values(), holder.managed_policies.values())
    elif signer.session is SessionKind.ROLE:
        role = _role(signer)
        yield from _documents(role.policies.values(), role.managed_policies.values())


def _documents(inline: Iterable[Any], managed: Iterable[Any]) -> Iterator[_Document]:
    for document in inline:
        yield json.loads(document)
    yield from map(_managed, managed)


def _managed(policy: Any) -> _Document:  # noqa: ANN401
    """The document of a managed policy in its default version."""
    document = next(version.document for version in policy.versions if version.is_default_version)
    return dict(json.loads(document))


def _boundary(signer: Principal) -> _Document | None:
    """The permissions boundary; None: there is none."""
    if signer.user_name is not None:
        arn = getattr(signer.account.user(signer.user_name), "permissions_boundary", None)
    else:
        arn = _role(signer).permissions_boundary_arn if signer.session is SessionKind.ROLE else None
    return _managed(signer.account.backend.managed_policies[arn]) if arn else None


def _role(signer: Principal) -> Any:  # noqa: ANN401  (moto's types do not hold)
    name = signer.arn.split("/")[1]
    return next(role for role in signer.account.backend.roles.values() if role.name == name)


def _context(world: World, signer: Principal, request: Incoming) -> dict[str, str]:
    is_role = signer.session is SessionKind.ROLE
    context = {
        "aws:principalarn": _role(signer).arn if is_role else signer.arn,
        "aws:principalaccount": signer.account.account_id,
        "aws:principaltype": "AssumedRole" if is_role else "User",
        "aws:userid": signer.user_id,
        "aws:currenttime": timestamp(world.clock.now()),
        "aws:requestedregion": request.region,
        "aws:sourceip": request.source_ip,
        "aws:useragent": request.user_agent,
    }
    if signer.user_name is not None:
        context["aws:username"] = signer.user_name
    if signer.issued is not None:
        context["aws:tokenissuetime"] = timestamp(signer.issued)
        context["aws:multifactorauthpresent"] = str(signer.session is SessionKind.USER_WITH_MFA).lower()
    return context


def administrator(account: Account, user_name: str) -> None:
    """Allow a user everything."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    account.backend.put_user_policy(user_name, "administrator", json.dumps(document))
