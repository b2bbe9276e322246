"""The scenarios, level 3: `pulumi preview` on the real engine, for those that the table marks.

All share one project, whose stack is never updated: each declares its own keys, in a sandbox of its own.
"""

import re

import pytest

from scripts.pulumi_cli import PulumiCli
from tests.support.engine import Project, Run
from tests.support.scenarios.scenario import Scenario
from tests.support.scenarios.table import ON_THE_ENGINE
from tests.support.stage import announced_writes, digest_of, staged, told_findings


@pytest.fixture(scope="module")
def project(cli: PulumiCli, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """One project for all scenarios; each run gets its own environment for AWS."""
    return Project(tmp_path_factory.mktemp("scenarios"), cli, {})


def previewed(project: Project, scenario: Scenario) -> Run:
    """Preview a scenario; nothing may be written, and no traceback shown."""
    without_aws = project.environment
    *settings, (_, keys) = scenario.config.items()
    project.declare(keys, **{name.replace(":", "__"): value for name, value in settings})
    with staged(scenario) as stage:
        project.environment = {**without_aws, **stage.environment}
        try:
            run = project.preview()
        finally:
            project.environment = without_aws
        assert stage.is_untouched
    assert run.is_clean, run.output
    return run


@pytest.mark.parametrize(
    "scenario", [s for s in ON_THE_ENGINE if not s.refused and not s.errors], ids=lambda scenario: scenario.id
)
def test_the_preview(scenario: Scenario, project: Project) -> None:
    """The preview succeeds, and announces and warns of exactly what the table says."""
    run = previewed(project, scenario)
    assert run.succeeded, run.output
    assert announced_writes(run.output) == scenario.writes
    assert (f"digest of this change: {digest_of(scenario)[:16]}" in run.output) is bool(scenario.writes), run.output
    assert told_findings(run.output, warnings=True) == scenario.warnings
    assert ("warning:" in run.output) is bool(scenario.warnings), run.output
    assert [phrase for phrase in scenario.says if phrase not in run.output] == []


@pytest.mark.parametrize(
    "scenario", [s for s in ON_THE_ENGINE if s.refused or s.errors], ids=lambda scenario: scenario.id
)
def test_the_refused_preview(scenario: Scenario, project: Project) -> None:
    """The preview fails with exactly the refusals of the table, and the lines that let each of them pass."""
    run = previewed(project, scenario)
    assert not run.succeeded
    assert told_findings(run.output, warnings=False) == scenario.refused
    assert [trouble.says for trouble in scenario.errors if trouble.says not in run.output] == []
    _, _, lines = run.output.partition("To do it all the same, write among the ")
    assert bool(lines) is bool(scenario.refused)
    assert [(key, guard) for key, guard in scenario.refused if not lets_pass(lines, key, guard)] == []


def lets_pass(lines: str, access_key_id: str | None, guard: str) -> bool:
    """Whether these lines hold an entry for the key that allows it to pass the guard, or the guard's limits."""
    if access_key_id is None:
        return re.search(rf"settings:\n +keyswitch:{guard}:\n +count: \d+\n +share: \d+%$", lines, re.M) is not None
    return re.search(rf"{access_key_id}\"?:\n(?:[^:\n]+: .*\n)*? +allow: \[.*\b{guard}\b", lines) is not None
