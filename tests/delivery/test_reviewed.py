"""The digest of an apply: from the newest preview of exactly the merged commit, and from nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.github import ALICE, BOT, Fault, GitHub
from tests.support.steps import Step, step

HEAD, MERGE = "a" * 40, "b" * 40
DIGEST, FORGED = "0123456789abcdef" * 4, "f" * 64
STACKS = [{"stack": "prod", "environment": "production"}]


def result(digest: str = DIGEST, stack: str = "prod", **fields: Any) -> str:
    """A result as the preview leaves it."""
    plan = f"<!-- keyswitch plan -->\n<!-- keyswitch digest {digest} -->\n\n### x"
    document = {"version": 1, "mode": "preview", "stack": stack, "head": HEAD, "code": 2, "plan": plan, "drift": ""}
    return json.dumps({**document, **fields})


def pull(**fields: Any) -> dict[str, Any]:
    """The merged pull request."""
    return {
        "number": 7, "merged_at": "2026-11-25T12:00:00Z", "merge_commit_sha": MERGE, "base": {"ref": "main"},
        "head": {"sha": HEAD, "ref": "off"}, **fields,
    }  # fmt: skip


def found(github: GitHub, folder: Path, stacks: Any = STACKS, **environment: str) -> Step:
    """Run the step after the merge."""
    event = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": MERGE, "GITHUB_REF_NAME": "main", "STACK": "", "REVIEWED": ""}
    return step("reviewed.py", folder, {**github.environment, **event, "STACKS": json.dumps(stacks), **environment})


@pytest.fixture(autouse=True)
def _merged(github: GitHub) -> None:
    github.pulls[MERGE] = [pull()]


def test_the_preview_of_the_merged_commit_counts(github: GitHub, tmp_path: Path) -> None:
    """Whatever comments say: everybody with write access can edit them, and the workflow's own token is no secret."""
    github.previewed(HEAD, "off", {"keyswitch-preview-prod": result()})
    for user in (ALICE, BOT):
        github.comment(
            user, f"<!-- keyswitch stack prod -->\n<!-- keyswitch plan -->\n<!-- keyswitch digest {FORGED} -->"
        )
    done = found(github, tmp_path)
    assert done.code == 0, done.log
    assert (done.parsed("digests"), done.parsed("stacks")) == ({"prod": DIGEST}, STACKS)
    assert "reviewed in pull request 7" in done.log
    assert not any("comments" in path for _, path in github.asked)


def test_the_newest_preview_counts(github: GitHub, tmp_path: Path) -> None:
    """A pull request that was previewed again; runs and artifacts are on several pages."""
    github.largest = 2
    for number in range(5):
        last = github.previewed(HEAD, "off", {"keyswitch-preview-prod": result(f"{number}" * 64)})
    for number in range(5):
        github.upload(last["id"], f"logs-{number}", "{}")
    assert found(github, tmp_path).parsed("digests") == {"prod": "4" * 64}


@pytest.mark.parametrize(
    "other",
    [
        {"event": "workflow_dispatch"},
        {"event": "push"},
        {"head_sha": "e" * 40},
        {"path": ".github/workflows/evil.yml"},
        {"head_branch": "evil"},
        {"head_repository": {"full_name": "evil/keys"}},
    ],
    ids=lambda other: " ".join(f"{name} {value}" for name, value in other.items()),
)
def test_a_run_of_another_kind_does_not_count(github: GitHub, tmp_path: Path, other: dict[str, Any]) -> None:
    """Not that of another event, workflow, branch or repository, even for the same commit; nor another commit."""
    github.previewed(HEAD, "off", {"keyswitch-preview-prod": result()})
    github.previewed(HEAD, **{"branch": "off", "results": {"keyswitch-preview-prod": result(FORGED)}, **other})
    assert found(github, tmp_path).parsed("digests") == {"prod": DIGEST}


@pytest.mark.parametrize(
    ("state", "says"),
    [
        ("no pull request", f"{MERGE} is the merge of no pull request: nothing is applied"),
        ("not merged", "is the merge of no pull request"),
        ("merged elsewhere", "is the merge of no pull request"),
        ("merged by another commit", "is the merge of no pull request"),
        ("merged twice", "is the merge of 2 pull requests"),
        ("no preview", f"pull request 7 has no preview at {HEAD}"),
        ("the last preview failed", "the newest preview of pull request 7 did not succeed"),
        ("the last preview runs", "the newest preview of pull request 7 did not succeed"),
        ("of another commit", f"the preview of {HEAD} has a result of {'c' * 40}"),
        ("no artifact", "no digest was reviewed for prod: nothing is applied"),
        ("expired", "no digest was reviewed for prod"),
        ("no plan", "no digest was reviewed for prod"),
        ("no result", "the artifact is not a result of keyswitch"),
        ("denied", "403"),
    ],
)
def test_without_a_review_nothing_is_applied(github: GitHub, tmp_path: Path, state: str, says: str) -> None:
    """The step fails, says why, and sets no digest."""
    pulls: dict[str, list[dict[str, Any]]] = {
        "no pull request": [],
        "not merged": [pull(merged_at=None)],
        "merged elsewhere": [pull(base={"ref": "release"})],
        "merged by another commit": [pull(merge_commit_sha="d" * 40)],
        "merged twice": [pull(), pull(number=8)],
    }
    github.pulls[MERGE] = pulls.get(state, [pull()])
    text = {
        "of another commit": result(head="c" * 40),
        "no plan": result(plan="### no plan"),
        "no result": json.dumps({"version": 2}),
    }.get(state, result())
    if state != "no preview":
        run = github.previewed(HEAD, "off", {} if state == "no artifact" else {"keyswitch-preview-prod": text})
    if state.startswith("the last preview"):
        github.previewed(HEAD, "off", {}, conclusion="failure" if state.endswith("failed") else None)
    if state == "expired":
        github.artifacts[run["id"]][0]["expired"] = True
    if state == "denied":
        github.faults.append(Fault("GET", "/pulls", 403, {}, times=99))
    done = found(github, tmp_path)
    assert done.code == 1
    assert says in done.log
    assert "\n::error title=keyswitch::" in f"\n{done.log}"
    assert done.outputs == {}


def test_every_stack_needs_a_digest(github: GitHub, tmp_path: Path) -> None:
    """One that was added after the preview stops the others: the pull request was not reviewed as a whole."""
    github.previewed(HEAD, "off", {"keyswitch-preview-prod": result()})
    done = found(github, tmp_path, [*STACKS, {"stack": "dev"}])
    assert done.code == 1
    assert "no digest was reviewed for dev" in done.log


def test_by_hand_the_given_digest_counts(github: GitHub, tmp_path: Path) -> None:
    """For the named stack alone; GitHub is not asked."""
    stacks = [{"stack": "dev"}, *STACKS]
    done = found(github, tmp_path, stacks, GITHUB_EVENT_NAME="workflow_dispatch", STACK="prod", REVIEWED=DIGEST[:16])
    assert (done.parsed("digests"), done.parsed("stacks")) == ({"prod": DIGEST[:16]}, STACKS)
    assert github.asked == []


@pytest.mark.parametrize(("stack", "digest"), [("prod", ""), ("other", DIGEST)])
def test_by_hand_stack_and_digest_are_needed(github: GitHub, tmp_path: Path, stack: str, digest: str) -> None:
    """An empty digest or a stack that is not listed applies nothing."""
    done = found(github, tmp_path, GITHUB_EVENT_NAME="workflow_dispatch", STACK=stack, REVIEWED=digest)
    assert done.code == 1
    assert "no digest was reviewed for" in done.log
