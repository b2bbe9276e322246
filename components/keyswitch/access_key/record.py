"""The entry of an access key in the state of a stack, and what a change does to it. Reads no state."""

from dataclasses import dataclass
from enum import Enum

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired
from keyswitch.access_key.model import AccessKey


class Record(str, Enum):
    """What happens to a key's entry in the state of the stack; UNKNOWN without a state."""

    UNKNOWN = "unknown"
    SAME = "same"
    ADOPTED = "adopted"
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(frozen=True)
class Recorded:
    """An access key as the last update left it.

    Attributes:
        desired: the declared state.
        status: the status in AWS.
        owner: the user that AWS named; None for a key of the root user.
        account_id: the account of the key.
        status_at_adoption: the status when the key was adopted.
    """

    desired: Desired
    status: str | None = None
    owner: str | None = None
    account_id: str | None = None
    status_at_adoption: str | None = None

    def differences(self, desired: Desired, observed: AccessKey) -> tuple[str, ...]:
        """Names of the fields in which the record is out of date, as the configuration spells them.

        `drift` stands for a status that was changed outside, `owner` for a renamed user.
        """
        compared = {
            **{f.setting: getattr(self.desired, f.name) != getattr(desired, f.name) for f in ENTRY_FIELDS.values()},
            "owner": self.owner != observed.user_name,
            "drift": self.status not in (None, observed.status),
        }
        return tuple(name for name, differs in compared.items() if differs)
