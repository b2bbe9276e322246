"""Converts between the property values of Pulumi's SDK and plain values. Knows no access keys."""

from collections.abc import Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue


class Unknown:
    """A value that is not known yet. Only previews have such values."""


UNKNOWN = Unknown()

_UNKNOWN_TEXT = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_UNKNOWN_TEXTS = {
    _UNKNOWN_TEXT,
    "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
    "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
    "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
    "030794c1-ac77-496b-92df-f27374a8bd58",
    "e48ece36-62e2-4504-bad9-02848725956a",
    "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
}
"""How the engine sends an unknown text, boolean, number, array, asset, archive or object
(sdk/go/common/resource/plugin/rpc.go). The SDK can neither read nor write unknown values."""


def plain(properties: Mapping[str, PropertyValue]) -> dict[str, Any]:
    """Return plain values. Properties without a value are left out, as Pulumi does; secrets are plain, too."""
    return {name: _plain(value) for name, value in properties.items() if value.value is not None}


def _plain(given: PropertyValue) -> Any:  # noqa: ANN401  (a property holds any value)
    value: Any = given.value
    if isinstance(value, str):
        return UNKNOWN if value in _UNKNOWN_TEXTS else value
    if isinstance(value, Mapping):
        return plain(value)
    if isinstance(value, Sequence):
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
    if isinstance(value, Unknown):
        return PropertyValue(_UNKNOWN_TEXT)
    if isinstance(value, int) and not isinstance(value, bool):
        return PropertyValue(float(value))
    return PropertyValue(value)


def holds_secret(given: PropertyValue) -> bool:
    """Return whether a property value is secret, or contains a secret."""
    value: Any = given.value
    if given.is_secret:
        return True
    if isinstance(value, Mapping):
        return any(map(holds_secret, value.values()))
    return isinstance(value, Sequence) and not isinstance(value, str) and any(map(holds_secret, value))


def as_secret_as(given: Mapping[str, PropertyValue], values: Mapping[str, Any]) -> dict[str, PropertyValue]:
    """Return property values for plain ones. One is secret if the given property of its name holds a secret."""
    secret = {name for name, value in given.items() if holds_secret(value)}
    return {name: value.with_secret(True) if name in secret else value for name, value in wrapped(values).items()}


def is_unknown(value: object) -> bool:
    """Return whether a plain value is unknown, or contains something unknown."""
    if isinstance(value, Mapping):
        return any(map(is_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_unknown, value))
    return isinstance(value, Unknown)
