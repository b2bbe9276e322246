"""The account of a scenario as a fake gateway, for its signer."""

from collections.abc import Mapping

from keyswitch.access_key.errors import AccessDenied, CredentialsRefused, KeyswitchError, Throttled
from keyswitch.access_key.inventory import User
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, SeededKey
from tests.support.examples import NOW
from tests.support.fake_gateway import Call, FakeGateway
from tests.support.scenarios.scenario import OTHER_ACCOUNT, Scenario

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
