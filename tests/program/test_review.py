"""A run of the engine serves a review: it is held to a reviewed change, and writes the plan as Markdown."""

from pathlib import Path

import pulumi
import pytest

from keyswitch.access_key.digest import digest
from keyswitch.resources.component import AccessKeys
from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import Sandbox
from keyswitch.telling.markdown import MARKER
from tests.support.examples import change, key
from tests.support.mocked_engine import MockedEngine
from tests.support.seeded import ALICES_OLD, BOB

CONFIG = {"keyswitch:keys": f'{{"{BOB}": "Inactive", "{ALICES_OLD}": "Inactive"}}'}
CHANGE = digest(ACCOUNT, [change(key(key_id), "Inactive") for key_id in (BOB, ALICES_OLD)])


@pytest.fixture(autouse=True)
def _here(project: Path) -> None:
    """Run in a project folder."""


def test_the_reviewed_change_is_made(engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is the one of `keyswitch plan` and of the preview, which says it."""
    monkeypatch.setenv("KEYSWITCH_REVIEWED", CHANGE[:16])
    engine.run(AccessKeys, CONFIG)
    assert engine.access_keys.keys() == {BOB, ALICES_OLD}
    assert f"digest of this change: {CHANGE[:16]}" in engine.lines()


@pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
def test_another_change_is_refused(
    engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, preview: bool
) -> None:
    """Somebody has switched a key since: nothing is registered, also if Pulumi is to go on after errors."""
    monkeypatch.setenv("KEYSWITCH_REVIEWED", CHANGE)
    monkeypatch.setenv("PULUMI_CONTINUE_ON_ERROR", "true")
    sandbox.set_status(ALICES_OLD, "Inactive")
    with pytest.raises(pulumi.RunError, match=f"not the change that was reviewed: {CHANGE[:16]} was reviewed"):
        engine.run(AccessKeys, CONFIG, preview=preview)
    assert engine.registered == {}
    assert f"Bob {BOB}: Active → Inactive" in "\n".join(engine.lines()), "today's change is shown"


def test_nothing_to_do_passes(engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """An update that succeeded can be repeated."""
    monkeypatch.setenv("KEYSWITCH_REVIEWED", CHANGE)
    for key_id in (BOB, ALICES_OLD):
        sandbox.set_status(key_id, "Inactive")
    engine.run(AccessKeys, CONFIG)
    assert engine.access_keys.keys() == {BOB, ALICES_OLD}


def test_an_empty_digest_is_refused(engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workflow that found no digest applies nothing; AWS is not even asked."""
    monkeypatch.setenv("KEYSWITCH_REVIEWED", "")
    with pytest.raises(pulumi.RunError, match="KEYSWITCH_REVIEWED: '' is not the digest of a change"):
        engine.run(AccessKeys, CONFIG)
    assert sandbox.journal == []


def test_the_plan_is_written_as_markdown(
    engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A workflow posts what the engine planned, also of a plan that is refused; other runs write no file."""
    file = tmp_path / "plan.md"
    engine.run(AccessKeys, CONFIG, preview=True)
    assert not file.exists()
    monkeypatch.setenv("KEYSWITCH_MARKDOWN", str(file))
    engine.run(AccessKeys, CONFIG, preview=True)
    assert file.read_text(encoding="utf-8").startswith(f"{MARKER}\n<!-- keyswitch digest {CHANGE} -->\n\n### ")
    monkeypatch.setenv("KEYSWITCH_REVIEWED", "0" * 16)
    with pytest.raises(pulumi.RunError):
        engine.run(AccessKeys, CONFIG, preview=True)
    assert "⛔ this is not the change that was reviewed" in file.read_text(encoding="utf-8")


def test_no_plan_is_written_as_markdown_too(
    engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The reviewer sees why; a file that cannot be written fails the run."""
    monkeypatch.setenv("KEYSWITCH_MARKDOWN", str(tmp_path / "plan.md"))
    with pytest.raises(pulumi.RunError):
        engine.run(AccessKeys, {**CONFIG, "keyswitch:account": "999999999999"})
    assert (tmp_path / "plan.md").read_text(encoding="utf-8").startswith(f"{MARKER}\n\n### keyswitch: no plan")
    monkeypatch.setenv("KEYSWITCH_MARKDOWN", str(tmp_path / "missing" / "plan.md"))
    with pytest.raises(pulumi.RunError, match="KEYSWITCH_MARKDOWN: the plan cannot be written there: No such file"):
        engine.run(AccessKeys, CONFIG)
