"""Everything that can go wrong and that a user can do something about.

KeyswitchError                     never raised itself
├─ InvalidConfiguration            all problems of the configuration at once, each with file and line
├─ InvalidParameter                a value that IAM would refuse, found before or after it was sent
├─ GuardRefused                    a change that a guard stops
├─ WrongAccount                    the credentials belong to another account than they should
├─ UserNotFound, AccessKeyNotFound, WrongOwner
├─ AccessDenied                    names the missing permission and who was refused
├─ LimitExceeded                   AWS refuses because of a quota
├─ Throttled                       after all retries
├─ Unconfirmed                     the write was accepted but could not be seen within the bound
├─ NotAttempted                    given up because what had to come first failed
└─ IamUnavailable                  no credentials, no endpoint, an answer that is none
   └─ CredentialsRefused           AWS does not accept them

Each message says what happened, to which key, and what to do next. Anything else that is raised is a bug.
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
        """The error as items of a list, one for each thing that is wrong."""
        return (f"{self.what}. {self.next_step}" if self.next_step else self.what,)

    def __str__(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a configuration: where (`stacks/Pulumi.dev.yaml:7`), in which field, and what."""

    text: str
    field: str = ""
    where: str = ""

    def __str__(self) -> str:
        return ": ".join(line(part, _PART) for part in (self.where, self.field, self.text) if part)


class InvalidConfiguration(KeyswitchError):
    """All problems of one configuration."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("the configuration is not valid")

    @property
    def lines(self) -> tuple[str, ...]:
        """The problems."""
        return tuple(map(str, self.problems))

    def __str__(self) -> str:
        return listed(self.what, self.problems)


class InvalidParameter(KeyswitchError):
    """A parameter that IAM does not accept."""


class GuardRefused(KeyswitchError):
    """Changes that guards stop.

    Args:
        refusals: for each what was seen, and why it matters.
        how: how to do it all the same, as a headline.
        remedy: exactly what to write there.
    """

    def __init__(self, refusals: Sequence[str], how: str, remedy: Sequence[str]) -> None:
        self.refusals = tuple(map(line, refusals))
        self.how = line(how)
        self.remedy = tuple(map(line, remedy))
        super().__init__("the guards refuse this change", self.how)

    @property
    def lines(self) -> tuple[str, ...]:
        """The refusals."""
        return self.refusals

    def __str__(self) -> str:
        return combined([self])


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


class Throttled(KeyswitchError):
    """AWS asked to slow down, and still did after all retries."""


class Unconfirmed(KeyswitchError):
    """AWS accepted a write, but did not show it within the bound."""


class NotAttempted(KeyswitchError):
    """A change was not begun because one that had to come first failed."""


class IamUnavailable(KeyswitchError):
    """AWS could not be asked: no usable credentials, no connection, or an answer that is none."""


class CredentialsRefused(IamUnavailable):
    """AWS does not accept the credentials: expired, unknown, or of a key that is Inactive."""


def listed(headline: str, items: Sequence[object]) -> str:
    """One item on the headline's own line, several as a list below it."""
    if len(items) == 1:
        return f"{headline}: {items[0]}"
    return "\n".join([f"{headline}, {len(items)} problems:", *(f"  - {item}" for item in items)])


def combined(errors: Sequence[KeyswitchError]) -> str:
    """Several errors as one text, each in a line of a list, duplicates once; then what lets the refused ones pass."""
    told = list(dict.fromkeys(line for error in errors for line in error.lines))
    text = told[:1] if len(told) == 1 else [f"{len(told)} problems:", *(f"  - {line}" for line in told)]
    for error in errors:
        if isinstance(error, GuardRefused):
            text += [f"{error.how}:", *(f"    {line}" for line in error.remedy)]
    return "\n".join(text)
