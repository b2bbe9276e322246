"""The scenarios, level 2: `keyswitch plan --json` as a process, against a sandbox that holds the scenario.

What is refused is planned a second time, with the lines of the refusal pasted into the stack file.
"""

import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.command import StackFile
from tests.support.loaded import LoadedCommand
from tests.support.scenarios.scenario import Scenario
from tests.support.scenarios.table import SCENARIOS
from tests.support.stage import digest_of, pasted, stack_file_text, staged

Planned = Callable[[Scenario, str], tuple[int, dict[str, Any]]]

REFUSED = [scenario for scenario in SCENARIOS if scenario.refused]
MADE_ALREADY: dict[str, dict[str, Any]] = {}
"""The plans of this run, by scenario: what refuses is made once, and looked at by two tests."""


@pytest.fixture
def planned(loaded_command: LoadedCommand, stack_file: StackFile) -> Planned:
    """Stage a scenario, and plan a stack file against it; nothing is ever written, nor said on stderr."""

    def plan(scenario: Scenario, text: str) -> tuple[int, dict[str, Any]]:
        with staged(scenario) as stage:
            done = loaded_command.run(
                "plan", "--file", stack_file(text), "--json", env={**os.environ, **stage.environment}
            )
            assert done.stderr == ""
            assert stage.is_untouched
            return done.returncode, json.loads(done.stdout)

    return plan


def writes(document: dict[str, Any]) -> dict[str, str]:
    """What would be written, by access key ID."""
    return {c["accessKeyId"]: c["action"] for c in document["changes"] if c["action"] in ("activate", "deactivate")}


def found(findings: list[dict[str, Any]]) -> set[tuple[str | None, str]]:
    """Which keys, by which guards; None: the whole change."""
    return {(finding["accessKeyId"], finding["guard"]) for finding in findings}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_plan(scenario: Scenario, planned: Planned) -> None:
    """The plan says what the table says, and nothing else; its exit code says it, too; nothing is written."""
    code, document = planned(scenario, stack_file_text(scenario))
    MADE_ALREADY[scenario.id] = document
    assert writes(document) == scenario.writes
    assert document.get("digest") == (digest_of(scenario) if "account" in document else None)
    assert found(document["refusals"]) == scenario.refused
    assert found(document["warnings"]) == scenario.warnings
    errors = [error for error in document["errors"] if error["type"] != "GuardRefused"]
    assert [error["type"] for error in errors] == [trouble.error for trouble in scenario.errors]
    assert [t.says for t, error in zip(scenario.errors, errors, strict=True) if t.says not in error["message"]] == []
    assert (len(document["errors"]) > len(errors)) is bool(scenario.refused)
    assert code == (1 if document["errors"] else 2 if scenario.writes else 0)
    assert {note["kind"] for note in document["notes"]} >= scenario.notes
    listed = document["undeclared"] and tuple(key["accessKeyId"] for key in document["undeclared"]["keys"])
    assert listed == scenario.undeclared
    told = "\n".join(finding["message"] for finding in (*document["refusals"], *document["warnings"]))
    assert [phrase for phrase in scenario.says if phrase not in told] == []


@pytest.mark.parametrize("scenario", REFUSED, ids=lambda scenario: scenario.id)
def test_the_lines_of_a_refusal_let_it_pass(scenario: Scenario, planned: Planned) -> None:
    """Pasted as they are, they take away every refusal; what is written, why, and all warnings stay the same."""
    text = stack_file_text(scenario)
    before = MADE_ALREADY.get(scenario.id) or planned(scenario, text)[1]
    (refused,) = (error for error in before["errors"] if error["type"] == "GuardRefused")
    code, after = planned(scenario, pasted(text, refused["configuration"], refused.get("settings", ())))
    assert after["refusals"] == []
    assert [error["type"] for error in after["errors"]] == [trouble.error for trouble in scenario.errors]
    assert code == (1 if scenario.errors else 2)
    assert writes(after) == scenario.writes
    assert found(after["warnings"]) == scenario.warnings
    reasons = {c["accessKeyId"]: c["reason"] for c in after["changes"]}
    assert {c["accessKeyId"]: c["reason"] for c in before["changes"] if c["reason"]}.items() <= reasons.items()
    assert all(reasons[key_id] for key_id, _ in scenario.refused if key_id), "whoever passes a guard gives a reason"
