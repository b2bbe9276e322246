"""The measurements: one sample per run, and one row for all runs of the same work. Measures nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Sample:
    """One measurement of one command.

    Attributes:
        size: the number of access keys.
        latency: the minimum duration of a call, in milliseconds.
        work: the name of the work.
        peer: the name of the peer.
        run: the number of the run, from 1.
        wall: seconds.
        cpu: CPU seconds of the whole process tree.
        memory: the peak memory of the whole process tree in bytes; None if it cannot be measured.
        rss: the peak sum of resident sizes in bytes; None if it cannot be measured.
        calls: the number of calls of each action.
        at_once: the maximum of concurrent calls.
        state: the size of the state in bytes; None without a state.
        remark: a note for the reader of the results.
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
    """The minimum, median and maximum of several runs."""

    minimum: float
    median: float
    maximum: float


@dataclass(frozen=True)
class Row:
    """All runs of the same work by the same peer. Counts are the highest of any run."""

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
    """Return a row for each size, latency, work and peer, in the order of their first measurement."""
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
