"""Writes an entry of `keyswitch:keys` as YAML or JSON. Decides nothing and knows no files."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired
from keyswitch.access_key.shown import brief, line, visible

Value = str | bool | tuple[str, ...]
"""The value of a field of an entry."""

_PLAIN = re.compile(r"[A-Za-z][A-Za-z0-9 _.,/()'+@=-]*[A-Za-z0-9.)]")
_LONGEST = 1_000
"""The length of the longest text, in characters."""

_NOT_A_TEXT = {"yes", "no", "on", "off", "true", "false", "null"}


@dataclass(frozen=True)
class Item:
    """A key of a map that is to be written.

    Attributes:
        name: the key.
        fields: the value: a map of texts, truth values and lists of texts.
        comment: what stands behind it where comments are possible; empty: nothing.
    """

    name: str
    fields: Mapping[str, Value]
    comment: str = ""

    @property
    def commented(self) -> str:
        """The comment as it stands behind the value."""
        return f"  # {line(self.comment)}" if self.comment else ""

    def block(self, indent: int = 0, step: int = 2) -> list[str]:
        """Return the lines of YAML, indented by so many spaces, the fields by so many more."""
        name = f"{' ' * indent}{_written(self.name)}:"
        if not self.fields:
            return [f"{name} {{}}{self.commented}"]
        pad = " " * (indent + step)
        fields = (f"{pad}{field}: {_written(value)}" for field, value in self.fields.items())
        return [f"{name}{self.commented}", *fields]

    def flow(self, *, is_json: bool) -> str:
        """Return the text inside of the braces of a map, without the comment."""
        name, *fields = (_written(text, is_json=is_json, in_braces=True) for text in (self.name, *self.fields))
        values = (_written(value, is_json=is_json, in_braces=True) for value in self.fields.values())
        inside = ", ".join(f"{field}: {value}" for field, value in zip(fields, values, strict=True))
        return f"{name}: {{{inside}}}"


def item(desired: Desired, comment: str = "") -> Item:
    """Return the entry that declares this and nothing else."""
    fields: dict[str, Value] = {}
    for name, field in ENTRY_FIELDS.items():
        value = getattr(desired, name)
        if value != field.default:
            fields[field.setting] = _value(value)
    return Item(desired.access_key_id, fields, comment)


def entry(desired: Desired) -> tuple[str, ...]:
    """Return the lines of YAML of one entry in `keyswitch:keys`."""
    return tuple(item(desired).block())


def scalar(text: str) -> str:
    """Write a text so that YAML reads it back; of a very long text only the beginning."""
    text = brief(text, _LONGEST)
    plain = _PLAIN.fullmatch(text) and text.lower() not in _NOT_A_TEXT
    return text if plain else quoted(text)


def quoted(text: str) -> str:
    """Write a text in quotes for YAML and Python, with escapes for what cannot be seen or would be executed."""
    written = json.dumps(brief(text, _LONGEST), ensure_ascii=False)
    return visible(written, lambda char: f"\\U{ord(char):08x}")


def _value(value: object) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, Enum)):
        return str(value)
    if isinstance(value, frozenset):
        return tuple(sorted(str(each) for each in value))
    raise TypeError(f"{value!r} is not written")


def _written(value: Value, *, is_json: bool = False, in_braces: bool = False) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return json.dumps(value) if is_json else f"[{', '.join(map(scalar, value))}]"
    if is_json or (in_braces and "," in value):  # a comma separates members in braces
        return json.dumps(value)
    return value if _SETTING.fullmatch(value) else scalar(value)


_SETTING = re.compile("[a-z]+:[A-Za-z]+")
"""The full name of a setting, which needs no quotes."""
