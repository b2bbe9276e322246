"""Ends every command that is told to stop in the same way: by SIGINT (Ctrl-C) or by SIGTERM."""

import signal
from types import FrameType

from keyswitch.cli.exits import Exit

_received: list[int] = []


def handle_signals() -> None:
    """Make SIGTERM raise a KeyboardInterrupt, as SIGINT does. A signal that is ignored stays ignored."""
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        signal.signal(signal.SIGTERM, _interrupt)


def exit_code() -> Exit:
    """Return the exit code of a command that was told to stop."""
    return Exit.TERMINATED if signal.SIGTERM in _received else Exit.INTERRUPTED


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt
