"""Names the users that a policy covers: exactly, by a path, or by a tag. Asks nothing of AWS."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from posixpath import commonpath

from keyswitch.access_key.inventory import User


@dataclass(frozen=True)
class Account:
    """The account whose users a policy covers.

    Attributes:
        account_id: 12 digits.
        partition: such as `aws` or `aws-cn`.
    """

    account_id: str
    partition: str = "aws"

    def users(self, path_and_name: str) -> str:
        """Return the ARN of a user, or a pattern of several; a user's path belongs to the ARN."""
        return f"arn:{self.partition}:iam::{self.account_id}:user{path_and_name}"


@dataclass(frozen=True)
class Coverage:
    """The users that a policy covers.

    Attributes:
        account: where they are.
        arns: their ARNs, or patterns of them.
        tag: the key and the value of the tag that they must have; None: they need no tag.
        note: what is covered beyond the declared users; empty: nothing.
    """

    account: Account
    arns: tuple[str, ...]
    tag: tuple[str, str] | None = None
    note: str = ""


def exactly(account: Account, users: Iterable[User]) -> Coverage:
    """Cover these users."""
    return Coverage(account, tuple(sorted({account.users(f"{user.path}{user.user_name}") for user in users})))


def by_name(account: Account, user_names: Iterable[str]) -> Coverage:
    """Cover these users, wherever their paths are; needs two patterns a user.

    A name is unique in an account and contains no slash, so no other user matches.
    """
    names = sorted(set(user_names))
    return Coverage(account, tuple(account.users(f"{path}{name}") for name in names for path in ("/", "/*/")))


def by_path(account: Account, path_prefix: str) -> Coverage:
    """Cover every user whose path begins with this."""
    note = f"every user under {path_prefix} is covered, also those that are not declared"
    return Coverage(account, (account.users(f"{path_prefix}*"),), note=note)


def by_tag(account: Account, key: str, value: str) -> Coverage:
    """Cover every user with this tag."""
    note = f"every user with the tag {key}={value} is covered, and whoever may tag users decides who that is"
    return Coverage(account, (account.users("/*"),), (key, value), note)


def common_path(users: Sequence[User]) -> str:
    """Return the longest path that all these users are under; `/` if they share none."""
    return commonpath([user.path for user in users]).rstrip("/") + "/" if users else "/"
