"""The targets, as ratios within the same run: against the peers, and from 1,000 to 5,000 keys. Measures nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.bench.samples import Row

LATENCY = 100
"""The latency for the targets, in milliseconds a call. IAM takes about this long."""

Quantity = Literal["wall", "memory"]


@dataclass(frozen=True)
class Target:
    """The maximum ratio of a peer's figure to the figure of another peer.

    Attributes:
        size: the number of keys.
        work: the work of both peers.
        peer: the peer with the target.
        than: the other peer.
        at_most: the maximum ratio.
        quantity: wall time or peak memory.
    """

    size: int
    work: str
    peer: str
    than: str
    at_most: float
    quantity: Quantity = "wall"

    @property
    def title(self) -> str:
        what = "peak memory" if self.quantity == "memory" else "time"
        return f"{self.size:,} keys, {self.work}: {what} of {self.peer} / {self.than}"


TARGETS = (
    Target(200, "no-change", "pulumi", "terraform", 0.4),
    Target(200, "flip-all", "pulumi", "terraform", 0.5),
    Target(1000, "no-change", "pulumi", "terraform", 0.6),
    Target(1000, "flip-1", "pulumi", "terraform", 0.5),
    Target(1000, "flip-all", "pulumi", "terraform", 0.35),
    Target(1000, "no-change", "pulumi", "terraform", 0.6, "memory"),
    Target(1000, "flip-1", "pulumi", "terraform", 0.6, "memory"),
    Target(1000, "flip-all", "pulumi", "terraform", 0.6, "memory"),
    Target(1000, "no-change", "keyswitch", "terraform", 0.25),
    Target(1000, "no-change", "keyswitch", "loop-16", 1.5),
    Target(1000, "flip-all", "keyswitch", "loop-16", 1.5),
    Target(1000, "discover", "keyswitch", "loop-16", 1.5),
)

GROWTH_OF = ("pulumi", "keyswitch")
GROWTH_FROM, GROWTH_TO = 1000, 5000
GROWTH_AT_MOST: dict[Quantity, float] = {"wall": 5.5, "memory": 4.0}


@dataclass(frozen=True)
class Verdict:
    """The result for a target.

    Attributes:
        title: the compared figures.
        at_most: the maximum ratio.
        measured: the measured ratio of the medians; None if one of them was not measured.
    """

    title: str
    at_most: float
    measured: float | None

    @property
    def is_met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.at_most


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Return a verdict for each target, in order."""
    found = {(row.size, row.latency, row.work, row.peer): row for row in rows}
    return [
        Verdict(
            target.title,
            target.at_most,
            _ratio(
                found.get((target.size, LATENCY, target.work, target.peer)),
                found.get((target.size, LATENCY, target.work, target.than)),
                target.quantity,
            ),
        )
        for target in TARGETS
    ]


def growth(rows: Sequence[Row]) -> list[Verdict]:
    """Return the growth of time and memory from 1,000 to 5,000 keys, where both sizes were measured."""
    found = {(row.size, row.latency, row.work, row.peer): row for row in rows}
    return [
        Verdict(
            f"{row.work}, {row.latency} ms: {'peak memory' if quantity == 'memory' else 'time'} of {row.peer}",
            at_most,
            _ratio(found[GROWTH_TO, row.latency, row.work, row.peer], row, quantity),
        )
        for row in rows
        if row.size == GROWTH_FROM and row.peer in GROWTH_OF
        if (GROWTH_TO, row.latency, row.work, row.peer) in found
        for quantity, at_most in GROWTH_AT_MOST.items()
    ]


def _ratio(one: Row | None, other: Row | None, quantity: Quantity) -> float | None:
    if one is None or other is None:
        return None
    mine, theirs = (row.wall if quantity == "wall" else row.memory for row in (one, other))
    return mine.median / theirs.median if mine and theirs else None
