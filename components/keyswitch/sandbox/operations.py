"""The operations that AWS answers otherwise than moto does; all others are moto's.

Each is named like its action and takes who signs and what was given; its docstring names what it corrects, as
tests/sandbox/test_behaviour.py does. An action that is not here goes to moto.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moto.iam.models import iam_backends

from keyswitch.sandbox.account import Account
from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.wire import Refusal

_Result = Mapping[str, object] | None


@dataclass(frozen=True)
class Principal:
    """Who signs: the account, the ARN, the user (None: root, a role), and whether with a long-term key."""

    account: Account
    arn: str
    user_id: str
    user_name: str | None = None
    is_root: bool = False
    is_session: bool = False


@dataclass(frozen=True)
class _Session:
    principal: Principal
    expires: datetime


@dataclass
class World:
    """All accounts, and the sessions made from their keys.

    Attributes:
        clock: the time everywhere.
        propagation: how long a status change takes to be seen.
        last_used_delay: how long a recorded use takes to be seen.
        issued: the temporary credentials handed out so far.
    """

    clock: Clock = field(default_factory=Clock)
    propagation: timedelta = timedelta()
    last_used_delay: timedelta = timedelta(minutes=7)
    issued: list[Mapping[str, object]] = field(default_factory=list)
    _accounts: dict[str, Account] = field(default_factory=dict)
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def account(self, account_id: str) -> Account:
        """One account; made when it is first asked for."""
        if account_id not in self._accounts:
            self._accounts[account_id] = Account(account_id, self.clock, self.propagation, self.last_used_delay)
        return self._accounts[account_id]

    def signer(self, access_key_id: str, service: str, region: str) -> Principal:
        """Who signs with an access key. The use is taken note of.

        Raises:
            Refusal: no such key, an Inactive one, or an expired session.
        """
        if not access_key_id:
            raise Refusal("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        session = self._sessions.get(access_key_id)
        if session is not None:
            if self.clock.now() >= session.expires:
                raise Refusal("ExpiredToken", 403, "The security token included in the request is expired")
            return session.principal
        account = self.account_of(access_key_id)
        key = account.backend.access_keys[access_key_id] if account else None
        if account is None or key is None or account.status(key) != "Active":
            raise Refusal("InvalidClientTokenId", 403, "The security token included in the request is invalid.")
        account.used(key, service, region)
        if key.user_name is None:
            arn = f"arn:aws:iam::{account.account_id}:root"
            return Principal(account, arn, account.account_id, is_root=True)
        user = account.user(key.user_name)
        return Principal(account, user.arn, user.id, user_name=user.name)

    def account_of(self, access_key_id: str) -> Account | None:
        """The account that a long-term key is in."""
        for account_id, partitions in list(iam_backends.items()):
            if access_key_id in partitions["aws"].access_keys:
                return self.account(account_id)
        return None

    def begin_session(self, principal: Principal, seconds: int) -> dict[str, object]:
        """Make temporary credentials; they outlive a deactivation of the key that asked for them."""
        key_id = f"ASIA{secrets.token_hex(8).upper()}"
        expires = self.clock.now() + timedelta(seconds=seconds)
        self._sessions[key_id] = _Session(principal, expires)
        credentials: dict[str, object] = {
            "AccessKeyId": key_id,
            "SecretAccessKey": f"sandbox-{secrets.token_hex(8)}",
            "SessionToken": f"sandbox-{secrets.token_hex(16)}",
            "Expiration": expires,
        }
        self.issued.append(credentials)
        return credentials


def _owner(signer: Principal, given: Mapping[str, str]) -> str | None:
    """Whose keys a request is about: the named user's, else the signer's own (None: root's)."""
    if "UserName" in given:
        return given["UserName"]
    if signer.is_session or (signer.user_name is None and not signer.is_root):
        # A GetSessionToken session is refused, too. Unverified: AWS documents only roles and federated sessions.
        raise Refusal("ValidationError", 400, "Must specify userName when calling with non-User credentials")
    return signer.user_name


def _not_quarantined(signer: Principal, action: str) -> None:
    """AWS's quarantine denies a user its own key management and sessions; administrators are not concerned."""
    if signer.user_name is not None and signer.account.is_quarantined(signer.user_name):
        raise Refusal(
            "AccessDenied",
            403,
            f"User: {signer.arn} is not authorized to perform: {action} on resource: user "
            f"{signer.user_name} with an explicit deny in an identity-based policy",
        )


def _update_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: update succeeds, missing key, key of another user, invalid Status, UserName omitted, propagation."""
    _not_quarantined(signer, "iam:UpdateAccessKey")
    key = signer.account.key(given["AccessKeyId"], _owner(signer, given))
    signer.account.set_status(key, given["Status"])
    return None


def _list_access_keys(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: ListAccessKeys (IsTruncated, Marker, MaxItems), CreateDate, UserName omitted, root signs."""
    owner = _owner(signer, given)
    keys = signer.account.keys(owner)
    begin = int(given["Marker"]) if given.get("Marker", "").isdigit() else 0
    end = begin + int(given.get("MaxItems", 100))
    members = [
        {
            "UserName": key.user_name,
            "AccessKeyId": key.access_key_id,
            "Status": signer.account.status(key),
            "CreateDate": _whole_seconds(key.create_date),
        }
        for key in keys[begin:end]
    ]
    truncated = end < len(keys)
    return {
        "AccessKeyMetadata": members,
        "IsTruncated": truncated,
        "Marker": str(end) if truncated else None,
    }


def _get_access_key_last_used(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: GetAccessKeyLastUsed of an unknown or foreign key, never used, last-used freshness."""
    key = signer.account.backend.access_keys.get(given["AccessKeyId"])
    if key is None:
        raise Refusal(
            "AccessDenied",
            403,
            f"User: {signer.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: "
            f"access key {given['AccessKeyId']}",
        )
    use = signer.account.last_use(key)
    date, service, region = use or (None, "N/A", "N/A")
    return {
        "UserName": key.user_name,
        "AccessKeyLastUsed": {"LastUsedDate": date, "ServiceName": service, "Region": region},
    }


def _create_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: third key (Inactive ones count), CreateDate in whole seconds, quarantine."""
    _not_quarantined(signer, "iam:CreateAccessKey")
    owner = _owner(signer, given)
    if owner is None:
        raise Refusal("AccessDenied", 403, "The sandbox makes no keys for the root user")
    key = signer.account.create_key(owner)
    return {
        "AccessKey": {
            "UserName": owner,
            "AccessKeyId": key.access_key_id,
            "Status": key.status,
            "SecretAccessKey": key.secret_access_key,
            "CreateDate": _whole_seconds(key.create_date),
        }
    }


def _delete_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UserName omitted, quarantine; an active key may be deleted."""
    _not_quarantined(signer, "iam:DeleteAccessKey")
    signer.account.delete_key(signer.account.key(given["AccessKeyId"], _owner(signer, given)))
    return None


def _delete_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: DeleteUser with keys."""
    signer.account.delete_user(given.get("UserName") or signer.user_name or "")
    return None


def _update_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: rename user (the keys follow)."""
    if "NewUserName" in given:
        signer.account.rename_user(given["UserName"], given["NewUserName"])
    return None


def _generate_credential_report(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: GenerateCredentialReport (its states, a new one at most every four hours)."""
    return signer.account.generate_report()


def _get_credential_report(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: GetCredentialReport errors, report content (root row, Z dates, staleness)."""
    return signer.account.report()


def _get_caller_identity(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: caller identity (root, roles, unknown keys)."""
    return {"Arn": signer.arn, "UserId": signer.user_id, "Account": signer.account.account_id}


def _get_access_key_info(world: World, _: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: GetAccessKeyInfo (the account of any key it knows, active or not; no default account)."""
    account = world.account_of(given["AccessKeyId"])
    if account is None:
        raise Refusal("ValidationError", 400, f"Access Key {given['AccessKeyId']} is not valid")
    return {"Account": account.account_id}


def _assume_role(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: sessions made with the key; expiry by the sandbox's clock. Root may assume no role."""
    role_arn, name = given["RoleArn"], given["RoleSessionName"]
    if signer.is_root:
        raise Refusal("AccessDenied", 403, "Roles may not be assumed by root accounts.")
    account_id, role = role_arn.split(":")[4], role_arn.rsplit("/", 1)[-1]
    arn = f"arn:aws:sts::{account_id}:assumed-role/{role}/{name}"
    user_id = f"AROA{role.upper():X<16.16}:{name}"
    principal = Principal(world.account(account_id), arn, user_id, is_session=True)
    return {
        "Credentials": world.begin_session(principal, int(given.get("DurationSeconds", 3600))),
        "AssumedRoleUser": {"AssumedRoleId": user_id, "Arn": arn},
    }


def _get_session_token(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: caller identity (a real session instead of a constant), quarantine, UserName omitted."""
    if signer.is_session:
        raise Refusal("AccessDenied", 403, "Cannot call GetSessionToken with session credentials")
    _not_quarantined(signer, "sts:GetSessionToken")
    principal = Principal(
        signer.account, signer.arn, signer.user_id, signer.user_name, is_root=signer.is_root, is_session=True
    )
    return {"Credentials": world.begin_session(principal, int(given.get("DurationSeconds", 43200)))}


def _get_federation_token(world: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UserName omitted by a federated session, quarantine."""
    if signer.is_session:
        raise Refusal("AccessDenied", 403, "Cannot call GetFederationToken with session credentials")
    _not_quarantined(signer, "sts:GetFederationToken")
    account_id, name = signer.account.account_id, given["Name"]
    arn = f"arn:aws:sts::{account_id}:federated-user/{name}"
    principal = Principal(signer.account, arn, f"{account_id}:{name}", is_session=True)
    return {
        "Credentials": world.begin_session(principal, int(given.get("DurationSeconds", 43200))),
        "FederatedUser": {"FederatedUserId": principal.user_id, "Arn": arn},
    }


def _whole_seconds(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"


OPERATIONS: Mapping[str, tuple[str, Callable[[World, Principal, Mapping[str, str]], _Result]]] = {
    "UpdateAccessKey": ("iam", _update_access_key),
    "ListAccessKeys": ("iam", _list_access_keys),
    "GetAccessKeyLastUsed": ("iam", _get_access_key_last_used),
    "CreateAccessKey": ("iam", _create_access_key),
    "DeleteAccessKey": ("iam", _delete_access_key),
    "DeleteUser": ("iam", _delete_user),
    "UpdateUser": ("iam", _update_user),
    "GenerateCredentialReport": ("iam", _generate_credential_report),
    "GetCredentialReport": ("iam", _get_credential_report),
    "GetCallerIdentity": ("sts", _get_caller_identity),
    "GetAccessKeyInfo": ("sts", _get_access_key_info),
    "AssumeRole": ("sts", _assume_role),
    "GetSessionToken": ("sts", _get_session_token),
    "GetFederationToken": ("sts", _get_federation_token),
}
"""By action: the service, and what answers."""
