"""Refuses credentials that belong to another account than the declared one or the one of the state."""

from collections.abc import Iterable

from keyswitch.access_key.errors import WrongAccount
from keyswitch.access_key.model import Caller


def may_be_asked(presumed: str | None, declared: str | None, recorded: Iterable[str | None]) -> bool:
    """Return whether an account may be asked for its keys before it is known for sure whose it is.

    Args:
        presumed: the account of the signing key, as far as that can be told without asking.
        declared: as for `require_account`, which has the last word.
        recorded: as for `require_account`.
    """
    return {account for account in (declared, *recorded) if account} <= {presumed}


def require_account(caller: Caller, declared: str | None = None, recorded: Iterable[str | None] = ()) -> None:
    """Raise unless the caller is in the right account.

    Args:
        caller: the identity that signs.
        declared: `keyswitch:account`; None accepts any account.
        recorded: the accounts in the state of the stack; None: not recorded.

    Raises:
        WrongAccount: the caller is in another account.
    """
    for made_in in sorted({account for account in recorded if account}):
        if made_in != caller.account:
            raise WrongAccount(
                f"The state of this stack was made in account {made_in}, but the credentials belong to "
                f"{caller.account} ({caller.arn})",
                f"Choose credentials of account {made_in}, or use a stack of its own for {caller.account}",
            )
    if declared is not None and caller.account != declared:
        raise WrongAccount(
            f"The credentials belong to account {caller.account} ({caller.arn}), not to {declared}",
            f"Choose credentials of account {declared}, or correct keyswitch:account",
        )
