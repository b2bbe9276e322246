"""What one entry of the configuration wants of one access key. Values are taken as valid; checking is elsewhere."""

from dataclasses import dataclass, field
from enum import Enum

from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName


class OnRemoval(str, Enum):
    """What happens to a key that leaves the configuration.

    leave: nothing. restore: it gets the status back that it had when it was adopted.
    deactivate: it becomes Inactive.
    """

    LEAVE = "leave"
    RESTORE = "restore"
    DEACTIVATE = "deactivate"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Desired:
    """The wanted state of one access key.

    Attributes:
        access_key_id: which key.
        user_name: whose key it must be; None: whoever AWS says.
        status: the wanted status; None: it is only observed.
        reason: why, in the words of the configuration.
        on_removal: what happens when the entry goes.
        allow: guards that this entry may pass.
        root: it is a key of the account's root user, who has no user name.
    """

    access_key_id: str
    user_name: str | None = None
    status: Status | None = None
    reason: str | None = None
    on_removal: OnRemoval = OnRemoval.LEAVE
    allow: frozenset[GuardName] = field(default_factory=frozenset)
    root: bool = False
