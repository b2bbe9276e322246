"""Names a change by a digest, so that whoever applies it can be held to what was reviewed. Reads no environment.

The digest is the SHA-256 of the canonical form: JSON without spaces, with the version of the form, the account ID, and
each write as key ID, status before and status after, in the order of the key IDs. Reasons, owners and last uses are not
part of it. The same writes have the same digest, whoever plans them and however often.
"""

import hashlib
import json
import re
from collections.abc import Iterable

from keyswitch.access_key.change import Change
from keyswitch.access_key.shown import shown

SHORT = 16
"""The number of hexadecimal digits that are shown. They are 64 bits, too many to find another change by trying."""

VARIABLE = "KEYSWITCH_REVIEWED"
"""The environment variable that holds a run to a reviewed change."""

_FORM = "access key changes 1"


def canonical(account: str, writes: Iterable[Change]) -> str:
    """Return the canonical form of the writes to an account."""
    moves = sorted([write.access_key_id, write.observed.status, write.resulting_status] for write in writes)
    return json.dumps([_FORM, account, moves], separators=(",", ":"))


def digest(account: str, writes: Iterable[Change]) -> str:
    """Return the digest of the writes to an account, 64 hexadecimal digits. No writes have a digest, too."""
    return hashlib.sha256(canonical(account, writes).encode()).hexdigest()


def is_same(reviewed: str, today: str) -> bool:
    """Whether a reviewed digest, short or whole, names today's change."""
    return today.startswith(reviewed.lower())


def digest_problem(value: str) -> str | None:
    """Say what is wrong with a value given as a reviewed digest; None if nothing is."""
    if re.fullmatch(f"[0-9a-fA-F]{{{SHORT},64}}", value):
        return None
    return f"{shown(value)} is not the digest of a change: write the {SHORT} digits that a plan shows"
