"""What goes wrong is told on stderr, in lines that begin with `error:`, with exit code 1."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from keyswitch.sandbox.faults import TRUNCATE
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import COMMAND, EXAMPLE, Run, StackFile, closed_port
from tests.support.waiting import PATIENCE

COMMANDS = [("plan",), ("apply", "--yes"), ("drift",)]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_an_endpoint_where_nobody_listens(
    sandbox: Sandbox, run: Run, example: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """One line that names the endpoint."""
    endpoint = f"http://127.0.0.1:{closed_port()}"
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    done = run(*command, "--file", example)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: AWS could not be reached")
    assert endpoint in line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_no_credentials(
    sandbox: Sandbox, run: Run, example: str, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """One line that says how to get some; nothing is sent."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    done = run(*command, "--file", example)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: There are no AWS credentials")
    assert "AWS_PROFILE" in line
    assert sandbox.journal == []


def test_an_unknown_profile(sandbox: Sandbox, run: Run, example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One line that names it."""
    monkeypatch.setenv("AWS_PROFILE", "porduction")
    done = run("plan", "--file", example)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "porduction" in line


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_another_account(sandbox: Sandbox, run: Run, stack_file: StackFile, command: tuple[str, ...]) -> None:
    """One line with both accounts; no key is looked at."""
    done = run(*command, "--file", stack_file(EXAMPLE.replace("123456789012", "999999999999")))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "123456789012" in line
    assert "999999999999" in line
    assert sandbox.actions() == {"GetCallerIdentity": 1}


def test_a_role_that_may_not_be_assumed(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """One line that names the role and the missing permission, and nothing else on stderr."""
    sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, "not authorized", times=None))
    role = "arn:aws:iam::123456789012:role/deployer"
    done = run("plan", "--file", stack_file(f"{EXAMPLE}  aws:assumeRole:\n    roleArn: {role}\n"))
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"error: sts:AssumeRole for {role} was denied")


ROLE = "arn:aws:iam::123456789012:role/deployer"


@pytest.mark.parametrize(
    ("settings", "environment", "said"),
    [
        pytest.param("", {"AWS_DEFAULTS_MODE": "unheard-of"}, "AWS_DEFAULTS_MODE", id="setting"),
        pytest.param("", {"AWS_ENDPOINT_URL": "localhost:4566"}, "AWS_ENDPOINT_URL", id="endpoint"),
        pytest.param("  aws:profile: porduction\n", {}, "profile porduction", id="profile"),
        pytest.param("  aws:profile: process\n", {}, "profile process (credential_process)", id="program"),
        pytest.param("  aws:profile: web\n", {}, "profile web (web_identity_token_file)", id="token file"),
        pytest.param("  aws:profile: mfa\n", {}, "Profile mfa needs an MFA code", id="MFA"),
        pytest.param("", {"AWS_SESSION_TOKEN": "a\nb"}, "AWS_ACCESS_KEY_ID", id="line break"),
    ],
)
def test_what_credentials_and_settings_lack_is_a_document_too(
    sandbox: Sandbox,
    run: Run,
    stack_file: StackFile,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    settings: str,
    environment: dict[str, str],
    said: str,
) -> None:
    """Text and `--json` say the same: one error that names the variable, the profile or the file."""
    (tmp_path / "config").write_text(
        "[profile process]\ncredential_process = /missing\n"
        f"[profile web]\nrole_arn = {ROLE}\nweb_identity_token_file = /missing\n"
        f"[profile mfa]\nrole_arn = {ROLE}\ncredential_source = Environment\nmfa_serial = arn:aws:iam::1:mfa/me\n"
    )
    for name, value in {"AWS_CONFIG_FILE": str(tmp_path / "config"), **environment}.items():
        monkeypatch.setenv(name, value)
    path = stack_file(EXAMPLE + settings)
    (line,) = run("plan", "--file", path).stderr.splitlines()
    assert said in line
    done = run("plan", "--json", "--file", path)
    (error,) = json.loads(done.stdout)["errors"]
    assert (done.returncode, line) == (1, f"error: {error['message']}")
    assert sandbox.journal == []


@pytest.mark.parametrize(
    ("arguments", "action"), [(("plan", "--json"), "ListAccessKeys"), (("apply", "--yes"), "UpdateAccessKey")]
)
def test_botocores_own_error_on_request(
    sandbox: Sandbox, example: str, arguments: tuple[str, ...], action: str
) -> None:
    """KEYSWITCH_DEBUG=1 shows on stderr what botocore raised, and where, and how we came to say what we say."""
    sandbox.faults.append(Fault(action, "AccessDenied", 403, "why not", times=None))
    command = [*COMMAND, *arguments, "--file", example]
    environment = {**os.environ, "KEYSWITCH_DEBUG": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 1
    assert "botocore/client.py" in done.stderr
    assert "botocore.exceptions.ClientError: An error occurred (AccessDenied)" in done.stderr
    assert f"keyswitch.access_key.errors.AccessDenied: iam:{action}" in done.stderr
    if "--json" in arguments:
        assert json.loads(done.stdout)["errors"]


def test_a_truncated_session_shows_no_secret(sandbox: Sandbox, stack_file: StackFile) -> None:
    """Neither in text nor to who asks for botocore's error: the cause that would quote the answer is cut off."""
    sandbox.faults.append(Fault("AssumeRole", TRUNCATE, times=None))
    path = stack_file(f"{EXAMPLE}  aws:assumeRole:\n    roleArn: {ROLE}\n")
    told = ""
    for form in ("text", "json", "markdown"):
        command = [*COMMAND, "plan", "--format", form, "--file", path]
        environment = {**os.environ, "KEYSWITCH_DEBUG": "1"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False)
        told += done.stdout + done.stderr
        assert done.returncode == 1
    assert "got no readable answer of AWS" in told
    assert sandbox.world.issued
    for issued in sandbox.world.issued:
        assert issued["SecretAccessKey"] not in told
        assert issued["SessionToken"] not in told


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c[0])
def test_an_invalid_configuration_is_told_whole(
    sandbox: Sandbox, run: Run, stack_file: StackFile, command: tuple[str, ...]
) -> None:
    """Every problem with its file and line, at once; AWS is not asked."""
    path = stack_file(
        "config:\n"
        "  keyswitch:keys:\n"
        "    AKIAIOSFODNN7EXAMPLE: inactive\n"
        "    short: Active\n"
        "    AKIAALICEDEVEXAMPLE1:\n"
        "      staus: Active\n"
        "    AKIAALICEDEVEXAMPLE1: Active\n"
        "  keyswitch:recentUse: soon\n"
    )
    done = run(*command, "--file", path)
    assert (done.returncode, done.stdout) == (1, "")
    assert sandbox.journal == []
    for line, said in [(3, "Inactive"), (4, "'short'"), (6, "did you mean status"), (7, "twice"), (8, "'soon'")]:
        assert any(f"{path}:{line}: " in told and said in told for told in done.stderr.splitlines()), (line, said)


@pytest.mark.parametrize("text", ["", "config:\n", "- a list\n"], ids=["empty", "empty config", "a list"])
def test_a_file_without_keys_is_told(sandbox: Sandbox, run: Run, stack_file: StackFile, text: str) -> None:
    """Nothing declared is most likely the wrong file, so it is not taken for "nothing to do"."""
    done = run("plan", "--file", stack_file(text))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: the configuration is not valid: ")
    assert ("keyswitch:keys" if text != "- a list\n" else "map") in done.stderr


def test_a_file_that_is_not_there_is_told(sandbox: Sandbox, run: Run) -> None:
    """One line with its path."""
    done = run("plan", "--file", "no/such/Pulumi.test.yaml")
    assert done.returncode == 1
    assert "no/such/Pulumi.test.yaml" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        pytest.param(("plan",), "--stack", id="plan: neither stack nor file"),
        pytest.param(("apply", "--yes"), "--file", id="apply: neither stack nor file"),
        pytest.param(("plan", "--stack", "x", "--file", "y"), "either", id="both stack and file"),
        pytest.param(("plan", "--bogus"), "--bogus", id="unknown option"),
        pytest.param(("bogus",), "bogus", id="unknown command"),
        pytest.param(("sandbox", "--port", "70000"), "65535", id="no port"),
    ],
)
def test_a_wrong_use_is_told_and_is_no_change(
    sandbox: Sandbox, run: Run, arguments: tuple[str, ...], said: str
) -> None:
    """The usage is shown on stderr; the exit code is 1, since 2 promises that something would change."""
    done = run(*arguments)
    assert "Usage:" in done.stderr
    assert said in done.stderr
    assert sandbox.journal == []
    assert done.returncode == 1
