"""The issue of a stack that drifted: opened once, updated, closed by itself, never another's."""

import json
from pathlib import Path

import pytest

from tests.support.github import ALICE, BOT, MAIN, Fault, GitHub
from tests.support.steps import Step, step

DIGEST = "0123456789abcdef" * 4
PLAN = (
    f"<!-- keyswitch plan -->\n<!-- keyswitch digest {DIGEST} -->\n\n### x\n\nDigest of this change: `{DIGEST[:16]}`\n"
)
MARKER = "<!-- keyswitch drift prod -->\n"


def checked(
    github: GitHub, code: int, drift: str = "### 1 key was switched", plan: str = "", stack: str = "prod"
) -> None:
    """Leave the result of a check."""
    document = {"version": 1, "mode": "drift", "stack": stack, "head": "a", "code": code, "plan": plan, "drift": drift}
    github.upload(4711, f"keyswitch-drift-{stack}", json.dumps(document))


def told(github: GitHub, folder: Path, *stacks: str) -> Step:
    """Run the step."""
    listed = [{"stack": stack} for stack in stacks or ("prod",)]
    done = step("issue.py", folder, {**github.environment, "STACKS": json.dumps(listed)})
    assert done.code == 0, done.log
    return done


def test_drift_opens_an_issue_and_its_end_closes_it(github: GitHub, tmp_path: Path) -> None:
    """Hour after hour: one issue, written only when something is new; the next drift opens another one."""
    checked(github, 2)
    told(github, tmp_path)
    (issue,) = github.issues
    assert (issue["title"], issue["body"]) == ("keyswitch: drift in prod", f"{MARKER}### 1 key was switched")
    github.asked.clear()
    told(github, tmp_path)
    assert {method for method, _ in github.asked} == {"GET"}, "nothing is new"
    checked(github, 2, "### 2 keys were switched")
    told(github, tmp_path)
    assert (len(github.issues), issue["body"]) == (1, f"{MARKER}### 2 keys were switched")
    checked(github, 0, "### no drift")
    told(github, tmp_path)
    assert (len(github.issues), issue["state"], issue["body"]) == (1, "closed", f"{MARKER}### no drift")
    told(github, tmp_path)
    checked(github, 2)
    told(github, tmp_path)
    assert [each["state"] for each in github.issues] == ["closed", "open"]


def test_without_drift_nothing_is_opened(github: GitHub, tmp_path: Path) -> None:
    """No issue, no stack to repair."""
    checked(github, 0)
    done = told(github, tmp_path)
    assert github.issues == []
    assert (done.parsed("digests"), done.parsed("stacks")) == ({}, [])


def test_a_failed_check_leaves_the_issue(github: GitHub, tmp_path: Path) -> None:
    """Nothing is known of the stack then: with an error, or without a result."""
    issue = github.issue(BOT, f"{MARKER}old")
    told(github, tmp_path)
    checked(github, 1)
    told(github, tmp_path)
    assert (issue["state"], issue["body"], len(github.issues)) == ("open", f"{MARKER}old", 1)


def test_the_issue_is_found_on_any_page(github: GitHub, tmp_path: Path) -> None:
    """Neither another user's, nor a pull request, nor another stack's is taken for it."""
    others = [
        github.issue(ALICE, MARKER),
        github.issue(BOT, MARKER, pull_request={}),
        github.issue(BOT, "<!-- keyswitch drift prod2 -->\n"),
        *(github.issue(ALICE, "") for _ in range(31)),
        github.issue(ALICE, ""),
    ]
    others[-1]["body"] = None
    own = github.issue(BOT, MARKER)
    before = [dict(each) for each in others]
    checked(github, 2)
    told(github, tmp_path)
    assert own["body"].endswith("was switched")
    assert others == before
    assert len(github.issues) == len(others) + 1


@pytest.mark.parametrize("fault", [Fault("POST", "/issues", 502, is_done=True), Fault("GET", "/issues", 503, times=3)])
def test_bad_luck_opens_no_second_issue(github: GitHub, tmp_path: Path, fault: Fault) -> None:
    """The answer to the write is lost, or GitHub is down for a moment."""
    github.faults.append(fault)
    checked(github, 2)
    told(github, tmp_path)
    assert len(github.issues) == 1


def test_a_repair_is_held_to_what_the_issue_shows(github: GitHub, tmp_path: Path) -> None:
    """The digest is of the plan that the check made; a stack that a repair cannot mend is not listed."""
    checked(github, 2, plan=PLAN)
    checked(github, 2, plan=PLAN.partition("Digest of")[0], stack="undeclared")
    checked(github, 0, stack="dev")
    done = told(github, tmp_path, "prod", "undeclared", "dev")
    assert done.parsed("digests") == {"prod": DIGEST}
    assert done.parsed("stacks") == [{"stack": "prod"}]
    assert {method for method, path in github.asked if path == f"{MAIN}/issues"} == {"GET", "POST"}
