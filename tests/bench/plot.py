"""Draws the results as one picture: a panel for each size and latency, bars of medians, whiskers of the range.

The last row of panels shows memory, which latency hardly changes. The axes are linear: a bar of twice the length
means twice the value. A bar that is much longer than all others is cut off at the edge and shows its figure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from tests.bench.samples import Row, Spread

_COLOURS = {
    "pulumi": "#5b3fd1",
    "package": "#8268e3",
    "keyswitch": "#a996f5",
    "terraform": "#e08a1e",
    "loop-16": "#7f8b95",
    "loop-1": "#b4bdc5",
    "aws-cli": "#4c565e",
    "empty": "#d3c8fa",
    "python": "#dde1e4",
}
"""keyswitch is violet, Terraform is orange, the lower bounds are grey."""

_INK, _FAINT = "#22272b", "#dfe3e6"
_SLOT = 0.165
"""The height of a bar and its share of the gap, in inches."""

_GAP = 0.8
"""The gap between two works, in slots."""


@dataclass(frozen=True)
class _Quantity:
    """The quantity in a panel: its value in a row, its text and its unit."""

    of: Callable[[Row], Spread | None]
    written: Callable[[float], str]
    unit: str


_TIME = _Quantity(lambda row: row.wall, lambda value: f"{value:.1f}" if value < 100 else f"{value:.0f}", "seconds")
_MEMORY = _Quantity(lambda row: _in_megabytes(row.memory), lambda value: f"{value:.0f}", "megabytes")


def draw(folder: Path, rows: Sequence[Row], works: Mapping[str, str], peers: Mapping[str, str]) -> list[Path]:
    """Draw the measurements as SVG and PNG.

    Args:
        folder: the folder for the files.
        rows: the measurements.
        works: titles by name, in the order of the picture.
        peers: titles by name, in the order of the picture.

    Returns:
        The paths of the files.
    """
    with mpl.rc_context({"font.size": 8.5, "svg.fonttype": "none", "text.color": _INK, "axes.labelcolor": _INK}):
        figure = _figure(rows, works, peers)
        files = [folder / "bench.svg", folder / "bench.png"]
        for file in files:
            figure.savefig(file, dpi=130, facecolor="white")
    return files


def _figure(rows: Sequence[Row], works: Mapping[str, str], peers: Mapping[str, str]) -> Figure:
    sizes, latencies = sorted({row.size for row in rows}), sorted({row.latency for row in rows})
    lines = [(latency, _TIME, f"{latency} ms a call") for latency in latencies]
    if any(row.memory for row in rows):
        lines.append((latencies[-1], _MEMORY, "peak memory of all processes"))
    slots = _slots(rows, works, peers)
    height = (max(slots.values()) + 2) * _SLOT + 0.75
    figure = Figure(figsize=(1.6 + 4.1 * len(sizes), 0.8 + height * len(lines)), layout="constrained")
    panels = figure.subplots(len(lines), len(sizes), squeeze=False, sharey=True)
    for line, (latency, quantity, title) in enumerate(lines):
        for column, size in enumerate(sizes):
            shown = [row for row in rows if (row.size, row.latency) == (size, latency)]
            axes = panels[line][column]
            _panel(axes, shown, slots, quantity)
            axes.set_title(f"{size:,} keys, {title}", loc="left", fontweight="bold", fontsize=9.5)
    _name_works(panels[0][0], slots, works)
    there = [name for name in peers if any(row.peer == name for row in rows)]
    figure.legend(
        handles=[Patch(color=_COLOURS[name], label=peers[name]) for name in there],
        loc="outside upper left",
        ncols=len(there) if len(sizes) > 1 else 2,
        frameon=False,
        title="Bars: median; whiskers: minimum to maximum; shorter is better",
        alignment="left",
    )
    return figure


def _slots(rows: Sequence[Row], works: Mapping[str, str], peers: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Return the vertical position of the bar of each work and peer, which is the same in all panels."""
    there = {(row.work, row.peer) for row in rows}
    slots: dict[tuple[str, str], float] = {}
    down = 0.0
    for work in works:
        for peer in peers:
            if (work, peer) in there:
                slots[work, peer] = down
                down += 1
        down += _GAP if any(name == work for name, _ in slots) else 0
    return slots


def _panel(axes: Axes, rows: Sequence[Row], slots: Mapping[tuple[str, str], float], quantity: _Quantity) -> None:
    spreads = {(row.work, row.peer): spread for row in rows if (spread := quantity.of(row))}
    end = _end(spreads)
    for place, slot in slots.items():
        spread = spreads.get(place)
        if spread is None:
            axes.text(0.006 * end, slot, "not measured", va="center", fontsize=7, color="#9aa3aa")
            continue
        axes.barh(slot, spread.median, height=0.86, color=_COLOURS[place[1]])
        written = quantity.written(spread.median)
        if spread.maximum > end:
            axes.text(0.985 * end, slot, f"{written} →", va="center", ha="right", fontsize=7.5, color="white")
            continue
        axes.plot([spread.minimum, spread.maximum], [slot, slot], color=_INK, linewidth=1, marker="|", markersize=4)
        axes.text(spread.maximum + 0.015 * end, slot, written, va="center", fontsize=7.5)
    axes.set_xlim(0, end)
    axes.set_ylim(max(slots.values()) + 1, -1)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.set_xlabel(quantity.unit)
    axes.grid(axis="x", color=_FAINT, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(length=0)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    axes.spines["left"].set_color(_INK)


def _end(spreads: Mapping[tuple[str, str], Spread]) -> float:
    """Return the end of the axis. The sequential lower bounds do not count: they would make other bars tiny."""
    beside = [spread.maximum for (_, peer), spread in spreads.items() if peer not in ("loop-1", "aws-cli")]
    return 1.14 * max(beside or [spread.maximum for spread in spreads.values()] or [1.0])


def _name_works(axes: Axes, slots: Mapping[tuple[str, str], float], works: Mapping[str, str]) -> None:
    middles = {}
    for work in dict.fromkeys(work for work, _ in slots):
        of_work = [slot for (name, _), slot in slots.items() if name == work]
        middles[works[work]] = sum(of_work) / len(of_work)
    axes.set_yticks(list(middles.values()), list(middles))


def _in_megabytes(spread: Spread | None) -> Spread | None:
    return spread and Spread(spread.minimum / 1e6, spread.median / 1e6, spread.maximum / 1e6)
