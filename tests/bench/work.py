"""The works to measure: the number of keys, their declared, initial and final statuses.

This module does not depend on the peers.
"""

from dataclasses import dataclass
from typing import Literal

from keyswitch.sandbox.seed import generated

KEYS_PER_USER = 2

Amount = Literal["none", "one", "one percent", "all"]


@dataclass(frozen=True)
class Keys:
    """The access keys of a sandbox with generated users, two keys a user. All keys are Active at first."""

    size: int

    @property
    def users(self) -> int:
        return self.size // KEYS_PER_USER

    def owners(self) -> dict[str, str]:
        """Return the user name of each key, by access key ID."""
        seeds = generated(self.users, KEYS_PER_USER)
        return {seed.access_key_id: str(seed.user_name) for seed in seeds}

    def switched(self, amount: Amount) -> dict[str, str]:
        """Return the status of each key if this amount of them, evenly spread, is Inactive."""
        ids = list(self.owners())
        count = {"none": 0, "one": 1, "one percent": max(1, self.size // 100), "all": self.size}[amount]
        inactive = {ids[(2 * n + 1) * self.size // (2 * count)] for n in range(count)}
        return {key: "Inactive" if key in inactive else "Active" for key in ids}


@dataclass(frozen=True)
class Work:
    """One work to measure. It starts from a state in which all keys are Active.

    Attributes:
        name: the name in options and JSON.
        title: the name for readers.
        flipped: the amount of keys that are declared Inactive.
        drifted: the amount of keys that were deactivated outside of the stack.
        carried_out: whether the work changes AWS, or only previews.
        adopting: whether there is no state yet.
        discovering: whether the keys are not declared yet, but found in the account.
    """

    name: str
    title: str
    flipped: Amount = "none"
    drifted: Amount = "none"
    carried_out: bool = False
    adopting: bool = False
    discovering: bool = False

    def declared(self, keys: Keys) -> dict[str, str]:
        """Return the declared statuses."""
        return keys.switched(self.flipped)

    def found(self, keys: Keys) -> dict[str, str]:
        """Return the statuses in AWS before the work."""
        return keys.switched(self.drifted)

    def left(self, keys: Keys) -> dict[str, str]:
        """Return the statuses in AWS after the work."""
        return self.declared(keys) if self.carried_out else self.found(keys)

    def changes(self, keys: Keys) -> int:
        """Return the number of keys that differ from their declared status."""
        found = self.found(keys)
        return sum(found[key] != status for key, status in self.declared(keys).items())


WORKS = (
    Work("adopt", "first adoption", carried_out=True, adopting=True),
    Work("no-change", "nothing to change"),
    Work("flip-1-preview", "flip 1: preview", flipped="one"),
    Work("flip-1", "flip 1", flipped="one", carried_out=True),
    Work("flip-all", "flip all", flipped="all", carried_out=True),
    Work("drift-preview", "drift of 1 %: found", drifted="one percent"),
    Work("drift-repair", "drift of 1 %: repaired", drifted="one percent", carried_out=True),
    Work("discover", "an account into a stack file", discovering=True),
)
