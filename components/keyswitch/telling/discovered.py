"""Words what `keyswitch discover` found: comments, lines and notes, and the inventory as one JSON document."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import Found, unlisted
from keyswitch.access_key.inventory import Inventory, InventoryKey, User
from keyswitch.access_key.phrases import age, ago, count, owner, some
from keyswitch.access_key.shown import line
from keyswitch.telling.wording import last_use

LISTED = 40
"""The number of entries that have a line; the file has all of them."""

ROOT = "<root_account>"
"""The name of the root user in an inventory, as in a credential report."""


def facts(found: InventoryKey, at: datetime, *, with_use: bool = True) -> str:
    """Say what is known of a key: `120 d old, last used 3 d ago by s3`."""
    created = [age(found.key.create_date, at)] if found.key.create_date else []
    return ", ".join([*created, last_use(found.last_used, at, with_region=False)] if with_use else created)


def summary(inventory: Inventory, found: Found) -> str:
    """Say how many keys there are."""
    users = sum(owner.user is not None for owner in inventory.owners)
    keys = sum(1 for _ in inventory.keys)
    text = f"{count(keys, 'access key')} of {count(users, 'user')} in account {inventory.account}"
    return text if len(found.selected) == keys else f"{text}, {len(found.selected)} of them selected"


def added_lines(added: Sequence[Desired], comments: Mapping[str, str]) -> list[str]:
    """Word the entries that were added: `+ bob AKIA…: Active, 120 d old, never used`."""
    listed = [
        line(
            f"+ {owner(desired.user_name)} {desired.access_key_id}: "
            + ", ".join(filter(None, [str(desired.status or "only observed"), comments.get(desired.access_key_id)]))
        )
        for desired in added[:LISTED]
    ]
    return listed if len(added) <= LISTED else [*listed, f"… and {count(len(added) - LISTED, 'other')}"]


def gone_lines(gone: Iterable[Desired], *, removed: bool) -> list[str]:
    """Word the entries whose keys are gone."""
    way = "entry removed" if removed else "--prune removes the entry"
    return [
        line(f"- {desired.user_name + ' ' if desired.user_name else ''}{desired.access_key_id}: gone from AWS; {way}")
        for desired in gone
    ]


def notes(inventory: Inventory, found: Found, *, whole: bool) -> Iterator[str]:
    """Say what limits what was found.

    Args:
        inventory: what AWS showed.
        found: what was selected.
        whole: whether the whole account was asked for.
    """
    if inventory.uses_from is not None:
        made = ago(inventory.uses_from, inventory.at)
        yield f"last uses are from the credential report that was made {made}; AWS makes a new one every 4 h at most"
    if found.unknown:
        yield f"left out, because AWS does not say when they were last used: {some(list(found.unknown))}"
    sees_root = any(owner.user is None for owner in inventory.owners)
    if whole and inventory.root_has_keys and not sees_root:
        yield "the root user has access keys; AWS shows their IDs only to root itself"
    elif whole and inventory.root_has_keys is None and not sees_root:
        yield "AWS does not say whether the root user has access keys (iam:GetAccountSummary)"
    if whole and unlisted(inventory):
        yield "which declared keys are gone is not known as long as the keys of a user cannot be listed"


def inventory_document(
    inventory: Inventory, keys: Iterable[tuple[User | None, InventoryKey]], roles: Sequence[str] = ()
) -> dict[str, Any]:
    """Return the inventory as the sandbox reads it. Of users and keys, what AWS does not say is left out.

    Args:
        inventory: the account.
        keys: those of its keys that are selected, with their owners.
        roles: the ARNs of the roles that a rehearsal assumes.
    """
    by_owner: dict[str | None, list[dict[str, Any]]] = {}
    for user, found in keys:
        by_owner.setdefault(user.user_name if user else None, []).append(_key(found))
    owners = [owner.user for owner in inventory.owners]
    return {
        "version": 1,
        "account": inventory.account,
        "at": _iso(inventory.at),
        "usesFrom": _iso(inventory.uses_from),
        "users": [{**_user(user), "accessKeys": by_owner.get(user.user_name if user else None, [])} for user in owners],
        "roles": list(roles),
    }


def _user(user: User | None) -> dict[str, Any]:
    if user is None:
        return {"userName": ROOT}
    document: dict[str, Any] = {"userName": user.user_name, "path": user.path}
    if user.create_date is not None:
        document["createDate"] = _iso(user.create_date)
    if user.tags is not None:
        document["tags"] = dict(user.tags)
    return document


def _key(found: InventoryKey) -> dict[str, Any]:
    used = found.last_used
    document: dict[str, Any] = {"accessKeyId": found.key.access_key_id, "status": found.key.status}
    if found.key.create_date is not None:
        document["createDate"] = _iso(found.key.create_date)
    if used is not None:
        document["lastUsed"] = (
            {"date": _iso(used.date), "serviceName": used.service_name, "region": used.region} if used.date else None
        )
    return document


def _iso(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def import_document(selected: Iterable[tuple[User | None, InventoryKey]]) -> dict[str, Any]:
    """Return the file of `pulumi import --file` for the package `keyswitch`: each key under its ID.

    (https://www.pulumi.com/docs/iac/guides/migration/import/#bulk-import-operations)
    """
    key_ids = (found.key.access_key_id for _, found in selected)
    return {"resources": [{"type": "keyswitch:index:AccessKeyStatus", "name": i, "id": i} for i in key_ids]}
