"""The limits of what is read. They keep any file from hanging the reader or using up its memory.

An AWS account has at most 10,000 access keys of users (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html).
"""

SIZE = 4 * 1024 * 1024
"""The most bytes of a file: 400 for each of 10,000 keys."""

VALUES = 150_000
"""The most keys and values: 15 for each of 10,000 keys. A YAML alias counts as all values that it repeats."""

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
TOO_MANY = f"contains more than {VALUES} values; an alias counts as all values that it repeats"
TOO_WIDE = f"has more than {WIDTH} entries"
TOO_DEEP = f"is nested too deeply: {DEPTH} levels at most"
TOO_LONG = f"has a key of more than {NAME} characters"
HALF = r"contains half a surrogate pair (\ud800 to \udfff), which is no character"


def is_whole(text: str) -> bool:
    """Return whether a text contains no half of a surrogate pair, which cannot be encoded or printed."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)
