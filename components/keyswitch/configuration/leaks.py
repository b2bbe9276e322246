"""Finds secret access keys in all fields of a configuration. Never repeats them."""

from collections.abc import Iterator, Mapping, Set

from keyswitch.access_key.secret import holds_a_secret
from keyswitch.access_key.shown import SECRET

LEAK = f"contains what {SECRET}"
"""The problem of a field with a secret in it."""


def leaks(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Find the path of each text and each name that contains a secret, at any depth."""
    if isinstance(value, str):
        if holds_a_secret(value):
            yield path
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if holds_a_secret(str(name)):
                yield (*path, str(name))
            else:
                yield from leaks(inner, (*path, str(name)))
    elif isinstance(value, (list, tuple, Set)):
        for position, inner in enumerate(value):
            yield from leaks(inner, (*path, str(position)))
