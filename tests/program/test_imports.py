"""What is not loaded costs nothing: neither the program nor the command line load what they do not use."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.seeded import BOB


def modules_after(code: str, *arguments: str) -> set[str]:
    """The modules that a clean process has loaded at its end."""
    at_the_end = "atexit.register(lambda: print('\\n' + json.dumps(sorted(sys.modules))))"
    script = f"import atexit, json, sys\n{at_the_end}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize(
    ("module", "unused"),
    [
        pytest.param("keyswitch.resources.program", {"botocore", "pydantic"}, id="the program, until it runs"),
        pytest.param(
            "keyswitch.resources.component",
            {"boto3", "s3transfer", "moto", "werkzeug", "pulumi_aws", "typer", "rich"},
            id="the program and its provider",
        ),
        pytest.param(
            "keyswitch.resources.provider",
            {"botocore", "pydantic"},
            id="the provider, until it asks AWS",
        ),
        pytest.param(
            "keyswitch.cli.main",
            {"pulumi", "grpc", "boto3", "s3transfer", "rich.progress", "moto", "werkzeug"},
            id="the command line",
        ),
    ],
)
def test_importing_it_loads_nothing_that_it_does_not_use(module: str, unused: set[str]) -> None:
    """Each of them would be paid for at every start."""
    loaded = modules_after(f"import {module}")
    assert module in loaded
    assert loaded & unused == set()


def test_a_provider_whose_keys_the_program_has_checked_loads_no_model() -> None:
    """Every preview would wait for it."""
    given = {"access_key_id": BOB, "status": "Inactive", "reason": "OPS-1", "allow": ["recentlyUsed"]}
    loaded = modules_after(
        "import gc\n"
        "from pulumi.dynamic import ConfigureRequest, Config\n"
        "from keyswitch.resources.provider import AccessKeyStatusProvider\n"
        "provider = AccessKeyStatusProvider()\n"
        "provider.configure(ConfigureRequest(Config({}, 'test')))\n"
        "assert gc.get_threshold()[0] >= 100_000, 'nor does it look for garbage cycles in what stays'\n"
        "news = json.loads(sys.argv[1])\n"
        "before = {**news, 'declared_status': 'Inactive', 'account_id': '1', '__provider': ''}\n"
        "seen = json.dumps({'status': 'Inactive', 'account_id': '1', 'checked': news})\n"
        "result = provider.check(before, {**news, 'observed': seen})\n"
        "assert not result.failures and result.inputs == news\n"
        "assert not provider.diff('', before, news).changes",
        json.dumps(given),
    )
    assert "keyswitch.resources.provider" in loaded
    assert loaded & {"botocore", "pydantic"} == set()


def test_a_plan_that_nobody_watches_loads_no_progress_bar(sandbox: Sandbox, tmp_path: Path) -> None:
    """In a pipe nothing is shown, so nothing is loaded for it; nor are Pulumi and boto3, to the very end of a run."""
    path = tmp_path / "Pulumi.test.yaml"
    path.write_text(f"config:\n  keyswitch:keys:\n    {BOB}: Inactive\n", encoding="utf-8")
    loaded = modules_after("from keyswitch.cli.main import main; main()", "plan", "--file", str(path))
    assert sandbox.actions()["ListAccessKeys"] > 0, "it has planned"
    assert loaded & {"rich.progress", "pulumi", "boto3", "s3transfer", "moto"} == set()
