"""How much is read at most, so that no file can hang or exhaust the reader.

An AWS account has at most 10,000 access keys of users (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
"""

SIZE = 4 * 1024 * 1024
"""The most bytes of a file: 400 for each of 10,000 keys."""

VALUES = 150_000
"""The most keys and values: 15 for each of 10,000 keys. A YAML alias counts as all that it stands for."""

WIDTH = 20_000
"""The most entries of one map, or items of one list."""

DEPTH = 50
"""How deep values may be nested; the settings that exist need five levels."""

NAME = 1024
"""The most characters of a key; YAML has the same limit for a key in its plain form."""

DIGITS = 30
"""The most digits of a number in JSON; Python refuses to read or write thousands."""

DIRECTIVES = 10
"""The most directives of YAML (%); the parser compares each with all others."""

TOO_LARGE = f"is larger than {SIZE // 1024 // 1024} MB, the most that is read"
TOO_MANY = f"holds more than {VALUES} values; an alias counts as all that it stands for"
TOO_WIDE = f"has more than {WIDTH} entries"
TOO_DEEP = f"is nested too deeply: {DEPTH} levels at most"
TOO_LONG = f"has a key of more than {NAME} characters"
HALF = r"holds half a character (\ud800 to \udfff)"


def is_whole(text: str) -> bool:
    """Whether a text holds whole characters: no halves of a pair of surrogates, which nothing could print."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
