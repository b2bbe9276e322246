"""Words the report as one HTML page, which opens from disk, asks nothing of the network, and executes no data.

Three things keep data from becoming markup: the template escapes, the page builds its table from a JSON block whose
`<`, `>` and `&` are escaped, and its content security policy runs only the scripts of this package, by their hashes.
Every text of the data passed the gate of `access_key/shown.py`.
"""

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from keyswitch.access_key.benchmark import ROTATED_WITHIN, UNUSED_FOR
from keyswitch.access_key.findings import TITLES, Finding, Rule
from keyswitch.access_key.phrases import count, owner
from keyswitch.access_key.shown import line
from keyswitch.telling.report import Event, Report, Row
from keyswitch.telling.report_document import counts
from keyswitch.telling.report_wording import grouped, notes, summary

_TEXTS = (
    "id", "user", "path", "tag", "status", "service", "region", "declared", "reason", "author", "commit", "summary",
    "place",
)  # fmt: skip
_FACTS = ("created", "useKnown", "used", "drift", "decided", "off", "offExactly", "ready")
"""The fields of a key in the page: first those that are texts. Rows without names, and each text only once, keep the
file of thousands of keys small."""

_SCRIPTS = ("data.js", "table.js", "lists.js", "plot.js", "start.js")
"""The parts of the page's script, in the order in which they run, as one function."""

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
    style = _asset("report.css")
    script = f'(function () {{\n"use strict";\n{"".join(map(_asset, _SCRIPTS))}}})();\n'
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
        undrawn=_undrawn(report),
        unused_days=UNUSED_FOR.days,
        rotated_days=ROTATED_WITHIN.days,
        notes=list(map(line, notes(report))),
    )


def _undrawn(report: Report) -> str:
    """Count the keys that the plot cannot show; empty if there are none."""
    number = sum(row.last_used is None or row.found.key.create_date is None for row in report.rows)
    return count(number, "key") if number else ""


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


class _Texts:
    """All texts of the page, each once: a text becomes its place in the list. Each passes the gate."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}

    def place(self, text: str | None) -> int | None:
        return None if text is None else self._places.setdefault(text, len(self._places))

    def places(self, texts: Iterable[str]) -> list[int | None]:
        return [self.place(text) for text in texts]

    def all(self) -> list[str]:
        return list(map(line, self._places))


def _data(report: Report) -> dict[str, Any]:
    texts, groups = _Texts(), grouped(report)
    return {
        "at": _seconds(report.at),
        "ownerTag": report.owner_tag and line(report.owner_tag),
        "unusedDays": UNUSED_FOR.days,
        "rotatedDays": ROTATED_WITHIN.days,
        "textual": _TEXTS,
        "facts": _FACTS,
        "keys": [_key(row, texts) for row in report.rows],
        "groups": [_group(members[0], report) for members in groups],
        "findings": [_finding(at, finding, texts) for at, members in enumerate(groups) for finding in members],
        "timeline": [_event(event, texts) for event in report.timeline],
        "texts": texts.all(),
    }


def _key(row: Row, texts: _Texts) -> list[Any]:
    used, desired, decision = row.last_used, row.desired, row.decision
    words = (
        row.access_key_id,
        owner(row.user_name),
        row.user.path if row.user else "/",
        row.tag,
        row.status,
        used.service_name if used else None,
        used.region if used else None,
        (desired.status.value if desired.status else "") if desired else None,
        desired.reason if desired else None,
        decision.author if decision else None,
        decision.commit if decision else None,
        decision.summary if decision else None,
        f"{decision.file}:{decision.line}" if decision else None,
    )
    return [
        *map(texts.place, words),
        _seconds(row.found.key.create_date),
        used is not None,
        _seconds(used.date) if used else None,
        row.is_drift,
        (_seconds(decision.date) or 0) if decision else None,
        _seconds(row.off.at) if row.off else None,
        row.off is not None and row.off.is_exact,
        row.is_ready_to_delete,
        texts.places(sorted(guard.value for guard in desired.allow) if desired else ()),
    ]


def _group(first: Finding, report: Report) -> dict[str, Any]:
    return {
        "severity": first.severity.value,
        "rank": first.severity.rank,
        "title": TITLES[first.rule],
        "short": _SHORT[first.rule],
        "control": f"{report.benchmark}, {first.control}" if first.control else None,
    }


def _finding(group: int, finding: Finding, texts: _Texts) -> list[Any]:
    words = (finding.access_key_id, finding.owner, finding.saw, finding.remedy)
    return [group, *map(texts.place, words), texts.places(finding.lines)]


def _event(event: Event, texts: _Texts) -> list[Any]:
    decision = event.decision
    words = (decision.author, decision.summary, decision.commit) if decision else (None, None, None)
    return [decision is not None, _seconds(event.date), *map(texts.place, words), texts.places(event.access_key_ids)]


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
