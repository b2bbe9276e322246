"""Adds entries to the text of a configuration and removes entries from it. Every other character stays as it is.

Text is inserted at the places that `layout.py` finds, because no library writes YAML back exactly as it was. The result
is read again. It must mean what the old text meant, with exactly the wanted difference. Otherwise nothing is changed.

An entry is removed with its own lines and the comments in them. A comment above it may concern more than one entry, and
stays.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.written import Item
from keyswitch.configuration.layout import BREAK, Map, Member, layout
from keyswitch.configuration.limits import SIZE, TOO_LARGE
from keyswitch.configuration.markup import parse

_Edit = tuple[int, int, str]
"""Where a piece of text begins and ends, and what replaces it."""


@dataclass(frozen=True)
class Text:
    """The text of a file that lists access keys.

    Attributes:
        text: the content.
        name: the name of the file, for messages. JSON ends in `.json`.
        path: the keys of the maps around the entries; empty: the file lists nothing else.
        setting: returns the full name of a key directly below `config`.
    """

    text: str
    name: str
    path: tuple[str, ...] = ()
    setting: Callable[[str], str] | None = None

    @property
    def is_json(self) -> bool:
        """Whether it is JSON, not YAML."""
        return self.name.endswith(".json")


def changed(before: Text, added: Sequence[Item] = (), removed: Collection[str] = ()) -> str:
    """Return the text with some entries more and others less. It has a map of entries in any case, even an empty one.

    Args:
        before: the text, which the reader accepts.
        added: the new entries, none of which is there already.
        removed: the IDs of entries that go.

    Raises:
        InvalidConfiguration: the text is written in a way that cannot be changed.
    """
    text = before.text
    if removed:
        text = _without(before, text, removed)
    for length, name in enumerate(before.path):
        if _find(before, layout(text, before.is_json), before.path[: length + 1])[1] is None:
            text = _with(before, text, before.path[:length], [Item(name, {})])
    text = _with(before, text, before.path, added) if added else _with_braces(before, text)
    _check(before, text, added, removed)
    return text


def _refused(text: Text) -> InvalidConfiguration:
    said = "its access keys are written in a way that keyswitch cannot change: edit them yourself"
    return InvalidConfiguration([Problem(said, where=text.name)])


def _check(before: Text, text: str, added: Sequence[Item], removed: Collection[str]) -> None:
    """Read the new text, and raise unless it means what it is to mean."""
    try:
        old, new = (parse(each, before.name, setting=before.setting) for each in (before.text, text))
    except InvalidConfiguration:
        raise _refused(before) from None
    wanted = _changed(old.value, before.path, {item.name: dict(item.fields) for item in added}, removed)
    same = (len(old.duplicates), len(old.unclear)) == (len(new.duplicates), len(new.unclear))
    if new.value != wanted or not same:
        raise _refused(before)
    if len(text.encode()) > SIZE:
        raise InvalidConfiguration([Problem(f"with the new entries it {TOO_LARGE}", where=before.name)])


def _changed(value: Any, path: tuple[str, ...], added: Mapping[str, Any], removed: Collection[str]) -> dict[str, Any]:  # noqa: ANN401
    value = value or {}
    if path:
        return {**value, path[0]: _changed(value.get(path[0]), path[1:], added, removed)}
    return {**{name: entry for name, entry in value.items() if name not in removed}, **added}


def _find(text: Text, root: Map | None, path: tuple[str, ...]) -> tuple[Map | None, Member | None, bool]:
    """Return the map at a path, the key that it belongs to, and whether it stands inside of braces."""
    found, member, in_braces = root, None, text.is_json
    for depth, name in enumerate(path):
        if found is None:
            return None, None, in_braces
        in_braces |= not found.is_block
        full = text.setting if text.setting and depth == 1 else str
        member = next((m for m in found.members if full(m.name) == name), None)
        found = member.map if member is not None else None
    return found, member, in_braces


def _with(text: Text, current: str, path: tuple[str, ...], items: Sequence[Item]) -> str:
    root = layout(current, text.is_json)
    there, member, in_braces = _find(text, root, path)
    if there is None or root is None:
        raise _refused(text)
    step = _step(root)
    if there.is_block and there.members:
        return _edited(current, [_lines(current, there.end, items, there.members[0].column, step)])
    if in_braces or there.members or not _EMPTY.fullmatch(current, there.start, there.end):
        return _edited(current, _in_braces(text, current, there, items, step))
    indent = member.column + step if member is not None else 0
    nothing = _nothing(current, there)
    rest = _edited(current, [nothing])
    return _edited(rest, [_lines(rest, nothing[0], items, indent, step)])


def _nothing(text: str, there: Map) -> _Edit:
    """Return the text of an empty map with the space before it, and its line if there is nothing else in it."""
    start, end = there.start, there.end
    if start == end:
        return start, end, ""
    if text[start - 1 : start] == " ":
        start -= 1
    alone = start == 0 or BREAK.fullmatch(text, start - 1, start)
    below = _below(text, end)
    return start, below if alone and not text[end:below].strip() else end, ""


_EMPTY = re.compile(r"(?:\{[ \t]*\}|~|null|Null|NULL)?")
"""What stands for an empty map, and can give way to lines below it."""


def _lines(text: str, after: int, items: Sequence[Item], indent: int, step: int) -> _Edit:
    """Return the lines of block style, to be inserted below the line of a place."""
    at = _below(text, after)
    newline = _newline(text, at)
    lines = [line for item in items for line in item.block(indent, step)]
    return at, at, _begun(text, at) + "".join(f"{line}{newline}" for line in lines)


def _begun(text: str, at: int) -> str:
    """Return what begins a line at a place: nothing at the beginning of one."""
    return "" if at == 0 or BREAK.fullmatch(text, at - 1, at) else _newline(text, at)


def _in_braces(text: Text, current: str, there: Map, items: Sequence[Item], step: int) -> list[_Edit]:
    """Return the new members of a map in braces: on lines of their own if the others are."""
    written = [item.flow(is_json=text.is_json) for item in items]
    if not there.members:
        newline, indent = _newline(current, there.start), _indent(current, there.start)
        inside = f",{newline}".join(f"{' ' * (indent + step)}{entry}" for entry in written)
        return [(there.start + 1, there.start + 1, f"{newline}{inside}{newline}{' ' * indent}")]
    last = there.members[-1]
    below = _below(current, last.end)
    if below >= there.end:
        return [(last.end, last.end, "".join(f", {entry}" for entry in written))]
    newline, pad = _newline(current, below), " " * there.members[0].column
    has_comma = "," in current[last.end : below].partition("#")[0]
    comments = ["" if text.is_json else item.commented for item in items]
    commas = [","] * (len(items) - 1) + ["," if has_comma else ""]
    lines = (f"{pad}{entry}{comma}{comment}" for entry, comma, comment in zip(written, commas, comments, strict=True))
    inserted = below, below, "".join(f"{line}{newline}" for line in lines)
    return [inserted] if has_comma else [(last.end, last.end, ","), inserted]


def _with_braces(text: Text, current: str) -> str:
    """Return the text with an empty map in braces where there are no entries; without one it would be no valid list."""
    there, member, _ = _find(text, layout(current, text.is_json), text.path)
    if there is None or there.members or not there.is_block:
        return current
    if member is not None:
        return _edited(current, [(there.start, there.end, " {}" if there.start == there.end else "{}")])
    at = _below(current, there.end)
    return _edited(
        current, [(there.start, there.end, ""), (at, at, f"{_begun(current, at)}{{}}{_newline(current, at)}")]
    )


def _without(text: Text, current: str, removed: Collection[str]) -> str:
    there = _find(text, layout(current, text.is_json), text.path)[0]
    if there is None:
        raise _refused(text)
    if not there.is_block:
        return _edited(current, _out_of_braces(current, there, removed))
    return _edited(current, [_own_lines(current, m) for m in there.members if m.name in removed])


def _own_lines(text: str, member: Member) -> _Edit:
    return member.start - member.column, _below(text, member.end), ""


def _out_of_braces(text: str, there: Map, removed: Collection[str]) -> list[_Edit]:
    starts = [*(member.start for member in there.members), there.members[-1].end]
    kept = [number for number, member in enumerate(there.members) if member.name not in removed]
    if not kept:
        return [(there.start + 1, there.end - 1, "")]
    edits = [(starts[n], starts[n + 1], "") for n, member in enumerate(there.members) if member.name in removed]
    last = kept[-1]
    if last + 1 < len(there.members) and "#" not in text[there.members[last].end : starts[last + 1]]:
        edits.append((there.members[last].end, starts[last + 1], ""))  # the comma; JSON allows none at the end
    return edits


def _edited(text: str, edits: Sequence[_Edit]) -> str:
    pieces, at = [], 0
    for start, end, new in sorted(edits):
        pieces += [text[at:start], new]
        at = end
    return "".join([*pieces, text[at:]])


def _below(text: str, at: int) -> int:
    """Return where the next line begins. A place at the beginning of a line, such as the end of a block, is that."""
    if at and BREAK.fullmatch(text, at - 1, at):
        return at
    found = BREAK.search(text, at)
    return found.end() if found else len(text)


def _newline(text: str, at: int) -> str:
    """Return how lines end: the one before a place, else the first."""
    before = text[max(0, at - 2) : at]
    if before.endswith("\n"):
        return "\r\n" if before == "\r\n" else "\n"
    first = BREAK.search(text)
    return first[0] if first and first[0] in ("\r\n", "\r") else "\n"


def _indent(text: str, at: int) -> int:
    line = text[max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1 : at]
    return len(line) - len(line.lstrip(" "))


def _step(root: Map) -> int:
    """Return how much deeper a map is indented than its key, as far as the text shows."""
    for member in root.members:
        below = member.map
        if below is not None and below.is_block and below.members:
            return max(1, below.members[0].column - member.column)
    return 2
