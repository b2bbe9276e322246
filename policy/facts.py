"""Reads facts of access keys from the properties of resources. Judges nothing.

The properties have the same names in both types of resource. A property that a preview does not know raises
`UnknownValueError`, and Pulumi then says that the rule could not run.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, timezone
from typing import Any

from pulumi_policy.proxy import UnknownValueError

ACCESS_KEY_STATUS = frozenset({"pulumi-python:dynamic/keyswitch:AccessKeyStatus", "keyswitch:index:AccessKeyStatus"})
"""The types of keyswitch: the dynamic resource, and that of the provider."""

AWS_ACCESS_KEY = "aws:iam/accessKey:AccessKey"
"""The type of pulumi-aws that creates an access key."""

ROOT = "root"
"""How rules name the account's root user. Nothing tells it from an IAM user of this name."""

Properties = Mapping[str, Any]


def owner(props: Properties) -> str | None:
    """Return the user name of the owner, as declared or looked up; None if neither is in the properties."""
    if props.get("root"):
        return ROOT
    name = props.get("owner") or props.get("user_name")
    return str(name) if name else None


def named(props: Properties) -> str:
    """Name a key for a message: `bob AKIA…`."""
    return " ".join(filter(None, (owner(props), str(props.get("access_key_id") or "an access key"))))


def created(props: Properties) -> date | None:
    """Return the day on which the key was created; None if the program has not looked at the key."""
    text = props.get("create_date")
    return datetime.fromisoformat(text).date() if text else None


def until(props: Properties) -> date | None:
    """Return the day that the reason names with `until 2027-03-31`; None if it names none, or one that is no day."""
    found = re.search(r"\buntil ([0-9]{4}-[0-9]{2}-[0-9]{2})\b", str(props.get("reason") or ""))
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        return None


def known(props: Properties, name: str) -> Any:  # noqa: ANN401  (a property has any type)
    """Return a property; None if it is missing, or a preview does not know it."""
    try:
        return props.get(name)
    except UnknownValueError:
        return None


def today() -> date:
    """Return the present day (UTC)."""
    return datetime.now(timezone.utc).date()
