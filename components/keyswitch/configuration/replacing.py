"""Replaces the content of a file at once: after a crash or on a full disk, the old content is still there."""

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from keyswitch.access_key.errors import NotWritten


def replace_content(path: Path, content: bytes, before: bytes | None, check: Callable[[Path], None]) -> None:
    """Replace the content of a file, or create the file. Permissions stay, and a link still leads to it.

    Args:
        path: the file, or a link to it.
        content: the new content.
        before: the content that is replaced; None: there is no file yet.
        check: is called with another file that has the new content, and raises if it must not be used.

    Raises:
        NotWritten: the file cannot be written, or it was changed meanwhile.
    """
    name, real = path.as_posix(), Path(os.path.realpath(path))
    try:
        with _beside(real) as other:
            _write(other, content)
            check(other)
            if content_of(real) != before:
                raise NotWritten(f"{name} was changed meanwhile, and stays as it is", "Run the command again")
            if before is not None:
                _like(real, other)
            os.replace(other, real)
            _synchronize(real.parent)
    except OSError as error:
        raise NotWritten(f"{name} cannot be written ({error.strerror}), and stays as it is") from None


def content_of(path: Path) -> bytes | None:
    """Return the content of a file; None if there is no such file."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """Give the name of another file in the same folder, which is removed at the end if it is still there.

    It keeps the end of the name, which says whether it is JSON. Pulumi takes no name with a dot at the start for a
    stack file.
    """
    other = path.with_name(f".keyswitch-{secrets.token_hex(4)}{path.suffix}")
    try:
        yield other
    finally:
        with suppress(FileNotFoundError):
            other.unlink()


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _like(old: Path, new: Path) -> None:
    """Give a file the permissions of another one, which must be writable, and its owner where that is allowed."""
    if not os.access(old, os.W_OK):
        raise PermissionError(0, "Permission denied")
    there, here = old.stat(), new.stat()
    if (there.st_uid, there.st_gid) != (here.st_uid, here.st_gid):
        with suppress(OSError):
            os.chown(new, there.st_uid, there.st_gid)
    new.chmod(there.st_mode & 0o7777)


def _synchronize(folder: Path) -> None:
    """Write the new name to the disk, where a folder can be opened."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
