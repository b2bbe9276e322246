"""Reads the rows of a credential report. Asks nothing of AWS.

Columns are found by their names, and a key by its dates, never by its slot: the order of the slots is not documented
(https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
"""

import csv
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

from keyswitch.access_key.inventory import CredentialReport, ReportedKey
from keyswitch.access_key.model import LastUsed

ROOT = "<root_account>"
"""The user name of the root user in a report. No IAM user can have it."""

_SLOTS = ("1", "2")


def parse_report(content: bytes, generated: datetime) -> CredentialReport:
    """Read a report.

    Args:
        content: the CSV text.
        generated: when AWS made it (UTC).
    """
    rows = csv.DictReader(content.decode().splitlines())
    return CredentialReport(generated, tuple(key for row in rows for key in _keys(row)))


def _keys(row: Mapping[str, str]) -> Iterator[ReportedKey]:
    """The keys of a user. A slot without a creation date is empty."""
    user_name = None if row["user"] == ROOT else row["user"]
    for slot in _SLOTS:
        field = f"access_key_{slot}"
        created = _date(row.get(f"{field}_last_rotated"))
        if created is None:
            continue
        used = _date(row.get(f"{field}_last_used_date"))
        service, region = row.get(f"{field}_last_used_service"), row.get(f"{field}_last_used_region")
        yield ReportedKey(
            user_name,
            created,
            LastUsed(user_name, used, service if used else None, region if used else None),
        )


def _date(text: str | None) -> datetime | None:
    """A date of the report; None for N/A, no_information, not_supported, and a column that is missing."""
    try:
        date = datetime.fromisoformat((text or "").replace("Z", "+00:00"))
    except ValueError:
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
