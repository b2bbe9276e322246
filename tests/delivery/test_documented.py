"""What docs/delivery.md says is so: the variable, the files, the digest, the times."""

import hashlib
import re
from pathlib import Path

import yaml

from keyswitch.access_key.digest import digest
from scripts.pulumi_cli import REPOSITORY
from tests.support.examples import change, key
from tests.support.seeded import BOB
from tests.support.shown import blocks
from tests.support.steps import step

PAGE = (REPOSITORY / "docs" / "delivery.md").read_text(encoding="utf-8")


def test_the_shown_variable_is_accepted(tmp_path: Path) -> None:
    """It can be copied."""
    (shown,) = blocks("docs/delivery.md", "json")
    done = step("stacks.py", tmp_path, {"KEYSWITCH_STACKS": shown})
    assert [stack["stack"] for stack in done.parsed("stacks")] == ["prod"]


def test_the_shown_form_is_the_one_that_is_digested() -> None:
    """Anybody can compute a digest with it."""
    (form,) = blocks("docs/delivery.md", "text")
    found = hashlib.sha256(form.strip().encode()).hexdigest()
    assert found == digest("123456789012", [change(key(BOB), "Inactive")])


def test_the_named_files_are_there() -> None:
    """Workflows, scripts, the example of code owners."""
    workflows = set(re.findall(r"`(\w+\.yml)`", PAGE))
    assert workflows == {path.name for path in (REPOSITORY / ".github" / "workflows").iterdir()}
    for name in re.findall(r"`(\.git[\w./-]+)`", PAGE):
        assert (REPOSITORY / name).exists(), name


def test_the_named_times_are_the_ones_that_are_set() -> None:
    """Artifacts are kept for 30 days; drift is checked hourly."""
    workflow = (REPOSITORY / ".github" / "workflows" / "keyswitch.yml").read_text(encoding="utf-8")
    assert "an expired artifact after 30 days" in PAGE
    assert "retention-days: 30\n" in workflow
    drift = yaml.load((REPOSITORY / ".github" / "workflows" / "drift.yml").read_text(encoding="utf-8"), yaml.BaseLoader)
    assert re.fullmatch(r"\d+ \* \* \* \*", drift["on"]["schedule"][0]["cron"])


def test_the_named_variables_are_read() -> None:
    """Each one stands in a workflow, in GitLab's file, in a script or in the package."""
    files = [
        REPOSITORY / ".gitlab-ci.yml",
        *(REPOSITORY / ".github").rglob("*.*"),
        *REPOSITORY.glob("components/*/*/*.py"),
    ]
    texts = "\n".join(path.read_text(encoding="utf-8") for path in files if path.suffix in (".yml", ".py"))
    names = set(re.findall(r"\b(?:KEYSWITCH|PULUMI)_[A-Z_]+\b", PAGE))
    assert len(names) == 9
    assert {name for name in names if name not in texts} == set()
