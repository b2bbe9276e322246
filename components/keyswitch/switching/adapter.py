"""What an adapter hands to a run and gets from it, as data. The adapter decides how things are worded."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.switching.planned import Plan
from keyswitch.switching.port import Iam


@dataclass(frozen=True)
class Connected:
    """A connection to AWS, and what the stack's settings say beside it.

    Attributes:
        iam: asks AWS.
        account: the account it must be, if that is declared.
        policy: how strict the guards are.
    """

    iam: Iam
    account: str | None = None
    policy: GuardPolicy = field(default_factory=GuardPolicy)


@dataclass(frozen=True)
class Switched:
    """A key that has its wanted status.

    Attributes:
        key: as AWS shows it now.
        account_id: the account it is in.
        status_at_adoption: the status it had when the stack adopted it.
        switched_date: when this run switched it (UTC); None: it did not.
    """

    key: AccessKey
    account_id: str
    status_at_adoption: str
    switched_date: datetime | None = None


class Voice(Protocol):
    """Says to the user what is not an error."""

    def warn(self, finding: Finding) -> None:
        """A guard fired at level warn."""
        ...

    def switched_meanwhile(self, live: AccessKey, declared: Status) -> None:
        """A key for which nothing was announced was switched by somebody during the run, and stays like that."""
        ...

    def left_alone(self, access_key_id: str) -> None:
        """A key is no longer declared, and stays as it is in AWS."""
        ...

    def gone(self, access_key_id: str) -> None:
        """A key is no longer declared, and no longer in AWS."""
        ...

    def removed(self, change: Change, plan: Plan) -> None:
        """A key is no longer declared, and this was done about it."""
        ...
