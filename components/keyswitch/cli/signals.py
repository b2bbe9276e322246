"""Ends every command that is told to stop in the same way: by SIGINT (Ctrl-C) or by SIGTERM."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def held_back() -> Iterator[Callable[[], None]]:
    """Hold back SIGINT and SIGTERM, so that neither cuts off what must be whole, such as the start of a process.

    Yields:
        Lets the signals through again, and raises the KeyboardInterrupt of one that was held back.
    """
    held: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    handled = [number for number, handler in before.items() if callable(handler)]

    def let_go() -> None:
        while handled:
            number = handled.pop()
            signal.signal(number, before[number])
        if held:
            _interrupt(held.pop(), None)

    for number in handled:
        signal.signal(number, lambda received, _: held.append(received))
    try:
        yield let_go
    finally:
        held.clear()
        let_go()


def _interrupt(number: int, _frame: FrameType | None) -> None:
    _received.append(number)
    raise KeyboardInterrupt
