"""What was measured: one sample a run, and a row for all runs of the same."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Sample:
    """One command, measured once.

    Attributes:
        size: how many access keys.
        latency: milliseconds that each call takes at least.
        work: its name.
        peer: its name.
        run: which, from 1.
        wall: seconds.
        cpu: seconds of the whole process tree.
        memory: peak of the whole process tree in bytes; None where it cannot be measured.
        rss: the same as a sum of resident sizes.
        calls: how many calls of each action.
        at_once: the most that were under way at the same time.
        state: bytes; None where there is no state.
        remark: what one must know about it.
    """

    size: int
    latency: int
    work: str
    peer: str
    run: int
    wall: float
    cpu: float
    memory: int | None
    rss: int | None
    calls: dict[str, int]
    at_once: int
    state: int | None
    remark: str


@dataclass(frozen=True)
class Spread:
    """Minimum, median, maximum."""

    minimum: float
    median: float
    maximum: float


@dataclass(frozen=True)
class Row:
    """All runs of the same work by the same peer; counts are the highest of any run."""

    size: int
    latency: int
    work: str
    peer: str
    runs: int
    wall: Spread
    cpu: Spread
    memory: Spread | None
    calls: dict[str, int]
    at_once: int
    state: int | None
    remark: str


def rows(samples: Iterable[Sample]) -> list[Row]:
    """A row for each size, latency, work and peer, in the order in which they were first measured."""
    groups: dict[tuple[int, int, str, str], list[Sample]] = {}
    for sample in samples:
        groups.setdefault((sample.size, sample.latency, sample.work, sample.peer), []).append(sample)
    return [_row(group) for group in groups.values()]


def _row(group: list[Sample]) -> Row:
    first = group[0]
    memory = [sample.memory for sample in group if sample.memory is not None]
    actions = sorted({action for sample in group for action in sample.calls})
    return Row(
        first.size,
        first.latency,
        first.work,
        first.peer,
        len(group),
        _spread([sample.wall for sample in group]),
        _spread([sample.cpu for sample in group]),
        _spread(memory) if memory else None,
        {action: max(sample.calls.get(action, 0) for sample in group) for action in actions},
        max(sample.at_once for sample in group),
        max((sample.state for sample in group if sample.state is not None), default=None),
        first.remark,
    )


def _spread(values: list[float] | list[int]) -> Spread:
    return Spread(min(values), median(values), max(values))
