"""Who decided an entry last, as git knows it: in a real repository, in a shallow one, and without git."""

import os
import subprocess
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

import pytest

from keyswitch.access_key.decision import Decision
from keyswitch.configuration.decided import decisions

A, B, C = "AKIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB", "AKIACCCCCCCCCCCCCCCC"
FIRST = f"""config:
  keyswitch:keys:
    {A}: Active
    {B}:
      status: Active
      reason: >
        OPS-1
        over two lines

    # a comment about the next one
    {C}: Inactive
  aws:region: us-east-1
"""

Commit = Callable[[str, str, int], None]
NAME = "Pulumi.prod.yaml"


def git(folder: Path, *arguments: str, day: int = 1, author: str = "Ada") -> None:
    """Run git in a folder, as somebody, on some day."""
    date = f"2026-11-{day:02d}T09:00:00+0000"
    who = {f"GIT_{role}_{what}": value for role in ("AUTHOR", "COMMITTER") for what, value in (
        ("NAME", author), ("EMAIL", "a@example.com"), ("DATE", date))}  # fmt: skip
    environment = {**os.environ, **who, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=folder, env=environment, check=True, capture_output=True, timeout=30)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", ".")
    return folder


@pytest.fixture
def commit(folder: Path) -> Commit:
    """Commit a text of the stack file as an author, on a day."""

    def committed(text: str, author: str, day: int) -> None:
        (folder / NAME).write_text(text, encoding="utf-8")
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", f"Change of day {day}\n\nWhy.", day=day, author=author)

    return committed


def who(found: dict[str, Decision]) -> dict[str, str | None]:
    """The author of each decision."""
    return {key_id: decision.author for key_id, decision in found.items()}


def test_the_last_commit_of_any_line_of_an_entry_decided_it(folder: Path, commit: Commit) -> None:
    """Also one that is not the first or the last line; the date is the one of the commit, in UTC."""
    commit(FIRST, "Ada", 1)
    commit(FIRST.replace("over two lines", "over two other lines"), "Bo", 2)
    commit(FIRST.replace("over two lines", "over two other lines").replace("Inactive", "Active"), "Çağla", 3)
    found = decisions(folder / NAME)
    assert who(found) == {A: "Ada", B: "Bo", C: "Çağla"}
    assert [(found[key_id].line, found[key_id].summary) for key_id in (A, B, C)] == [
        (3, "Change of day 1"),
        (4, "Change of day 2"),
        (11, "Change of day 3"),
    ]
    assert found[B].date == datetime(2026, 11, 2, 9, tzinfo=timezone.utc)
    assert found[B].file.endswith(NAME)
    assert len(found[B].commit or "") == 40


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("# a comment about", "# another comment about", id="a comment before the next entry"),
        pytest.param("us-east-1", "eu-west-1", id="the next setting"),
        pytest.param("    ", "      ", id="indentation"),
    ],
)
def test_what_is_not_of_an_entry_decides_nothing(folder: Path, commit: Commit, old: str, new: str) -> None:
    """Neither what stands between entries nor the space before them."""
    commit(FIRST, "Ada", 1)
    commit(FIRST.replace(old, new), "Bo", 2)
    assert who(decisions(folder / NAME)) == {A: "Ada", B: "Ada", C: "Ada"}


def test_a_change_that_is_not_committed_is_told_as_such(folder: Path, commit: Commit) -> None:
    """It is the last one, whatever was committed before."""
    commit(FIRST, "Ada", 1)
    (folder / NAME).write_text(FIRST.replace("OPS-1", "OPS-2"), encoding="utf-8")
    found = decisions(folder / NAME)
    assert (found[B].commit, found[B].author, found[B].date, found[B].line) == (None, None, None, 4)
    assert found[A].author == "Ada"


def test_the_file_that_holds_the_entries_is_asked(folder: Path, commit: Commit) -> None:
    """A keysFile, if there is one."""
    (folder / "keys.yaml").write_text(f"{A}: Active\n{B}: {{status: Inactive}}\n", encoding="utf-8")
    commit("config:\n  keyswitch:keysFile: keys.yaml\n", "Ada", 1)
    (folder / "keys.yaml").write_text(f"{A}: Active\n{B}: {{status: Active}}\n", encoding="utf-8")
    commit("config:\n  keyswitch:keysFile: keys.yaml\n", "Bo", 2)
    found = decisions(folder / NAME)
    assert who(found) == {A: "Ada", B: "Bo"}
    assert found[B].file.endswith("keys.yaml")


def test_a_shallow_clone_does_not_blame_its_oldest_commit(folder: Path, commit: Commit, tmp_path: Path) -> None:
    """What is older than the clone is not known; what is newer is."""
    commit(FIRST, "Ada", 1)
    commit(FIRST.replace("Inactive", "Active"), "Bo", 2)
    git(tmp_path, "clone", "--quiet", "--depth", "1", folder.as_uri(), "shallow")
    clone = tmp_path / "shallow"
    assert decisions(clone / NAME) == {}
    (clone / NAME).write_text(FIRST.replace("Inactive", "Active").replace("OPS-1", "OPS-2"), encoding="utf-8")
    git(clone, "commit", "--quiet", "-am", "Newer", day=3, author="Cy")
    assert who(decisions(clone / NAME)) == {B: "Cy"}


def test_without_git_nothing_is_known(folder: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    """And nothing fails."""
    commit(FIRST, "Ada", 1)
    monkeypatch.setenv("PATH", str(folder))
    assert decisions(folder / NAME) == {}


@pytest.mark.parametrize("in_repository", [True, False], ids=["not tracked", "no repository"])
def test_a_file_that_git_does_not_know(folder: Path, tmp_path: Path, in_repository: bool) -> None:
    """Nothing is known, and nothing fails."""
    path = (folder if in_repository else tmp_path) / NAME
    path.write_text(FIRST, encoding="utf-8")
    assert decisions(path) == {}
