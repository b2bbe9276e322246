"""Reads the fenced blocks of the documentation, and compares them with real output.

In a block `…` stands for anything. Dates and durations differ from run to run, so all of them count as equal.
"""

import doctest
import re

from markdown_it import MarkdownIt

from scripts.pulumi_cli import REPOSITORY

_MOVES = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC|\b\d+ min ago|Duration: \d+s")


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in one language, in order."""
    tokens = MarkdownIt().parse((REPOSITORY / page).read_text(encoding="utf-8"))
    return [token.content for token in tokens if token.type == "fence" and token.info == language]


def command(page: str, begin: str) -> str:
    """The one command of a page's console blocks that begins so."""
    (found,) = re.findall(rf"^\$ ({re.escape(begin)}.*)$", "\n".join(blocks(page, "console")), re.MULTILINE)
    return found


def difference(shown: str, printed: str) -> str:
    """A readable difference; empty if the whole output is what the block shows."""
    want, got = (_MOVES.sub("(moves)", text).strip("\n") + "\n" for text in (shown, printed))
    want = want.replace("…", doctest.ELLIPSIS_MARKER)
    checker, example = doctest.OutputChecker(), doctest.Example("", want)
    same = checker.check_output(want, got, doctest.ELLIPSIS)
    return "" if same else checker.output_difference(example, got, doctest.ELLIPSIS)
