"""Asks the guards again immediately before the writes of a user, and judges what AWS shows after them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from keyswitch.access_key import guards
from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.guards import Evidence
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.switching.memory import FRESH_SECONDS
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.plan import Clock, utc_now
from keyswitch.switching.planned import Plan
from keyswitch.switching.port import Lookups


class Guarding:
    """Asks AWS and the guards again where the plan's answers are too old. Thread-safe: it keeps nothing.

    Args:
        iam: answers the look-ups; the plan's own answers, too, if it is a `Prefetch` and they are fresh.
        plan: what the guards have judged already.
        policy: how strict the guards are.
        clock: says the present time.
    """

    def __init__(self, iam: Lookups, plan: Plan, policy: GuardPolicy, clock: Clock = utc_now) -> None:
        self._iam, self._plan, self._policy, self._clock = iam, plan, policy, clock

    def refused(self, changes: Sequence[Change]) -> Mapping[str, KeyswitchError]:
        """As `SecondLook.refused`. A look-up that fails is an error of each deactivation."""
        now = self._clock()
        if now - self._plan.at <= timedelta(seconds=FRESH_SECONDS):
            return {}
        cut_off = [change.access_key_id for change in changes if change.is_deactivation]
        try:
            keys = self._iam.access_keys(changes[0].observed.user_name) or ()
            uses = {key_id: self._last_used(key_id) for key_id in cut_off}
        except KeyswitchError as error:
            return dict.fromkeys(cut_off, error)
        evidence = Evidence(self._plan.caller, {changes[0].observed.user_name: keys}, uses, now)
        findings = guards.evaluate(changes, evidence, self._policy)
        refusals = {key_id: guards.refusal(f for f in findings if f.access_key_id == key_id) for key_id in cut_off}
        return {key_id: refusal for key_id, refusal in refusals.items() if refusal is not None}

    def confirmed(self, outcome: Outcome) -> Outcome:
        """As `SecondLook.confirmed`."""
        if outcome.keys is None:
            return outcome
        error = guards.broken(outcome.change, outcome.keys, self._policy)
        return replace(outcome, became=error) if error is not None else outcome

    def _last_used(self, access_key_id: str) -> LastUsed | KeyswitchError | None:
        try:
            return self._iam.last_used(access_key_id)
        except KeyswitchError as error:
            return error
