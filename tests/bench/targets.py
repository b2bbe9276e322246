"""The targets within the same run: ratios to the peers and from 1,000 to 5,000 keys, and one time. Measures nothing."""

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


_BOTH: tuple[Quantity, ...] = ("wall", "memory")

TARGETS = (
    Target(10, "no-change", "pulumi", "empty", 1.35),
    Target(10, "flip-1", "pulumi", "empty", 1.8),
    Target(200, "no-change", "pulumi", "terraform", 0.3),
    Target(200, "flip-1", "pulumi", "terraform", 0.33),
    Target(200, "flip-all", "pulumi", "terraform", 0.35),
    Target(1000, "no-change", "pulumi", "terraform", 0.33),
    Target(1000, "flip-1", "pulumi", "terraform", 0.33),
    Target(1000, "flip-all", "pulumi", "terraform", 0.27),
    Target(1000, "no-change", "pulumi", "terraform", 0.35, "memory"),
    Target(1000, "flip-1", "pulumi", "terraform", 0.35, "memory"),
    Target(1000, "flip-all", "pulumi", "terraform", 0.35, "memory"),
    *(
        Target(200, work, "package", "pulumi", 1.0, quantity)
        for work in ("no-change", "flip-1", "flip-all")
        for quantity in _BOTH
    ),
    Target(1000, "no-change", "keyswitch", "terraform", 0.25),
    Target(1000, "no-change", "keyswitch", "loop-16", 1.5),
    Target(1000, "flip-all", "keyswitch", "loop-16", 1.25),
    Target(1000, "discover", "keyswitch", "loop-16", 1.5),
)


@dataclass(frozen=True)
class Beyond:
    """The maximum time of a peer beyond the calls that it cannot avoid.

    Attributes:
        size: the number of keys.
        work: the work.
        peer: the peer.
        calls: how many calls must wait for each other.
        at_most: seconds.
    """

    size: int
    work: str
    peer: str
    calls: int
    at_most: float

    @property
    def title(self) -> str:
        return f"{self.size:,} keys, {self.work}: time of {self.peer} beyond {self.calls} calls in sequence"


BEYOND = (Beyond(10, "no-change", "keyswitch", 1, 0.6),)
"""The keys of all users are listed at once, while AWS says who signs."""

GROWTH_OF = ("pulumi", "keyswitch")
GROWTH_FROM, GROWTH_TO = 1000, 5000
GROWTH_AT_MOST: dict[Quantity, float] = {"wall": 5.5, "memory": 4.0}


@dataclass(frozen=True)
class Verdict:
    """The result for a target.

    Attributes:
        title: the compared figures.
        at_most: the maximum ratio, or the maximum of the unit.
        measured: the measured ratio of the medians; None if one of them was not measured.
        unit: `x` for a ratio, `s` for seconds.
    """

    title: str
    at_most: float
    measured: float | None
    unit: Literal["x", "s"] = "x"

    @property
    def is_met(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.at_most


def verdicts(rows: Sequence[Row]) -> list[Verdict]:
    """Return a verdict for each target, in order; those of `BEYOND` come last."""
    found = {(row.size, row.latency, row.work, row.peer): row for row in rows}
    alone = [(beyond, found.get((beyond.size, LATENCY, beyond.work, beyond.peer))) for beyond in BEYOND]
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
    ] + [
        Verdict(
            beyond.title,
            beyond.at_most,
            row.wall.median - beyond.calls * LATENCY / 1000 if row is not None else None,
            "s",
        )
        for beyond, row in alone
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
