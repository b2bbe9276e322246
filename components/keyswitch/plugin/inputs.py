"""Reads the wanted state of a key as a program gives it: with the names of the resource's inputs and no others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pulumi.provider.experimental.property_value import PropertyValue

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import Problem
from keyswitch.access_key.model import access_key_id_problem
from keyswitch.configuration.entry import entry_problems, parse_entry
from keyswitch.configuration.problems import text_of
from keyswitch.plugin.values import holds_secret, is_unknown, plain
from keyswitch.resources.properties import ENTRY


def read(inputs: Mapping[str, Any]) -> tuple[Desired | None, list[Problem]]:
    """Read the inputs of one key. Unknown values are not checked.

    Returns:
        The wanted state, or None if there are problems or unknown values; and every problem.
    """
    strangers = [name for name in inputs if name not in ENTRY and name != "access_key_id"]
    problems = [
        Problem(text_of({"type": "extra_forbidden", "loc": (name,), "input": ""}, ENTRY), name) for name in strangers
    ]
    unknown = {name for name, value in inputs.items() if is_unknown(value)}
    known = {name: inputs[name] for name in ENTRY if name in inputs and name not in unknown}
    key_id = inputs.get("access_key_id")
    if not unknown:
        desired, found = parse_entry(key_id, known)
        return None if problems else desired, problems + found
    problems += entry_problems({**known, "reason": "not known yet"} if "reason" in unknown else known)
    if "access_key_id" not in unknown and (text := access_key_id_problem(key_id)):
        problems.append(Problem(text, "access_key_id"))
    return None, problems


def unreviewable(inputs: Mapping[str, PropertyValue]) -> list[Problem]:
    """Return a problem for each value of a whole change that a review cannot show: unknown ones and secrets."""
    problems = []
    for place, value in _values(inputs):
        if is_unknown(plain({"": value})):
            problems.append(Problem("is not known before the update, but a review shows every value: write it", place))
        elif holds_secret(value):
            problems.append(Problem("is secret, but a review shows every value: write it without the secret", place))
    return problems


def _values(inputs: Mapping[str, PropertyValue]) -> Iterator[tuple[str, PropertyValue]]:
    """Yield each field of each entry with its place, such as `AKIA….reason`; what is no list of entries as a whole."""
    for name, given in inputs.items():
        entries: Any = given.value
        if given.is_secret or isinstance(entries, str) or not isinstance(entries, Sequence):
            yield name, given
            continue
        for number, entry in enumerate(entries):
            fields = entry.value
            if entry.is_secret or not isinstance(fields, Mapping):
                yield f"{name}[{number}]", entry
                continue
            key_id = plain(fields).get("access_key_id")
            place = key_id if access_key_id_problem(key_id) is None else f"{name}[{number}]"
            yield from ((f"{place}.{field}", value) for field, value in fields.items())
