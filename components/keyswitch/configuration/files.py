"""Reads the text of a file: a regular one, of a size that a configuration can have, in UTF-8."""

import os
import stat
from pathlib import Path
from typing import BinaryIO

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.limits import SIZE, TOO_LARGE


def text_of(path: Path, name: str, field: str = "") -> str:
    """Read a file.

    Args:
        path: the file.
        name: how it is called in messages.
        field: the setting that names it, if one does.

    Raises:
        InvalidConfiguration: it cannot be read, is no regular file, is too large or is not UTF-8.
    """
    try:
        # Without O_NONBLOCK, opening a named pipe waits until somebody writes into it.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise InvalidConfiguration([Problem("cannot be read: it is no regular file", field, name)])
            return text_from(file, name, field)
    except OSError as error:
        raise InvalidConfiguration([Problem(f"cannot be read: {error.strerror}", field, name)]) from None
    except ValueError:
        raise InvalidConfiguration([Problem("cannot be read: no file can have this name", field, name)]) from None


def text_from(file: BinaryIO, name: str, field: str = "") -> str:
    """Read what an open file holds.

    Raises:
        InvalidConfiguration: it is too large or is not UTF-8.
    """
    content = file.read(SIZE + 1)
    if len(content) > SIZE:
        raise InvalidConfiguration([Problem(TOO_LARGE, field, name)])
    try:
        return content.decode("utf-8-sig")  # Pulumi skips a byte order mark, too
    except UnicodeDecodeError:
        raise InvalidConfiguration([Problem("is not UTF-8: save it in this encoding", field, name)]) from None
