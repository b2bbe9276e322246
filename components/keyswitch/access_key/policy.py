"""The names and the levels of the guards. The guards themselves are in guards.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum


class GuardName(str, Enum):
    """The guards that a configuration can set and an entry can pass."""

    OWN_CREDENTIALS = "ownCredentials"
    RECENTLY_USED = "recentlyUsed"
    LAST_ACTIVE_KEY = "lastActiveKey"
    TOO_MANY_AT_ONCE = "tooManyAtOnce"

    def __str__(self) -> str:
        return self.value


class Level(str, Enum):
    """What a guard does: block stops every write, warn only warns, off does not check."""

    BLOCK = "block"
    WARN = "warn"
    OFF = "off"

    def __str__(self) -> str:
        return self.value


DEFAULT_LEVELS: Mapping[GuardName, Level] = {
    GuardName.OWN_CREDENTIALS: Level.BLOCK,
    GuardName.RECENTLY_USED: Level.BLOCK,
    GuardName.LAST_ACTIVE_KEY: Level.WARN,
    GuardName.TOO_MANY_AT_ONCE: Level.WARN,
}


@dataclass(frozen=True)
class AtOnce:
    """How many deactivations in one change are too many.

    Attributes:
        count: the smallest number that can be too many.
        share: they must also be more than this share of the keys, in percent.
    """

    count: int = 10
    share: int = 20


@dataclass(frozen=True)
class GuardPolicy:
    """The settings of the guards.

    Attributes:
        levels: the level of each guard.
        recent_use: a use within this span counts as recent.
        at_once: how many deactivations are too many for one change.
    """

    levels: Mapping[GuardName, Level] = field(default_factory=lambda: dict(DEFAULT_LEVELS))
    recent_use: timedelta = timedelta(hours=24)
    at_once: AtOnce = AtOnce()
