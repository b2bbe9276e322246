"""Interprets the scalars of YAML by the core schema of YAML 1.2, and refuses those that Pulumi reads differently.

(https://yaml.org/spec/1.2.2/#103-core-schema) Pulumi reads many numbers and dates by YAML 1.1
(gopkg.in/yaml.v3, resolve.go).
"""

import re
from typing import Any


class Unclear(ValueError):
    """Other readers would read a value differently, or not at all."""


def _tag(name: str) -> str:
    return f"tag:yaml.org,2002:{name}"


STR, MAP, SEQ, MERGE = (_tag(name) for name in ("str", "map", "seq", "merge"))
_BOOL, _NULL, _INT, _FLOAT = (_tag(name) for name in ("bool", "null", "int", "float"))
_NUMBER, _DATE = "!number", "!date"  # ours, for what the core schema takes for a text

RESOLVERS = tuple(
    (tag, re.compile(rf"(?:{pattern})\Z"), first)
    for tag, pattern, first in (
        (_BOOL, r"true|True|TRUE|false|False|FALSE", "tTfF"),
        (_NULL, r"~|null|Null|NULL|", ("~", "n", "N", "")),
        # Both readers agree about these, and a float, which JSON makes of a number, keeps all digits.
        (_INT, r"[-+]?(?:0|[1-9][0-9]{0,14})|0o[0-7]{1,15}|0x[0-9a-fA-F]{1,12}", "-+0123456789"),
        (
            _FLOAT,
            r"[-+]?(?:(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{0,6})?|\.[0-9]{1,6})(?:[eE]\+?[0-9])?",
            "-+.0123456789",
        ),
        # A number to only one of the readers, or one that loses digits: 012, 0b11, 1_000, 0X1F, 1e400, .inf, 2**60.
        (
            _NUMBER,
            r"[-+]?_*(?:0_*[xX][0-9a-fA-F_]+|0_*[oO][0-7_]+|0_*[bB][01_]+|\.(?:inf|Inf|INF)"
            r"|(?:[0-9][0-9_]*(?:\.[0-9_]*)?|\.[0-9_]+)(?:[eE]_*[-+]?[0-9_]+)?)|\.(?:nan|NaN|NAN)",
            "-+.0123456789",
        ),
        (
            _DATE,
            r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}(?:[.,][0-9]*)?"
            r"[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?)?)?",
            "0123456789",
        ),
        (MERGE, r"<<", "<"),
    )
)
"""In the order in which they are tried: a tag, the texts that get it, and the characters these begin with."""

_PATTERNS = {tag: pattern for tag, pattern, _ in RESOLVERS}

TAGGED = "has a tag (!), which readers of YAML interpret differently: leave it out"
NO_TEXT = "is no text to every reader of YAML: write this key in quotes"
_REASONS = {
    _NUMBER: "is a number that readers of YAML interpret differently: write it in quotes, or in plain decimal digits",
    _DATE: "is a date to some readers of YAML and a text to others: write it in quotes",
}


def meaning(tag: str, text: str, is_quoted: bool) -> Any:  # noqa: ANN401
    """Return the value of a scalar.

    Args:
        tag: the one that it got by `RESOLVERS`, or that stands before it.
        text: as it was written, without quotes.
        is_quoted: whether it was written in quotes, or as a block.

    Raises:
        Unclear: others would read it differently.
    """
    if tag == STR:
        return text
    pattern = _PATTERNS.get(tag)
    if is_quoted or tag == MERGE or pattern is None or not pattern.match(text):
        raise Unclear(TAGGED)
    if reason := _REASONS.get(tag):
        raise Unclear(reason)
    if tag == _INT:
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if tag == _FLOAT:
        return float(text)
    return text[0] in "tT" if tag == _BOOL else None
