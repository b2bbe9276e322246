"""Keeps what was looked up for a while, and looks up ahead of time what a write will need.

Pulumi hands a provider one key after the other, and each must be looked up immediately before it is written. An answer
of the last seconds counts as immediate. An older one, or one from before a write, is asked for again.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from copy import copy
from math import inf
from threading import Lock
from typing import Any

from keyswitch.access_key.change import Change
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.switching.memory import Upcoming
from keyswitch.switching.port import Iam

FRESH_SECONDS = 5.0
"""How old an answer may be. AWS itself is minutes behind with uses, and seconds with statuses."""

AHEAD = 16
"""How many keys are looked up ahead."""


class Prefetch:
    """Answers look-ups from a cache that can be filled ahead of time. Thread-safe.

    Args:
        iam: answers what is not in the cache.
        clock: seconds, monotonic.
        at_once: how many look-ups run at the same time.
    """

    def __init__(self, iam: Iam, clock: Callable[[], float] = time.monotonic, at_once: int = AHEAD) -> None:
        self._iam, self._clock = iam, clock
        self._lock = Lock()
        self._answers: dict[tuple[str, str | None], tuple[float, Future[Any]]] = {}
        self._pool = ThreadPoolExecutor(max_workers=at_once, thread_name_prefix="keyswitch-prefetch")
        self._max_age = FRESH_SECONDS

    def of_any_age(self) -> "Prefetch":
        """The same cache, but its answers count until the user's keys are written to."""
        view = copy(self)  # shares the answers and their lock
        view._max_age = inf
        return view

    def start_all(self, wanted: Change, upcoming: Iterable[Upcoming]) -> None:
        """Begin to look up what a write and the writes after it will need."""
        own = Upcoming(wanted.access_key_id, wanted.observed.user_name, wanted.is_deactivation)
        for key in (own, *upcoming):
            self.start(key.user_name, key.access_key_id if key.is_deactivation else None)

    def start(self, user_name: str | None, access_key_id: str | None) -> None:
        """Begin to look up a user's keys, and the last use of a key if one is named; does not wait for the answers."""
        self._ask(("keys", user_name), self._iam.access_keys, user_name)
        if access_key_id is not None:
            self._ask(("use", access_key_id), self._iam.last_used, access_key_id)

    def invalidate(self, user_name: str | None) -> None:
        """Drop what is known of a user's keys, because they are written to."""
        with self._lock:
            self._answers.pop(("keys", user_name), None)

    @property
    def concurrency(self) -> int:
        """As `Lookups.concurrency`."""
        return self._iam.concurrency

    @property
    def presumed_account(self) -> str | None:
        """As `Lookups.presumed_account`."""
        return self._iam.presumed_account

    def caller(self) -> Caller:
        """As `Lookups.caller`."""
        return self._iam.caller()

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """As `Lookups.access_keys`."""
        found: tuple[AccessKey, ...] | None = self._ask(("keys", user_name), self._iam.access_keys, user_name)()
        return found

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """As `Lookups.last_used`."""
        found: LastUsed | None = self._ask(("use", access_key_id), self._iam.last_used, access_key_id)()
        return found

    def quarantined(self) -> Mapping[str, str]:
        """As `Iam.quarantined`."""
        return self._iam.quarantined()

    def _ask(self, what: tuple[str, str | None], ask: Callable[[Any], Any], about: str | None) -> Callable[[], Any]:
        with self._lock:
            at, answer = self._answers.get(what, (0.0, None))
            failed = answer is not None and answer.done() and answer.exception() is not None
            if answer is None or failed or self._clock() - at >= self._max_age:
                answer = self._pool.submit(ask, about)
                self._answers[what] = self._clock(), answer
            return answer.result
