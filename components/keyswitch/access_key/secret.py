"""Recognises secret access keys and session tokens inside texts. It never repeats what it finds."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

_REMARK = "(not shown: looks like a secret)"

_LENGTH = 40
"""The length of a secret access key: 30 random bytes in base64, such as wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY."""

_RANDOM, _NO_WORDS = 18, 12
"""The number of changes between lower case, upper case and digits in 40 characters, from which a text counts as random
anywhere, or between slashes. Random characters change 23 times on average, 94 % of them at least 18 times. Long words
in CamelCase change up to 16 times, the words of a path fewer than 12 times."""

_UNBROKEN = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40,}={0,2}")
_ARN = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:[0-9]{12}:[\w+.@:/-]*", re.ASCII)
_HASH = re.compile(r"(?<![^/+])[0-9a-f]{7,}(?![^/+])")


def holds_a_secret(text: str) -> bool:
    """Whether a part of the text looks like a secret access key or a session token."""
    return next(_secrets(text), None) is not None


def without_secrets(text: str) -> str:
    """Return the text with a remark in place of each part that looks like a secret."""
    kept, end = [], 0
    for found in _secrets(text):
        kept += [text[end : found.start()], _REMARK]
        end = found.end()
    return "".join([*kept, text[end:]])


def _secrets(text: str) -> Iterator[re.Match[str]]:
    without_names = _ARN.sub(lambda found: ":" * len(found[0]), text)
    return (found for found in _UNBROKEN.finditer(without_names) if _is_secret(found[0].rstrip("=")))


def _is_secret(unbroken: str) -> bool:
    """Whether unbroken base64 is or contains a secret, and is not just a path or a long name.

    40 characters without a slash are a secret if they have all three kinds of characters. 40 characters with slashes,
    or between slashes, must also look random, because a path looks like words. Longer ones can be a session token or
    contain a secret; for them the bound is higher.
    """
    unbroken = _HASH.sub(lambda found: "0" * len(found[0]), unbroken)  # a commit in the URL of a file
    if not _is_mixed(map(_kind, set(unbroken))):
        return False  # neither is any part of it
    kinds = [_kind(char) for char in unbroken]
    if len(unbroken) == _LENGTH and "/" not in unbroken:
        return True
    sums = [0, *accumulate(int("" not in pair and pair[0] != pair[1]) for pair in pairwise(kinds))]
    ends = {n for n, char in enumerate(unbroken) if char == "/"} | {len(unbroken)}
    for start, (before, after) in enumerate(zip(sums, sums[_LENGTH - 1 :], strict=False)):
        end = start + _LENGTH
        is_whole = end in ends and (start == 0 or start - 1 in ends)
        if after - before >= (_NO_WORDS if is_whole else _RANDOM) and _is_mixed(kinds[start:end]):
            return True
    return False


def _is_mixed(kinds: Iterable[str]) -> bool:
    return {"lower", "upper", "digit"} <= set(kinds)


def _kind(char: str) -> str:
    return "lower" if char.islower() else "upper" if char.isupper() else "digit" if char.isdigit() else ""
