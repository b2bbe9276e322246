"""What the documentation shows: its fenced blocks, and whether an output is what one of them shows.

In a block, `…` stands for whatever is left out; dates and durations, which are others at every run, count as equal.
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


def difference(shown: str, printed: str) -> str:
    """What to read where they differ; empty where the output is what is shown, from its first to its last line."""
    want, got = (_MOVES.sub("(moves)", text).strip("\n") + "\n" for text in (shown, printed))
    want = want.replace("…", doctest.ELLIPSIS_MARKER)
    checker, example = doctest.OutputChecker(), doctest.Example("", want)
    same = checker.check_output(want, got, doctest.ELLIPSIS)
    return "" if same else checker.output_difference(example, got, doctest.ELLIPSIS)
