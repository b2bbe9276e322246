"""The result of one change, and the Protocol of what judges it around the write."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.model import AccessKey


@dataclass(frozen=True)
class Outcome:
    """The result of one change.

    Attributes:
        change: the change.
        became: the key afterwards, or the error.
        keys: all keys of the user in the read-back; None: there was none.
    """

    change: Change
    became: AccessKey | KeyswitchError
    keys: tuple[AccessKey, ...] | None = None

    @property
    def after(self) -> AccessKey | None:
        """The key as it is afterwards."""
        return self.became if isinstance(self.became, AccessKey) else None

    @property
    def error(self) -> KeyswitchError | None:
        """Why it was not changed."""
        return self.became if isinstance(self.became, KeyswitchError) else None


class SecondLook(Protocol):
    """Asks the guards again around the writes of one user. Thread-safe."""

    def refused(self, changes: Sequence[Change]) -> Mapping[str, KeyswitchError]:
        """The errors of those changes of one user that a guard refuses by now, by access key ID."""
        ...

    def confirmed(self, outcome: Outcome) -> Outcome:
        """The outcome, or the same with an error if it breaks a guard."""
        ...
