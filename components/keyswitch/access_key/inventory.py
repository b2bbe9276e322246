"""The types for what is known of the access keys of a whole account. Looks nothing up and decides nothing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.model import AccessKey, LastUsed


@dataclass(frozen=True)
class User:
    """An IAM user as `iam:ListUsers` shows it.

    Attributes:
        user_name: the name; unique in the account.
        path: begins and ends with a slash, such as `/ci/`; `/` for most users.
        create_date: when the user was created (UTC).
        tags: the tags by key; None: not looked up.
    """

    user_name: str
    path: str = "/"
    create_date: datetime | None = None
    tags: Mapping[str, str] | None = None


@dataclass(frozen=True)
class InventoryKey:
    """An access key of an inventory.

    Attributes:
        key: the key as IAM lists it.
        last_used: its last recorded use, which may say that there is none; None: AWS does not say.
    """

    key: AccessKey
    last_used: LastUsed | None = None


@dataclass(frozen=True)
class Owner:
    """A user with all their access keys.

    Attributes:
        user: the user; None: the account's root user.
        keys: the keys, in the order of their IDs.
    """

    user: User | None
    keys: tuple[InventoryKey, ...]


@dataclass(frozen=True)
class Inventory:
    """The access keys of an account, as one caller sees them.

    Attributes:
        account: the account ID, 12 digits.
        owners: the users that were asked for, in the order of their names without case; first the root user,
            if root signs and has keys. Users without keys are among them.
        root_has_keys: whether the root user has keys, as `iam:GetAccountSummary` says; None: AWS does not say.
            Only root itself sees their IDs.
        uses_from: when the credential report was made from which last uses were read (UTC); it is up to four hours
            old. None: each last use was looked up.
        problems: by user name, why a user's keys could not be listed; by access key ID, why a use could not.
        at: when observing AWS began (UTC).
    """

    account: str
    owners: tuple[Owner, ...]
    root_has_keys: bool | None
    uses_from: datetime | None
    at: datetime
    problems: Mapping[str, KeyswitchError] = field(default_factory=dict)

    @property
    def keys(self) -> Iterator[tuple[User | None, InventoryKey]]:
        """Every key with its owner."""
        return ((owner.user, key) for owner in self.owners for key in owner.keys)


@dataclass(frozen=True)
class ReportedKey:
    """An access key in a credential report, which does not name its ID.

    Attributes:
        user_name: the owner; None: the root user.
        create_date: the column `last_rotated`, which holds the creation (UTC, whole seconds).
        last_used: its last use as the report shows it.
    """

    user_name: str | None
    create_date: datetime | None
    last_used: LastUsed


@dataclass(frozen=True)
class CredentialReport:
    """A credential report: two calls tell the last use of every key.

    Attributes:
        generated: when AWS made it (UTC); up to four hours ago.
        keys: the keys, at most two a user.
    """

    generated: datetime
    keys: tuple[ReportedKey, ...]


@dataclass(frozen=True)
class Scope:
    """The part of an account that is asked for; all conditions must hold.

    Attributes:
        user_names: only these users; empty: all.
        path_prefix: only users whose path begins with it, such as `/ci/`.
        tags: only users who have all these tags. Reading tags costs a call a user.
    """

    user_names: frozenset[str] = frozenset()
    path_prefix: str = "/"
    tags: Mapping[str, str] = field(default_factory=dict)


EVERYBODY = Scope()
"""All users of the account."""
