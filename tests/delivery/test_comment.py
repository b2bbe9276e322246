"""The comments on a pull request: one per stack, found again on any page, never another's."""

import json
from pathlib import Path

import pytest

from tests.support.github import ALICE, BOT, Fault, GitHub
from tests.support.steps import Step, step

HEAD = "a" * 40
DIGEST = "0123456789abcdef" * 4
PLAN = f"<!-- keyswitch plan -->\n<!-- keyswitch digest {DIGEST} -->\n\n### keyswitch would change 1 access key\n"
OTHER = {"login": "dependabot[bot]", "type": "Bot", "id": 3}


def result(stack: str, plan: str = PLAN, mode: str = "preview", head: str = HEAD, code: int = 2) -> str:
    """A result as a job leaves it."""
    document = {"version": 1, "mode": mode, "stack": stack, "head": head, "code": code, "plan": plan, "drift": ""}
    return json.dumps(document)


def commented(github: GitHub, folder: Path, *stacks: str) -> Step:
    """Run the step."""
    environment = {
        **github.environment,
        "STACKS": json.dumps([{"stack": stack} for stack in stacks]),
        "PULL_REQUEST": "7",
        "HEAD_SHA": HEAD,
    }
    return step("comment.py", folder, environment)


@pytest.fixture(autouse=True)
def _previewed(github: GitHub) -> None:
    github.upload(4711, "keyswitch-preview-prod", result("prod"))


def test_a_comment_per_stack(github: GitHub, tmp_path: Path) -> None:
    """Each with its stack, the commit and the plan; a name with slashes has an artifact, too."""
    github.upload(4711, "keyswitch-preview-acme.keys.dev", result("acme/keys/dev"))
    done = commented(github, tmp_path, "prod", "acme/keys/dev")
    assert done.code == 0, done.log
    first, second = (comment["body"] for comment in github.comments)
    assert first.startswith("<!-- keyswitch stack prod -->\n**prod** at aaaaaaaaaa · [run](https://github.example/acme")
    assert first.endswith(PLAN)
    assert second.startswith("<!-- keyswitch stack acme/keys/dev -->\n")


def test_the_comment_is_updated_wherever_it_is(github: GitHub, tmp_path: Path) -> None:
    """It is on the fourth page; nobody else's comment with its marker is touched."""
    marker = "<!-- keyswitch stack prod -->"
    for number in range(17):
        github.comment(ALICE, f"{marker} {number}")
    github.comment(OTHER, marker)
    github.comment({**ALICE, "login": "github-actions[bot]"}, marker)
    github.comments[0]["user"] = None  # its account was deleted
    for number in range(16):
        github.comment(BOT, f"another workflow's, about {marker} {number}")
    own = github.comment(BOT, f"{marker}\nold, and edited by somebody: digest {'f' * 64}")
    github.comment(BOT, "<!-- keyswitch stack prod2 -->")
    before = [dict(comment) for comment in github.comments if comment is not own]
    done = commented(github, tmp_path, "prod")
    assert done.code == 0, done.log
    assert own["body"].endswith(PLAN)
    assert [comment for comment in github.comments if comment is not own] == before


def test_a_stack_without_a_result_says_so(github: GitHub, tmp_path: Path) -> None:
    """No reader takes the plan of an older commit for this one's."""
    old = github.comment(BOT, f"<!-- keyswitch stack dev -->\n{PLAN}")
    assert commented(github, tmp_path, "prod", "dev").code == 0
    assert "keyswitch: no plan" in old["body"]
    assert DIGEST not in old["body"]


@pytest.mark.parametrize(
    "fault",
    [
        Fault("GET", "/comments", 502, times=2),
        Fault("GET", "/comments", 403, {"Retry-After": "0"}),
        Fault("GET", "/comments", 429, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}),
        Fault("POST", "/comments", 403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}),
        Fault("POST", "/comments", 503),
        Fault("POST", "/comments", 502, is_done=True),
        Fault("GET", "/zip", 500),
    ],
    ids=lambda fault: f"{fault.method} {fault.path} {fault.status}{' done' * fault.is_done}",
)
def test_bad_luck_is_outlived(github: GitHub, tmp_path: Path, fault: Fault) -> None:
    """Rate limits and failures of the server: there is one comment, also where the answer to a write was lost."""
    github.faults.append(fault)
    done = commented(github, tmp_path, "prod")
    assert done.code == 0, done.log
    assert fault.times == 0
    assert len(github.comments) == 1


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault("POST", "/comments", 403, {}), "POST /repos/acme/keys/issues/7/comments: 403"),
        (Fault("GET", "/comments", 403, {"Retry-After": "3600"}), "GET /repos/acme/keys/issues/7/comments: 403"),
        (Fault("GET", "/comments", 500, times=99), "GET /repos/acme/keys/issues/7/comments: 500"),
    ],
    ids=["denied", "an hour's limit", "it stays broken"],
)
def test_what_lasts_is_an_error_in_one_line(github: GitHub, tmp_path: Path, fault: Fault, says: str) -> None:
    """The job fails with what was asked and answered."""
    github.faults.append(fault)
    done = commented(github, tmp_path, "prod")
    assert done.code == 1
    assert done.log.startswith(f"::error title=keyswitch::{says}")
    assert len(done.log.splitlines()) == 1
    assert github.comments == []


def test_a_long_plan_is_cut_by_whole_keys(github: GitHub, tmp_path: Path) -> None:
    """The total stays on top; the comment says how many keys the job summary has beyond."""
    rows = "".join(f"| bob | `AKIAEXAMPLE{n:09}` | {'→' * 300} |\n" for n in range(300))
    plan = (
        f"{PLAN}\n300 access keys.\n\n<details><summary>x</summary>\n\n| a | b | c |\n| - | - | - |\n{rows}\n</details>"
    )
    github.artifacts.clear()
    github.upload(4711, "keyswitch-preview-prod", result("prod", plan))
    assert commented(github, tmp_path, "prod").code == 0
    (comment,) = github.comments
    body = comment["body"]
    assert 59_000 < len(body.encode()) <= 60_000
    assert "300 access keys." in body
    shown = body.count("| bob |")
    assert f"\n\n</details>\n\n… and {300 - shown} more keys: [the job summary](" in body
    assert all(line.endswith("→ |") for line in body.splitlines() if line.startswith("| bob"))


def test_a_result_of_another_job_is_refused(github: GitHub, tmp_path: Path) -> None:
    """The artifact of one stack cannot speak for another."""
    github.upload(4711, "keyswitch-preview-dev", result("prod"))
    done = commented(github, tmp_path, "prod", "dev")
    assert (done.code, github.comments) == (1, [])
    assert "keyswitch-preview-dev has the result of another job" in done.log


def test_the_newest_of_two_attempts_counts(github: GitHub, tmp_path: Path) -> None:
    """A job that was run again leaves a second artifact of the same name; one that expired is not read."""
    github.upload(4711, "keyswitch-preview-prod", result("prod", f"{PLAN}\nagain"))
    github.upload(4711, "keyswitch-preview-dev", "gone")
    github.artifacts[4711][-1]["expired"] = True
    assert commented(github, tmp_path, "prod").code == 0
    assert github.comments[0]["body"].endswith("again")


def test_the_token_goes_nowhere_else(github: GitHub, tmp_path: Path) -> None:
    """Not to an address without encryption; the fake's store of files refuses it (see `tests/support/github.py`)."""
    github.url = "http://api.example"
    done = commented(github, tmp_path, "prod")
    assert done.code == 1
    assert "a token is sent over https only" in done.log
