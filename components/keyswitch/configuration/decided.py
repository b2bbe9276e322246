"""Tells who decided the entry of each access key last: the commit that changed its lines, as `git blame` says.

Without git, outside of a repository, or in a shallow clone, nothing is known, and nothing fails.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from keyswitch.access_key.decision import Decision
from keyswitch.configuration.files import text_of
from keyswitch.configuration.source import Written, read, read_keys

_TAKES = 30.0
"""How long git may take, in seconds."""

_HEADER = re.compile(r"(?P<commit>[0-9a-f]{40,64}) \d+ (?P<line>\d+)(?: \d+)?")
_NOT_COMMITTED = re.compile("0+")


def decisions(path: Path) -> dict[str, Decision]:
    """Return who changed each entry of a stack file, or of the keys file that it names, last; by access key ID.

    Raises:
        InvalidConfiguration: a file cannot be read, or is not YAML.
    """
    file = read(path)
    keys_file = file.config.get("keyswitch:keysFile")
    if not isinstance(keys_file, str):
        return _of_file(path, file)
    path = path.parent / keys_file
    return _of_file(path, read_keys(path, path.as_posix()))


@dataclass(frozen=True)
class _Commit:
    author: str
    date: datetime
    summary: str


def _of_file(path: Path, file: Written) -> dict[str, Decision]:
    blamed = _blame(path)
    if not blamed:
        return {}
    found = {}
    for key_id, lines in _entries(file, text_of(path, file.name).split("\n")):
        changed = [blamed[line] for line in lines if line in blamed]
        if not changed:
            continue
        commit, made = max(changed, key=lambda each: (each[1] is None, each[1].date if each[1] else _NEVER))
        if made is None:
            found[key_id] = Decision(file.name, lines[0])
        elif commit:
            found[key_id] = Decision(file.name, lines[0], commit, made.author, made.date, made.summary)
    return found


_NEVER = datetime.min.replace(tzinfo=timezone.utc)


def _entries(file: Written, texts: list[str]) -> Iterator[tuple[str, range]]:
    """Yield the lines of each entry: up to the next setting, without what is blank or a comment at its end."""
    starts = sorted(set(file.lines.values()))
    for place, first in file.lines.items():
        if len(place) != 2 or place[0] != "keyswitch:keys":
            continue
        last_own = max(line for inner, line in file.lines.items() if inner[:2] == place)
        after = next((line for line in starts if line > last_own), len(texts) + 1)
        while after - 1 > last_own and texts[after - 2].strip()[:1] in ("", "#"):
            after -= 1
        yield str(place[1]), range(first, after)


def _blame(path: Path) -> dict[int, tuple[str, _Commit | None]]:
    """Return the commit that changed each line of a file last; None in its place: not committed yet.

    A shallow clone shows its oldest commit for everything that is older, so that one is left out.
    """
    is_shallow = _git(path.parent, "rev-parse", "--is-shallow-repository")
    if is_shallow is None:
        return {}
    every = () if is_shallow.strip() == "true" else ("--root",)
    text = _git(path.parent, "blame", "--porcelain", "-w", *every, "--", path.name)
    return dict(_lines(text)) if text else {}


def _lines(porcelain: str) -> Iterator[tuple[int, tuple[str, _Commit | None]]]:
    """Read `git blame --porcelain`: a commit's fields stand at its first line only."""
    known: dict[str, Mapping[str, str]] = {}
    commit, line = "", 0
    fields: dict[str, str] = {}
    for text in porcelain.split("\n"):
        if text.startswith("\t"):
            told = known.setdefault(commit, fields)
            if _NOT_COMMITTED.fullmatch(commit):
                yield line, (commit, None)
            elif "boundary" not in told:
                yield line, (commit, _commit(told))
        elif header := _HEADER.fullmatch(text):
            commit, line, fields = header["commit"], int(header["line"]), {}
        else:
            name, _, value = text.partition(" ")
            fields[name] = value


def _commit(fields: Mapping[str, str]) -> _Commit:
    """Its date is the committer's: an author may have written it long before it was merged."""
    date = datetime.fromtimestamp(int(fields.get("committer-time", "0")), timezone.utc)
    return _Commit(fields.get("author", ""), date, fields.get("summary", ""))


def _git(folder: Path, *arguments: str) -> str | None:
    """Run git, which writes nothing and asks nobody; None if it fails or is not there."""
    try:
        done = subprocess.run(  # noqa: S603  (the arguments are ours, but for a file name after `--`)
            ["git", "--no-pager", "-c", "core.fsmonitor=false", *arguments],  # noqa: S607  (git is where PATH says)
            cwd=folder,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_TAKES,
            check=False,
        )
    except (OSError, subprocess.SubprocessError, ValueError):
        return None
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else None
