"""Runs the benchmark: in a round every peer does every work in turn, each time against a fresh sandbox.

A measurement counts only if the sandbox then shows that the peer did exactly this work.
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench.measure import MeasuredAFailureError, Usage, measured
from tests.bench.peers.peer import NotHereError, Peer
from tests.bench.samples import Sample
from tests.bench.sandbox import Seen, running
from tests.bench.work import Keys, Work

Say = Callable[[str], None]


@dataclass(frozen=True)
class Skipped:
    """A measurement that was skipped, with the reason."""

    peer: str
    what: str
    reason: str


@dataclass
class Rounds:
    """The benchmark.

    Attributes:
        sizes: numbers of keys.
        latencies: milliseconds a call.
        runs: the number of measurements of everything.
        works: the works to measure.
        peers: the peers to measure.
        everything: whether to include peers that take very long with many keys.
        folder: an empty folder for the files of the peers.
        say: receives progress messages, one line each.
        skipped: collects the skipped measurements.
    """

    sizes: Sequence[int]
    latencies: Sequence[int]
    runs: int
    works: Sequence[Work]
    peers: Sequence[Peer]
    everything: bool
    folder: Path
    say: Say
    skipped: list[Skipped]

    def samples(self) -> Iterator[Sample]:
        """Measure.

        Raises:
            MeasuredAFailureError: a command failed or did not do exactly its work.
        """
        for size in self.sizes:
            keys = Keys(size)
            peers = [peer for peer in self.peers if self._takes_part(peer, keys)]
            for latency in self.latencies:
                for run in range(1, self.runs + 1):
                    for work in self.works:
                        # The order of the peers alternates, so that none is always first.
                        for peer in peers if run % 2 else reversed(peers):
                            if work.name in peer.works:
                                yield self._sample(keys, latency, run, work, peer)
            shutil.rmtree(self.folder / str(size), ignore_errors=True)

    def _takes_part(self, peer: Peer, keys: Keys) -> bool:
        if not peer.works & {work.name for work in self.works}:
            return False
        if peer.most is not None and keys.size > peer.most and not self.everything:
            reason = f"takes too long with more than {peer.most:,} keys; --all measures it"
            return self._skip(peer, keys, reason)
        self.say(f"{keys.size:,} keys: {peer.title} gets ready")
        folder = self.folder / str(keys.size) / peer.name
        folder.mkdir(parents=True)
        try:
            peer.prepare(keys, folder)
        except NotHereError as error:
            return self._skip(peer, keys, str(error))
        return True

    def _skip(self, peer: Peer, keys: Keys, reason: str) -> bool:
        self.skipped.append(Skipped(peer.name, f"{keys.size:,} keys", reason))
        self.say(f"{keys.size:,} keys: {peer.title} is skipped: {reason}")
        return False

    def _sample(self, keys: Keys, latency: int, run: int, work: Work, peer: Peer) -> Sample:
        where = f"{keys.size:,} keys, {latency} ms, run {run} of {self.runs}: {work.title}, {peer.title}"
        with running(keys) as sandbox:
            sandbox.make(work.found(keys), keys.owners())
            command = peer.command(work, keys, sandbox.environment)
            sandbox.begin(latency / 1000)
            usage = measured(command)
            seen = sandbox.seen()
            statuses = sandbox.statuses()
        wrong = peer.complaint(work, keys, usage) or _complaint(_done(work, peer), keys, seen, statuses)
        if wrong:
            raise MeasuredAFailureError(f"{where}: {wrong}\n$ {' '.join(command.arguments)}\n{usage.output}")
        self.say(f"{where}: {usage.wall:.2f} s")
        return _sample_of(keys, latency, run, work, peer, usage, seen)


def _done(work: Work, peer: Peer) -> Work:
    """Return the work as the peer does it: an idle one leaves everything as it is."""
    return replace(work, carried_out=False) if peer.is_idle else work


def _complaint(work: Work, keys: Keys, seen: Seen, statuses: dict[str, str]) -> str | None:
    """Compare the sandbox with the expected result; return the difference, or None."""
    writes, changes = seen.calls.get("UpdateAccessKey", 0), work.changes(keys) if work.carried_out else 0
    if seen.refused:
        return f"calls were refused: {seen.refused}"
    if statuses != work.left(keys):
        wrong = [key for key, status in work.left(keys).items() if statuses[key] != status]
        return f"{len(wrong)} keys are not as they should be, such as {wrong[0]}"
    if writes != changes:
        return f"{writes} writes for {changes} changes"
    return None


def _sample_of(keys: Keys, latency: int, run: int, work: Work, peer: Peer, usage: Usage, seen: Seen) -> Sample:
    return Sample(
        size=keys.size,
        latency=latency,
        work=work.name,
        peer=peer.name,
        run=run,
        wall=usage.wall,
        cpu=usage.cpu,
        memory=usage.memory,
        rss=usage.rss,
        calls=seen.calls,
        at_once=seen.at_once,
        state=peer.state(),
        remark=peer.remark(work, keys),
    )
