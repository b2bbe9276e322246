"""The scenarios, level 1: the plan over a fake gateway, with a clock that stands still."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pytest

from keyswitch.access_key.errors import (
    AccessDenied,
    CredentialsRefused,
    GuardRefused,
    InvalidConfiguration,
    KeyswitchError,
    Throttled,
    WrongAccount,
)
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.inventory import User
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.access_key.policy import Level
from keyswitch.configuration.stack import parse
from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, SeededKey
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.switching.undeclared import look_for_undeclared
from tests.support.examples import NOW
from tests.support.fake_gateway import Call, FakeGateway
from tests.support.scenarios.dangerous import DANGEROUS
from tests.support.scenarios.harmless import HARMLESS
from tests.support.scenarios.scenario import OTHER_ACCOUNT, Scenario
from tests.support.scenarios.table import ON_THE_ENGINE, SCENARIOS

SESSION, OF_THE_ROLE = "ASIASESSIONEXAMPLE01", "ASIAOFTHEROLEEXAMPLE"


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


def seeded(scenario: Scenario) -> list[SeededKey]:
    """The keys of the account that the signer is in."""
    if caller(scenario).account == OTHER_ACCOUNT:
        return list(scenario.elsewhere)
    return [*scenario.there, SeededKey(OPERATOR_KEY, "operator")]


def last_use(scenario: Scenario, key: SeededKey) -> LastUsed:
    """What AWS says of a key's use, which it does not say at once."""
    if key.last_used is None or key.last_used < scenario.seen_after:
        return LastUsed(key.user_name, None)
    return LastUsed(key.user_name, NOW - key.last_used, key.service_name, key.region)


def failures(scenario: Scenario) -> dict[Call, KeyswitchError]:
    """What the gateway raises for the scenario's faults that no retry overcomes, and for a signer whose key is off."""
    raised: dict[Call, KeyswitchError] = {}
    for fault in scenario.faults:
        action, about = fault["action"], fault.get("about")
        if action == "ListUsers":
            raised["users", "/"] = AccessDenied("iam:ListUsers was denied", action="iam:ListUsers")
            continue
        if fault["times"] is not None or is_denied_use(fault):
            continue
        for key in seeded(scenario):
            subject = f"iam:{action} of user {key.user_name}"
            denied = AccessDenied(f"{subject} was denied", action=f"iam:{action}")
            error = denied if fault["code"] == "AccessDenied" else Throttled(f"{subject} was throttled")
            if action == "ListAccessKeys" and about in (None, key.user_name):
                raised["access_keys", key.user_name] = error
            elif about in (None, key.access_key_id):
                raised["last_used", key.access_key_id] = error
    if any(k.access_key_id == scenario.signer.access_key_id and k.status != "Active" for k in scenario.there):
        raised["caller", None] = CredentialsRefused("AWS does not accept the credentials")
    return raised


def is_denied_use(fault: Mapping[str, object]) -> bool:
    """Whether it is the fault that the gateway does not raise: a last use that may not be looked up is not known."""
    return (fault["action"], fault["code"]) == ("GetAccessKeyLastUsed", "AccessDenied")


class Account(FakeGateway):
    """A fake gateway that also lists its users."""

    def users(self, path_prefix: str) -> tuple[User, ...]:
        """The users of the keys, whose path is /."""
        self._asked("users", path_prefix)
        names = {key.user_name for key in self.keys.values() if key.user_name}
        return tuple(User(name) for name in names if path_prefix == "/")


def gateway(scenario: Scenario) -> Account:
    """A gateway to the scenario's account, for its signer."""
    keys = seeded(scenario)
    denied = [fault.get("about") for fault in scenario.faults if is_denied_use(fault)]
    return Account(
        *(AccessKey(k.access_key_id, k.user_name, k.status, NOW - k.age) for k in keys),
        caller=caller(scenario),
        uses={k.access_key_id: last_use(scenario, k) for k in keys if not {None, k.access_key_id} & set(denied)},
        quarantines=dict.fromkeys(scenario.quarantined, "AWSCompromisedKeyQuarantineV3"),
        failures=failures(scenario),
    )


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
