"""The scenarios, level 1: the plan over a fake gateway, with a clock that stands still."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from keyswitch.access_key.errors import (
    CredentialsRefused,
    GuardRefused,
    InvalidConfiguration,
    KeyswitchError,
    WrongAccount,
)
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.policy import Level
from keyswitch.configuration.stack import parse
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.switching.undeclared import look_for_undeclared
from tests.support.examples import NOW
from tests.support.scenarios.dangerous import DANGEROUS
from tests.support.scenarios.faked import gateway
from tests.support.scenarios.harmless import HARMLESS
from tests.support.scenarios.scenario import Scenario
from tests.support.scenarios.table import ON_THE_ENGINE, SCENARIOS


def planned(scenario: Scenario) -> Plan:
    """The plan of the scenario's configuration."""
    settings = parse(scenario.config)
    account: Any = gateway(scenario)
    look = look_for_undeclared(account, settings.wanted, settings.watch)
    return plan(account, settings.wanted, settings.account, settings.policy, undeclared=look, clock=lambda: NOW)


def found(findings: Iterable[Finding], level: Level) -> set[tuple[str | None, str]]:
    """Which keys, by which guards; None: the whole change."""
    return {(f.access_key_id, f.guard.value) for f in findings if f.level is level}


def are_as_told(errors: Sequence[KeyswitchError], scenario: Scenario) -> bool:
    """Whether these are the errors of the table, of its types and with its phrases, in its order."""
    return [type(error).__name__ for error in errors] == [trouble.error for trouble in scenario.errors] and all(
        trouble.says in str(error) for trouble, error in zip(scenario.errors, errors, strict=True)
    )


STOPPED = {"InvalidConfiguration", "WrongAccount", "CredentialsRefused"}
"""The errors with which there is no plan at all."""


def is_stopped(scenario: Scenario) -> bool:
    """Whether no plan is made."""
    return any(trouble.error in STOPPED for trouble in scenario.errors)


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if not is_stopped(s)], ids=lambda scenario: scenario.id)
def test_the_plan(scenario: Scenario) -> None:
    """The plan writes what the table says, refuses and warns of what it says, and nothing else."""
    made = planned(scenario)
    writes = {c.access_key_id: "activate" if c.is_activation else "deactivate" for c in made.writes}
    assert writes == scenario.writes
    assert found(made.findings, Level.BLOCK) == scenario.refused
    assert found(made.findings, Level.WARN) == scenario.warnings
    assert any(type(error) is GuardRefused for error in made.errors) is bool(scenario.refused)
    assert are_as_told([error for error in made.errors if type(error) is not GuardRefused], scenario)
    listed = None if made.undeclared is None else tuple(key.access_key_id for key in made.undeclared.keys)
    assert listed == scenario.undeclared
    told = "\n".join(str(finding) for finding in made.findings)
    assert [phrase for phrase in scenario.says if phrase not in told] == []
    assert {note.kind.value for note in made.notes} >= scenario.notes


@pytest.mark.parametrize("scenario", [s for s in SCENARIOS if is_stopped(s)], ids=lambda scenario: scenario.id)
def test_there_is_no_plan(scenario: Scenario) -> None:
    """What concerns the whole run stops it before anything is decided."""
    with pytest.raises((InvalidConfiguration, WrongAccount, CredentialsRefused)) as stopped:
        planned(scenario)
    assert are_as_told([stopped.value], scenario)


class TestTheTable:
    """That the table is what it is said to be."""

    def test_it_is_long_enough(self) -> None:
        """At least 60 scenarios, at least 20 of them for the real engine, of both kinds."""
        assert len(SCENARIOS) >= 60
        assert len(ON_THE_ENGINE) >= 20
        assert min(sum(s.is_harmless for s in ON_THE_ENGINE), sum(not s.is_harmless for s in ON_THE_ENGINE)) >= 8

    def test_no_name_is_given_twice(self) -> None:
        """A failing test names one scenario, in whatever case it is written."""
        assert [name for name, times in Counter(s.id.lower() for s in SCENARIOS).items() if times > 1] == []

    def test_harmless_and_dangerous_are_what_they_are_called(self) -> None:
        """No harmless scenario expects an alarm, no dangerous one is without."""
        assert [s.id for s in HARMLESS if not s.is_harmless] == []
        assert [s.id for s in DANGEROUS if not (s.warnings or s.refused)] == []

    def test_every_finding_is_about_a_deactivation(self) -> None:
        """Whatever else the table expects, an alarm belongs to a key that is switched off."""
        alarms = [(s, key_id) for s in SCENARIOS for key_id, _ in s.warnings | s.refused]
        assert [(s.id, key_id) for s, key_id in alarms if key_id and s.writes.get(key_id) != "deactivate"] == []
