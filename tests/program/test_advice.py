"""The one line of advice: how a very large update is spared minutes, where that helps."""

from collections.abc import Sequence
from datetime import datetime, timezone

import pytest
from pulumi.runtime.settings import SETTINGS

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.model import AccessKey, Caller, Status
from keyswitch.resources.advice import advice
from keyswitch.switching.planned import Plan

pytestmark = pytest.mark.usefixtures("project", "_state_in_files")

SIGNING = "AKIARZPUZDIKOPERATOR"
CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/operator", SIGNING, SIGNING)


@pytest.fixture
def _state_in_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """A state that is written as a whole for every key."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", "file:///var/lib/state")


def changes(number: int, status: Status = Status.INACTIVE) -> list[Change]:
    """So many keys that are Active and become so."""
    keys = [AccessKey(f"AKIAADVICE{n:06}EX", f"user-{n}", "Active", None) for n in range(number)]
    return [decide(Desired(key.access_key_id, status=status), key) for key in keys]


def planned(changes: Sequence[Change]) -> Plan:
    """A plan of nothing but these changes."""
    return Plan(CALLER, tuple(changes), (), (), (), {}, (), None, datetime.now(timezone.utc))


def test_from_200_changes_on_it_is_given() -> None:
    """One line, with the variable to set and the number of keys; not for one key less."""
    (line,) = advice(planned(changes(200)))
    assert line.startswith("advice: with PULUMI_SKIP_CHECKPOINTS=true an update of 200 keys is much faster")
    assert advice(planned(changes(199))) == []


def test_in_a_large_state_it_takes_fewer() -> None:
    """Each change writes the whole state."""
    (line,) = advice(planned([*changes(40), *changes(960, Status.ACTIVE)]))
    assert line.startswith("advice: with PULUMI_SKIP_CHECKPOINTS=true an update of 40 keys is much faster")
    assert advice(planned([*changes(39), *changes(960, Status.ACTIVE)])) == []


def test_a_few_are_few_in_any_state() -> None:
    """Beside looking at all the keys, writing them a few times takes no time."""
    assert len(advice(planned([*changes(30), *changes(4_970, Status.ACTIVE)]))) == 1
    assert advice(planned([*changes(29), *changes(4_971, Status.ACTIVE)])) == []


def test_who_follows_it_is_not_told_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable set there is nothing to say."""
    monkeypatch.setenv("PULUMI_SKIP_CHECKPOINTS", "true")
    assert advice(planned(changes(200))) == []


@pytest.mark.parametrize(("at_once", "is_given"), [(8, True), (15, True), (16, False), (64, False), (None, False)])
def test_a_small_machine_writes_as_many_keys_at_once_as_a_large_one(
    monkeypatch: pytest.MonkeyPatch, at_once: int | None, is_given: bool
) -> None:
    """Where Pulumi would write fewer than the provider can; also where the state is not a file."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", "https://api.pulumi.com")
    monkeypatch.setattr(SETTINGS, "parallel", at_once)
    said = "advice: with PULUMI_PARALLEL=16 an update of 200 keys is much faster; that is safe here"
    assert advice(planned(changes(200))) == [said] * is_given
    assert advice(planned(changes(199))) == []


def test_both_are_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """To be copied as it is."""
    monkeypatch.setattr(SETTINGS, "parallel", 8)
    (line,) = advice(planned(changes(200)))
    assert line.startswith("advice: with PULUMI_SKIP_CHECKPOINTS=true and PULUMI_PARALLEL=16 an update of 200 keys")


@pytest.mark.parametrize("url", ["https://api.pulumi.com", "http://pulumi.example.com"])
def test_where_it_would_not_help_it_is_not_given(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """A service takes each key by itself."""
    monkeypatch.setenv("PULUMI_BACKEND_URL", url)
    assert advice(planned(changes(200))) == []
