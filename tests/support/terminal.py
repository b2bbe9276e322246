"""Runs a command on a terminal of its own: a test reads the screen and presses keys."""

import os
import pty
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

_PATIENCE = 30.0  # seconds
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@dataclass
class Terminal:
    """A terminal on which a command runs."""

    process: subprocess.Popen[bytes]
    _ours: int
    _shown: bytearray = field(default_factory=bytearray)

    @property
    def screen(self) -> str:
        """Everything that has been shown, without colours and movements."""
        return _ESCAPES.sub("", self._shown.decode(errors="replace"))

    def wait_for(self, text: str) -> None:
        """Wait until a text is shown."""
        while text not in self.screen:
            assert self._more(), f"it ended without {text!r}:\n{self.screen}"

    def press(self, keys: str) -> None:
        """Press some keys."""
        os.write(self._ours, keys.encode())

    def interrupt(self, by: signal.Signals = signal.SIGINT) -> None:
        """Interrupt the command until it ends: Python can miss a signal that comes just before it waits for a key."""
        while self.process.poll() is None:
            self.process.send_signal(by)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(1.0)

    def wait(self) -> int:
        """Wait until the command has ended; returns its exit code. It must not have shown a traceback."""
        while self._more():
            pass
        assert "Traceback" not in self.screen
        return self.process.wait()

    def _more(self) -> bool:
        try:
            chunk = os.read(self._ours, 4096)
        except OSError:  # how Linux says that the other side has hung up
            return False
        self._shown += chunk
        return bool(chunk)


@contextmanager
def on_a_terminal(command: Sequence[str], **elsewhere: Any) -> Iterator[Terminal]:
    """Run a command on a terminal. It is killed at the end of the block, and after `_PATIENCE`.

    Args:
        command: the command.
        elsewhere: the streams that are not on the terminal, as `subprocess.Popen` takes them.
    """
    ours, theirs = pty.openpty()
    streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs, **elsewhere}
    world = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & lets children ignore it
    try:
        process = subprocess.Popen(command, env=world, **streams)
    finally:
        signal.signal(signal.SIGINT, before)
        os.close(theirs)
    too_long = threading.Timer(_PATIENCE, process.kill)
    too_long.start()
    try:
        yield Terminal(process, ours)
    finally:
        too_long.cancel()
        process.kill()
        process.wait()
        os.close(ours)
