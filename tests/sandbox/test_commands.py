"""`keyswitch sandbox` and `sandbox exec` as a user runs them."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from keyswitch.sandbox.seed import EXAMPLE

KEYSWITCH = (sys.executable, "-m", "keyswitch", "sandbox")
SHOW = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('AWS_')}))"
STATUSES = """
import os, urllib.request
request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/_sandbox/statuses")
request.add_header("Authorization", "Bearer " + os.environ["KEYSWITCH_SANDBOX_TOKEN"])
print(urllib.request.urlopen(request).read().decode())
"""


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*KEYSWITCH, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_exec_leads_the_command_to_the_sandbox_and_nowhere_else():
    """The shell's AWS settings are dropped, those of the sandbox are set, and it is gone afterwards."""
    done = run("exec", "--", sys.executable, "-c", SHOW, AWS_PROFILE="production", AWS_SESSION_TOKEN="real")
    seen = json.loads(done.stdout)
    assert "AWS_PROFILE" not in seen
    assert "AWS_SESSION_TOKEN" not in seen
    assert seen["AWS_CONFIG_FILE"] == os.devnull
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(seen["AWS_ENDPOINT_URL"])


ANY_CLIENT = """
import os, botocore.session, urllib.request
session = botocore.session.Session(session_vars={"region": (None, "AWS_DEFAULT_REGION", None, None)})
print(session.get_config_variable("region"), session.create_client("iam").list_users()["Users"][0]["UserName"])
print([bool(urllib.request.proxy_bypass(host)) for host in ("127.0.0.1", "localhost", "intern.example")])
print(os.environ["NO_PROXY"] == os.environ["no_proxy"])
"""


@pytest.mark.parametrize("name", ["NO_PROXY", "no_proxy", None])
def test_exec_leads_every_client_there(name):
    """Those that know only AWS_DEFAULT_REGION, and behind a proxy: loopback is reached directly, as what was before."""
    proxies = {f"{scheme}_{end}": "http://127.0.0.1:9" for scheme, end in (("HTTP", "PROXY"), ("http", "proxy"))}
    done = run(
        "exec", "--", sys.executable, "-c", ANY_CLIENT,
        **{**proxies, "NO_PROXY": "", "no_proxy": "", **({name: "intern.example"} if name else {})},
    )  # fmt: skip
    direct = [True, True, name is not None]
    assert done.stdout.splitlines() == ["us-east-1 Bob", str(direct), "True"], done.stderr


@pytest.mark.parametrize("code", [0, 7])
def test_exec_exits_as_the_command_does(code):
    """Scripts can rely on it."""
    assert run("exec", "--", sys.executable, "-c", f"raise SystemExit({code})").returncode == code


def test_exec_of_what_cannot_be_run():
    """One line, exit code 1."""
    done = run("exec", "--", "no-such-program")
    assert (done.returncode, done.stderr) == (1, "error: no-such-program cannot be run: No such file or directory\n")


@pytest.mark.parametrize(
    ("options", "count"),
    [((), len(EXAMPLE)), (("--empty",), 0), (("--users", "3"), 6), (("--users", "2", "--keys-per-user", "3"), 6)],
    ids=["the example", "empty", "generated", "more than two keys each"],
)
def test_what_it_holds(options, count):
    """The options say with what it begins."""
    done = run(*options, "exec", "--", sys.executable, "-c", STATUSES)
    assert len(json.loads(done.stdout)) == count


def test_a_rehearsal_on_an_inventory(tmp_path):
    """`keyswitch plan` against a copy of an account says what would change there."""
    key = {"accessKeyId": "AKIACOPIEDKEYEXAMPLE", "status": "Active", "createDate": "2025-01-01T00:00:00Z"}
    account = {"version": 1, "users": [{"userName": "carol", "accessKeys": [{**key, "lastUsed": None}]}]}
    (tmp_path / "account.json").write_text(json.dumps(account))
    (tmp_path / "stack.yaml").write_text("config: {'keyswitch:keys': {AKIACOPIEDKEYEXAMPLE: Inactive}}")
    plan = [sys.executable, "-m", "keyswitch", "plan", "--file", str(tmp_path / "stack.yaml")]
    done = run("--inventory", str(tmp_path / "account.json"), "exec", "--", *plan)
    assert done.returncode == 2, done.stderr
    assert "carol AKIACOPIEDKEYEXAMPLE: Active → Inactive, " in done.stdout
    assert " d old, never used" in done.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--empty", "--users", "3"), "exclude each other"),
        (("--inventory", "no-such-file.json"), "No such file"),
    ],
    ids=["two seeds", "no such inventory"],
)
def test_wrong_use_is_one_line(options, words):
    """Exit code 1, and no traceback."""
    done = run(*options, "exec", "--", "true")
    assert done.returncode == 1
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_terminated_exec_ends_its_command(tmp_path):
    """SIGTERM leaves neither the sandbox nor the command behind."""
    pid = tmp_path / "pid"
    command = f"import os, time; open({str(pid)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    with subprocess.Popen(
        [*KEYSWITCH, "exec", "--", sys.executable, "-c", command], stderr=subprocess.DEVNULL
    ) as process:
        while not (pid.exists() and pid.read_text()):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 143
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


def test_two_side_by_side():
    """A sandbox in a sandbox is one of its own."""
    inner = [*KEYSWITCH, "--empty", "exec", "--", sys.executable, "-c", STATUSES]
    assert json.loads(run("exec", "--", *inner).stdout) == {}


ASKED = """
import os, time, boto3, botocore.exceptions
iam = boto3.client("iam", region_name="us-east-1", config=boto3.session.Config(retries={"total_max_attempts": 1}))
begun, refused = time.monotonic(), set()
iam.update_access_key(UserName="Bob", AccessKeyId="AKIAIOSFODNN7EXAMPLE", Status="Inactive")
for _ in range(4):
    try:
        keys = iam.list_access_keys(UserName="Bob")["AccessKeyMetadata"]
    except botocore.exceptions.ClientError as error:
        refused.add(error.response["Error"]["Code"])
print(keys[0]["Status"] if not refused else sorted(refused), time.monotonic() - begun > 1)
"""


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ((), "Inactive False"),
        (("--propagation", "60"), "Active False"),
        (("--latency", "0.3"), "Inactive True"),
        (("--rate", "1"), "['Throttling'] False"),
    ],
    ids=["at once", "propagation", "latency", "rate"],
)
def test_how_it_answers(options, told):
    """The options say how slowly changes are seen, how late answers come, and when it throttles."""
    script = "keys = []" + ASKED
    done = run(*options, "exec", "--", sys.executable, "-c", script)
    assert done.stdout.strip() == told, done.stderr
