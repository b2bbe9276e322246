"""One stack in each mode, without the engine, against the sandbox. The engine's part is in tests/engine."""

import json
from pathlib import Path
from typing import Any

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.command import EXAMPLE
from tests.support.steps import Step, step

HEAD = "a" * 40
CHANGE = "016a105e960b1ed36a270ffc656459852dc9c172a6aa70aad7639799eb8d7961"
USED = "config:\n  keyswitch:keys:\n    AKIACIDEPLOYEXAMPLE1: Inactive\n"


@pytest.fixture(autouse=True)
def _sandbox(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_text(EXAMPLE, encoding="utf-8")


def ran(folder: Path, mode: str, **environment: str) -> tuple[Step, dict[str, Any]]:
    """Run the step, and read the result that it leaves."""
    given = {"MODE": mode, "STACK": "prod", "ENGINE": "none", "HEAD_SHA": HEAD, "RESULT": str(folder / "out")}
    done = step("stack.py", folder, {**given, **environment})
    file = folder / "out" / "result.json"
    return done, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def test_a_preview_writes_nothing_to_aws(sandbox: Sandbox, tmp_path: Path) -> None:
    """It leaves the plan with its digest, for the comment and for the apply, and shows it in the job summary."""
    done, result = ran(tmp_path, "preview")
    assert done.code == 0, done.log
    assert done.outputs == {"artifact": "keyswitch-preview-prod"}
    assert (result["head"], result["code"], result["digest"], result["writes"]) == (HEAD, 2, CHANGE, True)
    assert result["plan"].startswith("<!-- keyswitch plan -->")
    assert done.summary.startswith("## preview prod\n\n<!-- keyswitch plan -->")
    assert "UpdateAccessKey" not in sandbox.actions()


def test_a_refused_preview_fails_and_shows_why(tmp_path: Path) -> None:
    """The comment has the refusal; the check of the pull request is red."""
    (tmp_path / "Pulumi.prod.yaml").write_text(USED, encoding="utf-8")
    done, result = ran(tmp_path, "preview")
    assert (done.code, result["code"], result["writes"]) == (1, 1, False)
    assert "recentlyUsed" in result["plan"]


def test_the_reviewed_change_is_applied(sandbox: Sandbox, tmp_path: Path) -> None:
    """And a second time there is nothing to do."""
    for _ in range(2):
        done, result = ran(tmp_path, "apply", REVIEWED=CHANGE)
        assert (done.code, result["code"]) == (0, 0), done.log
    assert sandbox.actions()["UpdateAccessKey"] == 3


def test_the_result_of_an_earlier_job_holds_it(sandbox: Sandbox, tmp_path: Path) -> None:
    """As GitLab hands it over: the plan of the same pipeline; the apply leaves its own result in the same place."""
    ran(tmp_path, "preview")
    earlier = str(tmp_path / "out" / "result.json")
    sandbox.set_status("AKIAALICEOLDEXAMPLE2", "Inactive")
    assert ran(tmp_path, "apply", REVIEWED_RESULT=earlier)[0].code == 1
    ran(tmp_path, "preview")
    assert ran(tmp_path, "apply", REVIEWED_RESULT=earlier)[0].code == 0
    assert sandbox.actions()["UpdateAccessKey"] == 2


@pytest.mark.parametrize("reviewed", ["", "0" * 64], ids=["nothing", "another change"])
def test_nothing_else_is_applied(sandbox: Sandbox, tmp_path: Path, reviewed: str) -> None:
    """Not without a digest, and not with that of another change."""
    assert ran(tmp_path, "apply", REVIEWED=reviewed)[0].code == 1
    assert "UpdateAccessKey" not in sandbox.actions()


def test_an_unknown_mode_is_an_error(tmp_path: Path) -> None:
    """It does nothing."""
    done, result = ran(tmp_path, "up")
    assert (done.code, result) == (1, {})
    assert "up is not a mode: preview, apply or drift" in done.log


@pytest.mark.parametrize(("alarm", "exit_code"), [("", 0), ("fail", 1)], ids=["told by an issue", "told by a failure"])
def test_drift_is_a_result(sandbox: Sandbox, tmp_path: Path, alarm: str, exit_code: int) -> None:
    """It has the plan that a repair is held to; nothing is written."""
    done, result = ran(tmp_path, "drift", ON_DRIFT=alarm)
    assert (done.code, result["code"], result["writes"]) == (exit_code, 2, True), done.log
    assert result["drift"].startswith("<!-- keyswitch drift -->")
    assert result["digest"] == CHANGE
    assert done.summary.startswith("## drift prod\n\n<!-- keyswitch drift -->")
    assert "UpdateAccessKey" not in sandbox.actions()


def test_without_drift_there_is_nothing_to_repair(tmp_path: Path) -> None:
    """No plan is made."""
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  keyswitch:keys: {}\n", encoding="utf-8")
    done, result = ran(tmp_path, "drift", ON_DRIFT="fail")
    assert (done.code, result["code"], result["plan"], result["digest"]) == (0, 0, "", ""), done.log


def test_a_check_that_fails_is_no_drift(tmp_path: Path) -> None:
    """The job fails; its result says that nothing is known."""
    wrong = 'config:\n  keyswitch:account: "999999999999"\n  keyswitch:keys: {}\n'
    (tmp_path / "Pulumi.prod.yaml").write_text(wrong, encoding="utf-8")
    done, result = ran(tmp_path, "drift")
    assert (done.code, result["code"], result["digest"]) == (1, 1, "")
    assert "999999999999" in result["drift"]
