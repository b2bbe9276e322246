"""The type for who decided the entry of an access key last. Looks nothing up."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Decision:
    """The last change of an entry, as the version control of its file knows it.

    Attributes:
        file: the file that holds the entry, for people.
        line: the line on which the entry begins.
        commit: the commit that changed the entry last; None: the change is not committed yet.
        author: who made that commit; None: not committed yet.
        date: when it was made (UTC); None: not committed yet.
        summary: the first line of its message; None: not committed yet.
    """

    file: str
    line: int
    commit: str | None = None
    author: str | None = None
    date: datetime | None = None
    summary: str | None = None
