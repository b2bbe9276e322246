"""Paces the calls of a process, so that a bulk change does not get the account throttled.

IAM publishes no limits, and they are the account's, shared with everything else in it. So the pace begins low, doubles
with every second of use up to the ceiling, and where AWS throttles, learns from how much it let pass what may be asked.
"""

import time
from collections.abc import Callable
from threading import Lock

START = 100.0
"""Calls a second at the beginning: as many as ten workers ask that wait 100 ms for each answer."""

BURST = 14
"""Calls that need not wait at the beginning, or after a pause."""

CEILING = 400.0
"""Calls a second that are never exceeded, unless configured otherwise."""

_RAMP = 2.0
"""By how much the pace grows in a second of use until AWS throttles for the first time."""

_PROBE = 1.02
"""By how much it grows in a second after that: others may have stopped asking."""

_FEEL = 1.2
"""By how much it grows in a second after a throttled call that came too soon to say how much AWS gives."""

_BELOW = 0.95
"""How far below what AWS let pass the pace is set."""

_PAUSE = 0.3
"""Seconds without calls after a throttled one."""

_IN_STORE = 0.7
"""Seconds' worth of calls that AWS is taken to have had in store when the first one went."""

_LONG_ENOUGH = 2.0
"""Seconds after which what AWS let pass says how much it gives."""

_LOWEST = 0.25
"""To which part of itself the pace is set at the lowest: what little passed may have been others' doing."""


class Pace:
    """So many calls a second, for all threads of a process.

    Args:
        ceiling: calls a second that are never exceeded.
        clock: seconds, monotonic.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        ceiling: float = CEILING,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._ceiling, self._clock, self._sleep = ceiling, clock, sleep
        self._lock = Lock()
        self._rate = min(START, ceiling)
        self._growth = _RAMP
        self._set_at: float | None = None
        self._idle = 0.0
        self._free_at = 0.0
        self._since, self._passed = 0.0, 0
        self._times_set = 0

    @property
    def rate(self) -> float:
        """Calls a second at present."""
        with self._lock:
            return self._allowed(self._clock())

    def take(self) -> float:
        """Wait for the next call's turn.

        Returns:
            When it goes out, by the pace's clock; to be handed back if it is throttled.
        """
        while True:
            with self._lock:
                now = self._clock()
                if self._set_at is None:
                    self._set_at = self._since = now
                    self._free_at = now - BURST / self._rate
                self._idle += max(0.0, now - BURST / self._allowed(now) - self._free_at)
                rate = self._allowed(now)
                turn = max(self._free_at, now - BURST / rate)
                self._free_at = turn + 1 / rate
                times_set = self._times_set
            if turn > now:
                self._sleep(turn - now)
            with self._lock:
                if times_set == self._times_set:
                    return max(now, turn)  # else the pace was set anew while waiting, and so is the turn

    def passed(self) -> None:
        """Take note that AWS answered a call."""
        with self._lock:
            self._passed += 1

    def throttled(self, went: float) -> None:
        """Take note that AWS throttled a call, and slow down.

        Between two moments when AWS had nothing left to give, it let pass exactly what it gives in that time.

        Args:
            went: when the call went out; one that went before the pace was set last says nothing new.
        """
        with self._lock:
            now = self._clock()
            if self._set_at is None or went < self._set_at:
                return
            allowed, elapsed = self._allowed(now), now - self._since
            # What AWS had in store at first, or has put there while nobody asked, came on top of what it gives.
            spared = _IN_STORE if self._times_set == 0 or self._idle else 0.0
            given = self._passed / (elapsed - self._idle + spared)
            is_sure = elapsed >= _LONG_ENOUGH
            rate = min(allowed, max(given, allowed * _LOWEST)) * _BELOW
            self._rate, self._growth, self._idle = max(1.0, rate), _PROBE if is_sure else _FEEL, 0.0
            self._since, self._passed = now, 0
            self._set_at = self._free_at = now + _PAUSE
            self._times_set += 1

    def _allowed(self, now: float) -> float:
        passed = max(0.0, now - self._set_at - self._idle) if self._set_at is not None else 0.0
        grown: float = self._rate * self._growth ** min(passed, 60.0)
        return min(self._ceiling, grown)
