"""The program of this repository, and what importing its parts does: nothing."""

import gc
import json
import subprocess
import sys
from pathlib import Path

import pytest

from keyswitch.resources.program import run
from keyswitch.sandbox.server import Fault, Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.mocked_engine import MockedEngine
from tests.support.seeded import BOB, CI

MODULES = ["keyswitch", *(f"keyswitch.resources.{name}" for name in ("provider", "status", "component", "program"))]


@pytest.mark.usefixtures("process")
class TestRun:
    """`run()`, which is all that `__main__.py` calls."""

    def test_it_exports_the_statuses_and_a_summary(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The stack's outputs: the status of each key, and what this run changes."""
        engine.run(run, {"keyswitch:keys": json.dumps({BOB: "Inactive", CI: {}})})
        assert engine.exported.keys() == {"statuses", "summary"}
        assert engine.exported["statuses"] == {BOB: "Inactive", CI: "Active"}
        assert engine.exported["summary"]["counts"] == {"to deactivate": 1, "only in the record": 1}
        assert engine.exported["summary"]["changes"].keys() == {BOB}

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            pytest.param({BOB: "inactive"}, "did you mean Inactive?", id="a mistake in the configuration"),
            pytest.param({CI: "Inactive"}, "allow: [recentlyUsed]", id="a guard"),
            pytest.param({"AKIANOSUCHKEYEXAMPLE": {}}, "There is no access key AKIANOSUCHKEYEXAMPLE", id="no such key"),
        ],
    )
    def test_it_ends_with_the_reason(self, engine: MockedEngine, sandbox: Sandbox, keys: dict, said: str) -> None:
        """The reason is said once, and the exit code tells Pulumi that it was."""
        with pytest.raises(SystemExit) as ended:
            engine.run(run, {"keyswitch:keys": json.dumps(keys)}, preview=True)
        assert ended.value.code == 32
        *_, (level, message) = engine.said
        assert level == "ERROR", "it comes last, after what would have been done"
        assert said in message
        assert {level for level, _ in engine.said[:-1]} <= {"INFO"}
        assert engine.access_keys == {}
        assert engine.exported == {}

    def test_it_rarely_looks_for_cycles(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Of which registrations leave few, among much that lives: that took a fifth of the program's time."""
        engine.run(run, {"keyswitch:keys": "{}"})
        assert gc.isenabled()
        assert gc.get_threshold()[0] >= 100_000

    @pytest.mark.parametrize(("debugging", "told"), [("", False), ("1", True)], ids=["always", "KEYSWITCH_DEBUG"])
    def test_pulumi_tells_of_itself_only_to_who_asks(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, debugging: str, told: bool
    ) -> None:
        """The SDK waits for the engine at each of its messages, four and more a resource: none is sent."""
        monkeypatch.setenv("KEYSWITCH_DEBUG", debugging)
        engine.run(run, {"keyswitch:keys": json.dumps({BOB: "Active", CI: {}})})
        assert set(engine.access_keys) == {BOB, CI}
        assert any(BOB in message for message in engine.debugged) is told
        assert any("access-keys" in message for message in engine.debugged) is told

    @pytest.mark.parametrize("debugging", ["", "1"], ids=["always", "KEYSWITCH_DEBUG"])
    def test_botocores_own_error_only_to_who_asks(
        self,
        engine: MockedEngine,
        sandbox: Sandbox,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        debugging: str,
    ) -> None:
        """Else the reason alone is told."""
        sandbox.faults.append(Fault("GetCallerIdentity", "ExpiredToken", 403, "too old"))
        monkeypatch.setenv("KEYSWITCH_DEBUG", debugging)
        with pytest.raises(SystemExit):
            engine.run(run, {"keyswitch:keys": json.dumps({BOB: "Active"})})
        assert ("botocore.exceptions.ClientError" in capsys.readouterr().err) is bool(debugging)

    def test_a_bug_is_not_hidden(self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        """Anything but a reason for the user passes through with its traceback."""

        def broken(*_: object, **__: object) -> None:
            raise ZeroDivisionError

        monkeypatch.setattr("keyswitch.resources.component.plan", broken)
        with pytest.raises(ZeroDivisionError):
            engine.run(run, {"keyswitch:keys": "{}"})

    def test_an_interrupt_ends_it_at_once(self) -> None:
        """Ctrl-C ends the program with 130 and without a traceback."""
        program = (
            "import os, signal\n"
            "from keyswitch.resources import component, program\n"
            "component.AccessKeys = lambda *_: signal.raise_signal(signal.SIGINT)\n"
            "program.run()\n"
        )
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
        assert (done.returncode, done.stderr) == (130, "")

    def test_the_main_file_does_nothing_else(self) -> None:
        """`__main__.py` calls `run()`."""
        lines = (REPOSITORY / "__main__.py").read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line and not line.startswith('"""')] == [
            "from keyswitch.resources.program import run",
            "run()",
        ]


WATCHED_IMPORT = """
import sys
import boto3, pulumi.dynamic, pydantic, yaml  # what these do is not ours

LIBRARIES = (sys.prefix, sys.base_prefix)  # pydantic looks for plugins there
seen = []

def opens_code(path):
    return path.startswith(LIBRARIES) or path.endswith((".py", ".pyc"))

def watch(event, arguments):
    if event.startswith(("socket.", "subprocess.", "os.system", "os.posix_spawn", "urllib.")):
        seen.append((event, str(arguments)))
    elif event == "open" and not opens_code(str(arguments[0])):
        seen.append((event, str(arguments)))

sys.addaudithook(watch)
import importlib
importlib.import_module(sys.argv[1])
from pulumi.runtime import settings
assert not seen, seen
assert settings.get_root_resource() is None
loaded = {"pulumi_aws", "moto", "jinja2", "typer"} & set(sys.modules)
assert not loaded, loaded
"""


@pytest.mark.parametrize("module", MODULES)
def test_an_import_does_nothing(module: str, tmp_path: Path) -> None:
    """It opens no file but code, no connection and no process, registers nothing, and loads no heavy package.

    The provider's process imports these modules, too, where there is no engine to register with.
    """
    done = subprocess.run(
        [sys.executable, "-B", "-c", WATCHED_IMPORT, module],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
