"""The exit codes of every command. Users' scripts depend on them; they never change."""

from enum import IntEnum


class Exit(IntEnum):
    """The result of a command, as its exit code."""

    DONE = 0
    FAILED = 1
    WOULD_CHANGE = 2
    INTERRUPTED = 130
    TERMINATED = 143
