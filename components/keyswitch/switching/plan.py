"""Says what would change for a whole configuration, with every guard asked. Writes nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone

from keyswitch.access_key import guards, summary
from keyswitch.access_key.change import Change, decide
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.guards import Evidence, Finding
from keyswitch.access_key.model import Caller, LastUsed
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.iam.gateway import Gateway
from keyswitch.switching.observation import Observation, concurrently, observe


@dataclass(frozen=True)
class Plan:
    """What would change, and what stands against it.

    Attributes:
        caller: who would do it.
        changes: one for each declared key that was found, in the order they are told.
        findings: every guard that fired.
        last_used: of the keys to be deactivated, as far as AWS says.
        errors: everything that forbids the plan; empty if it may be carried out.
        at: when AWS was looked at (UTC).
    """

    caller: Caller
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]
    last_used: Mapping[str, LastUsed]
    errors: tuple[KeyswitchError, ...]
    at: datetime

    @property
    def writes(self) -> tuple[Change, ...]:
        """The changes that write to AWS."""
        return tuple(change for change in self.changes if change.is_write)

    def lines(self) -> list[str]:
        """The plan in words, a line each."""
        return summary.lines(self.changes, self.findings, self.last_used, self.at)


def plan(gateway: Gateway, wanted: Collection[Desired], account: str | None, policy: GuardPolicy) -> Plan:
    """Observe all keys, decide about each, ask every guard about the whole.

    Raises:
        WrongAccount, IamUnavailable: nothing can be looked at.
    """
    observation = observe(gateway, wanted, account)
    changes = [
        decide(desired, observation.keys[desired.access_key_id])
        for desired in wanted
        if desired.access_key_id in observation.keys
    ]
    return plan_changes(gateway, changes, observation, policy)


def plan_changes(gateway: Gateway, changes: Collection[Change], observation: Observation, policy: GuardPolicy) -> Plan:
    """Complete a plan for changes that are decided already: look up last uses, ask the guards."""
    uses = concurrently(
        gateway.last_used,
        [c.access_key_id for c in changes if c.is_deactivation and c.access_key_id not in observation.last_used],
    )
    known = {key_id: used for key_id, used in {**observation.last_used, **uses}.items() if used is not None}
    now = datetime.now(timezone.utc)
    evidence = Evidence(observation.caller, observation.keys_by_user, known, now)
    findings = guards.evaluate(changes, evidence, policy)
    refused = guards.refusal(findings)
    return Plan(
        caller=observation.caller,
        changes=tuple(summary.by_user(changes)),
        findings=findings,
        last_used={key_id: used for key_id, used in known.items() if isinstance(used, LastUsed)},
        errors=(*observation.problems, *([refused] if refused else [])),
        at=now,
    )
