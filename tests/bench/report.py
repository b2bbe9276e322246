"""Reports the results, as tables on a terminal and as one JSON document. Measures nothing."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from itertools import groupby
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.bench.measure import memory_is
from tests.bench.rounds import Skipped
from tests.bench.samples import Row, Sample, rows
from tests.bench.targets import GROWTH_FROM, GROWTH_TO, LATENCY, Verdict, growth, verdicts

_ACTIONS = {
    "ListAccessKeys": "list",
    "GetAccessKeyLastUsed": "last used",
    "UpdateAccessKey": "update",
    "GetCallerIdentity": "caller",
}
"""Short names of the calls, for the tables."""

_NOTHING = "-"


def document(
    samples: Sequence[Sample],
    skipped: Sequence[Skipped],
    versions: Mapping[str, str],
    options: Mapping[str, Any],
) -> dict[str, Any]:
    """Return all samples and the results that derive from them."""
    summary = rows(samples)
    return {
        "version": 1,
        "at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "system": {"platform": platform.platform(), "cpus": os.cpu_count(), "memory": memory_is()},
        "versions": dict(versions),
        "options": dict(options),
        "skipped": [asdict(what) for what in skipped],
        "samples": [asdict(sample) for sample in samples],
        "rows": [asdict(row) for row in summary],
        "targets": [_verdict(verdict) for verdict in verdicts(summary)],
        "growth": [_verdict(verdict) for verdict in growth(summary)],
    }


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write the document."""
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def show(console: Console, samples: Sequence[Sample], works: Mapping[str, str], peers: Mapping[str, str]) -> None:
    """Print the tables.

    Args:
        console: the console to print on.
        samples: the measurements.
        works: the titles of the works, by name.
        peers: the titles of the peers, by name.
    """
    summary = rows(samples)
    for (size, latency), group in groupby(summary, lambda row: (row.size, row.latency)):
        console.print(_measured(size, latency, list(group), works, peers))
    console.print(_verdicts(f"Targets, at {LATENCY} ms a call; ratios of medians", verdicts(summary)))
    if grown := growth(summary):
        console.print(_verdicts(f"From {GROWTH_FROM:,} to {GROWTH_TO:,} keys", grown))


def _measured(
    size: int, latency: int, group: Sequence[Row], works: Mapping[str, str], peers: Mapping[str, str]
) -> Table:
    runs = max(row.runs for row in group)
    table = Table(
        title=f"{size:,} keys, {latency} ms a call, {runs} run{'s' if runs > 1 else ''}", title_justify="left"
    )
    for heading in ("work", "by"):
        table.add_column(heading, no_wrap=True)
    for heading in ("min s", "median s", "max s", "CPU s", "memory MB"):
        table.add_column(heading, justify="right")
    table.add_column("calls")
    for heading in ("at once", "state kB"):
        table.add_column(heading, justify="right")
    table.add_column("remark")
    ordered = sorted(group, key=lambda row: (list(works).index(row.work), list(peers).index(row.peer)))
    for work, same in groupby(ordered, lambda row: row.work):
        for number, row in enumerate(same):
            table.add_row(works[work] if number == 0 else "", peers[row.peer], *_cells(row))
        table.add_section()
    return table


def _cells(row: Row) -> list[str]:
    return [
        f"{row.wall.minimum:.2f}",
        f"{row.wall.median:.2f}",
        f"{row.wall.maximum:.2f}",
        f"{row.cpu.median:.2f}",
        f"{row.memory.median / 1e6:,.0f}" if row.memory else _NOTHING,
        ", ".join(f"{count:,} {_ACTIONS.get(action, action)}" for action, count in row.calls.items()),
        str(row.at_once),
        f"{row.state / 1000:,.0f}" if row.state is not None else _NOTHING,
        row.remark,
    ]


def _verdicts(title: str, found: Sequence[Verdict]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("what")
    for heading in ("target", "measured", "met"):
        table.add_column(heading, justify="right")
    for verdict in found:
        measured = _NOTHING if verdict.measured is None else f"{verdict.measured:.2f} {verdict.unit}"
        met = {None: "not measured", True: "[green]yes[/]", False: "[red]no[/]"}[verdict.is_met]
        table.add_row(verdict.title, f"≤ {verdict.at_most:g} {verdict.unit}", measured, met)
    return table


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "met": verdict.is_met}
