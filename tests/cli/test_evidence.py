"""What is not known, or not yet, is said, and is never taken for the good answer."""

import re
import subprocess
import sys
from datetime import timedelta

import pytest

from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.sandbox.world import World
from keyswitch.switching import execution
from tests.support.command import LoadedRun, StackFile
from tests.support.waiting import PATIENCE

YOUNG, GROWN, OTHER = "AKIAYOUNGNEVERUSED01", "AKIAGROWNNEVERUSED01", "AKIAWORKSALREADYEX01"
SHORTENED = """
import sys
from keyswitch.switching import execution
execution.READ_BACK_SECONDS = 1.0
from keyswitch.cli.main import main
main()
"""


@pytest.fixture
def iam() -> Sandbox:
    """A key created five minutes ago, one as never used but older, and one that works; a write is seen in an hour."""
    seed = [
        SeededKey(YOUNG, "jane", age=timedelta(minutes=5)),
        SeededKey(GROWN, "john", age=timedelta(minutes=20)),
        SeededKey(OTHER, "john"),
    ]
    return Sandbox(seed, world=World(propagation=timedelta(hours=1)))


def test_a_key_too_young_to_tell(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """A use shows only after a quarter of an hour, so "never used" says nothing of a younger key: a warning."""
    keys = f"{{{YOUNG}: Inactive, {GROWN}: Inactive}}"
    guards = "{lastActiveKey: 'off'}"
    done = loaded("plan", "-f", stack_file(f"config:\n  keyswitch:keys: {keys}\n  keyswitch:guards: {guards}\n"))
    assert (done.returncode, done.stderr) == (2, "")
    (warning,) = (line for line in done.stdout.splitlines() if line.startswith("warning: "))
    assert warning == (
        f"warning: jane {YOUNG}: it was created 5 min ago and no use is recorded yet; "
        "too young to tell: AWS records a use only after up to 15m [recentlyUsed]"
    )


def test_a_last_use_that_may_not_be_looked_up(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """Without the permission the key may be in use right now: refused, and the permission is named."""
    sandbox.faults.append(Fault("GetAccessKeyLastUsed", "AccessDenied", 403, "no", times=None))
    path = stack_file(f"config:\n  keyswitch:keys:\n    {GROWN}: {{userName: john, status: Inactive}}\n")
    done = loaded("plan", "--file", path)
    assert done.returncode == 1
    refusal = done.stderr.splitlines()[0]
    assert refusal == (
        f"error: john {GROWN}: its last use is not known: arn:aws:iam::123456789012:user/operator may not look it up "
        "(iam:GetAccessKeyLastUsed); it may be in use right now [recentlyUsed]"
    )
    assert "last use not known" in done.stdout


def test_a_write_that_is_not_seen(sandbox: Sandbox, stack_file: StackFile) -> None:
    """What AWS accepted but does not show within the bound is an error that says so, not a success.

    The bound is shortened here; that it is 20 s, and how it is waited for, is tested with a clock in tests/iam.
    """
    assert execution.READ_BACK_SECONDS == 20
    path = stack_file(f"config:\n  keyswitch:keys:\n    {GROWN}: {{userName: john, status: Inactive}}\n")
    done = subprocess.run(
        [sys.executable, "-c", SHORTENED, "apply", "--yes", "--file", path],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(
        rf"error: AWS accepted Inactive for {GROWN}, but after [01] s still shows Active\. "
        r"Repeat the run: it writes again only if that is still so\n",
        done.stderr,
    )
    assert "done: " not in done.stdout
    assert sandbox.actions()["UpdateAccessKey"] == 1
