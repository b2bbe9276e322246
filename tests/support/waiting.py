"""Waits for conditions, so that no test has to sleep."""

import time
from collections.abc import Callable

PATIENCE = 30.0  # seconds


def eventually(condition: Callable[[], bool]) -> None:
    """Return once the condition holds; fail if it does not within `PATIENCE`."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come to hold in time"
        time.sleep(0.005)
