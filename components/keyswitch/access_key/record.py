"""What the state of a stack remembers of an access key, and what becomes of that memory."""

from dataclasses import dataclass
from enum import Enum

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired
from keyswitch.access_key.model import AccessKey


class Record(str, Enum):
    """What becomes of a key's entry in the state of the stack; UNKNOWN where no state is at hand."""

    UNKNOWN = "unknown"
    SAME = "same"
    ADOPTED = "adopted"
    UPDATED = "updated"
    REMOVED = "removed"


@dataclass(frozen=True)
class Recorded:
    """An access key as the last update left it.

    Attributes:
        desired: what was declared then.
        status: the status AWS showed then.
        owner: the user AWS named then; None for a key of the root user.
        account_id: the account it was in.
        status_at_adoption: the status it had when it was adopted.
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
