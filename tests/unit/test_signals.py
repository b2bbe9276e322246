"""Signals that are held back while something must not be cut off."""

import os
import signal
from collections.abc import Iterator

import pytest

from keyswitch.cli.signals import handle_signals, held_back


@pytest.fixture(autouse=True)
def handled() -> Iterator[None]:
    """Handle SIGTERM as a command does, and as before afterwards."""
    before = signal.getsignal(signal.SIGTERM)
    handle_signals()
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_comes_through_when_it_is_let_go(number: signal.Signals) -> None:
    """The block goes on; then the signal interrupts, and the next one does so at once."""
    steps = []
    with held_back() as let_go:
        os.kill(os.getpid(), number)
        steps.append("whole")
        with pytest.raises(KeyboardInterrupt):
            let_go()
        let_go()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), number)
    assert steps == ["whole"]


def test_an_error_in_the_block_lets_go() -> None:
    """Signals are handled as before, whatever happened."""
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(OSError, match="no such program"), held_back():
        raise OSError("no such program")
    assert signal.getsignal(signal.SIGTERM) is before
