"""Says which properties differ, in the form in which Pulumi shows them. Decides nothing."""

from collections.abc import Iterable, Mapping
from typing import Any

from pulumi.provider.experimental.provider import PropertyDiff, PropertyDiffKind

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import ENTRY_FIELDS
from keyswitch.plugin.values import is_unknown

REPLACING = ("access_key_id",)
"""The inputs that name the key. Another key is another resource."""


def differences(change: Change, olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, PropertyDiff]:
    """Return the differing properties of one key, each with its kind.

    Pulumi shows an old value from the stored outputs, and a new one from the inputs.

    Args:
        change: the change, with the stored record.
        olds: the stored outputs.
        news: the new inputs.
    """
    by_setting = {field.setting: field.name for field in ENTRY_FIELDS.values()}
    names = {by_setting.get(setting, _LIVE.get(setting, setting)) for setting in change.updated}
    if change.is_write:
        names.add("status")
    return {name: _difference(olds.get(name), news.get(name)) for name in sorted(names)}


_LIVE = {"drift": "status"}
"""The differences between AWS and the state, and the property that holds each of them."""


def of_unknown(olds: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, PropertyDiff]:
    """Return the inputs that are not known yet or differ from the stored ones."""
    names: Iterable[str] = ("access_key_id", *ENTRY_FIELDS)
    stored = {**olds, "status": olds.get("declared_status")}
    return {
        name: _difference(olds.get(name), news.get(name), replaces=name in REPLACING)
        for name in names
        if is_unknown(news.get(name)) or news.get(name) != stored.get(name)
    }


def failing() -> dict[str, PropertyDiff]:
    """Return the difference of a key whose entry failed when the whole change was looked at."""
    return {"status": PropertyDiff(PropertyDiffKind.UPDATE, input_diff=False)}


def another_key() -> dict[str, PropertyDiff]:
    """Return the difference of a resource that declares another key than before."""
    return {name: PropertyDiff(PropertyDiffKind.UPDATE_REPLACE, input_diff=False) for name in REPLACING}


def _difference(old: object, new: object, *, replaces: bool = False) -> PropertyDiff:
    """Return an update; an addition where Pulumi would show the same value twice, or no old one."""
    if replaces:
        return PropertyDiff(PropertyDiffKind.UPDATE_REPLACE, input_diff=False)
    if new is None:
        return PropertyDiff(PropertyDiffKind.DELETE, input_diff=False)
    kind = PropertyDiffKind.ADD if old is None or old == new else PropertyDiffKind.UPDATE
    return PropertyDiff(kind, input_diff=False)
