"""The Protocol of what switching asks of AWS, in the words of the domain. An adapter passes an implementation in."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from keyswitch.access_key.inventory import CredentialReport, User
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from keyswitch.access_key.trail import Trail


class Lookups(Protocol):
    """What can be looked up. Thread-safe. A look-up that finds nothing answers None."""

    @property
    def concurrency(self) -> int:
        """How many calls may run at once."""
        ...

    @property
    def presumed_account(self) -> str | None:
        """The account of the signing key, as far as that can be told without asking. It proves nothing."""
        ...

    def caller(self) -> Caller:
        """Who signs.

        Raises:
            IamUnavailable: the credentials are not accepted, or AWS cannot be reached.
        """
        ...

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """All keys of a user, or of the root user that signs (None); None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        ...

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The last recorded use and the owner of a key; None when AWS does not say.

        Raises:
            Throttled, IamUnavailable: as their names say.
        """
        ...


class Observed(Lookups, Protocol):
    """What a plan is made of."""

    def quarantined(self) -> Mapping[str, str]:
        """The users whom AWS has quarantined for a leaked key, and by which policy; as far as the caller may see."""
        ...


class Iam(Observed, Protocol):
    """Everything that is asked of AWS."""

    def set_status(self, access_key_id: str, status: Status, user_name: str | None) -> None:
        """Write the status of a key of a user, or of the root user that signs (None).

        Raises:
            AccessKeyNotFound: that user has no such key, or there is no such user.
            KeyswitchError: AWS refuses, or cannot be reached.
        """
        ...


class Account(Lookups, Protocol):
    """What is asked of a whole account. Thread-safe."""

    def users(self, path_prefix: str) -> Sequence[User]:
        """All users whose path begins with this, without their tags.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        ...

    def user(self, user_name: str) -> User | None:
        """One user with path and tags; None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        ...

    def tags(self, user_name: str) -> Mapping[str, str] | None:
        """The tags of a user; None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        ...

    def root_has_keys(self) -> bool | None:
        """Whether the root user has access keys; None if AWS does not say."""
        ...

    def credential_report(self) -> CredentialReport | None:
        """The credential report, made if needed, which takes seconds; None where it may not be had."""
        ...

    def trail(self, now: datetime) -> Trail:
        """Who switched keys in the last 90 days.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        ...
