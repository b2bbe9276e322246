"""The scenarios, for the real provider: the function that judges the whole change, and single resources."""

from typing import Any

import pytest

from keyswitch.access_key.change import Change
from keyswitch.access_key.desired import ENTRY_FIELDS
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError
from keyswitch.access_key.guards import Finding
from keyswitch.configuration.stack import parse
from keyswitch.plugin.functions import call
from keyswitch.plugin.resource import AccessKeyResource
from keyswitch.plugin.run import ProviderRun
from keyswitch.switching.adapter import Connected
from keyswitch.switching.planned import Plan
from tests.support.examples import NOW
from tests.support.scenarios.faked import gateway
from tests.support.scenarios.scenario import Scenario
from tests.support.scenarios.table import SCENARIOS

NAMES = {field.setting: field.name for field in ENTRY_FIELDS.values()}


class Listening:
    """A voice that keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: set[tuple[str, str]] = set()

    def warn(self, finding: Finding) -> None:
        self.warnings.add((finding.access_key_id, finding.guard.value))

    def left_alone(self, access_key_id: str) -> None:
        raise AssertionError(access_key_id)

    gone = left_alone

    def removed(self, change: Change, plan: Plan) -> None:
        raise AssertionError(change, plan)


def run_of(scenario: Scenario, voice: Listening) -> ProviderRun:
    """A run of the provider in the account of the scenario."""

    def connect() -> Connected:
        settings = parse({**scenario.config, "keyswitch:keys": {}})
        return Connected(gateway(scenario), settings.account, settings.policy)

    return ProviderRun(connect, voice, lambda: NOW)


def inputs(scenario: Scenario) -> list[dict[str, Any]]:
    """The keys of the scenario as inputs of the resource."""
    return [
        {"access_key_id": key_id}
        | ({NAMES.get(n, n): v for n, v in given.items()} if isinstance(given, dict) else {"status": given})
        for key_id, given in scenario.keys.items()
    ]


def said(error: KeyswitchError) -> str:
    """The text, with the names that the configuration gives to the inputs."""
    text = str(error)
    for setting, name in NAMES.items():
        text = text.replace(name, setting)
    return text


OF_DECLARED = [s for s in SCENARIOS if "undeclared" not in s.id]
"""The scenarios without those of undeclared keys: only a stack's configuration says which keys those are."""


@pytest.mark.parametrize("scenario", OF_DECLARED, ids=lambda scenario: scenario.id)
def test_the_whole_change(scenario: Scenario) -> None:
    """The function says what the plan of the scenario says, and fails for the same reasons."""
    run = run_of(scenario, Listening())
    if not is_refused(scenario):
        checked = call(run, "keyswitch:index:checkAccessKeys", {"access_keys": inputs(scenario)})
        assert {k: s for k, s in checked["statuses"].items() if k in scenario.writes} == {
            key_id: {"activate": "Active", "deactivate": "Inactive"}[kind] for key_id, kind in scenario.writes.items()
        }
        assert len(checked["statuses"]) == len(scenario.keys)
        return
    with pytest.raises(KeyswitchError) as refused:
        call(run, "keyswitch:index:checkAccessKeys", {"access_keys": inputs(scenario)})
    assert [t.says for t in scenario.errors if t.says not in said(refused.value)] == []
    assert [found for found in scenario.refused if not {*filter(None, found)} <= {*words(str(refused.value))}] == []


def words(text: str) -> list[str]:
    """The words of a text, without the marks around them."""
    return [word.strip("[]:,\"'") for word in text.split()]


ALONE = [s for s in OF_DECLARED if len(s.keys) == 1]
"""The scenarios in which a resource knows as much as the whole."""


def foreseen(scenario: Scenario, voice: Listening) -> dict[str, Any]:
    """The outputs that a preview foresees for the one key of a scenario."""
    key = AccessKeyResource(run_of(scenario, voice))
    (given,) = inputs(scenario)
    checked, problems = key.check("urn:one", {}, given)
    if problems:
        raise InvalidConfiguration(problems)
    return key.create(checked, preview=True)[1]


def is_refused(scenario: Scenario) -> bool:
    """Whether the change of the scenario is not made."""
    return bool(scenario.refused or scenario.errors)


@pytest.mark.parametrize("scenario", [s for s in ALONE if is_refused(s)], ids=lambda scenario: scenario.id)
def test_a_refused_resource(scenario: Scenario) -> None:
    """A single resource is refused for the reasons of the table."""
    with pytest.raises(KeyswitchError) as refused:
        foreseen(scenario, Listening())
    assert [t.says for t in scenario.errors if t.says not in said(refused.value)] == []
    assert [guard for _, guard in scenario.refused if guard not in str(refused.value)] == []


@pytest.mark.parametrize("scenario", [s for s in ALONE if not is_refused(s)], ids=lambda scenario: scenario.id)
def test_a_resource_that_passes(scenario: Scenario) -> None:
    """A single resource is warned of and foreseen as the table says."""
    voice = Listening()
    outputs = foreseen(scenario, voice)
    assert voice.warnings == scenario.warnings
    for action in scenario.writes.values():
        assert outputs["status"] == {"activate": "Active", "deactivate": "Inactive"}[action]
