"""GitLab: the note on a merge request, and the token for AWS."""

import json
import stat
from pathlib import Path

import pytest

from tests.support.github import ALICE, BOT, TOKEN, Fault, GitHub
from tests.support.steps import Step, step

PLAN = "<!-- keyswitch plan -->\n\n### keyswitch would change 1 access key\n"
MARKER = "<!-- keyswitch stack prod -->\n"


def noted(github: GitHub, folder: Path, token: str = TOKEN) -> Step:
    """Run the step."""
    document = {"version": 1, "mode": "preview", "stack": "prod", "head": "a", "code": 2, "plan": PLAN, "drift": ""}
    (folder / "result.json").write_text(json.dumps(document), encoding="utf-8")
    environment = {
        "CI_API_V4_URL": github.url, "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7", "HEAD_SHA": "a" * 40,
        "CI_PIPELINE_URL": "https://gitlab.example/p/1", "RESULT": str(folder), "KEYSWITCH_GITLAB_TOKEN": token,
    }  # fmt: skip
    return step("gitlab_note.py", folder, environment)


def test_one_note_per_stack(github: GitHub, tmp_path: Path) -> None:
    """Found again on any page, by its marker and its author; nobody else's note is touched."""
    others = [github.comment(ALICE, MARKER), *(github.comment(BOT, "other") for _ in range(31))]
    before = [dict(note) for note in others]
    for _ in range(2):
        done = noted(github, tmp_path)
        assert done.code == 0, done.log
    assert github.comments[:-1] == before
    assert github.comments[-1]["body"].startswith(f"{MARKER}**prod** at aaaaaaaaaa · [run](https://gitlab.example/p/1)")


@pytest.mark.parametrize("fault", [Fault("POST", "/notes", 502, is_done=True), Fault("GET", "/notes", 429)])
def test_bad_luck_is_outlived(github: GitHub, tmp_path: Path, fault: Fault) -> None:
    """There is one note."""
    github.faults.append(fault)
    assert noted(github, tmp_path).code == 0
    assert len(github.comments) == 1


def test_without_a_token_it_says_so(github: GitHub, tmp_path: Path) -> None:
    """The plan is in the log and in the artifact; a wrong token is an error."""
    done = noted(github, tmp_path, token="")
    assert (done.code, github.asked) == (0, [])
    assert "KEYSWITCH_GITLAB_TOKEN is not set: no note is posted" in done.log
    assert noted(github, tmp_path, token="wrong").code == 1


def test_nobody_else_reads_the_token_for_aws(tmp_path: Path) -> None:
    """AWS's libraries read it from a file, which is the owner's alone."""
    file = tmp_path / "token"
    file.write_text("older", encoding="utf-8")
    file.chmod(0o644)
    done = step("gitlab_token.py", tmp_path, {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "KEYSWITCH_TOKEN": "jwt"})
    assert (done.code, done.log) == (0, "")
    assert (file.read_text(encoding="utf-8"), stat.S_IMODE(file.stat().st_mode)) == ("jwt", 0o600)
