"""Files that are none, and texts in other encodings: one line each, whatever is read."""

import os
import socket
from pathlib import Path

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.files import text_of
from keyswitch.configuration.limits import SIZE


def _refused(path: Path) -> str:
    with pytest.raises(InvalidConfiguration) as caught:
        text_of(path, "the file", "the field")
    (problem,) = caught.value.problems
    assert (problem.where, problem.field) == ("the file", "the field")
    return problem.text


def test_a_named_pipe_is_not_waited_for(tmp_path):
    """Nobody may ever write into it."""
    os.mkfifo(tmp_path / "pipe")
    assert _refused(tmp_path / "pipe") == "cannot be read: it is no regular file"


def test_a_device_is_not_read(tmp_path):
    """It may never end; a link to it is the same."""
    (tmp_path / "link").symlink_to("/dev/zero")
    assert _refused(Path("/dev/zero")) == "cannot be read: it is no regular file"
    assert _refused(tmp_path / "link") == "cannot be read: it is no regular file"


def test_a_socket_is_not_read(tmp_path, monkeypatch):
    """The system itself does not open it."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert _refused(Path("socket")).startswith("cannot be read: ")


def test_a_folder_is_not_read(tmp_path):
    """It is no regular file either."""
    assert _refused(tmp_path).startswith("cannot be read: ")


def test_links_in_a_circle_are_no_file(tmp_path):
    """The system says so."""
    (tmp_path / "a").symlink_to("a")
    assert _refused(tmp_path / "a").startswith("cannot be read: Too many levels")


@pytest.mark.parametrize("name", ["a\0b", "a" * 300], ids=["NUL", "too long"])
def test_a_name_that_no_file_can_have(tmp_path, name):
    """Is a file that cannot be read."""
    assert _refused(tmp_path / name).startswith("cannot be read: ")


def test_a_file_of_any_size_is_refused_before_it_is_read_whole(tmp_path):
    """One byte too many is enough."""
    with open(tmp_path / "f", "wb") as file:
        file.truncate(SIZE)
    assert len(text_of(tmp_path / "f", "f")) == SIZE
    with open(tmp_path / "f", "wb") as file:
        file.truncate(1 << 40)
    assert _refused(tmp_path / "f") == "is larger than 4 MB, the most that is read"


@pytest.mark.parametrize("content", ["ü".encode("utf-16"), "ü".encode("latin-1"), b"\xed\xa0\x80"])
def test_another_encoding_is_refused(tmp_path, content):
    """Pulumi reads some of them; both are told apart from a file that is not YAML."""
    (tmp_path / "f").write_bytes(content)
    assert _refused(tmp_path / "f") == "is not UTF-8: save it in this encoding"


def test_a_byte_order_mark_is_skipped(tmp_path):
    """As Pulumi skips it."""
    (tmp_path / "f").write_bytes("a: ü".encode("utf-8-sig"))
    assert text_of(tmp_path / "f", "f") == "a: ü"
