"""A file is written as a whole or not at all, and is nobody else's to read."""

import errno
import os
import stat
from pathlib import Path

import pytest
import typer

from keyswitch.cli import saving
from keyswitch.cli.saving import save


def mode(path: Path) -> int:
    """The permissions of a file."""
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_file_is_its_owners_only(tmp_path: Path) -> None:
    """A report names every weak key of an account."""
    save("a\r\nb\n", tmp_path / "new")
    assert (tmp_path / "new").read_bytes() == b"a\r\nb\n"
    assert mode(tmp_path / "new") == 0o600


def test_a_file_that_is_there_keeps_its_permissions(tmp_path: Path) -> None:
    """And a link to it stays one."""
    (tmp_path / "old").write_text("old", encoding="utf-8")
    (tmp_path / "old").chmod(0o644)
    (tmp_path / "link").symlink_to("old")
    save("new", tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "old").read_text(encoding="utf-8") == "new"
    assert mode(tmp_path / "old") == 0o644


def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And nothing beside it; the exit code is 1."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "old").write_text("old", encoding="utf-8")
    monkeypatch.setattr(saving.os, "fsync", full)
    with pytest.raises(typer.Exit) as exited:
        save("new", tmp_path / "old")
    assert exited.value.exit_code == 1
    assert "cannot be written: No space left on device" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_text(encoding="utf-8") == "old"


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Which names the file."""
    with pytest.raises(typer.Exit):
        save("new", tmp_path / "nowhere" / "file")
    assert "nowhere/file cannot be written: No such file or directory" in capsys.readouterr().err


def test_a_device_is_written_to(tmp_path: Path) -> None:
    """Nothing can replace it."""
    save("new", Path(os.devnull))
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
