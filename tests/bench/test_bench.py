"""The benchmark in its smallest form: it measures, it reports, and it never counts a failure as a measurement."""

import json
import os
import subprocess
import sys

import pytest

from scripts.pulumi_cli import REPOSITORY
from tests.bench.measure import Command, MeasuredAFailureError
from tests.bench.peers.calls import Loop
from tests.bench.peers.floors import EmptyProcess
from tests.bench.rounds import Rounds
from tests.bench.samples import Sample, rows
from tests.bench.targets import BEYOND, TARGETS, growth, verdicts
from tests.bench.work import WORKS, Keys

WITHOUT_EXTRAS = """
import runpy, sys
sys.modules["matplotlib"] = sys.modules["psutil"] = None
sys.argv[0] = "bench"
runpy.run_module("tests.bench", run_name="__main__")
"""
FLIP_ALL = next(work for work in WORKS if work.name == "flip-all")


def sample(peer="pulumi", size=1000, work="flip-all", run=1, wall=1.0):
    return Sample(size, 100, work, peer, run, wall, 1.0, 100, 100, {"UpdateAccessKey": size}, 4, None, "")


def test_the_smallest_benchmark_runs_to_its_end(tmp_path):
    """It needs neither matplotlib nor psutil, and names everything that it therefore skips."""
    options = ["--sizes", "10", "--latencies", "0", "--runs", "1", "--only", "keyswitch,loop-16,no-change"]
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_EXTRAS, *options, "--out", str(tmp_path)],
        cwd=REPOSITORY,
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    written = json.loads((tmp_path / "bench.json").read_text(encoding="utf-8"))
    assert [(s["peer"], s["work"], s["size"]) for s in written["samples"]] == [
        ("keyswitch", "no-change", 10),
        ("loop-16", "no-change", 10),
    ]
    for measured in written["samples"]:
        assert measured["calls"]["ListAccessKeys"] == 5
        assert measured["wall"] > 0
        assert measured["cpu"] > 0
        assert measured["memory"] is None
    skipped = {"everybody", "pulumi", "package", "terraform", "loop-1", "aws-cli", "empty", "python", "plot"}
    assert {what["peer"] for what in written["skipped"]} == skipped
    assert "psutil is not installed" in written["system"]["memory"]
    assert all(target["met"] is None for target in written["targets"])


class _Idler(Loop):
    """Does nothing, and prints that all is well."""

    def command(self, work, keys, environment):
        return Command([sys.executable, "-c", "print('all is well')"], self._file.parent, environment)


def test_a_command_that_did_not_do_its_work_is_no_figure(tmp_path):
    """The benchmark reads the statuses from the sandbox; the failure shows the output of the command."""
    rounds = Rounds([10], [0], 1, [FLIP_ALL], [_Idler()], False, tmp_path, lambda _: None, [])
    with pytest.raises(MeasuredAFailureError, match=r"10 keys are not as they should be(.|\n)*all is well"):
        list(rounds.samples())


class _Nothing(EmptyProcess):
    works = frozenset({FLIP_ALL.name})


def test_a_ratio_is_one_of_medians():
    """One slow run of three does not change the result."""
    summary = rows(
        [sample(run=run, wall=wall) for run, wall in enumerate((1.0, 9.0, 2.0))]
        + [sample("terraform", run=run, wall=wall) for run, wall in enumerate((8.0, 10.0, 90.0))]
    )
    found = dict(zip((*TARGETS, *BEYOND), verdicts(summary), strict=True))
    (time,) = [found[t] for t in TARGETS if found[t].measured and t.quantity == "wall"]
    assert time.measured == pytest.approx(0.2)
    assert time.is_met


def test_a_time_is_what_the_calls_do_not_take():
    """The latency of the calls that must be made is subtracted."""
    summary = rows([sample("keyswitch", 10, "no-change", wall=0.55)])
    (time,) = [verdict for verdict in verdicts(summary) if verdict.measured]
    assert (time.measured, time.unit, time.is_met) == (pytest.approx(0.45), "s", True)


def test_a_floor_leaves_everything_as_it_is(tmp_path):
    """A peer that does nothing is measured in any work, and is held to have written nothing."""
    rounds = Rounds([10], [0], 1, [FLIP_ALL], [_Nothing()], False, tmp_path, lambda _: None, [])
    (measured,) = rounds.samples()
    assert measured.calls == {}


def test_growth_compares_what_was_measured_with_both():
    """From 1,000 to 5,000 keys, in time and in memory."""
    time, memory = growth(rows([sample(wall=2.0), sample(size=5000, wall=12.0)]))
    assert (time.measured, time.is_met) == (6.0, False)
    assert (memory.measured, memory.is_met) == (1.0, True)


@pytest.mark.parametrize("work", WORKS, ids=lambda work: work.name)
@pytest.mark.parametrize("size", [2, 10, 200])
def test_a_work_changes_as_many_keys_as_it_says(work, size):
    """One percent is at least one key."""
    expected = {"none": 0, "one": 1, "one percent": max(1, size // 100), "all": size}
    assert work.changes(Keys(size)) == max(expected[work.flipped], expected[work.drifted])
