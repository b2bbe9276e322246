"""`keyswitch check`: the whole configuration offline, as text, as JSON, and as annotations of GitHub."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from keyswitch.access_key.errors import Problem
from keyswitch.telling.checked import Checked, annotations
from scripts.pulumi_cli import REPOSITORY
from tests.support.command import Run
from tests.support.hostile import PAYLOADS

BOB = "AKIAIOSFODNN7EXAMPLE"
GOOD = f"config:\n  keyswitch:keys:\n    {BOB}: Inactive\n"
BAD = f"config:\n  keyswitch:recentUse: 1w\n  keyswitch:keys:\n    {BOB}: inactive\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a valid and an invalid stack file, and nothing by which AWS could be reached."""
    (tmp_path / "Pulumi.good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "Pulumi.bad.yaml").write_text(BAD, encoding="utf-8")
    (tmp_path / "Pulumi.yaml").write_text("name: keyswitch\nruntime: python\n", encoding="utf-8")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    return tmp_path


def test_a_valid_stack_needs_neither_network_nor_credentials(folder: Path, run: Run) -> None:
    """One line a file; exit code 0."""
    done = run("check", "--stack", "good", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "Pulumi.good.yaml: valid, 1 access key\n", "")


@pytest.mark.parametrize(
    "arguments",
    [("--stack", "good", "--stack", "bad"), ("--file", "Pulumi.good.yaml", "--file", "Pulumi.bad.yaml")],
    ids=["stacks", "files"],
)
def test_several_files_are_checked_in_one_run(folder: Path, run: Run, arguments: tuple[str, ...]) -> None:
    """The valid one is named, all problems of the other come with file and line; exit code 1."""
    done = run("check", *arguments, cwd=folder)
    assert done.returncode == 1
    assert done.stdout == "Pulumi.good.yaml: valid, 1 access key\n"
    assert "Pulumi.bad.yaml:2: keyswitch:recentUse: " in done.stderr
    assert f"Pulumi.bad.yaml:4: keyswitch:keys.{BOB}: 'inactive' is not a status" in done.stderr


def test_the_document_names_each_problem_with_its_place(folder: Path, run: Run) -> None:
    """The fields are a promise to scripts: they are only ever added to."""
    done = run("check", "--json", "--stack", "good", "--stack", "bad", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    document = json.loads(done.stdout)
    assert document.keys() == {"version", "files"}
    good, bad = document["files"]
    assert good == {"file": "Pulumi.good.yaml", "keys": 1, "problems": []}
    first, second = bad["problems"]
    assert first.keys() == {"file", "line", "field", "message"}
    places = [(p["file"], p["line"], p["field"]) for p in (first, second)]
    assert places == [
        ("Pulumi.bad.yaml", 2, "keyswitch:recentUse"),
        ("Pulumi.bad.yaml", 4, f"keyswitch:keys.{BOB}"),
    ]


def test_github_shows_each_problem_beside_its_line(folder: Path, run: Run) -> None:
    """A workflow command a problem, and nothing else."""
    done = run("check", "--format", "github", "--stack", "bad", cwd=folder)
    assert (done.returncode, done.stderr) == (1, "")
    first, second = done.stdout.splitlines()
    assert first.startswith("::error file=Pulumi.bad.yaml,line=2,title=keyswitch::keyswitch:recentUse: ")
    assert second.startswith("::error file=Pulumi.bad.yaml,line=4,title=keyswitch::")


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_no_text_ends_an_annotation_or_begins_another(text: str) -> None:
    """Whatever stands in a file or in its name: one command in one line, with the three properties it should have."""
    (command,) = annotations([Checked("x", 0, (Problem(text, text, f"{text}:7"),))])
    assert len(command.splitlines()) == 1
    assert re.fullmatch(r"::error file=[^:,]*,line=7,title=keyswitch::.*", command)
    assert "\x1b" not in command


def test_a_file_that_is_not_there_is_a_problem(folder: Path, run: Run) -> None:
    """As is a use without any file."""
    done = run("check", "--file", "nowhere.yaml", cwd=folder)
    assert done.returncode == 1
    assert "nowhere.yaml: cannot be read" in done.stderr
    assert run("check", cwd=folder).returncode == 1


def test_pre_commit_runs_it_on_the_stack_files(folder: Path) -> None:
    """The hook matches the stack files, and its entry takes them as pre-commit passes them."""
    (hook,) = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    names = ["stacks/Pulumi.prod.yaml", "Pulumi.dev.json", "Pulumi.yaml", "stacks/keys.prod.yaml", "docs/Pulumi.md"]
    assert [name for name in names if re.search(hook["files"], name)] == names[:2]
    command = [str(Path(sys.executable).parent / "keyswitch"), *shlex.split(hook["entry"])[1:]]
    for files, code in ((["Pulumi.good.yaml"], 0), (["Pulumi.good.yaml", "Pulumi.bad.yaml"], 1)):
        done = subprocess.run([*command, *files], cwd=folder, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done.stderr
