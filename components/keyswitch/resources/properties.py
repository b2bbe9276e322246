"""What is stored for a key in the state of a stack: the names of the properties, and how they are read and written.

The names are every user's state; they are only ever added to.
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
from keyswitch.switching.memory import Failed, Seen, Upcoming

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
"""What the program knows of the key, as JSON: how it saw it, which keys come later, why its entry failed, the status it
had at its adoption. Spares the provider the same look-ups; never stored."""


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
    return Recorded(
        desired=wanted({**outputs, "status": outputs.get("declared_status")}),
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


def as_seen(change: Change, account_id: str, upcoming: Sequence[Sequence[Any]], at_adoption: str | None) -> str:
    """What the program saw of a key, as the text in which it travels to the provider."""
    return _text(
        status=change.observed.status,
        owner=change.observed.user_name,
        account_id=account_id,
        ahead=upcoming,
        status_at_adoption=at_adoption,
    )


def as_failed(reason: str, at_adoption: str | None) -> str:
    """Why an entry failed when the whole change was looked at, as the text in which it travels to the provider."""
    return _text(failed=reason, status_at_adoption=at_adoption)


def as_remembered(at_adoption: str | None) -> str:
    """What the state remembers of a key that the program did not look up; empty: nothing."""
    return _text(status_at_adoption=at_adoption) if at_adoption else ""


def _text(**told: object) -> str:
    return json.dumps({name: value for name, value in told.items() if value})


def seen_by_program(access_key_id: str, observed: str | None) -> tuple[Seen | Failed | None, str | None]:
    """Read what travelled from the program: how it saw the key or why it failed; and the status at adoption."""
    told = json.loads(observed) if observed else {}
    at_adoption = told.get("status_at_adoption")
    if "failed" in told:
        return Failed(told["failed"]), at_adoption
    if "status" not in told:
        return None, at_adoption
    upcoming = [
        Upcoming(key_id, owner or None, is_deactivation) for key_id, owner, is_deactivation in told.get("ahead", ())
    ]
    return Seen(AccessKey(access_key_id, told.get("owner"), told["status"]), told["account_id"], upcoming), at_adoption


def present(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Without the properties that have no value: Pulumi drops them, too."""
    return {name: value for name, value in properties.items() if value is not None}
