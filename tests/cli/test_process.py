"""Every command is a well-behaved process: whatever its streams, its signals and its environment are."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path

import pytest

from keyswitch.iam.connection import CONCURRENCY
from keyswitch.sandbox.faults import DELAY
from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import COMMAND, EXAMPLE, WANTED, Run, StackFile, Start
from tests.support.terminal import on_a_terminal
from tests.support.waiting import PATIENCE, eventually

Ran = subprocess.CompletedProcess[bytes]

PLAN, APPLY = ("plan",), ("apply", "--yes")
ABOUT_A_STACK = [
    pytest.param((*PLAN, "--format", "text"), 2, id="plan"),
    pytest.param((*PLAN, "--format", "json"), 2, id="plan as JSON"),
    pytest.param((*PLAN, "--format", "markdown"), 2, id="plan as Markdown"),
    pytest.param(APPLY, 0, id="apply"),
    pytest.param((*APPLY, "--json"), 0, id="apply as JSON"),
]
OTHERS = [
    pytest.param(("--help",), id="help"),
    pytest.param(("--version",), id="version"),
    pytest.param(("sandbox",), id="sandbox"),
]

ENVIRONMENTS = [
    pytest.param({"PYTHONIOENCODING": "ascii"}, "ascii", id="ASCII"),
    pytest.param({"PYTHONIOENCODING": "cp1252"}, "cp1252", id="cp1252"),
    pytest.param({"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, "ascii", id="C, no UTF-8"),
    pytest.param({"LC_ALL": "C"}, "utf-8", id="C"),
    pytest.param({"PYTHONIOENCODING": "utf-8"}, "utf-8", id="UTF-8"),
]
SIGNALS = [pytest.param(signal.SIGINT, 130, id="SIGINT"), pytest.param(signal.SIGTERM, 143, id="SIGTERM")]


def ran(*arguments: str, suffix: str = "", env: Mapping[str, str] | None = None) -> Ran:
    """Run a command by a shell that redirects its streams, with nobody at the keyboard; never a traceback."""
    done = subprocess.run(
        ["bash", "-c", f'"$@" {suffix}', "bash", *COMMAND, *arguments],
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert b"Traceback" not in done.stdout + done.stderr, done.stderr.decode()
    assert b"Exception ignored" not in done.stderr
    return done


class TestOutputThatCannotBeWritten:
    """A full disk, or a reader that has gone: exit code 1 and one line, and no change is left half done."""

    def is_told(self, done: Ran, reason: str) -> None:
        assert (done.returncode, done.stderr.decode()) == (1, f"error: standard output cannot be written: {reason}\n")

    @pytest.mark.parametrize(("arguments", "_code"), ABOUT_A_STACK)
    def test_a_full_disk(self, sandbox: Sandbox, example: str, arguments: tuple[str, ...], _code: int) -> None:
        """Text, JSON and Markdown; `apply` makes all changes."""
        self.is_told(ran(*arguments, "--file", example, suffix="> /dev/full"), "No space left on device")
        assert sandbox.actions()["UpdateAccessKey"] == (3 if "apply" in arguments else 0)
        if "apply" in arguments:
            assert sandbox.statuses() == WANTED

    @pytest.mark.parametrize("arguments", OTHERS)
    def test_a_full_disk_of_other_commands(self, arguments: tuple[str, ...]) -> None:
        """A sandbox that nobody can find ends, too."""
        self.is_told(ran(*arguments, suffix="> /dev/full"), "No space left on device")

    @pytest.mark.parametrize(("arguments", "_code"), ABOUT_A_STACK)
    def test_a_reader_that_has_gone(
        self, sandbox: Sandbox, example: str, arguments: tuple[str, ...], _code: int
    ) -> None:
        """The other end of the pipe was closed before anything was written."""
        ours, theirs = os.pipe()
        os.close(ours)
        done = subprocess.run(
            [*COMMAND, *arguments, "--file", example],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            check=False,
        )
        os.close(theirs)
        self.is_told(done, "Broken pipe")
        assert sandbox.actions()["UpdateAccessKey"] == (3 if "apply" in arguments else 0)

    def test_a_reader_that_goes_in_the_middle_of_the_writes(self, sandbox: Sandbox, start: Start, example: str) -> None:
        """Every change is made, the deactivations that wait for an activation, too."""
        sandbox.faults.append(Fault("UpdateAccessKey", DELAY, seconds=0.5, times=None))
        process = start("apply", "--yes", "--file", example)
        eventually(lambda: sandbox.actions()["UpdateAccessKey"] > 0)
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, told = process.communicate(timeout=PATIENCE)
        assert (process.returncode, told) == (1, "error: standard output cannot be written: Broken pipe\n")
        assert sandbox.statuses() == WANTED

    @pytest.mark.parametrize(("arguments", "code"), ABOUT_A_STACK)
    @pytest.mark.parametrize(
        "streams", [">&-", "2>&-", "2> /dev/full", "<&- >&- 2>&-"], ids=["output", "errors", "errors full", "all"]
    )
    def test_streams_that_nobody_wants(
        self, sandbox: Sandbox, example: str, arguments: tuple[str, ...], code: int, streams: str
    ) -> None:
        """A closed stream, or errors that cannot be written, change neither the result nor the exit code."""
        assert ran(*arguments, "--file", example, suffix=streams).returncode == code

    def test_an_error_that_cannot_be_written(self, sandbox: Sandbox, stack_file: StackFile) -> None:
        """The exit code still tells it."""
        assert ran("plan", "--file", stack_file("config: {}\n"), suffix="2> /dev/full").returncode == 1

    @pytest.mark.parametrize("streams", ["<&-", "> /dev/full"])
    def test_nobody_can_be_asked(self, sandbox: Sandbox, example: str, streams: str) -> None:
        """Nothing is written without an answer."""
        assert ran("apply", "--file", example, suffix=streams).returncode == 1
        assert "UpdateAccessKey" not in sandbox.actions()

    def test_a_question_that_is_not_shown_is_not_asked(self, sandbox: Sandbox, example: str) -> None:
        """Somebody is at the keyboard, but the plan went to a full disk."""
        with (
            open("/dev/full", "w") as full,
            on_a_terminal([*COMMAND, "apply", "--file", example], stdout=full) as terminal,
        ):
            assert terminal.wait() == 1
        assert "error: standard output cannot be written" in terminal.screen
        assert "UpdateAccessKey" not in sandbox.actions()


class TestEncodings:
    """What an encoding lacks is shown by readable characters."""

    TEXT = EXAMPLE.replace("moved to", "moved é “日本” to")

    @pytest.mark.parametrize(("arguments", "code"), ABOUT_A_STACK)
    @pytest.mark.parametrize(("environment", "encoding"), ENVIRONMENTS)
    def test_every_output(
        self,
        sandbox: Sandbox,
        stack_file: StackFile,
        arguments: tuple[str, ...],
        code: int,
        environment: dict[str, str],
        encoding: str,
    ) -> None:
        """Text and Markdown keep all characters or show their numbers; JSON is ASCII anyway."""
        done = ran(*arguments, "--file", stack_file(self.TEXT), env={**os.environ, **environment})
        told = done.stdout.decode(encoding)
        assert (done.returncode, done.stderr) == (code, b"")
        if "json" in " ".join(arguments):
            changes = json.loads(told)["changes"]
            assert any("moved é “日本” to" in (change["reason"] or "") for change in changes)
            return
        reason = "moved é “日本” to".encode(encoding, "backslashreplace").decode(encoding)
        assert f"Inactive {'→' if encoding == 'utf-8' else '->'} Active" in told or "markdown" in arguments
        assert reason in told

    @pytest.mark.parametrize(("environment", "encoding"), ENVIRONMENTS)
    def test_errors_and_help(
        self, sandbox: Sandbox, stack_file: StackFile, environment: dict[str, str], encoding: str
    ) -> None:
        """Also the names of files, and characters that no encoding has."""
        env = {**os.environ, **environment}
        failed = ran("plan", "--file", "\udce9→.yaml", env=env)
        assert failed.returncode == 1
        assert failed.stderr.decode(encoding).startswith("error: ")
        assert "COMMAND" in ran("sandbox", "exec", "--help", env=env).stdout.decode(encoding)
        assert "bogus" in ran("bogus→", env=env).stderr.decode(encoding)


class TestSignals:
    """SIGTERM is handled as SIGINT: the same summary, and an exit code of its own."""

    KEYS = tuple(SeededKey(f"AKIATERMINATED{n:06}", f"user-{n:03}") for n in range(3 * CONCURRENCY))

    @pytest.fixture
    def many(self, stack_file: StackFile) -> str:
        """More keys than are asked about, or switched, at once."""
        entries = "".join(f"    {k.access_key_id}: {{userName: {k.user_name}, status: Inactive}}\n" for k in self.KEYS)
        return stack_file(f"config:\n  keyswitch:keys:\n{entries}")

    @pytest.fixture
    def iam(self) -> Sandbox:
        return Sandbox(self.KEYS)

    def told_to_stop(
        self, start: Start, by: signal.Signals, when: Callable[[], bool], *arguments: str
    ) -> tuple[int, str]:
        process = start(*arguments)
        eventually(when)
        process.send_signal(by)
        _, told = process.communicate(timeout=PATIENCE)
        assert "Traceback" not in told
        return process.returncode, told

    @pytest.mark.parametrize(("by", "code"), SIGNALS)
    @pytest.mark.parametrize("arguments", [PLAN, (*PLAN, "--json"), APPLY], ids=" ".join)
    def test_while_observing(
        self, sandbox: Sandbox, start: Start, many: str, arguments: tuple[str, ...], by: signal.Signals, code: int
    ) -> None:
        """Nothing was changed, and one line says so."""
        sandbox.faults.append(Fault("ListAccessKeys", DELAY, seconds=1.0, times=None))
        seen = self.told_to_stop(start, by, lambda: sandbox.actions()["ListAccessKeys"] > 0, *arguments, "--file", many)
        assert seen == (code, "error: interrupted while observing AWS; nothing was changed\n")
        assert "UpdateAccessKey" not in sandbox.actions()

    @pytest.mark.parametrize(("by", "code"), SIGNALS)
    @pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
    def test_while_writing(
        self, sandbox: Sandbox, start: Start, many: str, form: tuple[str, ...], by: signal.Signals, code: int
    ) -> None:
        """One line says how many changes are done; no further write starts."""
        sandbox.faults.append(Fault("UpdateAccessKey", DELAY, seconds=1.0, times=None))
        ended, told = self.told_to_stop(
            start, by, lambda: sandbox.actions()["UpdateAccessKey"] > 0, *APPLY, *form, "--file", many
        )
        assert ended == code
        assert told.startswith("error: interrupted: ")
        assert f"of {len(self.KEYS)} changes are done; not done, or not confirmed: " in told
        assert 0 < sandbox.actions()["UpdateAccessKey"] < len(self.KEYS)

    @pytest.mark.parametrize(("by", "code"), SIGNALS)
    def test_at_the_question(self, sandbox: Sandbox, example_of_one: str, by: signal.Signals, code: int) -> None:
        """Nothing was changed, and one line says so."""
        with on_a_terminal([*COMMAND, "apply", "--file", example_of_one]) as terminal:
            terminal.wait_for("[y/N]: ")
            terminal.interrupt(by)
            assert terminal.wait() == code
        assert terminal.screen.splitlines()[-1] == "error: interrupted; nothing was changed"
        assert "UpdateAccessKey" not in sandbox.actions()

    @pytest.fixture
    def example_of_one(self, stack_file: StackFile) -> str:
        key = self.KEYS[0]
        return stack_file(f"config:\n  keyswitch:keys:\n    {key.access_key_id}: Inactive\n")

    def test_a_command_in_a_sandbox_decides_itself(self, tmp_path: Path, start: Start) -> None:
        """SIGTERM is passed on; the exit code is that of the command."""
        ready = tmp_path / "ready"
        script = f'sleep 20 & trap "kill $!; exit 7" TERM; echo > "{ready}"; wait'
        process = start("sandbox", "exec", "--", "bash", "-c", script)
        eventually(ready.exists)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        assert process.returncode == 7


def test_without_a_home(sandbox: Sandbox, example: str) -> None:
    """Neither HOME nor a user that the system knows is needed."""
    env = {name: value for name, value in os.environ.items() if name not in ("HOME", "PULUMI_HOME", "USER", "LOGNAME")}
    assert ran("plan", "--file", example, env=env).returncode == 2
    assert ran(*APPLY, "--file", example, env=env).returncode == 0


def test_the_version(run: Run) -> None:
    """One line on stdout, with exit code 0."""
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"keyswitch {version('keyswitch')}\n", "")
