"""`keyswitch sandbox`: a local IAM to try things out, until it is interrupted."""

import shlex
import signal
import socket
import subprocess
import sys

import pytest

from keyswitch.iam.connection import Connection
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from tests.support.command import Run, Start
from tests.support.waiting import PATIENCE


def ready(process: subprocess.Popen[str]) -> dict[str, str]:
    """Read what it prints until it says that it is ready; the variables it exports."""
    assert process.stdout is not None
    exports: dict[str, str] = {}
    for line in process.stdout:
        if line.startswith("# ready"):
            return exports
        word, assignment = shlex.split(line)
        assert word == "export"
        name, _, value = assignment.partition("=")
        exports[name] = value
    pytest.fail("it ended before it was ready")


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_it_is_ready_when_it_says_so_and_ends_when_it_is_told(
    start: Start, monkeypatch: pytest.MonkeyPatch, by: signal.Signals
) -> None:
    """Its exports lead to it at once; an end that was asked for is no failure: exit code 0, and silence."""
    process = start("sandbox")
    exports = ready(process)
    assert exports.keys() == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_REGION",
        "AWS_DEFAULT_REGION",
        "AWS_ENDPOINT_URL",
        "AWS_EC2_METADATA_DISABLED",
        "NO_PROXY",
        "no_proxy",
        "KEYSWITCH_SANDBOX_TOKEN",
    }
    for name, value in exports.items():
        monkeypatch.setenv(name, value)
    gateway = Gateway(connect(Connection()))
    assert [k.access_key_id for k in gateway.access_keys("Bob") or ()] == [
        "AKIAIOSFODNN7EXAMPLE",
        "AKIAI44QH8DHBEXAMPLE",
    ]
    process.send_signal(by)
    said, complained = process.communicate(timeout=PATIENCE)
    assert (process.returncode, said, complained) == (0, "", "")


WITHOUT_MOTO = """
import importlib.abc, sys

class Hidden(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "moto":
            raise ModuleNotFoundError("No module named 'moto'", name="moto")

sys.meta_path.insert(0, Hidden())
from keyswitch.cli.main import main
main()
"""


def test_without_its_packages_it_says_what_to_install() -> None:
    """They are an extra; the line can be pasted into a shell, wherever keyswitch itself came from."""
    command = [sys.executable, "-c", WITHOUT_MOTO, "sandbox"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    said = "error: the sandbox lacks a package (No module named 'moto'): pip install 'moto[server]<5.3,>=5.1'\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "", said)


def test_a_port_can_be_chosen(start: Start) -> None:
    """It listens where it was told to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert ready(start("sandbox", "--port", str(port)))["AWS_ENDPOINT_URL"] == f"http://127.0.0.1:{port}"


def test_a_port_that_is_taken_is_one_line(run: Run) -> None:
    """Exit code 1 and one line that names the port; nothing is exported."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run("sandbox", "--port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert str(port) in line
