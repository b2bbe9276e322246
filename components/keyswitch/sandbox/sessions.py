"""The operations of STS, as AWS answers them."""

import base64
import binascii
import json
from collections.abc import Mapping

from keyswitch.sandbox.access_keys import not_quarantined
from keyswitch.sandbox.federation import is_trusted_token
from keyswitch.sandbox.wire import Refusal
from keyswitch.sandbox.world import Principal, SessionKind, World

_Result = Mapping[str, object] | None

_HOUR = 3600
_TWELVE_HOURS = 12 * _HOUR


def get_caller_identity(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: caller identity (root, roles, unknown keys)."""
    return {"Arn": signer.arn, "UserId": signer.user_id, "Account": signer.account.account_id}


def get_access_key_info(world: World, _: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: GetAccessKeyInfo (the account of any key it knows, active or not; no default account)."""
    account = world.account_of(given["AccessKeyId"])
    if account is None:
        raise Refusal("ValidationError", 400, f"Access Key {given['AccessKeyId']} is not valid")
    return {"Account": account.account_id}


def assume_role(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: sessions made with the key; expiry by the sandbox's clock. Root may assume no role."""
    if signer.is_root:
        raise Refusal("AccessDenied", 403, "Roles may not be assumed by root accounts.")
    denied = (
        f"User: {signer.arn} is not authorized to perform: sts:AssumeRole on resource: {given['RoleArn']}"
    )  # fmt: skip
    return _session_of_role(world, given, given["RoleSessionName"], denied)


def assume_role_with_web_identity(world: World, given: Mapping[str, str]) -> _Result:
    """Corrects: web identity needs no credentials. Nobody checks the token's signature."""
    denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
    claims = _claims(given["WebIdentityToken"])
    if world.enforces_policies and not is_trusted_token(world, given, claims):
        raise Refusal("AccessDenied", 403, denied)
    return {
        **_session_of_role(world, given, given["RoleSessionName"], denied),
        "SubjectFromWebIdentityToken": claims.get("sub"),
        "Audience": claims.get("aud"),
        "Provider": given.get("ProviderId") or claims.get("iss"),
    }


def assume_role_with_saml(world: World, given: Mapping[str, str]) -> _Result:
    """Corrects: SAML needs no credentials. Nobody reads the assertion."""
    denied = "Not authorized to perform sts:AssumeRoleWithSAML"
    if world.enforces_policies:
        raise Refusal("AccessDenied", 403, denied)
    return _session_of_role(world, given, "saml", denied)


def get_session_token(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: caller identity (a real session instead of a constant), quarantine, what the session may call."""
    if signer.session is not None:
        raise Refusal("AccessDenied", 403, "Cannot call GetSessionToken with session credentials")
    not_quarantined(signer, "sts:GetSessionToken")
    has_mfa = "SerialNumber" in given and "TokenCode" in given
    kind = SessionKind.USER_WITH_MFA if has_mfa else SessionKind.USER
    principal = Principal(
        signer.account, signer.arn, signer.user_id, signer.user_name, is_root=signer.is_root, session=kind
    )
    return {"Credentials": world.begin_session(principal, _seconds(signer, given))}


def get_federation_token(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UserName omitted by a federated session, quarantine, what the session may call."""
    if signer.session is not None:
        raise Refusal("AccessDenied", 403, "Cannot call GetFederationToken with session credentials")
    not_quarantined(signer, "sts:GetFederationToken")
    account_id, name = signer.account.account_id, given["Name"]
    arn = f"arn:aws:sts::{account_id}:federated-user/{name}"
    principal = Principal(signer.account, arn, f"{account_id}:{name}", session=SessionKind.FEDERATED)
    return {
        "Credentials": world.begin_session(principal, _seconds(signer, given)),
        "FederatedUser": {"FederatedUserId": principal.user_id, "Arn": arn},
        "PackedPolicySize": 0,
    }


def _seconds(signer: Principal, given: Mapping[str, str]) -> int:
    """How long a session of a user lasts; root's at most an hour."""
    asked = int(given.get("DurationSeconds", _TWELVE_HOURS))
    return min(asked, _HOUR) if signer.is_root else asked


def _session_of_role(world: World, given: Mapping[str, str], name: str, denied: str) -> dict[str, object]:
    found = world.role(given["RoleArn"])
    if found is None:
        raise Refusal("AccessDenied", 403, denied)
    account, role = found
    arn = f"arn:aws:sts::{account.account_id}:assumed-role/{role.name}/{name}"
    principal = Principal(account, arn, f"{role.id}:{name}", session=SessionKind.ROLE)
    return {
        "Credentials": world.begin_session(principal, int(given.get("DurationSeconds", _HOUR))),
        "AssumedRoleUser": {"AssumedRoleId": principal.user_id, "Arn": arn},
    }


def _claims(token: str) -> dict[str, str]:
    """The claims of a JSON web token; empty where it is none."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, binascii.Error, RecursionError):
        return {}
    return {k: str(v) for k, v in claims.items()} if isinstance(claims, dict) else {}
