"""Converts between the domain and the properties that Pulumi stores for a key. Asks nothing of AWS.

The property names are in every user's state. Names may be added, never renamed or removed.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from enum import Enum
from typing import Any

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import ENTRY_FIELDS, Desired, OnRemoval
from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.access_key.model import AccessKey, Signer, Status, access_key_id_problem
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.record import Recorded
from keyswitch.switching.adapter import Switched
from keyswitch.switching.memory import Failed, Seen, Upcoming
from keyswitch.switching.planned import Plan

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


def canonical(inputs: Mapping[str, Any], desired: Desired) -> dict[str, Any]:
    """Return the given fields of an entry as `declared` writes them, so that they compare as equal next time."""
    return {name: value for name, value in declared(desired).items() if inputs.get(name) is not None}


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
    access_key_id, given = inputs.get("access_key_id"), given_of(inputs)
    try:
        desired = Desired(access_key_id or "", **{name: _DOMAIN.get(name, _same)(v) for name, v in given.items()})
        if access_key_id_problem(access_key_id) is None and given.items() <= declared(desired).items():
            return desired
    except (TypeError, ValueError):
        pass  # only the model of an entry accepts or explains this form
    from keyswitch.configuration.entry import parse_entry  # loads pydantic, which takes longer than all the rest

    parsed, problems = parse_entry(access_key_id, given)
    if parsed is None:
        raise InvalidConfiguration(problems)
    return parsed


def given_of(inputs: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an entry that have a value."""
    return {name: inputs[name] for name in ENTRY if inputs.get(name) is not None}


def _same(value: object) -> object:
    return value


def _reason(value: str) -> str:
    return " ".join(str.split(value))


_DOMAIN: Mapping[str, Callable[[Any], Any]] = {
    "status": Status,
    "reason": _reason,
    "on_removal": OnRemoval,
    "allow": lambda names: frozenset(map(GuardName, names)),
    "root": lambda value: value is True,
}
"""Converts a field from the form that Pulumi stores, where the domain has another one."""


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


def as_seen(change: Change, planned: Plan, upcoming: Sequence[Sequence[Any]], at_adoption: str | None) -> str:
    """Return the program's observation of a key, and the entry that it has checked, as JSON text for the provider.

    For a key that is to be written it also says when it was seen, and who signed.
    """
    caller = planned.caller
    seen_by = {"at": planned.at.timestamp(), "signer": [caller.access_key_id, caller.arn]} if change.is_write else {}
    return _text(
        checked={name: value for name, value in declared(change.desired).items() if value},
        status=change.observed.status,
        owner=change.observed.user_name,
        account_id=caller.account,
        ahead=upcoming,
        status_at_adoption=at_adoption,
        **seen_by,
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


@dataclass(frozen=True)
class Known:
    """What the program knows of a key.

    Attributes:
        seen: its observation, or why its entry failed; None: it did not observe the key.
        checked: the access key ID and the fields of the entry that it has checked; None: none.
        signer: who signed when the program observed a key that is to be written.
        status_at_adoption: the status when the stack adopted the key, as far as the state says.
        keys: the number of keys in the state.
    """

    seen: Seen | Failed | None = None
    checked: Mapping[str, Any] | None = None
    signer: Signer | None = None
    status_at_adoption: str | None = None
    keys: int = 0


def known_by_program(access_key_id: str, observed: str | None) -> Known:
    """Parse the JSON text of the program."""
    known = json.loads(observed) if observed else {}
    at_adoption, keys_in_state = known.get("status_at_adoption"), known.get("keys", 0)
    if "failed" in known:
        return Known(Failed(tuple(known["failed"])), status_at_adoption=at_adoption, keys=keys_in_state)
    if "status" not in known:
        return Known(status_at_adoption=at_adoption, keys=keys_in_state)
    upcoming = [
        Upcoming(key_id, owner or None, is_deactivation) for key_id, owner, is_deactivation in known.get("ahead", ())
    ]
    key, account_id = AccessKey(access_key_id, known.get("owner"), known["status"]), known["account_id"]
    at = datetime.fromtimestamp(known["at"], timezone.utc) if "at" in known else None
    signing_key, arn = known.get("signer", (None, None))
    signer = Signer(signing_key, account_id, arn) if signing_key else None
    return Known(Seen(key, account_id, at, upcoming), known.get("checked"), signer, at_adoption, keys_in_state)


def present(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the properties that have a value. Pulumi drops the others as well."""
    return {name: value for name, value in properties.items() if value is not None}
