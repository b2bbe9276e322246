"""The scenarios, level 1: the pure decision, with a clock that stands still and nobody to ask."""

from collections import Counter
from collections.abc import Mapping

import pytest

from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Throttled
from keyswitch.access_key.guards import Evidence, Finding, evaluate, refusal
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.access_key.notes import notes
from keyswitch.access_key.policy import Level
from keyswitch.configuration.stack import Settings, parse
from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, SeededKey
from tests.support.examples import NOW
from tests.support.scenarios import DANGEROUS, HARMLESS, ON_THE_ENGINE, OTHER_ACCOUNT, SCENARIOS, Scenario

SESSION, OF_THE_ROLE = "ASIASESSIONEXAMPLE01", "ASIAOFTHEROLEEXAMPLE"


def settings_of(scenario: Scenario) -> Settings:
    """The configuration as it is read."""
    return parse(scenario.config)


def caller(scenario: Scenario) -> Caller:
    """The signer, as a run comes to know it."""
    signer = scenario.signer
    owner = next((k.user_name for k in scenario.there if k.access_key_id == signer.access_key_id), "operator")
    arn = f"arn:aws:iam::{ACCOUNT}:{f'user/{owner}' if owner else 'root'}"
    begun_with = SESSION if signer.is_session else signer.access_key_id
    if signer.handed:
        return Caller(_account(signer.handed), _assumed(signer.handed), OF_THE_ROLE, OF_THE_ROLE)
    if signer.roles:
        role = signer.roles[-1]
        behind = arn if signer.is_session else None
        return Caller(_account(role), _assumed(role), OF_THE_ROLE, begun_with, behind)
    return Caller(ACCOUNT, arn, begun_with, begun_with)


def _account(role_arn: str) -> str:
    return role_arn.split(":")[4]


def _assumed(role_arn: str) -> str:
    return f"arn:aws:sts::{_account(role_arn)}:assumed-role/{role_arn.rpartition('/')[2]}/keyswitch"


def account_keys(scenario: Scenario) -> list[AccessKey]:
    """The keys of the account that the signer is in."""
    operators = SeededKey(OPERATOR_KEY, "operator")
    there = scenario.elsewhere if caller(scenario).account == OTHER_ACCOUNT else (*scenario.there, operators)
    return [AccessKey(k.access_key_id, k.user_name, k.status, NOW - k.age) for k in there]


def last_uses(scenario: Scenario) -> dict[str, LastUsed | KeyswitchError | None]:
    """What AWS says of each key's use: not at once, and not to everybody."""
    said: dict[str, LastUsed | KeyswitchError | None] = {}
    for key in (*scenario.there, *scenario.elsewhere):
        is_seen = key.last_used is not None and key.last_used >= scenario.seen_after
        said[key.access_key_id] = (
            LastUsed(key.user_name, NOW - key.last_used, key.service_name, key.region)
            if key.last_used is not None and is_seen
            else LastUsed(key.user_name, None)
        )
    said[OPERATOR_KEY] = LastUsed("operator", None)
    for fault in scenario.faults:
        if fault["action"] != "GetAccessKeyLastUsed" or fault["times"] is not None:
            continue
        for key_id in said if fault.get("about") is None else [fault["about"]]:
            said[key_id] = None if fault["code"] == "AccessDenied" else Throttled("the look-up was throttled")
    return said


def decided(scenario: Scenario, settings: Settings) -> tuple[list[Change], Mapping[str | None, list[AccessKey]]]:
    """What each key comes to that can be found as declared, and all keys by user."""
    undecided = {trouble.about for trouble in scenario.errors}
    keys = {key.access_key_id: key for key in account_keys(scenario)}
    by_user: dict[str | None, list[AccessKey]] = {}
    for key in keys.values():
        by_user.setdefault(key.user_name, []).append(key)
    wanted = [] if None in undecided else [d for d in settings.wanted if d.access_key_id not in undecided]
    return [decide(desired, keys[desired.access_key_id]) for desired in wanted], by_user


def found(findings: tuple[Finding, ...], level: Level) -> set[tuple[str, str]]:
    """Which keys, by which guards."""
    return {(f.access_key_id, f.guard.value) for f in findings if f.level is level}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.id)
def test_the_decision(scenario: Scenario) -> None:
    """Decided is what the table says, refused what it says, warned of what it says, and nothing else."""
    if any(trouble.error == "InvalidConfiguration" for trouble in scenario.errors):
        with pytest.raises(InvalidConfiguration) as refused:
            settings_of(scenario)
        assert all(trouble.says in str(refused.value) for trouble in scenario.errors)
        return
    settings = settings_of(scenario)
    changes, by_user = decided(scenario, settings)
    evidence = Evidence(caller(scenario), by_user, last_uses(scenario), NOW)
    findings = evaluate(changes, evidence, settings.policy)
    writes = {c.access_key_id: "activate" if c.is_activation else "deactivate" for c in changes if c.is_write}
    assert writes == scenario.writes
    assert found(findings, Level.BLOCK) == scenario.refused
    assert found(findings, Level.WARN) == scenario.warnings
    assert (refusal(findings) is not None) is bool(scenario.refused)
    told = "\n".join(str(finding) for finding in findings)
    assert [phrase for phrase in scenario.says if phrase not in told] == []
    quarantines = dict.fromkeys(scenario.quarantined, "AWSCompromisedKeyQuarantineV3")
    assert {note.kind.value for note in notes(changes, by_user, quarantines, NOW)} >= scenario.notes


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
        assert [(s.id, key_id) for s, key_id in alarms if s.writes.get(key_id) != "deactivate"] == []
