"""Takes the inventory of an account: its users and all their access keys. Writes nothing."""

from keyswitch.access_key.inventory import EVERYBODY, Inventory, Scope
from keyswitch.switching.concurrently import Progress, unreported
from keyswitch.switching.plan import Clock, utc_now
from keyswitch.switching.port import Account


def take_inventory(
    account: Account,
    scope: Scope = EVERYBODY,
    *,
    with_uses: bool = True,
    with_tags: bool = False,
    clock: Clock = utc_now,
    progress: Progress = unreported,
) -> Inventory:
    """List the keys of all users of a part of an account, in parallel, within a bound.

    Args:
        account: is asked.
        scope: which users.
        with_uses: whether the last use of each key is wanted.
        with_tags: whether the tags of each user are wanted, beyond those that the scope needs.
        clock: says the present time.
        progress: receives how far it is.

    Raises:
        AccessDenied, IamUnavailable: users cannot be listed, or nothing can be observed.
    """
    raise NotImplementedError
