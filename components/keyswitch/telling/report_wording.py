"""The words of a report that several of its outputs share. Each of its texts passes the gate where it is shown."""

from keyswitch.access_key.findings import Finding
from keyswitch.access_key.phrases import ago, count
from keyswitch.access_key.policy import GuardName
from keyswitch.telling.report import LAG, Report, Row
from keyswitch.telling.report_document import counts


def declared(row: Row) -> str:
    """Say what the configuration wants of a key."""
    if row.desired is None:
        return "no entry"
    if row.desired.status is None:
        return "observed only"
    return f"{row.desired.status} (drift)" if row.is_drift else str(row.desired.status)


def decided(row: Row) -> str:
    """Say who decided a key last, and when; empty if that is not known."""
    decision = row.decision
    if decision is None:
        return ""
    if decision.date is None:
        return "not committed yet"
    return f"{decision.author}, {decision.date:%Y-%m-%d}, {(decision.commit or '')[:10]} {decision.summary}"


def off(row: Row, report: Report) -> str:
    """Say since when a key is Inactive, and whether it is ready to be deleted; empty for an active key."""
    if row.found.key.is_active:
        return ""
    if row.off is None:
        return "off, not known since when"
    day = f"{row.off.at:%Y-%m-%d}"
    since = f"{day}, {ago(row.off.at, report.at)}" if row.off.is_exact else f"before {day}"
    return f"off since {since}{', ready to delete' if row.is_ready_to_delete else ''}"


def exemption(row: Row) -> str:
    """Say which guards the entry of a key may pass: `may pass recentlyUsed, as OPS-1 says`; empty for none."""
    if row.desired is None or not row.desired.allow:
        return ""
    allowed = [guard.value for guard in GuardName if guard in row.desired.allow]
    return f"may pass {', '.join(allowed)}; {row.desired.reason}"


def summary(report: Report) -> str:
    """Say the sums: `5 access keys of 3 users: 4 Active, 1 Inactive`."""
    counted = counts(report)
    keys = f"{count(counted['keys'], 'access key')} of {count(counted['users'], 'user')}"
    return f"{keys}: {counted['active']} Active, {counted['inactive']} Inactive"


def grouped(report: Report) -> list[list[Finding]]:
    """Group the findings by severity and rule, the most serious first."""
    found: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        found.setdefault((finding.severity, finding.rule), []).append(finding)
    return list(found.values())


def notes(report: Report) -> list[str]:
    """Say what limits the report: how old its facts are, and what it does not know."""
    if report.uses_from:
        made = ago(report.uses_from, report.at)
        uses = f"last uses are from the credential report that AWS made {made} ({report.uses_from:%Y-%m-%d %H:%M} UTC)"
    else:
        uses = "each last use was looked up for this report; AWS records a use up to 15 minutes late"
    unknown = sum(row.last_used is None for row in report.rows)
    untagged = len(report.problems.keys() & {row.user_name for row in report.rows})
    hidden = report.root_has_keys and all(row.user for row in report.rows)
    return [
        uses,
        LAG,
        *([f"the last use of {count(unknown, 'key')} is not known"] if unknown else []),
        *([f"since when keys are Inactive is not known: {report.no_trail.what}"] if report.no_trail else []),
        *([f"the tags of {count(untagged, 'user')} are not known"] if untagged else []),
        *(["whether the root user has keys is not known"] if report.root_has_keys is None else []),
        *(["the root user has keys, which only the root user can see"] if hidden else []),
        *([] if report.files else ["no stack was compared: name one with --stack to see what is declared"]),
    ]
