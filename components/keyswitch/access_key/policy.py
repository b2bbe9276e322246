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
}


@dataclass(frozen=True)
class GuardPolicy:
    """The settings of the guards.

    Attributes:
        levels: the level of each guard.
        recent_use: a use within this span counts as recent.
    """

    levels: Mapping[GuardName, Level] = field(default_factory=lambda: dict(DEFAULT_LEVELS))
    recent_use: timedelta = timedelta(hours=24)
