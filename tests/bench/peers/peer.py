"""The shape of whoever is measured: gets ready unmeasured, gives the command of a work, says whether that went well."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from tests.bench.measure import Command, Usage
from tests.bench.work import Keys, Work


class NotHereError(Exception):
    """A peer cannot be measured on this machine; says why."""


class Peer(ABC):
    """Somebody who can do some of the works.

    Attributes:
        name: for options and JSON.
        title: for people.
        works: the names of the works it can do.
        most: beyond so many keys it takes too long, and is left out unless everything is asked for.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    works: ClassVar[frozenset[str]]
    most: int | None = None

    def version(self) -> str:
        """The versions of what it runs."""
        return ""

    @abstractmethod
    def prepare(self, keys: Keys, folder: Path) -> None:
        """Get ready, in an empty folder of its own, for works with these keys, all Active; not measured.

        Args:
            keys: which.
            folder: an empty one.

        Raises:
            NotHereError: it cannot.
        """

    @abstractmethod
    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        """Go back to where `prepare` has left off, declare what the work declares, and give its command."""

    @abstractmethod
    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        """What is wrong with how the command ended; None if nothing is."""

    def state(self) -> int | None:
        """The size of its state after a command, in bytes; None if it keeps none."""
        return None

    def remark(self, work: Work, keys: Keys) -> str:
        """What one must know about how it does this work."""
        return ""
