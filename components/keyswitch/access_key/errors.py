"""The errors that a user can do something about.

KeyswitchError                     never raised itself
├─ InvalidConfiguration            all problems of the configuration at once, each with file and line
├─ NotWritten                      a configuration file could not be written; it is as it was
├─ InvalidParameter                a value that IAM refuses, found before or after sending it
├─ GuardRefused                    guards stop the change
│  └─ UndeclaredKeys               a review fails, because no entry names some keys of the account
├─ NotReviewed                     the run is held to a reviewed change, and today's change is another
├─ GuardBroken                     a change was made that a guard refuses, because another run acted at the same time
├─ WrongAccount                    the credentials belong to another account than the declared or recorded one
├─ UserNotFound, AccessKeyNotFound, WrongOwner
├─ AccessDenied                    names the missing permission and who was refused
├─ LimitExceeded                   AWS refuses because of a quota
├─ RequestRefused                  AWS refuses with an error code that keyswitch does not know; it is quoted
├─ Throttled                       after all retries
├─ Unconfirmed                     AWS accepted the write, but the read-back did not show it within the bound
├─ NotAttempted                    not started, because a change that had to come first failed
├─ EntryFailed                     one entry failed when the whole change was observed; only this entry
└─ IamUnavailable                  no credentials, no endpoint, or no valid answer
   └─ CredentialsRefused           AWS does not accept them

Each message says what happened, to which key, and what to do next. Every line of it passed the gate of
`access_key/shown.py`. Any other exception is a bug.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keyswitch.access_key.shown import line

_PART = 600
"""The length of the longest part of a problem, in characters."""


class KeyswitchError(Exception):
    """What happened, to which key, and what to do next.

    Args:
        what: one sentence; names the key or the user it is about.
        next_step: one sentence that says what to do, or an empty string.
    """

    def __init__(self, what: str, next_step: str = "") -> None:
        self.what = line(what)
        self.next_step = line(next_step)
        super().__init__(self.what, self.next_step)

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the error for a list of errors, one line for each problem."""
        return (f"{self.what}. {self.next_step}" if self.next_step else self.what,)

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Problem:
    """One problem of a configuration: the place (`stacks/Pulumi.dev.yaml:7`), the field, and what is wrong."""

    text: str
    field: str = ""
    where: str = ""

    def __str__(self) -> str:
        return ": ".join(line(part, _PART) for part in (self.where, self.field, self.text) if part)


class InvalidConfiguration(KeyswitchError):
    """All problems of one configuration. The first of them are listed, the others counted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("the configuration is not valid")

    @property
    def lines(self) -> tuple[str, ...]:
        """The first problems, and the number of the others."""
        first = tuple(map(str, self.problems[:_LISTED]))
        more = len(self.problems) - len(first)
        return (*first, f"and {more} more") if more else first

    def __str__(self) -> str:
        return listed(self.what, self.lines, len(self.problems))


_LISTED = 50
"""How many problems of a configuration are listed: more than a user fixes before the next try."""


class NotWritten(KeyswitchError):
    """A configuration file could not be written. It is as it was."""


class InvalidParameter(KeyswitchError):
    """A parameter that IAM does not accept."""


class GuardRefused(KeyswitchError):
    """Guards stop these changes.

    Args:
        refusals: a line for each: what the guard saw, and why it matters.
        how: the headline of the remedy.
        remedy: the exact lines about the keys that let the changes pass.
        settings: the exact lines among the settings of the stack that let the changes pass.
    """

    def __init__(self, refusals: Sequence[str], how: str, remedy: Sequence[str], settings: Sequence[str] = ()) -> None:
        self.refusals = tuple(map(line, refusals))
        self.how = line(how)
        self.remedy = tuple(map(line, remedy))
        self.settings = tuple(map(line, settings))
        super().__init__("the guards refuse this change", self.remedies[0][0] if self.remedies else "")

    @property
    def remedies(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The lines that let the changes pass, by the place where they belong, each with its headline."""
        both = ((self.how, self.remedy), ("To do it all the same, write among the settings", self.settings))
        return tuple((how, lines) for how, lines in both if lines)

    @property
    def lines(self) -> tuple[str, ...]:
        """The refusals."""
        return self.refusals

    def __str__(self) -> str:
        return combined([self])


class UndeclaredKeys(GuardRefused):
    """The account has access keys that no entry names, and the configuration refuses that. Stops reviews only."""


class NotReviewed(KeyswitchError):
    """Today's change is another than the reviewed one."""


class GuardBroken(KeyswitchError):
    """A change that a guard refuses was made, because another run changed AWS at the same time."""


class WrongAccount(KeyswitchError):
    """The credentials belong to another account than the one declared or recorded."""


class UserNotFound(KeyswitchError):
    """There is no such IAM user in the account."""


class AccessKeyNotFound(KeyswitchError):
    """There is no such access key in the account, as far as the caller may see."""


class WrongOwner(KeyswitchError):
    """The access key is another user's than the one declared."""


class AccessDenied(KeyswitchError):
    """AWS refused an action; `action` is the missing permission, such as `iam:UpdateAccessKey`."""

    def __init__(self, what: str, next_step: str = "", *, action: str) -> None:
        self.action = action
        super().__init__(what, next_step)


class LimitExceeded(KeyswitchError):
    """AWS refused because a quota of the account is reached."""


class RequestRefused(KeyswitchError):
    """AWS refused a request with an error code that has no class of its own here."""


class Throttled(KeyswitchError):
    """AWS asked to slow down, and still did after all retries."""


class Unconfirmed(KeyswitchError):
    """AWS accepted a write, but the read-back did not show it within the bound."""


class NotAttempted(KeyswitchError):
    """A change was not started, because a change that had to come first failed."""


class EntryFailed(KeyswitchError):
    """One entry failed when the whole change was observed, so nothing is written for it.

    Args:
        reason: the lines of the failure.
    """

    def __init__(self, reason: Sequence[str]) -> None:
        self._reason = tuple(map(line, reason))
        super().__init__(self._reason[0])

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the reason."""
        return self._reason


class IamUnavailable(KeyswitchError):
    """AWS could not be asked: no usable credentials, no connection, or no valid answer."""


class CredentialsRefused(IamUnavailable):
    """AWS does not accept the credentials: expired, unknown, or of a key that is Inactive."""


def listed(headline: str, items: Sequence[object], number: int | None = None) -> str:
    """Return one item on the line of the headline, or several as a list below it; `number` includes omitted items."""
    if len(items) == 1:
        return f"{headline}: {items[0]}"
    return "\n".join([f"{headline}, {number or len(items)} problems:", *(f"  - {item}" for item in items)])


def combined(errors: Sequence[KeyswitchError]) -> str:
    """Return one text for several errors: a list of their lines without duplicates, then the remedies of refusals."""
    problems = list(dict.fromkeys(line for error in errors for line in error.lines))
    text = problems[:1] if len(problems) == 1 else [f"{len(problems)} problems:", *(f"  - {line}" for line in problems)]
    for error in errors:
        if isinstance(error, GuardRefused):
            for how, lines in error.remedies:
                text += [f"{how}:", *(f"    {line}" for line in lines)]
    return "\n".join(text)
