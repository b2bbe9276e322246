"""How strict the guards are set; what they look at is in guards.py."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum


class GuardName(str, Enum):
    """The guards a configuration can set and an entry can pass."""

    OWN_CREDENTIALS = "ownCredentials"
    RECENTLY_USED = "recentlyUsed"
    LAST_ACTIVE_KEY = "lastActiveKey"

    def __str__(self) -> str:
        return self.value


class Level(str, Enum):
    """What a guard does when it fires: stop everything, say so, or not look at all."""

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
    """How strict the guards are.

    Attributes:
        levels: the level of each guard.
        recent_use: how far back a use counts as recent.
    """

    levels: Mapping[GuardName, Level] = field(default_factory=lambda: dict(DEFAULT_LEVELS))
    recent_use: timedelta = timedelta(hours=24)
