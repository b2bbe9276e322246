"""Writes workflow commands of GitHub Actions, which GitHub shows beside a line of a file. Words nothing itself.

(https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands)
"""

from typing import Literal

from keyswitch.access_key.shown import line


def annotation(level: Literal["error", "warning", "notice"], text: str, where: str = "") -> str:
    """Write one command.

    Args:
        level: how GitHub shows it.
        text: any text; it passes the gate.
        where: the place (`stacks/Pulumi.dev.yaml:7`), or nothing.
    """
    file, number = place(where)
    properties = {"file": file, "line": str(number or ""), "title": "keyswitch"}
    named = ",".join(
        f"{name}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
        if value
    )
    return f"::{level} {named}::{_escaped(text)}"


def place(where: str) -> tuple[str, int | None]:
    """Split a place into the file and the line."""
    file, _, number = where.rpartition(":")
    return (file, int(number)) if file and number.isdigit() else (where, None)


def _escaped(text: str) -> str:
    """Return a text that cannot end the command."""
    return line(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
