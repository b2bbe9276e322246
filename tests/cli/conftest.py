"""Runs `python -m keyswitch` as a process, as users do, and sees to it that no run shows a traceback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.loaded import LoadedCommand

COMMAND = [sys.executable, "-m", "keyswitch"]
PATIENCE = 30.0

EXAMPLE = """
config:
  aws:region: us-east-1
  keyswitch:account: "123456789012"
  keyswitch:keys:
    AKIAIOSFODNN7EXAMPLE:
      userName: Bob
      status: Inactive
      reason: OPS-1234 moved to his second key
    AKIAI44QH8DHBEXAMPLE: Active
    AKIAALICEOLDEXAMPLE2: Inactive
    AKIAALICEDEVEXAMPLE1: Active
    AKIACIDEPLOYEXAMPLE1: {}
"""

Run = LoadedRun = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
StackFile = Callable[[str], str]


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


@pytest.fixture
def run() -> Run:
    """Run a command to its end, with nobody at the keyboard; no run may print a traceback."""

    def to_its_end(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [*COMMAND, *arguments],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    return to_its_end


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
def _loaded() -> Iterator[LoadedCommand]:
    with LoadedCommand() as command:
        yield command


@pytest.fixture
def loaded(_loaded: LoadedCommand) -> LoadedRun:
    """Run a command as `run` does, in a process forked from one that has loaded it already."""

    def to_its_end(*arguments: str) -> subprocess.CompletedProcess[str]:
        done = _loaded.run(*arguments, env=os.environ)
        assert "Traceback" not in done.stdout + done.stderr, done.stderr
        return done

    return to_its_end
