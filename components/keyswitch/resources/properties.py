"""What is stored for a key in the state of a stack: the names of the properties, and how they are read and written.

The names are every user's state; they are only ever added to.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import Enum
from typing import Any

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired
from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.record import Recorded
from keyswitch.configuration.entry import parse_entry
from keyswitch.switching.memory import Seen, Upcoming

ENTRY = tuple(ENTRY_FIELDS)
"""The inputs that say what is wanted of the key."""

INPUTS = ("access_key_id", *ENTRY, "ignore_status")
"""The properties a program sets; they are stored."""

OUTPUTS = ("owner", "account_id", "status_at_adoption", "declared_status")
"""The properties the provider adds, beside the live `status`; they are stored."""

DECLARED_AS = "declared_as"
"""The logical name where it is not the access key ID, by which a key that is declared twice is told from one that is
checked twice. Never stored."""

OBSERVED = "observed"
"""What the program saw of the key, as JSON: status, owner, account_id; and which keys come later. Spares the provider
the same look; never stored."""


def declared(desired: Desired) -> dict[str, Any]:
    """The inputs that declare what is wanted of a key: the arguments of `AccessKeyStatus`."""
    return present({name: _plain(getattr(desired, name)) for name in ("access_key_id", *ENTRY)})


def _plain(value: object) -> object:
    """A value of the domain as Pulumi stores it."""
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return value.value if isinstance(value, Enum) else value


def wanted(inputs: Mapping[str, Any]) -> Desired:
    """What checked inputs want of a key."""
    desired, problems = parse_entry(
        inputs.get("access_key_id"), {name: inputs[name] for name in ENTRY if inputs.get(name) is not None}
    )
    if desired is None:
        raise InvalidConfiguration(problems)
    return desired


def enforced(inputs: Mapping[str, Any]) -> Desired:
    """What checked inputs want of a key that is taken over already: its status only if it is not ignored."""
    desired = wanted(inputs)
    return replace(desired, status=None) if inputs.get("ignore_status") else desired


def recorded(outputs: Mapping[str, Any]) -> Recorded:
    """What stored outputs remember; their `status` is the live one, what was declared stands beside it."""
    reason = outputs.get("reason")  # as it was accepted then, whatever is accepted now
    declared = wanted({**outputs, "status": outputs.get("declared_status"), "reason": reason and "in the state"})
    return Recorded(
        desired=replace(declared, reason=reason),
        status=outputs.get("status"),
        owner=outputs.get("owner"),
        account_id=outputs.get("account_id"),
        status_at_adoption=outputs.get("status_at_adoption"),
    )


def stored(
    inputs: Mapping[str, Any], live: AccessKey, account_id: str, status_at_adoption: str | None
) -> dict[str, Any]:
    """Everything that is stored for a key: its inputs, and what is known of it."""
    return present(
        {
            **{name: inputs.get(name) for name in INPUTS},
            "status": live.status,
            "declared_status": inputs.get("status"),
            "owner": live.user_name,
            "account_id": account_id,
            "status_at_adoption": status_at_adoption,
        }
    )


def seen_by_program(access_key_id: str, observed: str) -> Seen:
    """What the program saw of a key, from the text in which it travels (`component.py` writes it)."""
    told = json.loads(observed)
    upcoming = [
        Upcoming(key_id, owner or None, is_deactivation) for key_id, owner, is_deactivation in told.get("ahead", ())
    ]
    return Seen(AccessKey(access_key_id, told.get("owner"), told["status"]), told["account_id"], upcoming)


def present(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Without the properties that have no value: Pulumi drops them, too."""
    return {name: value for name, value in properties.items() if value is not None}
