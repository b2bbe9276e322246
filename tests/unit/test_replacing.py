"""The content of a file is replaced at once, or not at all."""

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from keyswitch.access_key.errors import InvalidConfiguration, NotWritten
from keyswitch.configuration import replacing
from keyswitch.configuration.replacing import content_of, replace_content

OLD, NEW = b"old\n", b"new\n"


def unchecked(_: Path) -> None:
    """Accept anything."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with the old content."""
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_bytes(OLD)
    return path


def alone(file: Path) -> bool:
    """Whether the folder has nothing but the file."""
    return os.listdir(file.parent) == [file.name]


def test_the_content_is_new_and_everything_else_as_it_was(file: Path) -> None:
    """Its permissions, too; nothing is left beside it."""
    file.chmod(0o640)
    replace_content(file, NEW, OLD, unchecked)
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (NEW, 0o640)
    assert alone(file)


def test_a_new_file_has_the_permissions_of_a_new_file(tmp_path: Path) -> None:
    """Those that the user's mask leaves."""
    path, other = tmp_path / "new.json", tmp_path / "other"
    other.touch()
    replace_content(path, NEW, None, unchecked)
    assert path.read_bytes() == NEW
    assert path.stat().st_mode == other.stat().st_mode


def test_a_link_still_leads_to_the_file(file: Path, tmp_path: Path) -> None:
    """The file behind it is replaced, not the link."""
    link = tmp_path / "link.yaml"
    link.symlink_to(file.name)
    replace_content(link, NEW, OLD, unchecked)
    assert link.is_symlink()
    assert file.read_bytes() == NEW


def _full(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _crash(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("name", "fault", "raised"),
    [("fsync", _full, NotWritten), ("fsync", _crash, KeyboardInterrupt), ("replace", _crash, KeyboardInterrupt)],
    ids=["full disk", "interrupted while writing", "interrupted before the end"],
)
def test_the_old_content_stays(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    fault: Callable[..., None],
    raised: type[BaseException],
) -> None:
    """Whatever happens before the last step; nothing is left beside it."""
    monkeypatch.setattr(replacing.os, name, fault)
    with pytest.raises(raised) as caught:
        replace_content(file, NEW, OLD, unchecked)
    assert file.read_bytes() == OLD
    assert alone(file)
    if raised is NotWritten:
        assert "cannot be written (No space left on device), and stays as it is" in str(caught.value)


def test_the_new_content_is_checked_before_it_is_used(file: Path) -> None:
    """As a file of the same kind in the same folder."""
    seen = []

    def check(path: Path) -> None:
        seen.append((path.parent, path.suffix, path.read_bytes()))
        raise InvalidConfiguration([])

    with pytest.raises(InvalidConfiguration):
        replace_content(file, NEW, OLD, check)
    assert seen == [(file.parent, ".yaml", NEW)]
    assert file.read_bytes() == OLD
    assert alone(file)


@pytest.mark.parametrize("before", [b"older\n", None], ids=["changed", "made"])
def test_a_file_that_somebody_else_changed_stays(file: Path, before: bytes | None) -> None:
    """Such as an editor, in the seconds in which AWS was asked."""
    with pytest.raises(NotWritten, match="was changed meanwhile, and stays as it is"):
        replace_content(file, NEW, before, unchecked)
    assert file.read_bytes() == OLD


def test_a_file_that_may_not_be_written_stays(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although its folder would let it be replaced."""
    monkeypatch.setattr(replacing.os, "access", lambda path, mode: mode != os.W_OK)
    with pytest.raises(NotWritten, match="Permission denied"):
        replace_content(file, NEW, OLD, unchecked)
    assert file.read_bytes() == OLD


def test_there_may_be_no_folder(tmp_path: Path) -> None:
    """One line says so."""
    with pytest.raises(NotWritten, match="No such file or directory"):
        replace_content(tmp_path / "no" / "x.yaml", NEW, None, unchecked)
    assert content_of(tmp_path / "no" / "x.yaml") is None
