"""Standard output and standard error as every command uses them: a failed write ends no command in the middle.

A character that the encoding lacks is printed as a readable one. The first failed write is kept, and everything after
it goes nowhere, so that `apply` finishes what it has started.
"""

import codecs
import io
import os
import sys
from typing import TextIO, cast

_READABLE = {"→": "->", "…": "...", "·": "-", "⛔": "(refused)"}
"""What replaces our own characters. Any other is shown by its number, so that no two names look alike."""


class Stream(io.TextIOBase):
    """A stream that keeps the first failure to write instead of raising it.

    Attributes:
        failure: the first failure; None while everything could be written.
    """

    encoding = "utf-8"
    errors = "strict"

    def __init__(self, stream: io.TextIOWrapper) -> None:
        stream.reconfigure(errors=_name)
        self.failure: OSError | None = None
        self.encoding, self.errors = stream.encoding, _name
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text; what follows a failure goes nowhere."""
        try:
            return self._stream.write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        try:
            self._stream.flush()
        except OSError as error:
            self._give_up(error)

    def fileno(self) -> int:
        """Return the file descriptor."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Return True."""
        return True

    def _give_up(self, error: OSError) -> None:
        self.failure = self.failure or error
        # The buffer still holds the text. Python would fail at its end when it writes the buffer out.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)


def guard_streams() -> None:
    """Make standard output and standard error a `Stream` each. A stream that is closed becomes the null device."""
    codecs.register_error(_name, _readable)
    sys.stdin = sys.stdin or _null_device("r")
    sys.stdout = _guarded(sys.stdout)
    sys.stderr = _guarded(sys.stderr)


def lost_output() -> OSError | None:
    """Return why standard output could not be written, or None. Writes out what is buffered first."""
    stream = cast("object", sys.stdout)
    if not isinstance(stream, Stream):
        return None
    stream.flush()
    return stream.failure


def _guarded(stream: TextIO | None) -> TextIO:
    stream = stream or _null_device("w")
    return cast("TextIO", Stream(stream)) if isinstance(stream, io.TextIOWrapper) else stream


def _null_device(mode: str) -> TextIO:
    return cast("TextIO", open(os.devnull, mode, encoding="utf-8"))


_name = "keyswitch.readable"


def _readable(error: UnicodeError) -> tuple[str, int]:
    """Replace what an encoding lacks (https://docs.python.org/3/library/codecs.html#codecs.register_error)."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    missing = error.object[error.start : error.end]
    return "".join(_READABLE.get(c) or c.encode("ascii", "backslashreplace").decode() for c in missing), error.end
