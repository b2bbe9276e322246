"""Says things to the user through Pulumi. Every line passes the gate of `access_key/shown.py`; nothing is decided here.

No other module logs to Pulumi or writes to standard error (a test holds the package to it).
"""

import sys
from collections.abc import Iterable

import pulumi

from keyswitch.access_key.shown import line, lines


def info(texts: Iterable[str], resource: pulumi.Resource | None = None, *, ephemeral: bool | None = None) -> None:
    """Say some lines in one message, of a resource or of the whole stack; Pulumi removes an ephemeral one again."""
    pulumi.log.info(lines(texts), resource=resource, ephemeral=ephemeral)


def warn(text: str) -> None:
    """Say a warning of one line."""
    pulumi.log.warn(line(text))


def error(failure: Exception) -> None:
    """Say why the program fails, in as many lines as the error has."""
    pulumi.log.error(lines(str(failure).split("\n")))


def say(text: str) -> None:
    """Say a line beside a resource: the engine shows what a provider writes to standard error."""
    print(line(text), file=sys.stderr, flush=True)
