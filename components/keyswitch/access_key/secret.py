"""Recognises secret access keys and session tokens inside texts. It never repeats what it finds."""

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise

_LENGTH = 40
"""The length of a secret access key: 30 random bytes in base64, such as wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY."""

_RANDOM, _NO_WORDS = 18, 12
"""How often a random text of 40 characters changes between lower case, upper case and digits: 23 times on average, in
94 % at least 18 times. Words in CamelCase change 16 times at most, those of a path less than 12 times."""

_UNBROKEN = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,}={0,2}")
_HASH = re.compile(r"(?<![^/+])[0-9a-f]{7,}(?![^/+])")


def holds_a_secret(text: str) -> bool:
    """Whether a part of the text looks like a secret access key or a session token."""
    return next(_secrets(text), None) is not None


def without_secrets(text: str, instead: str) -> str:
    """The text, with `instead` in place of each part that looks like a secret."""
    kept, end = [], 0
    for found in _secrets(text):
        kept += [text[end : found.start()], instead]
        end = found.end()
    return "".join([*kept, text[end:]])


def _secrets(text: str) -> Iterator[re.Match[str]]:
    return (found for found in _UNBROKEN.finditer(text) if _is_secret(found[0].rstrip("=")))


def _is_secret(unbroken: str) -> bool:
    """Whether base64 without a break is a secret, not a path or a long name.

    40 characters are a secret unless they have the slashes and the words of a path. In more characters there may be a
    session token, or a secret behind something else: there only randomness tells.
    """
    unbroken = _HASH.sub(lambda found: "0" * len(found[0]), unbroken)  # a commit in the URL of a file
    kinds = [_kind(char) for char in unbroken]
    if not {0, 1, 2} <= set(kinds):
        return False
    changes = [int(3 not in pair and pair[0] != pair[1]) for pair in pairwise(kinds)]
    if len(unbroken) == _LENGTH:
        return "/" not in unbroken or sum(changes) >= _NO_WORDS
    sums = [0, *accumulate(changes)]
    return any(end - start >= _RANDOM for start, end in zip(sums, sums[_LENGTH - 1 :], strict=False))


def _kind(char: str) -> int:
    return 0 if char.islower() else 1 if char.isupper() else 2 if char.isdigit() else 3
