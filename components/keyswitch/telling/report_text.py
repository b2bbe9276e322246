"""Words the report for a terminal and for a pipe: as cells of a table, and as lines above and below it."""

from collections import Counter
from collections.abc import Sequence

from keyswitch.access_key.findings import TITLES, Finding
from keyswitch.access_key.phrases import age, count, owner
from keyswitch.access_key.shown import line
from keyswitch.telling.report import Report, Row
from keyswitch.telling.report_wording import decided, declared, exemption, grouped, notes, off, summary
from keyswitch.telling.wording import last_use

COLUMNS = ("Owner", "Access key", "Status", "Age", "Last use", "Declared")

WHOLE = ("Access key", "Status", "Age")
"""The columns whose cells nobody can read in two lines."""

_NAMED = 10
"""The number of keys of one rule that have their own lines."""


def headline(report: Report) -> list[str]:
    """Return the lines above the table."""
    compared = f", compared with {', '.join(report.files)}" if report.files else ""
    only = "; undeclared keys are left out" if report.only_declared else ""
    at = f"{report.at:%Y-%m-%d %H:%M} UTC"
    return [line(f"account {report.account}, {at}{compared}{only}"), line(summary(report))]


def cells(row: Row, report: Report) -> tuple[str, ...]:
    """Return the cells of a key in the table."""
    created = row.found.key.create_date
    path = row.user.path if row.user and row.user.path != "/" else ""
    whose = f"{line(path)}{line(owner(row.user_name))}{f' ({row.tag})' if row.tag else ''}"
    days = age(created, report.at).removesuffix(" old") if created else "not known"
    used = last_use(row.last_used, report.at, is_labelled=True)
    state = "; ".join(part for part in (declared(row), off(row, report)) if part)
    return tuple(map(line, (whose, row.access_key_id, row.status, days, used, state)))


def details(report: Report) -> list[str]:
    """Return the lines below the table: findings, exemptions, who decided, and what limits the report."""
    text = [each for findings in grouped(report) for each in ["", *_findings(findings, report)]]
    if not report.findings:
        text += ["", "no findings"]
    text += _listed("exemptions", [f"{_key(row)}: {exemption(row)}" for row in report.rows if row.is_exempt])
    text += _listed("decided last", [f"{_key(row)}: {decided(row)}" for row in report.rows if row.decision])
    return [*map(line, text), "", *(line(f"note: {note}") for note in notes(report))]


def _findings(findings: Sequence[Finding], report: Report) -> list[str]:
    first, named = findings[0], findings[:_NAMED]
    control = f" ({report.benchmark}, {first.control})" if first.control else ""
    ((shared, times),) = Counter(finding.remedy for finding in named).most_common(1)
    is_shared = times > 1 or len(named) == 1
    text = [f"{first.severity}: {TITLES[first.rule]}{control}: {count(len(findings), 'finding')}"]
    for finding in named:
        own = "" if is_shared and finding.remedy == shared else f". {finding.remedy}"
        text.append(f"  {finding.owner} {finding.access_key_id or '(ID not known)'}: {finding.saw}{own}")
    text += _more(findings)
    text += [f"  {shared}"] if is_shared else []
    return [*text, *(f"      {each}" for finding in named for each in finding.lines)]


def _listed(title: str, lines: Sequence[str]) -> list[str]:
    return ["", f"{title}:", *(f"  {each}" for each in lines[:_NAMED]), *_more(lines)] if lines else []


def _more(items: Sequence[object]) -> list[str]:
    more = len(items) - _NAMED
    return [f"  … and {count(more, 'other')}; every single one: --format json"] if more > 0 else []


def _key(row: Row) -> str:
    return f"{owner(row.user_name)} {row.access_key_id}"
