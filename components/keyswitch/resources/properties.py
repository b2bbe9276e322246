"""Converts between the domain and the properties that Pulumi stores for a key. Asks nothing of AWS.

The property names are in every user's state. Names may be added, never renamed or removed.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum
from typing import Any

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import ENTRY_FIELDS, Desired
from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.record import Recorded
from keyswitch.configuration.entry import parse_entry
from keyswitch.switching.adapter import Switched
from keyswitch.switching.memory import Failed, Seen, Upcoming

ENTRY = tuple(ENTRY_FIELDS)
"""The inputs that declare the wanted state of the key."""

INPUTS = ("access_key_id", *ENTRY, "ignore_status")
"""The properties that a program sets. They are stored."""

OUTPUTS = ("owner", "account_id", "status_at_adoption", "declared_status", "last_switched_date")
"""The properties that the provider adds to the live `status`. They are stored."""

SEEN = ("owner", "create_date")
"""Inputs that `AccessKeys` fills with what AWS says of a key, so that policy packs can judge it in a preview.

Nothing compares them: a key differs from its record only by what the configuration declares, and by AWS.
"""

DECLARED_AS = "declared_as"
"""The logical name of the resource, if it differs from the access key ID. Never stored.

It distinguishes a key that is declared twice from a key that is checked twice.
"""

OBSERVED = "observed"
"""The program's knowledge of the key as JSON text. Never stored.

It holds the program's observation and the keys to prefetch, or why the entry failed; and the status at adoption. The
provider reuses it and does not repeat the calls.
"""


def declared(desired: Desired) -> dict[str, Any]:
    """Return the inputs that declare a wanted state: the arguments of `AccessKeyStatus`."""
    return present({name: _plain(getattr(desired, name)) for name in ("access_key_id", *ENTRY)})


def _plain(value: object) -> object:
    """Convert a value of the domain to the form in which Pulumi stores it."""
    if isinstance(value, frozenset):
        return sorted(str(item) for item in value)
    return value.value if isinstance(value, Enum) else value


def wanted(inputs: Mapping[str, Any]) -> Desired:
    """Return the wanted state that checked inputs declare.

    Raises:
        InvalidConfiguration: the inputs are not valid.
    """
    desired, problems = parse_entry(
        inputs.get("access_key_id"), {name: inputs[name] for name in ENTRY if inputs.get(name) is not None}
    )
    if desired is None:
        raise InvalidConfiguration(problems)
    return desired


def enforced(inputs: Mapping[str, Any]) -> Desired:
    """Return the wanted state of a key that is already adopted, without a status if changes of it are ignored."""
    desired = wanted(inputs)
    return replace(desired, status=None) if inputs.get("ignore_status") else desired


def recorded(outputs: Mapping[str, Any]) -> Recorded:
    """Return the record of a key from its stored outputs. The stored `status` is the live one."""
    reason = outputs.get("reason")  # as it was accepted then, whatever is accepted now
    declared = wanted({**outputs, "status": outputs.get("declared_status"), "reason": reason and "in the state"})
    return Recorded(
        desired=replace(declared, reason=reason),
        status=outputs.get("status"),
        owner=outputs.get("owner"),
        account_id=outputs.get("account_id"),
        status_at_adoption=outputs.get("status_at_adoption"),
    )


def stored(inputs: Mapping[str, Any], done: Switched, before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return all properties to store for a key: its inputs and its observed values.

    Args:
        inputs: the inputs.
        done: the key as it is now.
        before: the properties that are stored so far; None: there are none.
    """
    switched = done.switched_date.isoformat(timespec="seconds") if done.switched_date else None
    return present(
        {
            **{name: inputs.get(name) for name in INPUTS},
            "status": done.key.status,
            "declared_status": inputs.get("status"),
            "owner": done.key.user_name,
            "account_id": done.account_id,
            "status_at_adoption": done.status_at_adoption,
            "last_switched_date": switched or last_switched_date(before or {}, done.key),
            "create_date": inputs.get("create_date"),
        }
    )


def last_switched_date(before: Mapping[str, Any], live: AccessKey) -> str | None:
    """Return the stored date of the last switch, as long as nobody else has switched the key since."""
    return before.get("last_switched_date") if before.get("status") == live.status else None


def as_seen(change: Change, account_id: str, upcoming: Sequence[Sequence[Any]], at_adoption: str | None) -> str:
    """Return the program's observation of a key as JSON text for the provider."""
    return _text(
        status=change.observed.status,
        owner=change.observed.user_name,
        account_id=account_id,
        ahead=upcoming,
        status_at_adoption=at_adoption,
    )


def as_failed(reason: Sequence[str], at_adoption: str | None) -> str:
    """Return the reason why an entry failed as JSON text for the provider."""
    return _text(failed=reason, status_at_adoption=at_adoption)


def as_remembered(at_adoption: str | None, keys: int) -> str:
    """Return what the state knows of a key that the program did not observe, as JSON text: its status at adoption.

    Args:
        at_adoption: None if the key is new.
        keys: the number of keys in the state.
    """
    return _text(status_at_adoption=at_adoption, keys=keys)


def shown_to_policies(key: AccessKey) -> dict[str, str]:
    """Return what AWS says of a key, as the inputs `SEEN`."""
    create_date = key.create_date.isoformat() if key.create_date else ""
    return {name: value for name, value in zip(SEEN, (key.user_name, create_date), strict=True) if value}


def _text(**known: object) -> str:
    return json.dumps({name: value for name, value in known.items() if value})


def seen_by_program(access_key_id: str, observed: str | None) -> tuple[Seen | Failed | None, str | None, int]:
    """Parse the JSON text of the program.

    Returns:
        The observation or failure of the key, the status at adoption, and the number of keys in the state.
    """
    known = json.loads(observed) if observed else {}
    at_adoption, keys_in_state = known.get("status_at_adoption"), known.get("keys", 0)
    if "failed" in known:
        return Failed(tuple(known["failed"])), at_adoption, keys_in_state
    if "status" not in known:
        return None, at_adoption, keys_in_state
    upcoming = [
        Upcoming(key_id, owner or None, is_deactivation) for key_id, owner, is_deactivation in known.get("ahead", ())
    ]
    key = AccessKey(access_key_id, known.get("owner"), known["status"])
    return Seen(key, known["account_id"], upcoming), at_adoption, keys_in_state


def present(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that have a value. Pulumi drops the others as well."""
    return {name: value for name, value in properties.items() if value is not None}
