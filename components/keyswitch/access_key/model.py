"""What IAM knows of an access key, in IAM's own words and under IAM's own constraints.

Nothing here looks anything up. The constraints are those of the operation `UpdateAccessKey`
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAccessKey.html); boto3 checks neither
the patterns nor the maximum lengths nor the enumeration before it sends a request, so they are checked here.
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
    """A status that may be asked for.

    IAM's own enumeration also has `Expired`, which belongs to service-specific credentials. It can be
    read (see `AccessKey.status`) and is then simply not active; it can never be asked for.
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
        user_name: the user whose key it is; None for a key of the account's root user.
        status: what IAM says, usually `Active` or `Inactive`.
        create_date: when it was created (UTC), if IAM said so.
    """

    access_key_id: str
    user_name: str | None
    status: str
    create_date: datetime | None = None

    @property
    def is_active(self) -> bool:
        """Whether requests can be signed with it."""
        return self.status == Status.ACTIVE.value


@dataclass(frozen=True)
class LastUsed:
    """When and where a key last signed a request, as far as AWS has recorded it.

    AWS records a use at most once in 15 minutes and shows it minutes later, so "no use" is weak evidence.
    (https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html)

    Attributes:
        user_name: the owner AWS names in the same answer.
        date: the recorded use (UTC); None: no use was ever recorded.
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
        access_key_id: its key; temporary ones begin with ASIA.
        purpose: what it is for, with a gap for what it is: `this run signs with {}`.
        arn: whose it is, as `sts:GetCallerIdentity` says it; None: not asked.
    """

    access_key_id: str
    purpose: str
    arn: str | None = None

    def said_of(self, what: str) -> str:
        """The purpose of these credentials, said of a key or a session. (Names in it may have braces of their own.)"""
        return self.purpose.replace("{}", what)

    @property
    def is_temporary(self) -> bool:
        """Whether it belongs to a session; the key the session was made with is not to be learned from AWS."""
        return self.access_key_id.startswith("ASIA")

    def is_session_of(self, user_name: str | None) -> bool:
        """Whether it is a session of this IAM user (None: of root), made with one of the user's own keys."""
        if not self.is_temporary or self.arn is None:
            return False
        return self.arn.endswith(":root") if user_name is None else _user_of(self.arn) == user_name


@dataclass(frozen=True)
class Caller:
    """Who signs the requests of this run.

    Attributes:
        account: the account ID, 12 digits.
        arn: as `sts:GetCallerIdentity` says it.
        access_key_id: the key that signs; a temporary one for a role or a session.
        source_access_key_id: the long-term or temporary key that the run started from, before any role
            was assumed; the same as `access_key_id` when none was.
        source_arn: whose that is; asked only where it is temporary and a role was assumed with it.
        others: what else is signed with other keys: reading Pulumi's state, decrypting its secrets.
    """

    account: str
    arn: str
    access_key_id: str
    source_access_key_id: str
    source_arn: str | None = None
    others: tuple[Credential, ...] = ()

    @property
    def credentials(self) -> tuple[Credential, ...]:
        """Everything this run depends on."""
        signing = Credential(self.access_key_id, "this run signs with {}", self.arn)
        if self.source_access_key_id == self.access_key_id:
            return (signing, *self.others)
        source = Credential(self.source_access_key_id, f"this run assumed {self.arn} with {{}}", self.source_arn)
        return (signing, source, *self.others)

    @property
    def depends_on(self) -> tuple[str, ...]:
        """The keys without which this run cannot go on, the one that signs first."""
        return tuple(dict.fromkeys(credential.access_key_id for credential in self.credentials))

    @property
    def is_root(self) -> bool:
        """Whether the account's root user signs."""
        return self.arn.endswith(":root")

    @property
    def user_name(self) -> str | None:
        """The IAM user who signs; None for root, a role, or a federated session."""
        return _user_of(self.arn)

    @property
    def signs_with_own_key(self) -> bool:
        """Whether AWS takes the signer's user where a request names none.

        Temporary credentials are refused there: "Must specify userName when calling with non-User
        credentials". Temporary access key IDs begin with ASIA.
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
