"""What the figures are to be, as ratios within the same run: against the peers, and as the number of keys grows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tests.bench.samples import Row

LATENCY = 100
"""Milliseconds a call at which the targets hold: about what IAM takes."""

Quantity = Literal["wall", "memory"]


@dataclass(frozen=True)
class Target:
    """One figure of a peer is to be at most so many times one of another.

    Attributes:
        size: how many keys.
        work: of both.
        peer: whose figure.
        than: compared with whom.
        at_most: the ratio.
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
)

GROWTH_OF = ("pulumi", "keyswitch")
GROWTH_FROM, GROWTH_TO = 1000, 5000
GROWTH_AT_MOST: dict[Quantity, float] = {"wall": 5.5, "memory": 4.0}


@dataclass(frozen=True)
class Verdict:
    """What became of a target.

    Attributes:
        title: what is compared.
        at_most: the ratio that was wanted.
        measured: the ratio of the medians; None where one of them was not measured.
    """

    title: str
    at_most: float
    measured: float | None

    @property
    def is_met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.at_most


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """A verdict for each target, in their order."""
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
    """How time and memory grow from 1,000 to 5,000 keys, for whatever was measured with both."""
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
