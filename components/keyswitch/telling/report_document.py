"""The report as data: one JSON document with a version. Its fields are only ever added to.

`schema/report.schema.json` describes it. Names, reasons and commits are exact, since JSON escapes them.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from keyswitch.access_key.decision import Decision
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.findings import TITLES, Finding, Severity
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.phrases import span
from keyswitch.access_key.shown import line
from keyswitch.telling.report import Event, Report, Row

VERSION = 1


def report_document(report: Report) -> dict[str, Any]:
    """Return the report: every key once, every finding, and the timeline of decisions."""
    return {
        "version": VERSION,
        "account": report.account,
        "at": iso(report.at),
        "usesFrom": iso(report.uses_from),
        "rootHasKeys": report.root_has_keys,
        "benchmark": {"name": "CIS AWS Foundations", "version": report.benchmark.version},
        "readyToDeleteAfter": span(report.ready_after),
        "ownerTag": report.owner_tag,
        "files": list(report.files),
        "onlyDeclared": report.only_declared,
        "counts": counts(report),
        "keys": [_key(row) for row in report.rows],
        "findings": [_finding(finding) for finding in report.findings],
        "timeline": [_event(event) for event in report.timeline],
        "problems": [_problem(about, error) for about, error in _problems(report)],
    }


def counts(report: Report) -> dict[str, int]:
    """Count users, keys and findings."""
    statuses = Counter(row.status for row in report.rows)
    severities = Counter(finding.severity for finding in report.findings)
    return {
        "users": report.users,
        "keys": len(report.rows),
        "active": statuses["Active"],
        "inactive": len(report.rows) - statuses["Active"],
        "declared": sum(row.desired is not None for row in report.rows),
        "notAsDeclared": sum(row.is_drift for row in report.rows),
        "exempt": sum(row.is_exempt for row in report.rows),
        "readyToDelete": sum(row.is_ready_to_delete is True for row in report.rows),
        **{severity.value: severities[severity] for severity in Severity},
    }


def _problems(report: Report) -> Iterator[tuple[str, KeyswitchError]]:
    yield from report.problems.items()
    if report.no_trail:
        yield "CloudTrail", report.no_trail


def _problem(about: str, error: KeyswitchError) -> dict[str, str]:
    return {"about": about, "type": type(error).__name__, "message": str(error)}


def iso(date: datetime | None) -> str | None:
    """Write a date as ISO 8601."""
    return date.isoformat() if date else None


def _key(row: Row) -> dict[str, Any]:
    return {
        "accessKeyId": row.access_key_id,
        "userName": row.user_name,
        "path": row.user.path if row.user else None,
        "ownerTag": row.tag,
        "status": row.status,
        "createDate": iso(row.found.key.create_date),
        "lastUsed": _use(row.last_used),
        "declared": _declared(row.desired) if row.desired else None,
        "notAsDeclared": row.is_drift,
        "decision": _decision(row.decision) if row.decision else None,
        "deactivatedAt": iso(row.off.at) if row.off and row.off.is_exact else None,
        "deactivatedBefore": iso(row.off.at) if row.off and not row.off.is_exact else None,
        "readyToDelete": row.is_ready_to_delete,
        "findings": [finding.rule.value for finding in row.findings],
    }


def _use(used: LastUsed | None) -> Mapping[str, Any] | None:
    return {"date": iso(used.date), "serviceName": used.service_name, "region": used.region} if used else None


def _declared(desired: Desired) -> dict[str, Any]:
    return {
        "status": desired.status.value if desired.status else None,
        "reason": desired.reason,
        "onRemoval": desired.on_removal.value,
        "allow": sorted(guard.value for guard in desired.allow),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "file": decision.file,
        "line": decision.line,
        "commit": decision.commit,
        "author": decision.author,
        "date": iso(decision.date),
        "summary": decision.summary,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule.value,
        "severity": finding.severity.value,
        "control": finding.control,
        "title": TITLES[finding.rule],
        "accessKeyId": finding.access_key_id,
        "userName": finding.user_name,
        "message": line(finding.saw),
        "remedy": line(finding.remedy),
        "configuration": list(finding.lines),
    }


def _event(event: Event) -> dict[str, Any]:
    decision = event.decision
    return {
        "kind": "decided" if decision else "deactivated",
        "date": iso(event.date),
        "commit": decision.commit if decision else None,
        "author": decision.author if decision else None,
        "summary": decision.summary if decision else None,
        "accessKeyIds": list(event.access_key_ids),
    }
