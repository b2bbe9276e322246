"""Shows messages to the user through Pulumi. Every line passes the gate of `access_key/shown.py`.

No other module logs to Pulumi or writes to standard error (a test holds the package to it).
"""

import sys
import traceback
from collections.abc import Iterable

import pulumi

from keyswitch.access_key.shown import line, lines


def info(texts: Iterable[str], resource: pulumi.Resource | None = None, *, ephemeral: bool | None = None) -> None:
    """Log lines as one message about a resource or the whole stack. Pulumi removes an ephemeral message later."""
    pulumi.log.info(lines(texts), resource=resource, ephemeral=ephemeral)


def warn(text: str) -> None:
    """Log a warning of one line."""
    pulumi.log.warn(line(text))


def error(failure: Exception) -> None:
    """Log an error with all its lines."""
    pulumi.log.error(lines(str(failure).split("\n")))


def say(text: str) -> None:
    """Write a line to standard error, which the engine shows to the user. For providers, which cannot log."""
    print(line(text), file=sys.stderr, flush=True)


def say_traceback(failure: Exception) -> None:
    """Write the traceback of an error, with its causes, to standard error."""
    for text in "".join(traceback.format_exception(failure)).splitlines():
        say(text)
