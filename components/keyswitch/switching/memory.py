"""What a run remembers of its keys: under which names they are declared, how they were first seen, what failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import Problem
from keyswitch.access_key.model import AccessKey

FRESH_SECONDS = 5.0
"""How old an answer may be. AWS itself is minutes behind with uses, and seconds with statuses."""


@dataclass(frozen=True)
class Upcoming:
    """A key that will be written later in the same run, so that it can be looked up ahead."""

    access_key_id: str
    user_name: str | None
    is_deactivation: bool


@dataclass(frozen=True)
class Seen:
    """A key as it was first seen in a run.

    Attributes:
        key: the key as it was then.
        account_id: the account it is in.
        at: when (UTC), if a plan was made of it that no guard refused; else None.
        upcoming: keys that are written later, to be looked up ahead when this one is written.
    """

    key: AccessKey
    account_id: str
    at: datetime | None = None
    upcoming: Sequence[Upcoming] = ()

    def is_fresh(self, now: datetime) -> bool:
        """Whether the plan that was made of it is only seconds old."""
        return self.at is not None and timedelta() <= now - self.at <= timedelta(seconds=FRESH_SECONDS)


@dataclass(frozen=True)
class Failed:
    """An entry that failed when the whole change was observed, with the lines of its error."""

    reason: tuple[str, ...]


def declared_twice(access_key_id: str, first: str, name: str) -> Problem:
    """The problem of a key that two resources declare."""
    return Problem(f"{access_key_id} is declared twice, as {first} and as {name}: keep one", "access_key_id")


class Memory:
    """What a run remembers of its keys. Thread-safe: every access holds the lock."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._names: dict[str, str] = {}
        self._seen: dict[str, Seen] = {}
        self._alone: dict[str, Change] = {}
        self._has_warned = False
        self._not_activated: dict[str | None, str] = {}
        self._failed: dict[str, Failed] = {}
        self._adopted: dict[str, str] = {}

    def declare(self, access_key_id: str, name: str) -> str:
        """The first name under which the key is declared."""
        with self._lock:
            return self._names.setdefault(access_key_id, name)

    def is_declared(self, access_key_id: str) -> bool:
        """Whether the run declares the key under any name."""
        with self._lock:
            return access_key_id in self._names

    def see(self, seen: Seen) -> Seen:
        """Note how a key was seen; how it was seen first in this run."""
        with self._lock:
            return self._seen.setdefault(seen.key.access_key_id, seen)

    def announce(self, seen: Seen) -> None:
        """Note how the caller saw a key before it showed the plan to the user. This counts from now on."""
        with self._lock:
            self._seen[seen.key.access_key_id] = seen

    def seen(self, access_key_id: str) -> Seen | None:
        """How the key was first seen; None: not at all."""
        with self._lock:
            return self._seen.get(access_key_id)

    def fail(self, access_key_id: str, failed: Failed) -> None:
        """Note that the entry of a key failed."""
        with self._lock:
            self._failed[access_key_id] = failed

    def failed(self, access_key_id: str) -> Failed | None:
        """Why the entry of the key failed; None: it did not."""
        with self._lock:
            return self._failed.get(access_key_id)

    def adopt(self, access_key_id: str, status: str) -> str:
        """Note the status that a key had at its adoption; the one that was noted first counts."""
        with self._lock:
            return self._adopted.setdefault(access_key_id, status)

    def judge_alone(self, change: Change) -> dict[str, Change]:
        """Note a change that was judged without the whole.

        Returns:
            All such changes so far, this one included, by access key ID.
        """
        with self._lock:
            self._alone[change.access_key_id] = change
            return dict(self._alone)

    def warns_first(self) -> bool:
        """Whether the run has not warned of too many deactivations yet; it does now."""
        with self._lock:
            first, self._has_warned = not self._has_warned, True
            return first

    def was_judged_alone(self, access_key_id: str) -> bool:
        """Whether a change of the key was judged without the whole."""
        with self._lock:
            return access_key_id in self._alone

    def not_activated(self, user_name: str | None, access_key_id: str) -> None:
        """Note that a key of a user was to be activated, and could not be."""
        with self._lock:
            self._not_activated[user_name] = access_key_id

    def failed_activation(self, user_name: str | None) -> str | None:
        """A key of the user that was to be activated, and could not be."""
        with self._lock:
            return self._not_activated.get(user_name)
