"""Converts between the property values of Pulumi's SDK and plain values. Knows no access keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import Computed, PropertyValue

UNKNOWN = Computed()
"""A value that is not known yet. Only previews have such values."""


def plain(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Return plain values. Properties without a value are left out, as Pulumi does; secrets are plain, too."""
    return {name: _plain(value) for name, value in properties.items() if value.value is not None}


def _plain(given: PropertyValue) -> Any:  # noqa: ANN401  (a property holds any value)
    value = given.value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value


def wrapped(values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Return property values for plain ones, without those that are None."""
    return {name: _wrapped(value) for name, value in values.items() if value is not None}


def _wrapped(value: Any) -> PropertyValue:  # noqa: ANN401
    if isinstance(value, Mapping):
        return PropertyValue(wrapped(value))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return PropertyValue([_wrapped(item) for item in value])
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def is_unknown(value: object) -> bool:
    """Return whether a plain value is unknown, or contains something unknown."""
    if isinstance(value, Mapping):
        return any(map(is_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_unknown, value))
    return isinstance(value, Computed)
