"""Decides which access keys of an inventory become entries, and which entries have lost their key. Writes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.inventory import Inventory, InventoryKey, User
from keyswitch.access_key.model import Status, user_name_problem


@dataclass(frozen=True)
class Selection:
    """Which access keys are wanted; all conditions must hold.

    Attributes:
        status: only keys with this status; None: with any.
        unused_for: only keys without a use for so long. A key that was never used counts from its creation. So a key
            younger than this is never selected.
        older_than: only keys that were created at least so long ago.
    """

    status: Status | None = None
    unused_for: timedelta | None = None
    older_than: timedelta | None = None

    def includes(self, found: InventoryKey, at: datetime, uses_from: datetime) -> bool | None:
        """Say whether a key is selected.

        Args:
            found: the key.
            at: the present time.
            uses_from: up to when the last uses are known. A later use cannot be seen.

        Returns:
            None: it depends on the last use, which AWS does not say.
        """
        if self.status is not None and found.key.status != self.status.value:
            return False
        created = found.key.create_date
        for least in filter(None, (self.older_than, self.unused_for)):
            if created is None or at - created < least:
                return False
        if self.unused_for is None:
            return True
        if found.last_used is None:
            return None
        since = found.last_used.date or created
        return since is not None and uses_from - since >= self.unused_for


@dataclass(frozen=True)
class Found:
    """The selected access keys of an inventory.

    Attributes:
        selected: each with its owner (None: the root user), in the order of the inventory.
        unknown: the IDs of keys that are left out because AWS does not say when they were last used.
    """

    selected: tuple[tuple[User | None, InventoryKey], ...]
    unknown: tuple[str, ...]


def select(inventory: Inventory, selection: Selection) -> Found:
    """Select access keys of an inventory."""
    until = inventory.uses_from or inventory.at
    judged = [(pair, selection.includes(pair[1], inventory.at, until)) for pair in inventory.keys]
    return Found(
        tuple(pair for pair, included in judged if included),
        tuple(pair[1].key.access_key_id for pair, included in judged if included is None),
    )


def entry(user: User | None, found: InventoryKey, *, observe: bool) -> Desired:
    """Return the entry that declares a key as it is.

    Args:
        user: the owner; None: the root user.
        found: the key.
        observe: whether the status is left out, so that the key is only observed. A status that nobody can declare is
            left out in any case.
    """
    statuses = {status.value for status in Status}
    status = None if observe or found.key.status not in statuses else Status(found.key.status)
    named = user is not None and user_name_problem(user.user_name) is None
    return Desired(found.key.access_key_id, user.user_name if user and named else None, status, root=user is None)


def gone(declared: Iterable[Desired], inventory: Inventory) -> tuple[Desired, ...]:
    """Return the entries whose keys are gone, by an inventory of the whole account.

    Nothing is gone for sure while a user's keys could not be listed. A key of the root user is gone for sure if root
    has no keys, or if root itself asks.
    """
    if unlisted(inventory):
        return ()
    there = {found.key.access_key_id for _, found in inventory.keys}
    is_root_seen = inventory.root_has_keys is False or any(owner.user is None for owner in inventory.owners)
    missing = (desired for desired in declared if desired.access_key_id not in there)
    return tuple(desired for desired in missing if is_root_seen or not desired.root)


def unlisted(inventory: Inventory) -> tuple[str, ...]:
    """Return the users whose keys could not be listed."""
    keys = {found.key.access_key_id for _, found in inventory.keys}
    listed = {owner.user.user_name for owner in inventory.owners if owner.user}  # perhaps without their tags
    return tuple(name for name in inventory.problems if name not in keys | listed)
