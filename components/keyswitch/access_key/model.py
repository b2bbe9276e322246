"""The types for what IAM knows of an access key, with IAM's names and constraints. Looks nothing up.

The constraints are those of the operation `UpdateAccessKey`
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html). boto3 checks neither patterns nor
maximum lengths nor the enumeration before it sends a request; the functions here do.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from keyswitch.access_key.secret import holds_a_secret
from keyswitch.access_key.shown import shown

_ACCESS_KEY_ID = re.compile(r"[\w]{16,128}", re.ASCII)
_USER_NAME = re.compile(r"[\w+=,.@-]{1,128}", re.ASCII)
_USER_ARN = re.compile(r"arn:[^:]+:iam::\d{12}:user/(?:.*/)?([^/]+)")


class Status(str, Enum):
    """A status that can be declared.

    IAM's own enumeration also has `Expired`, which belongs to service-specific credentials. IAM can show it (see
    `AccessKey.status`); the key is then not active. It cannot be declared.
    """

    ACTIVE = "Active"
    INACTIVE = "Inactive"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class AccessKey:
    """An access key as IAM lists it; never its secret.

    Attributes:
        access_key_id: 16 to 128 characters.
        user_name: the owner; None for a key of the account's root user.
        status: as IAM shows it, usually `Active` or `Inactive`.
        create_date: when the key was created (UTC); None if IAM does not say.
    """

    access_key_id: str
    user_name: str | None
    status: str
    create_date: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether AWS accepts requests that it signs."""
        return self.status == Status.ACTIVE.value


@dataclass(frozen=True)
class LastUsed:
    """When and where a key last signed a request, as AWS recorded it.

    AWS records a use at most once in 15 minutes and shows it minutes later, so "no use" is weak evidence.
    (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html)

    Attributes:
        user_name: the owner, which AWS names in the same answer.
        date: the recorded use (UTC); None: AWS has recorded no use.
        service_name: such as `s3`; None when never used.
        region: such as `us-east-1`; None when never used.
    """

    user_name: str | None
    date: datetime | None
    service_name: str | None = None
    region: str | None = None


@dataclass(frozen=True)
class Credential:
    """A set of credentials that the run depends on, itself or through Pulumi.

    Attributes:
        access_key_id: the key; temporary ones begin with ASIA.
        purpose: what the credentials are for, with a gap for what they are: `this run signs with {}`.
        arn: the identity, as `sts:GetCallerIdentity` names it; None: not asked.
    """

    access_key_id: str
    purpose: str
    arn: str | None = None

    def said_of(self, what: str) -> str:
        """Return the purpose with the gap filled. Names in it may contain braces, so it is no format string."""
        return self.purpose.replace("{}", what)

    @property
    def is_temporary(self) -> bool:
        """Whether it belongs to a session. AWS does not tell with which key a session was made."""
        return self.access_key_id.startswith("ASIA")

    def is_session_of(self, user_name: str | None) -> bool:
        """Whether it is a session of this IAM user (None: of root), made with one of the user's keys."""
        if not self.is_temporary or self.arn is None:
            return False
        return self.arn.endswith(":root") if user_name is None else _user_of(self.arn) == user_name


@dataclass(frozen=True)
class Signer:
    """Who signs with an access key, as AWS has said it.

    Attributes:
        access_key_id: the signing key.
        account: the account ID, 12 digits.
        arn: as `sts:GetCallerIdentity` names it.
    """

    access_key_id: str
    account: str
    arn: str


@dataclass(frozen=True)
class Caller:
    """The identity that signs the requests of this run.

    Attributes:
        account: the account ID, 12 digits.
        arn: as `sts:GetCallerIdentity` names it.
        access_key_id: the signing key; a temporary one for a role or a session.
        source_access_key_id: the long-term or temporary key with which the run started, before it assumed roles;
            without roles the same as `access_key_id`.
        source_arn: the identity of the source; asked only if the source is temporary and assumed a role.
        others: other credentials that the run needs, to read Pulumi's state or to decrypt its secrets.
    """

    account: str
    arn: str
    access_key_id: str
    source_access_key_id: str
    source_arn: str | None = None
    others: tuple[Credential, ...] = ()

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """All credentials that this run depends on."""
        signing = Credential(self.access_key_id, "this run signs with {}", self.arn)
        if self.source_access_key_id == self.access_key_id:
            return (signing, *self.others)
        source = Credential(self.source_access_key_id, f"this run assumed {self.arn} with {{}}", self.source_arn)
        return (signing, source, *self.others)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The keys that this run cannot continue without, the signing key first."""
        return tuple(dict.fromkeys(credential.access_key_id for credential in self.credentials))

    @property
    def is_root(self) -> bool:
        """Whether the account's root user signs."""
        return self.arn.endswith(":root")

    @property
    def user_name(self) -> str | None:
        """The signing IAM user; None for root, a role, or a federated session."""
        return _user_of(self.arn)

    @property
    def signs_with_own_key(self) -> bool:
        """Whether AWS uses the signer's user for a request that names no user.

        AWS refuses this with temporary credentials, whose key IDs begin with ASIA: "Must specify userName when calling
        with non-User credentials".
        """
        return (self.user_name is not None or self.is_root) and not self.access_key_id.startswith("ASIA")


def _user_of(arn: str) -> str | None:
    match = _USER_ARN.fullmatch(arn)
    return match.group(1) if match else None


def access_key_id_problem(value: object) -> str | None:
    """Say what is wrong with a value given as an access key ID; None if nothing is."""
    if not isinstance(value, str) or not _ACCESS_KEY_ID.fullmatch(value) or holds_a_secret(value):
        return f"{shown(value)} is not an access key ID: 16 to 128 letters, digits or underscores"
    if value.startswith("ASIA"):
        return f"{value!r} is a temporary access key (ASIA…): it expires by itself and has no status to switch"
    return None


def user_name_problem(value: object) -> str | None:
    """Say what is wrong with a value given as a user name; None if nothing is."""
    if isinstance(value, str) and _USER_NAME.fullmatch(value) and not holds_a_secret(value):
        return None
    quotes = "; write it in quotes" if isinstance(value, (bool, int, float)) else ""
    return (
        f"{shown(value)} is not an IAM user name: 1 to 128 letters, digits or any of _+=,.@- "
        f"(no path, no spaces){quotes}"
    )


def status_problem(value: object) -> str | None:
    """Say what is wrong with a value given as a wanted status; None if nothing is."""
    statuses = {status.value for status in Status}
    if isinstance(value, str) and value in statuses:
        return None
    hint = ""
    if isinstance(value, bool):
        hint = " (YAML reads it as a truth value)"
    elif isinstance(value, str) and value.capitalize() in statuses:
        hint = f" (did you mean {value.capitalize()}?)"
    elif value == "Expired":
        hint = " (AWS may show this status, but nobody can ask for it)"
    return f"{shown(value)} is not a status: write Active or Inactive{hint}"
