"""`python -m tests.bench`: measures keyswitch and its peers, prints tables, writes JSON and, with matplotlib, a plot.

Only ratios within one run are meaningful, because other work on the machine or the host changes the times. At 0 ms a
call, the time also depends on the sandbox, which is one Python process.
"""

import argparse
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console

from scripts.pulumi_cli import REPOSITORY
from tests.bench import report
from tests.bench.measure import MeasuredAFailureError, memory_is
from tests.bench.peers.calls import AwsCli, Loop, ManyLoops
from tests.bench.peers.commands import Commands
from tests.bench.peers.floors import EmptyProcess, EmptyProgram
from tests.bench.peers.package import Package
from tests.bench.peers.peer import NotHereError, Peer
from tests.bench.peers.pulumi import Pulumi
from tests.bench.peers.terraform import Terraform
from tests.bench.rounds import Rounds, Skipped
from tests.bench.samples import Sample, rows
from tests.bench.work import WORKS, Work

try:
    from tests.bench import plot
except ImportError:  # only `make bench` installs matplotlib
    plot = None

_PEERS: tuple[type[Peer], ...] = (
    Pulumi,
    Package,
    Commands,
    Terraform,
    ManyLoops,
    Loop,
    AwsCli,
    EmptyProgram,
    EmptyProcess,
)
_WORK_TITLES = {work.name: work.title for work in WORKS}
_PEER_TITLES = {peer.name: peer.title for peer in _PEERS}
_NAMES = (*_WORK_TITLES, *_PEER_TITLES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and report; return 0 if every command did its work."""
    options = _options(arguments)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 190)
    skipped: list[Skipped] = []
    works = _chosen_works(options, skipped)
    peers = _found(options, works, console, skipped)
    samples: list[Sample] = []
    failure = None
    with tempfile.TemporaryDirectory(prefix="keyswitch-bench-") as folder:
        rounds = Rounds(
            sizes=options.sizes,
            latencies=options.latencies,
            runs=options.runs,
            works=works,
            peers=peers,
            everything=options.all,
            folder=Path(folder),
            say=lambda line: console.print(line, markup=False, style="dim"),
            skipped=skipped,
        )
        try:
            for sample in rounds.samples():
                samples.append(sample)
        except MeasuredAFailureError as error:
            failure = error
    if samples:
        _report(options, console, samples, skipped, {peer.name: peer.version() for peer in peers})
    if failure:
        console.print(f"[red]A command did not do its work.[/] {len(samples)} measurements before it are reported.")
        console.print(str(failure), markup=False)
    return 1 if failure or not samples else 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "python -m tests.bench",
        description=f"Measure. Works: {', '.join(_WORK_TITLES)}. Peers: {', '.join(_PEER_TITLES)}.",
    )
    sizes = [10, 200, 1000, 5000]
    parser.add_argument("--sizes", type=_numbers, default=sizes, help="numbers of keys (10,200,1000,5000)")
    parser.add_argument("--latencies", type=_numbers, default=[0, 100], help="milliseconds a call (0,100)")
    parser.add_argument("--runs", type=int, default=3, help="the number of measurements of everything (3)")
    parser.add_argument("--only", type=_names, default=[], help="measure only these works and peers")
    parser.add_argument("--skip", type=_names, default=[], help="do not measure these works and peers")
    parser.add_argument("--all", action="store_true", help="also measure peers that take very long with many keys")
    parser.add_argument(
        "--advice",
        choices=("auto", "never", "always"),
        default="auto",
        help="set PULUMI_SKIP_CHECKPOINTS and PULUMI_PARALLEL=16 for Pulumi where the program advises them (auto)",
    )
    parser.add_argument("--out", type=Path, default=Path("build", "bench"), help="the folder for JSON and plots")
    options = parser.parse_args(arguments)
    if any(size < 2 or size % 2 for size in options.sizes) or options.runs < 1:
        parser.error("sizes must be even, because each user has two keys, and runs must be at least 1")
    return options


def _numbers(text: str) -> list[int]:
    return sorted({int(word) for word in text.split(",")})


def _names(text: str) -> list[str]:
    words = text.split(",")
    if unknown := set(words) - set(_NAMES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))} is unknown: choose from {', '.join(_NAMES)}")
    return words


def _chosen(names: Sequence[str], options: argparse.Namespace) -> list[str]:
    """Return the names that the options select; all names if `--only` selects none of them."""
    only = [name for name in names if name in options.only]
    return [name for name in only or names if name not in options.skip]


def _chosen_works(options: argparse.Namespace, skipped: list[Skipped]) -> list[Work]:
    chosen = _chosen(list(_WORK_TITLES), options)
    if others := [name for name in _WORK_TITLES if name not in chosen]:
        skipped.append(Skipped("everybody", ", ".join(others), "not selected"))
    return [work for work in WORKS if work.name in chosen]


def _found(options: argparse.Namespace, works: Sequence[Work], console: Console, skipped: list[Skipped]) -> list[Peer]:
    """Return the peers that are selected and installed. The others are skipped by name."""
    found: list[Peer] = []
    for kind in _PEERS:
        if kind.name not in _chosen(list(_PEER_TITLES), options):
            skipped.append(Skipped(kind.name, "everything", "not selected"))
            continue
        make: Callable[[], Peer] = partial(kind, options.advice) if issubclass(kind, Pulumi) else kind
        try:
            found.append(make())
        except NotHereError as error:
            skipped.append(Skipped(kind.name, "everything", str(error)))
            console.print(f"{kind.title} is skipped: {error}", markup=False)
            continue
        if foreign := [work.name for work in works if work.name not in kind.works]:
            skipped.append(Skipped(kind.name, ", ".join(foreign), "this peer cannot do it"))
    return found


def _report(
    options: argparse.Namespace,
    console: Console,
    samples: Sequence[Sample],
    skipped: list[Skipped],
    versions: dict[str, str],
) -> None:
    options.out.mkdir(parents=True, exist_ok=True)
    files: list[Path] = []
    if plot is None:
        skipped.append(Skipped("plot", "everything", "matplotlib is not installed; make bench installs it"))
    else:
        files += plot.draw(options.out, rows(samples), _WORK_TITLES, _PEER_TITLES)
    here = {"keyswitch": _keyswitch(), "boto3": version("boto3"), "Python": platform.python_version()}
    versions = {**here, **{name: said for name, said in versions.items() if said}}
    report.show(console, samples, _WORK_TITLES, _PEER_TITLES)
    asked: dict[str, Any] = {**vars(options), "out": str(options.out)}
    files.append(options.out / "bench.json")
    report.write_json(files[-1], report.document(samples, skipped, versions, asked))
    console.print(f"Memory: peak of the whole process tree, {memory_is()}. State: size after the command.")
    console.print(f"Versions: {', '.join(f'{name}: {said}' for name, said in versions.items())}", markup=False)
    for what in skipped:
        console.print(f"Skipped: {what.peer}, {what.what}: {what.reason}", markup=False)
    console.print(f"Written: {', '.join(map(str, files))}", markup=False)


def _keyswitch() -> str:
    """Return the version of keyswitch, and the commit of its repository if it is known."""
    command = ["git", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return version("keyswitch")
    return f"{version('keyswitch')} ({done.stdout.strip()})"


if __name__ == "__main__":
    sys.exit(main())
