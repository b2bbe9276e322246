"""Writes a file as a whole or not at all: a crash or a full disk leaves the old one."""

import os
import stat
import tempfile
from pathlib import Path

from keyswitch.cli.output import fail


def save(text: str, path: Path) -> None:
    """Write a text to a file, or print an error and exit with 1. A new file can be read by its owner only."""
    target = Path(os.path.realpath(path))  # a link stays a link
    try:
        mode = os.stat(target).st_mode if target.exists() else stat.S_IFREG | 0o600
        if not stat.S_ISREG(mode):  # a pipe or a device, which nothing can replace
            target.write_text(text, encoding="utf-8")
            return
        descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with open(descriptor, "w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, stat.S_IMODE(mode))
            os.replace(name, target)
        except BaseException:
            os.unlink(name)
            raise
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")
