"""The files of the workflows: valid, without findings, with the least permissions; each step is one that is tested."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from keyswitch.cli.main import app
from scripts.pulumi_cli import REPOSITORY

GITHUB = REPOSITORY / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
WORKFLOWS = {
    file.stem: yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader) for file in FILES
}  # `on` is a text
GITLAB = yaml.safe_load((REPOSITORY / ".gitlab-ci.yml").read_text(encoding="utf-8"))
JOBS = {f"{name}: {job}": body for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()}
TOOLS = Path(sys.executable).parent
IN_STEPS = {*GITHUB.glob("scripts/*.py")} - {
    GITHUB / "scripts" / f"{name}.py" for name in ("api", "fitting", "results")
}


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every step, with the name of its job."""
    for name, job in JOBS.items():
        yield from ((name, step) for step in job.get("steps", ()))


def commands() -> Iterator[str]:
    """Every command that a step runs, at GitHub or at GitLab."""
    yield from (step["run"] for _, step in steps() if "run" in step)
    for job in GITLAB.values():
        if isinstance(job, dict):
            yield from (*job.get("before_script", ()), *job.get("script", ()))


def test_make_check_audits_them() -> None:
    """The schemas and zizmor are part of `make check`, offline; a finding of any severity fails it."""
    done = subprocess.run(
        ["make", "--dry-run", "--always-make", "check"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert "check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/" in done.stdout
    assert "check-jsonschema --builtin-schema vendor.gitlab-ci --data-transform gitlab-ci .gitlab-ci.yml" in done.stdout
    (audit,) = re.findall(r"^\S+/zizmor .*$", done.stdout, re.MULTILINE)
    assert "--offline" in audit
    assert "severity" not in audit


def test_a_finding_is_noticed(tmp_path: Path) -> None:
    """As a loosened file proves: an action that is not pinned, and a token that is left in the work tree."""
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    text = (GITHUB / "workflows" / "preview.yml").read_text(encoding="utf-8")
    text = re.sub(r"checkout@\S+", "checkout@v7", text).replace("persist-credentials: false", "fetch-depth: 1")
    (folder / "preview.yml").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [TOOLS / "zizmor", "--offline", "--no-progress", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "unpinned-uses" in done.stdout
    assert "artipacked" in done.stdout


def test_actionlint_has_no_findings(tmp_path: Path) -> None:
    """Where it is on PATH. It does not know GitHub's name for this repository, `$/`, yet."""
    if not (actionlint := shutil.which("actionlint")):
        pytest.skip("no actionlint on PATH")
    shutil.copytree(GITHUB, tmp_path / ".github")
    for file in (tmp_path / ".github" / "workflows").iterdir():
        file.write_text(file.read_text(encoding="utf-8").replace("uses: $/", "uses: ./"), encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    done = subprocess.run([actionlint, "-no-color"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_every_step_is_a_script_or_a_command_of_keyswitch() -> None:
    """No step has shell code of its own; every script is used, and every command is one."""
    used = set()
    for command in commands():
        script = re.fullmatch(r"(?:python3?|\.venv/bin/python) \.github/scripts/(\w+\.py)", command)
        if script:
            used.add(GITHUB / "scripts" / script[1])
            continue
        own = re.fullmatch(r"\.venv/bin/keyswitch (\w+) (.+)", command)
        assert own, command
        get_command(app).commands[own[1]].make_context(own[1], own[2].split())  # type: ignore[attr-defined]
    assert used == IN_STEPS


def test_nothing_is_permitted_but_what_a_job_needs() -> None:
    """On top nothing; below, these and no others: whoever has AWS cannot write to GitHub, and the other way round."""
    assert [workflow["permissions"] for workflow in WORKFLOWS.values()] == [{}] * 4
    reads, signs_in = {"contents": "read"}, {"contents": "read", "id-token": "write"}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "keyswitch: stack": signs_in,
        "preview: stacks": reads,
        "preview: check": reads,
        "preview: preview": signs_in,
        "preview: comment": {**reads, "actions": "read", "pull-requests": "write"},
        "apply: stacks": reads,
        "apply: reviewed": {**reads, "actions": "read", "pull-requests": "read"},
        "apply: apply": signs_in,
        "drift: stacks": reads,
        "drift: drift": signs_in,
        "drift: issue": {**reads, "actions": "read", "issues": "write"},
        "drift: repair": signs_in,
    }


def test_no_workflow_runs_a_forks_code_with_secrets() -> None:
    """`pull_request` gives a fork neither secrets nor a token for AWS; no event does otherwise."""
    assert {name: set(workflow["on"]) for name, workflow in WORKFLOWS.items()} == {
        "keyswitch": {"workflow_call"},
        "preview": {"pull_request"},
        "apply": {"push", "workflow_dispatch"},
        "drift": {"schedule", "workflow_dispatch"},
    }


def test_every_action_is_pinned_and_leaves_no_token() -> None:
    """By commit, with its version beside it; each action has one version."""
    pins = {}
    for file in FILES:
        for action, pin, version in re.findall(r"uses: ([\w/-]+)@(\S+) # (v\d+\.\d+\.\d+)\n", file.read_text("utf-8")):
            assert re.fullmatch("[0-9a-f]{40}", pin)
            assert pins.setdefault(action, (pin, version)) == (pin, version)
    used = [step["uses"] for _, step in steps() if "uses" in step]
    assert len(pins) == 5
    assert {each.partition("@")[0] for each in used} == pins.keys()
    checkouts = [step for _, step in steps() if step.get("uses", "").startswith("actions/checkout@")]
    assert len(checkouts) == 8
    assert all(step["with"]["persist-credentials"] == "false" for step in checkouts)


@pytest.mark.parametrize("name", ["preview: preview", "apply: apply", "drift: drift", "drift: repair"])
def test_a_caller_gives_what_is_asked(name: str) -> None:
    """Only an apply or a repair gets the role that switches keys, with the environment and the reviewed digest."""
    job, called = JOBS[name], WORKFLOWS["keyswitch"]["on"]["workflow_call"]
    given = job["with"]
    assert given.keys() <= called["inputs"].keys()
    assert {each for each, asked in called["inputs"].items() if asked.get("required")} <= given.keys()
    assert job["secrets"].keys() == called["secrets"].keys()
    if name in ("apply: apply", "drift: repair"):
        assert given["role"] == "${{ matrix.apply_role }}"
        assert given["environment"] == "${{ matrix.environment }}"
        assert re.fullmatch(
            r"\$\{\{ fromJSON\(needs\.(reviewed|issue)\.outputs\.digests\)\[matrix\.stack\] \}\}", given["reviewed"]
        )
    else:
        assert given["role"] == "${{ matrix.preview_role }}"
        assert given.keys() & {"environment", "reviewed"} == set()


def test_no_update_is_cancelled() -> None:
    """One update of a stack at a time; only previews of an older commit are cancelled."""
    assert JOBS["keyswitch: stack"]["concurrency"]["cancel-in-progress"] == "false"
    assert [name for name, workflow in WORKFLOWS.items() if "concurrency" in workflow] == ["preview"]


def test_the_pulumi_cli_is_new_enough() -> None:
    """Its version is that of the SDK in the lock file."""
    (pinned,) = (step["with"]["pulumi-version"] for _, step in steps() if "pulumi/actions" in step.get("uses", ""))
    assert f"pulumi=={pinned}" in (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").split()


def test_gitlab_applies_by_hand_in_a_protected_environment() -> None:
    """And only what the plan of the same pipeline showed."""
    apply = GITLAB["apply"]
    assert [rule["when"] for rule in apply["rules"]] == ["manual"]
    assert (apply["needs"], apply["environment"]) == (["plan"], {"name": "production"})
    assert apply["variables"]["AWS_ROLE_ARN"] == "$KEYSWITCH_APPLY_ROLE"
    assert apply["variables"]["REVIEWED_RESULT"].endswith("/keyswitch-result/result.json")
    roles = {name for name, job in GITLAB.items() if "APPLY_ROLE" in str(job)}
    assert roles == {"apply"}
