"""A bulk change against an account that gives less than is wanted: it slows down, and everything gets done."""

from collections.abc import Callable
from pathlib import Path

import pytest

from keyswitch.iam.pace import BURST
from keyswitch.sandbox.faults import Request, TokenBucket
from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Sandbox
from tests.support.command import run_to_its_end

KEYS = tuple(SeededKey(f"AKIAPACE{n:08}EX", f"user-{n // 2:03}", "Inactive") for n in range(400))
"""Of 200 users: to activate them all takes 200 lists, 400 writes and 200 more lists."""

Declared = Callable[..., str]


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch):
    """An account with all of them, and botocore's retries as they are for users."""
    with Sandbox(KEYS) as running:
        for name, value in running.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.delenv("AWS_MAX_ATTEMPTS")
        yield running


@pytest.fixture
def declared(tmp_path: Path) -> Declared:
    """Write a stack file in which keys are Active; its path."""

    def written(*keys: SeededKey, **settings: float) -> str:
        path = tmp_path / "Pulumi.test.yaml"
        entries = [f"    {k.access_key_id}: {{userName: {k.user_name}, status: Active}}" for k in keys]
        lines = [f"  keyswitch:{name}: {value}" for name, value in settings.items()]
        path.write_text("\n".join(["config:", *lines, "  keyswitch:keys:", *entries, ""]), encoding="utf-8")
        return str(path)

    return written


def paced(sandbox: Sandbox) -> list[Request]:
    """The requests to IAM; one to STS is not paced."""
    return [request for request in sandbox.journal if request.action != "GetCallerIdentity"]


def test_what_aws_throttles_is_done_all_the_same(sandbox: Sandbox, declared: Declared) -> None:
    """Nothing fails, every key is as declared, and less than 2 % of the calls were throttled."""
    sandbox.throttle = TokenBucket(100, 100)
    done = run_to_its_end("apply", "--yes", "--file", declared(*KEYS))
    assert (done.returncode, done.stderr) == (0, "")
    assert sandbox.statuses() == dict.fromkeys((k.access_key_id for k in KEYS), "Active")
    throttled = sum(request.outcome == "Throttling" for request in sandbox.journal)
    assert {request.outcome for request in sandbox.journal} <= {"ok", "Throttling"}
    assert throttled < 0.02 * len(sandbox.journal)
    assert sandbox.actions()["UpdateAccessKey"] - throttled <= len(KEYS), "and what was done is not done again"


def test_the_ceiling_is_honoured(sandbox: Sandbox, declared: Declared) -> None:
    """With `keyswitch:callsPerSecond` no second has more calls than that, but for what need not wait."""
    assert run_to_its_end("apply", "--yes", "--file", declared(*KEYS[:60], callsPerSecond=40)).returncode == 0
    times = [request.time.timestamp() for request in paced(sandbox)]
    assert len(times) >= 30 + 60 + 30
    assert max(sum(at <= later < at + 1 for later in times) for at in times) <= 40 + BURST + 2
    assert times[-1] - times[0] >= 0.9 * (len(times) - 2 * BURST) / 40
