"""Words the report as CSV, a line for each key, for a spreadsheet that must not take any cell for a formula."""

import csv
import io
from datetime import datetime

from keyswitch.access_key.shown import line
from keyswitch.telling.report import Report, Row

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001  (full width is meant)
"""What makes a spreadsheet take a cell for a formula (https://owasp.org/www-community/attacks/CSV_Injection)."""

_COLUMNS = (
    "account", "user_name", "path", "owner_tag", "access_key_id", "status", "create_date", "age_days", "last_used_date",
    "last_used_service", "last_used_region", "declared_status", "reason", "not_as_declared", "allow", "decided_by",
    "decided_date", "decided_commit", "deactivated_date", "deactivated_before", "ready_to_delete", "findings",
)  # fmt: skip

_LONGEST = 400
"""The length of the longest cell, in characters."""


def report_csv(report: Report) -> str:
    """Return the table of keys. Dates are ISO 8601; `not known` and `never` stand for themselves."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in report.rows:
        writer.writerow([_cell(value) for value in _values(row, report)])
    return out.getvalue()


def _values(row: Row, report: Report) -> list[object]:
    used, desired, decision, created = row.last_used, row.desired, row.decision, row.found.key.create_date
    return [
        report.account,
        row.user_name or "<root_account>",
        row.user.path if row.user else "",
        row.tag,
        row.access_key_id,
        row.status,
        _date(created),
        max(0, (report.at - created).days) if created else "not known",
        "not known" if used is None else _date(used.date) or "never",
        used and used.service_name,
        used and used.region,
        desired and (desired.status.value if desired.status else "observed only"),
        desired and desired.reason,
        _yes(row.is_drift),
        " ".join(sorted(guard.value for guard in desired.allow)) if desired else "",
        decision and (decision.author or "not committed yet"),
        decision and _date(decision.date),
        decision and decision.commit,
        _date(row.off.at if row.off and row.off.is_exact else None),
        _date(row.off.at if row.off and not row.off.is_exact else None),
        "not known" if row.is_ready_to_delete is None else _yes(row.is_ready_to_delete),
        " ".join(finding.rule.value for finding in row.findings),
    ]


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return line(f"'{text}" if text.startswith(_FORMULA) else text, _LONGEST)


def _date(date: datetime | None) -> str:
    return date.isoformat() if date else ""


def _yes(value: bool) -> str:
    return "yes" if value else "no"
