"""Asks AWS ahead of time: what a write will need to know is under way before the write's turn comes.

Pulumi hands a provider one key after the other; each has to be looked at immediately before it is written. What was
asked within the last seconds counts as immediately; what is older, or was written to since, is asked again.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import TYPE_CHECKING, Any

from keyswitch.access_key.model import AccessKey, Caller, LastUsed

if TYPE_CHECKING:  # it loads AWS's library, which is only needed once something is asked
    from keyswitch.iam.gateway import Gateway

FRESH_SECONDS = 5.0
"""How old an answer may be. AWS itself is minutes behind with uses, and seconds with statuses."""

AHEAD = 16
"""How many keys are looked at ahead."""


class Prefetch:
    """Looks at AWS like a gateway, and may have done so already. Thread-safe.

    Args:
        gateway: whom to ask.
        clock: seconds, monotonic.
    """

    def __init__(self, gateway: "Gateway", clock: Callable[[], float] = time.monotonic) -> None:
        self._gateway, self._clock = gateway, clock
        self._lock = Lock()
        self._asked: dict[tuple[str, str | None], tuple[float, Future[Any]]] = {}
        self._pool = ThreadPoolExecutor(max_workers=AHEAD, thread_name_prefix="keyswitch-ahead")

    def begin(self, user_name: str | None, access_key_id: str | None) -> None:
        """Ask for a user's keys, and for the last use of a key if one is named; nobody waits for it."""
        self._ask(("keys", user_name), self._gateway.access_keys, user_name)
        if access_key_id is not None:
            self._ask(("use", access_key_id), self._gateway.last_used, access_key_id)

    def forget(self, user_name: str | None) -> None:
        """Take note that a user's keys are being written to: what was seen of them is no longer so."""
        with self._lock:
            self._asked.pop(("keys", user_name), None)

    def caller(self) -> Caller:
        """As `Gateway.caller`."""
        return self._gateway.caller()

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """As `Gateway.access_keys`."""
        found: tuple[AccessKey, ...] | None = self._ask(("keys", user_name), self._gateway.access_keys, user_name)()
        return found

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """As `Gateway.last_used`."""
        found: LastUsed | None = self._ask(("use", access_key_id), self._gateway.last_used, access_key_id)()
        return found

    def _ask(self, what: tuple[str, str | None], ask: Callable[[Any], Any], about: str | None) -> Callable[[], Any]:
        with self._lock:
            at, answer = self._asked.get(what, (-FRESH_SECONDS, None))
            failed = answer is not None and answer.done() and answer.exception() is not None
            if answer is None or failed or self._clock() - at >= FRESH_SECONDS:
                answer = self._pool.submit(ask, about)
                self._asked[what] = self._clock(), answer
            return answer.result
