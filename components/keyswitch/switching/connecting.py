"""Connects to AWS once in a run, when AWS is first asked: most previews ask nothing."""

from collections.abc import Callable
from threading import Lock

from keyswitch.switching.adapter import Connected
from keyswitch.switching.prefetch import Prefetch


class Connecting:
    """A connection to come. Thread-safe.

    Args:
        connect: connects.
    """

    def __init__(self, connect: Callable[[], Connected]) -> None:
        self._connect, self._lock = connect, Lock()
        self._made: tuple[Connected, Prefetch] | None = None

    def __call__(self) -> tuple[Connected, Prefetch]:
        """The connection, and a cache of what is looked up over it. A failure is not remembered."""
        with self._lock:
            if self._made is None:
                connected = self._connect()
                self._made = connected, Prefetch(connected.iam)
            return self._made
