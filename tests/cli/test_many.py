"""A hundred keys: as few calls as it takes, many at once, not too many; what is shown, and Ctrl-C while AWS is slow."""

import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from keyswitch.iam.connection import CONCURRENCY
from keyswitch.sandbox.faults import DELAY
from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import COMMAND, LoadedRun, StackFile, Start
from tests.support.terminal import on_a_terminal
from tests.support.waiting import PATIENCE, eventually

USERS, KEYS = 50, 100
SEED = tuple(SeededKey(f"AKIAMANY{n:08}EX", f"user-{n // 2:02}") for n in range(KEYS))
"""Two keys each, so that one list is for two."""

AT_ONCE = 2.0
"""Seconds within which Ctrl-C ends a run."""

Declared = Callable[[str], str]


@pytest.fixture
def iam() -> Sandbox:
    """An account of that many keys, all Active."""
    return Sandbox(SEED)


@pytest.fixture
def declared(stack_file: StackFile) -> Declared:
    """Write a stack file that declares all keys with one status; its path."""

    def written(status: str) -> str:
        entries = "".join(f"    {k.access_key_id}: {{userName: {k.user_name}, status: {status}}}\n" for k in SEED)
        return stack_file(f"config:\n  keyswitch:keys:\n{entries}")

    return written


class TestCalls:
    """One listing of each user, one last use of each key that is switched off, one write each, one read-back a user."""

    def test_of_an_update_that_deactivates_all(self, sandbox: Sandbox, loaded: LoadedRun, declared: Declared) -> None:
        """The look back is one for both keys of a user."""
        assert loaded("apply", "--yes", "--file", declared("Inactive")).returncode == 0
        counted = sandbox.actions()
        assert counted.pop("ListPolicies") == 1
        assert counted == {
            "GetCallerIdentity": 1,
            "ListAccessKeys": USERS + USERS,
            "GetAccessKeyLastUsed": KEYS,
            "UpdateAccessKey": KEYS,
        }
        assert set(sandbox.statuses().values()) == {"Inactive"}

    def test_many_are_under_way_at_once(self, sandbox: Sandbox, loaded: LoadedRun, declared: Declared) -> None:
        """Where AWS takes its time the calls do not wait for each other, and never more than the bound are made."""
        sandbox.latency = 0.5
        assert loaded("plan", "--file", declared("Inactive")).returncode == 2
        beside = 1  # the quarantines are asked for beside the last uses
        assert 30 <= sandbox.most_in_flight() <= CONCURRENCY + beside


class TestWhatIsShown:
    """A bar for who watches; for everybody else not a byte."""

    def test_a_bar_that_counts_on_a_terminal(self, sandbox: Sandbox, declared: Declared, tmp_path: Path) -> None:
        """What is done and how far it is stands there while it lasts; stdout in a file holds its lines and no more."""
        sandbox.latency = 0.1
        out = tmp_path / "out.txt"
        command = [*COMMAND, "apply", "--yes", "--file", declared("Inactive")]
        with out.open("wb") as stdout, on_a_terminal(command, stdin=subprocess.DEVNULL, stdout=stdout) as terminal:
            assert terminal.wait() == 0
        screen = terminal.screen
        assert re.search(rf"listing the keys of users .*\d+/{USERS}\b", screen)
        assert re.search(rf"looking up last uses .*\d+/{KEYS}\b", screen)
        assert re.search(rf"switching keys .*\d+/{KEYS}\b", screen)
        assert "done: " not in screen
        said = out.read_text(encoding="utf-8")
        assert "\x1b" not in said
        assert len(re.findall(r"^done: user-\d\d AKIAMANY\d{8}EX: Active → Inactive$", said, re.MULTILINE)) == KEYS

    @pytest.mark.parametrize("into", ["a pipe", "a file"])
    def test_nothing_where_nobody_watches(
        self, sandbox: Sandbox, declared: Declared, tmp_path: Path, into: str
    ) -> None:
        """No bar, no escape sequence, no carriage return, on neither stream."""
        out, err = tmp_path / "out.txt", tmp_path / "err.txt"
        command = [*COMMAND, "apply", "--yes", "--file", declared("Inactive")]
        given = {"stdin": subprocess.DEVNULL, "timeout": PATIENCE, "check": False}
        if into == "a pipe":
            done = subprocess.run(command, capture_output=True, **given)
            said, shown = done.stdout, done.stderr
        else:
            with out.open("wb") as stdout, err.open("wb") as stderr:
                done = subprocess.run(command, stdout=stdout, stderr=stderr, **given)
            said, shown = out.read_bytes(), err.read_bytes()
        assert (done.returncode, shown) == (0, b"")
        assert said.count(b"done: ") == KEYS
        assert b"\x1b" not in said
        assert b"\r" not in said


class TestInterruptedWhileAwsIsSlow:
    """Nobody who presses Ctrl-C is left waiting for AWS, nor in doubt about what was done."""

    def test_a_plan(self, sandbox: Sandbox, start: Start, declared: Declared) -> None:
        """It ends at once, says that nothing was changed, and exits with 130."""
        sandbox.faults.append(Fault("ListAccessKeys", DELAY, seconds=5.0, times=None))
        process = start("plan", "--file", declared("Inactive"))
        eventually(lambda: sandbox.actions()["ListAccessKeys"] > CONCURRENCY / 2)
        code, _, said = _interrupted(process)
        assert code == 130
        assert said == "error: interrupted while observing AWS; nothing was changed\n"

    def test_the_writes(self, sandbox: Sandbox, start: Start, declared: Declared) -> None:
        """What is done and what is not is told, and no write is begun after it."""
        slow = [SEED[n].access_key_id for n in range(0, KEYS, 2)]
        for key_id in slow[10:]:
            sandbox.faults.append(Fault("UpdateAccessKey", DELAY, seconds=5.0, times=None, about=key_id))
        process = start("apply", "--yes", "--file", declared("Inactive"))
        eventually(lambda: sum(status == "Inactive" for status in sandbox.statuses().values()) >= 20)
        eventually(lambda: sandbox.actions()["UpdateAccessKey"] >= 20 + 30)
        code, out, said = _interrupted(process)
        begun = sandbox.actions()["UpdateAccessKey"]
        assert code == 130
        told = re.fullmatch(
            rf"error: interrupted: (\d+) of {KEYS} changes are done; not done, or not confirmed: (.+)\. "
            r"Run the command again: it continues where it stopped\n",
            said,
        )
        assert told, said
        assert int(told[1]) == out.count("done: ") == 20
        assert begun < KEYS
        assert "AKIAMANY" in told[2]


def _interrupted(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Press Ctrl-C; the exit code and what was said. It must end at once, and show no traceback."""
    at = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, said = process.communicate(timeout=PATIENCE)
    assert time.monotonic() - at < AT_ONCE
    assert "Traceback" not in out + said
    return process.returncode, out, said
