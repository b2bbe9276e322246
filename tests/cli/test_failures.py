"""What goes wrong is told on stderr, in lines that begin with `error:`, with exit code 1."""

import pytest

from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import EXAMPLE, Run, StackFile, closed_port

COMMANDS = [("plan",), ("apply", "--yes")]


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
