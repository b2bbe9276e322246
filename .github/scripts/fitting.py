"""Cuts Markdown to the size that a comment may have, by whole lines: a key is one row of a table."""

import re

COMMENT = 60_000
"""The size of a comment, in bytes. GitHub accepts 65,536 characters."""

SUMMARY = 1_000_000
"""The size of a job summary, in bytes. GitHub accepts 1 MiB for each step."""

_ROW = re.compile(r"\|.*`\w{16,128}`")


def fit(text: str, at_most: int, rest: str) -> str:
    """Return the text, or as many whole lines from its beginning as fit.

    Args:
        text: Markdown.
        at_most: the size, in bytes.
        rest: says where the rest is; it follows the number of keys that are left out.
    """
    if len(text.encode()) <= at_most:
        return text
    room = at_most - len(rest.encode()) - 200  # for the last line, and for what is still open
    kept: list[str] = []
    lines = text.split("\n")
    while lines and (room := room - len(lines[0].encode()) - 1) >= 0:
        kept.append(lines.pop(0))
    open_fence = sum(line.startswith("```") for line in kept) % 2
    opened = sum(line.startswith("<details>") for line in kept) - sum(line == "</details>" for line in kept)
    keys = sum(bool(_ROW.match(line)) for line in lines)
    left_out = f"{keys} more key{'' if keys == 1 else 's'}" if keys else f"{len(lines)} more lines"
    ends = [*["```"] * open_fence, *["", "</details>"] * opened, "", f"… and {left_out}: {rest}"]
    return "\n".join([*kept, *ends])
