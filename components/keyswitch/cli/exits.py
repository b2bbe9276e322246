"""The exit codes of every command."""

from enum import IntEnum


class Exit(IntEnum):
    """What the exit code of every command says."""

    DONE = 0
    FAILED = 1
    WOULD_CHANGE = 2
    INTERRUPTED = 130
