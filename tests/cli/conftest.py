"""The command `keyswitch`: run to its end, interrupted, and loaded once for many runs."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import COMMAND, EXAMPLE, LoadedRun, Run, StackFile, Start, run_to_its_end
from tests.support.loaded import LoadedCommand


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a command that is to be interrupted; whatever still runs at the end is killed."""
    running: list[subprocess.Popen[str]] = []

    def begun(*arguments: str) -> subprocess.Popen[str]:
        before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's & lets children ignore it
        try:
            process = subprocess.Popen(
                [*COMMAND, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        finally:
            signal.signal(signal.SIGINT, before)
        running.append(process)
        return process

    yield begun
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def stack_file(tmp_path: Path) -> StackFile:
    """Write a stack file, and give its path."""

    def written(text: str) -> str:
        path = tmp_path / "Pulumi.test.yaml"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return written


@pytest.fixture
def example(stack_file: StackFile) -> str:
    """The path of the example's stack file."""
    return stack_file(EXAMPLE)


@pytest.fixture(scope="package")
def loaded_command() -> Iterator[LoadedCommand]:
    """The command, loaded once for all tests."""
    with LoadedCommand() as command:
        yield command


@pytest.fixture
def loaded(loaded_command: LoadedCommand) -> LoadedRun:
    """Run a command to its end, in a process forked from one that has loaded it already; without any traceback."""

    def to_its_end(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        done = loaded_command.run(*arguments, env=os.environ, cwd=cwd)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    return to_its_end


_STARTED: set[str] = set()
"""The commands that were started, and not only forked, in this run."""


@pytest.fixture
def run(loaded: LoadedRun) -> Run:
    """Run a command to its end, with nobody at the keyboard; the first run of each command is a real start."""

    def to_its_end(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        if arguments[0] in _STARTED:
            return loaded(*arguments, cwd=cwd)
        _STARTED.add(arguments[0])
        return run_to_its_end(*arguments, cwd=cwd)

    return to_its_end
