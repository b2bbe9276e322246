"""Words the result of a check of stack files: as text, as a JSON document, and as annotations for GitHub."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keyswitch.access_key.errors import Problem
from keyswitch.access_key.phrases import count
from keyswitch.access_key.shown import line
from keyswitch.telling.annotation import annotation, place

VERSION = 1


@dataclass(frozen=True)
class Checked:
    """A stack file that was checked.

    Attributes:
        file: its path, for messages.
        keys: how many access keys it declares; 0 if it has problems.
        problems: everything that is wrong with it.
    """

    file: str
    keys: int
    problems: tuple[Problem, ...] = ()


def valid_line(checked: Checked) -> str:
    """Return the line of a file without problems."""
    return f"{checked.file}: valid, {count(checked.keys, 'access key')}"


def checked_document(files: Sequence[Checked]) -> dict[str, Any]:
    """Return the result as data. Fields are only ever added."""
    return {
        "version": VERSION,
        "files": [
            {"file": each.file, "keys": each.keys, "problems": [_problem(problem) for problem in each.problems]}
            for each in files
        ],
    }


def annotations(files: Sequence[Checked]) -> list[str]:
    """Return a workflow command of GitHub Actions for each problem, which GitHub shows beside the line of the file."""
    return [_annotation(each, problem) for each in files for problem in each.problems]


def _annotation(checked: Checked, problem: Problem) -> str:
    text = ": ".join(part for part in (problem.field, problem.text) if part)
    return annotation("error", text, problem.where or checked.file)


def _problem(problem: Problem) -> dict[str, Any]:
    file, number = place(problem.where)
    return {"file": file or None, "line": number, "field": problem.field or None, "message": line(problem.text)}
