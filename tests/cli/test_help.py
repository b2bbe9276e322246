"""What `--help` says: every command has it, and it keeps its promises."""

import pytest
import typer.main

from keyswitch.cli.main import app
from tests.support.command import Run

NAMES = sorted(typer.main.get_command(app).commands)


def test_the_commands_are_these() -> None:
    """The names are what people have in their scripts: they are only ever added to."""
    assert {"plan", "apply", "sandbox"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_command_explains_itself(run: Run, name: str) -> None:
    """Exit code 0, on stdout, needing neither credentials nor a stack."""
    done = run(name, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"keyswitch {name}" in done.stdout


def test_the_whole_lists_every_command_and_the_exit_codes(run: Run) -> None:
    """`keyswitch --help` is where people look first."""
    done = run("--help")
    told = " ".join(done.stdout.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in told for name in NAMES)
    assert all(
        promise in told for promise in ("0 nothing to do or done", "2 something would change", "130 interrupted")
    )
