"""Words the report as one HTML page, which opens from disk, asks nothing of the network, and executes no data.

Three things keep data from becoming markup: the template escapes, the page builds its table from a JSON block whose
`<`, `>` and `&` are escaped, and its content security policy runs only the scripts of this package, by their hashes.
Every text of the data passed the gate of `access_key/shown.py`.
"""

import base64
import hashlib
import json
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from keyswitch.access_key.benchmark import ROTATED_WITHIN, UNUSED_FOR
from keyswitch.access_key.findings import TITLES, Finding, Rule
from keyswitch.access_key.phrases import owner
from keyswitch.access_key.shown import line
from keyswitch.telling.report import Event, Report, Row
from keyswitch.telling.report_document import counts
from keyswitch.telling.report_wording import grouped, notes, summary

_FIELDS = (
    "id", "user", "path", "tag", "status", "created", "useKnown", "used", "service", "region", "declared", "drift",
    "reason", "allow", "decided", "author", "commit", "summary", "place", "off", "ready",
)  # fmt: skip
"""The fields of a key in the page. Rows without names keep the file of thousands of keys small."""

_SHORT = {
    Rule.ROOT_KEY: "root key",
    Rule.NOT_AS_DECLARED: "drift",
    Rule.UNUSED: "unused",
    Rule.NEVER_USED: "never used",
    Rule.NOT_ROTATED: "not rotated",
    Rule.SEVERAL_ACTIVE: "several",
    Rule.READY_TO_DELETE: "ready to delete",
    Rule.GONE: "gone",
}


def report_html(report: Report) -> str:
    """Return the page."""
    style, script = _asset("report.css"), _asset("report.js")
    library = _asset("chart.umd.min.js").partition("//# sourceMappingURL")[0]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(_asset("report.html.j2")).render(
        policy=f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(library)} {_hash(script)}; "
        "base-uri 'none'; form-action 'none'",
        style=Markup(style),  # noqa: S704  (files of this package)
        script=Markup(script),  # noqa: S704
        library=Markup(library),  # noqa: S704
        data=Markup(_json(_data(report))),  # noqa: S704  (escaped by _json)
        report=report,
        at=f"{report.at:%Y-%m-%d %H:%M} UTC",
        unlisted=[line(error) for error in report.unlisted],
        figures=_figures(report),
        plot_text=f"Plot of the age of each key against its last use. {summary(report)}.",
        unused_days=UNUSED_FOR.days,
        rotated_days=ROTATED_WITHIN.days,
        notes=list(map(line, notes(report))),
    )


def _figures(report: Report) -> list[dict[str, Any]]:
    number = counts(report)
    compared = [("Declared", "declared", ""), ("Not as declared", "notAsDeclared", "high")] if report.files else []
    shown = [
        ("Access keys", "keys", ""),
        ("Users", "users", ""),
        ("Active", "active", "active"),
        ("Inactive", "inactive", "inactive"),
        *compared,
        ("High findings", "high", "high"),
        ("Medium findings", "medium", "medium"),
        ("Low findings", "low", "low"),
        ("Ready to delete", "readyToDelete", "low"),
    ]
    return [{"name": name, "number": number[field], "tone": tone} for name, field, tone in shown]


def _data(report: Report) -> dict[str, Any]:
    gate = cache(line)  # most texts repeat
    groups = grouped(report)
    return {
        "at": _seconds(report.at),
        "ownerTag": report.owner_tag and gate(report.owner_tag),
        "unusedDays": UNUSED_FOR.days,
        "rotatedDays": ROTATED_WITHIN.days,
        "fields": _FIELDS,
        "keys": [[gate(each) if isinstance(each, str) else each for each in _key(row)] for row in report.rows],
        "groups": [_group(members[0], report) for members in groups],
        "findings": [_finding(at, finding) for at, members in enumerate(groups) for finding in members],
        "timeline": [_event(event) for event in report.timeline],
    }


def _key(row: Row) -> list[Any]:
    used, desired, decision = row.last_used, row.desired, row.decision
    return [
        row.access_key_id,
        owner(row.user_name),
        row.user.path if row.user else "/",
        row.tag,
        row.status,
        _seconds(row.found.key.create_date),
        used is not None,
        _seconds(used.date) if used else None,
        used.service_name if used else None,
        used.region if used else None,
        (desired.status.value if desired.status else "") if desired else None,
        row.is_drift,
        desired.reason if desired else None,
        sorted(guard.value for guard in desired.allow) if desired else [],
        (_seconds(decision.date) or 0) if decision else None,
        decision.author if decision else None,
        decision.commit if decision else None,
        decision.summary if decision else None,
        f"{decision.file}:{decision.line}" if decision else None,
        _seconds(row.deactivated),
        row.is_ready_to_delete,
    ]


def _group(first: Finding, report: Report) -> dict[str, Any]:
    return {
        "severity": first.severity.value,
        "rank": first.severity.rank,
        "title": TITLES[first.rule],
        "short": _SHORT[first.rule],
        "control": f"{report.benchmark}, {first.control}" if first.control else None,
    }


def _finding(group: int, finding: Finding) -> list[Any]:
    lines = [line(each) for each in finding.lines]
    return [group, finding.access_key_id, finding.owner, line(finding.saw), line(finding.remedy), lines]


def _event(event: Event) -> dict[str, Any]:
    decision = event.decision
    return {
        "kind": "decided" if decision else "deactivated",
        "date": _seconds(event.date),
        "author": line(decision.author or "") if decision else None,
        "summary": line(decision.summary or "") if decision else None,
        "commit": decision.commit if decision else None,
        "ids": list(event.access_key_ids),
    }


def _seconds(date: datetime | None) -> int | None:
    return int(date.timestamp()) if date else None


def _json(data: dict[str, Any]) -> str:
    """Write JSON that cannot end the element it stands in."""
    text = json.dumps(data, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _asset(name: str) -> str:
    return (files("keyswitch.telling") / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
