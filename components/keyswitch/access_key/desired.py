"""The wanted state of one access key, as one entry of the configuration declares it. Checks no values."""

from dataclasses import dataclass, field, fields
from enum import Enum
from typing import Any

from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName


class OnRemoval(str, Enum):
    """What happens to a key that leaves the configuration.

    leave: nothing. restore: the key gets its status at adoption back. deactivate: the key becomes Inactive.
    """

    LEAVE = "leave"
    RESTORE = "restore"
    DEACTIVATE = "deactivate"

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Desired:
    """The wanted state of one access key.

    All fields except the ID are fields of an entry, each with the description for users. See `ENTRY_FIELDS`.
    """

    access_key_id: str
    user_name: str | None = field(
        default=None,
        metadata={"description": "The owner. If left out, it is looked up; if given, any other owner is an error."},
    )
    status: Status | None = field(
        default=None,
        metadata={"description": "Active or Inactive. If left out, the key is observed and never changed."},
    )
    reason: str | None = field(
        default=None,
        metadata={"description": "Why. Shown in every preview and kept in the state."},
    )
    on_removal: OnRemoval = field(
        default=OnRemoval.LEAVE,
        metadata={
            "description": "What happens to the key when this entry is removed: leave it as it is, restore the status "
            "it had when it was adopted, or deactivate it."
        },
    )
    allow: frozenset[GuardName] = field(
        default=frozenset(),
        metadata={"description": "Guards that this entry may pass; needs a reason."},
    )
    root: bool = field(
        default=False,
        metadata={"description": "The key belongs to the account's root user, who must sign. No user name is sent."},
    )


@dataclass(frozen=True)
class EntryField:
    """One field of an entry.

    Attributes:
        name: in Python and in the state, such as `on_removal`.
        setting: in the configuration, such as `onRemoval`.
        default: the value if the field is left out.
        description: the meaning, for users.
    """

    name: str
    setting: str
    default: Any
    description: str


def _setting(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


ENTRY_FIELDS = {
    f.name: EntryField(f.name, _setting(f.name), f.default, f.metadata["description"])
    for f in fields(Desired)
    if f.name != "access_key_id"
}
"""The fields of an entry by their Python name.

The model of the configuration, its JSON Schema and documentation, the stored properties and the comparison with the
state all derive from this description.
"""
