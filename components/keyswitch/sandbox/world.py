"""All accounts, who signs a request, and the sessions made from keys and roles."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from moto.iam.models import iam_backends

from keyswitch.sandbox.account import Account
from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.incoming import Incoming
from keyswitch.sandbox.wire import Refusal

_INVALID_TOKEN = Refusal("InvalidClientTokenId", 403, "The security token included in the request is invalid.")


class SessionKind(Enum):
    """What made a session, which decides what it may do."""

    ROLE = "AssumeRole"
    USER = "GetSessionToken"
    USER_WITH_MFA = "GetSessionToken with MFA"
    FEDERATED = "GetFederationToken"


_STS_OF_SESSION = {
    SessionKind.USER: ("AssumeRole", "GetCallerIdentity"),
    SessionKind.FEDERATED: ("GetCallerIdentity",),
}
"""What these sessions may call of STS; of IAM they may call nothing. The others may call everything."""


@dataclass(frozen=True)
class Principal:
    """Who signs: the account, the ARN, the user (None: root, a role), and the session (None: a long-term key).

    `issued` is when the session was made.
    """

    account: Account
    arn: str
    user_id: str
    user_name: str | None = None
    is_root: bool = False
    session: SessionKind | None = None
    issued: datetime | None = None

    @property
    def identity(self) -> dict[str, object]:
        """The signer as CloudTrail describes it, without the account and the key.

        (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html)
        """
        kind = "Root" if self.is_root else _IDENTITIES.get(self.session or SessionKind.USER, "IAMUser")
        named = {"userName": self.user_name} if self.user_name else {}
        return {"type": kind, "principalId": self.user_id, "arn": self.arn, **named}


_IDENTITIES = {SessionKind.ROLE: "AssumedRole", SessionKind.FEDERATED: "FederatedUser"}


@dataclass(frozen=True)
class _Session:
    principal: Principal
    expires: datetime
    token: str


@dataclass
class World:
    """All accounts, and the sessions made from their keys.

    Attributes:
        clock: the time everywhere.
        propagation: how long a status change takes to be seen.
        last_used_delay: how long a recorded use takes to be seen.
        enforces_policies: whether a request needs a policy that allows it.
        issued: the temporary credentials handed out so far.
    """

    clock: Clock = field(default_factory=Clock)
    propagation: timedelta = timedelta()
    last_used_delay: timedelta = timedelta(minutes=7)
    enforces_policies: bool = False
    issued: list[Mapping[str, object]] = field(default_factory=list)
    _accounts: dict[str, Account] = field(default_factory=dict)
    _sessions: dict[str, _Session] = field(default_factory=dict)

    def account(self, account_id: str) -> Account:
        """One account; made when it is first asked for."""
        if account_id not in self._accounts:
            self._accounts[account_id] = Account(account_id, self.clock, self.propagation, self.last_used_delay)
        return self._accounts[account_id]

    def signer(self, request: Incoming) -> Principal:
        """Who signs a request. The use of a long-term key is taken note of.

        Raises:
            Refusal: no such key, an Inactive one, an expired session, a session that may not call this.
        """
        if not request.access_key_id:
            raise Refusal("MissingAuthenticationToken", 403, "Request is missing Authentication Token")
        session = self._sessions.get(request.access_key_id)
        if session is not None:
            return self._in_session(session, request)
        account = self.account_of(request.access_key_id)
        key = account.backend.access_keys[request.access_key_id] if account else None
        if account is None or key is None or account.status(key) != "Active" or request.session_token:
            raise _INVALID_TOKEN
        account.used(key, request.service, request.region)
        if key.user_name is None:
            arn = f"arn:aws:iam::{account.account_id}:root"
            return Principal(account, arn, account.account_id, is_root=True)
        user = account.user(key.user_name)
        return Principal(account, user.arn, user.id, user_name=user.name)

    def _in_session(self, session: _Session, request: Incoming) -> Principal:
        if not secrets.compare_digest(session.token.encode(), request.session_token.encode()):
            raise _INVALID_TOKEN
        if self.clock.now() >= session.expires:
            raise Refusal("ExpiredToken", 403, "The security token included in the request is expired")
        allowed = _STS_OF_SESSION.get(session.principal.session or SessionKind.ROLE)
        if allowed is not None and request.service == "iam":
            raise _INVALID_TOKEN
        if allowed is not None and request.service == "sts" and request.action not in allowed:
            raise Refusal("AccessDenied", 403, f"Cannot call {request.action} with session credentials")
        return session.principal

    def account_of(self, access_key_id: str) -> Account | None:
        """The account that a long-term key is in."""
        for account_id, partitions in list(iam_backends.items()):
            if access_key_id in partitions["aws"].access_keys:
                return self.account(account_id)
        return None

    def role(self, role_arn: str) -> tuple[Account, Any] | None:
        """A role and its account; None: there is no such role in any account.

        Raises:
            Refusal: ValidationError: it is no ARN.
        """
        parts = role_arn.split(":", 5)
        if len(parts) < 6 or parts[0] != "arn" or not (parts[1] and parts[2] and parts[5]):
            raise Refusal("ValidationError", 400, f"{role_arn} is invalid")
        for account_id, partitions in list(iam_backends.items()):
            if account_id == parts[4] and parts[2] == "iam":
                for role in partitions["aws"].roles.values():
                    if parts[5] == f"role{role.path}{role.name}":
                        return self.account(account_id), role
        return None

    def begin_session(self, principal: Principal, seconds: int) -> dict[str, object]:
        """Make temporary credentials; they outlive a deactivation of the key that asked for them."""
        key_id = f"ASIA{secrets.token_hex(8).upper()}"
        token = f"sandbox-{secrets.token_hex(16)}"
        now = self.clock.now()
        expires = now + timedelta(seconds=seconds)
        self._sessions[key_id] = _Session(replace(principal, issued=now), expires, token)
        credentials: dict[str, object] = {
            "AccessKeyId": key_id,
            "SecretAccessKey": f"sandbox-{secrets.token_hex(8)}",
            "SessionToken": token,
            "Expiration": expires,
        }
        self.issued.append(credentials)
        return credentials


def owner(signer: Principal, given: Mapping[str, str]) -> str | None:
    """Whose things a request is about: the named user's, else the signer's own (None: root's).

    Raises:
        Refusal: a session must name the user.
    """
    if "UserName" in given:
        return given["UserName"]
    if signer.session is not None:
        # A GetSessionToken session is refused, too. Unverified: AWS documents only roles and federated sessions.
        raise Refusal("ValidationError", 400, "Must specify userName when calling with non-User credentials")
    return signer.user_name
