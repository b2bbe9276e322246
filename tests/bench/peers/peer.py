"""The interface of a peer: prepares without measurement, returns the command of a work, and checks its result."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from tests.bench.measure import Command, Usage
from tests.bench.work import Keys, Work


class NotHereError(Exception):
    """A peer cannot be measured on this machine. The message is the reason."""


class Peer(ABC):
    """A tool that can do some of the works.

    Attributes:
        name: the name in options and JSON.
        title: the name for readers.
        works: the names of the works that the peer can do.
        is_idle: whether the peer does nothing, and is measured to know what nothing costs.
        most: the maximum number of keys without `--all`, because the peer takes very long with more; None for no limit.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    works: ClassVar[frozenset[str]]
    is_idle: ClassVar[bool] = False
    most: int | None = None

    def version(self) -> str:
        """Return the versions of the programs that the peer runs."""
        return ""

    @abstractmethod
    def prepare(self, keys: Keys, folder: Path) -> None:
        """Prepare for works with these keys, all Active. This is not measured.

        Args:
            keys: the keys of the works.
            folder: an empty folder for the peer.

        Raises:
            NotHereError: the peer cannot be measured.
        """

    @abstractmethod
    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        """Restore the result of `prepare`, write the declaration of the work, and return its command."""

    @abstractmethod
    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        """Return what is wrong with the result of the command; None if nothing is wrong."""

    def state(self) -> int | None:
        """Return the size of the state after a command, in bytes; None without a state."""
        return None

    def remark(self, work: Work, keys: Keys) -> str:
        """Return a note about how the peer does this work."""
        return ""
