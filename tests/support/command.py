"""Runs `python -m keyswitch` as a process, as users do. No run may print a traceback."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.support.waiting import PATIENCE

COMMAND = [sys.executable, "-m", "keyswitch"]

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

WANTED = {
    "AKIAIOSFODNN7EXAMPLE": "Inactive",
    "AKIAI44QH8DHBEXAMPLE": "Active",
    "AKIAALICEOLDEXAMPLE2": "Inactive",
    "AKIAALICEDEVEXAMPLE1": "Active",
    "AKIACIDEPLOYEXAMPLE1": "Active",
}
"""The statuses after an `apply` of the example."""

Run = LoadedRun = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[str]]
StackFile = Callable[[str], str]


def run_to_its_end(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a command to its end. Its standard input is empty."""
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


def closed_port() -> int:
    """A port on loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
