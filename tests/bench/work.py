"""What there is to do: how many keys, what is declared, what is found, what must be so afterwards.

It knows nothing of who does it.
"""

from dataclasses import dataclass
from typing import Literal

from keyswitch.sandbox.seed import generated

KEYS_PER_USER = 2

Amount = Literal["none", "one", "one percent", "all"]


@dataclass(frozen=True)
class Keys:
    """The access keys of a sandbox with generated users, all Active at first; two keys a user."""

    size: int

    @property
    def users(self) -> int:
        return self.size // KEYS_PER_USER

    def owners(self) -> dict[str, str]:
        """The user name of each key, by access key ID."""
        seeds = generated(self.users, KEYS_PER_USER)
        return {seed.access_key_id: str(seed.user_name) for seed in seeds}

    def switched(self, amount: Amount) -> dict[str, str]:
        """The status of each key when so many of them, evenly spread, are Inactive."""
        ids = list(self.owners())
        count = {"none": 0, "one": 1, "one percent": max(1, self.size // 100), "all": self.size}[amount]
        inactive = {ids[(2 * n + 1) * self.size // (2 * count)] for n in range(count)}
        return {key: "Inactive" if key in inactive else "Active" for key in ids}


@dataclass(frozen=True)
class Work:
    """One thing to do, from a state that knows all keys as Active.

    Attributes:
        name: for options and JSON.
        title: for people.
        flipped: how many keys are declared Inactive.
        drifted: how many keys were switched off behind everybody's back.
        carried_out: whether AWS is changed, or only asked.
        adopting: whether there is no state yet.
    """

    name: str
    title: str
    flipped: Amount = "none"
    drifted: Amount = "none"
    carried_out: bool = False
    adopting: bool = False

    def declared(self, keys: Keys) -> dict[str, str]:
        """What the configuration says."""
        return keys.switched(self.flipped)

    def found(self, keys: Keys) -> dict[str, str]:
        """What AWS says before."""
        return keys.switched(self.drifted)

    def left(self, keys: Keys) -> dict[str, str]:
        """What AWS must say afterwards."""
        return self.declared(keys) if self.carried_out else self.found(keys)

    def changes(self, keys: Keys) -> int:
        """How many keys are not as they are declared."""
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
)
