"""The guards: which deactivations are dangerous, and how that is said. Pure; what they look at is handed in.

A guard only ever looks at deactivations, since nothing is cut off by an activation or by an observation.
Account, unknown key and wrong owner are no guards in this sense: there is no way past them.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import GuardRefused, KeyswitchError
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level

RECORDING_DELAY = timedelta(minutes=15)
"""AWS records a use once in 15 minutes, so the last use may be this much later than recorded.
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html)"""


@dataclass(frozen=True)
class Evidence:
    """What the guards look at.

    Attributes:
        caller: who signs this run.
        keys_by_user: all keys of each user concerned, by user name (None: root).
        last_used: by access key ID; an error where the look-up failed; a key that is missing here is one of
            which AWS does not say.
        now: the present (UTC).
    """

    caller: Caller
    keys_by_user: Mapping[str | None, Collection[AccessKey]]
    last_used: Mapping[str, LastUsed | KeyswitchError]
    now: datetime


@dataclass(frozen=True)
class Finding:
    """One guard that fired for one key, at the level that holds for it."""

    guard: GuardName
    level: Level
    access_key_id: str
    saw: str
    why: str

    @property
    def remedy(self) -> str:
        """The configuration that lets the change pass."""
        return f"To do it all the same, give the entry a reason and  allow: [{self.guard}]"

    def __str__(self) -> str:
        return f"{self.access_key_id}: {self.saw}; {self.why}"


def evaluate(changes: Iterable[Change], evidence: Evidence, policy: GuardPolicy) -> tuple[Finding, ...]:
    """Run every guard over a whole set of changes.

    Returns:
        The findings by key, then guard, so that the order of entries never matters. A finding at
        level block means that nothing may be written.
    """
    changes = list(changes)
    after = {change.access_key_id: change.resulting_status for change in changes}
    findings = []
    for change in changes:
        if not change.is_deactivation:
            continue
        for guard, look in _GUARDS.items():
            level = policy.levels.get(guard, DEFAULT_LEVELS[guard])
            if level is Level.OFF or guard in change.desired.allow:
                continue
            seen = look(change, evidence, policy, after)
            if seen is not None:
                findings.append(Finding(guard, level, change.access_key_id, *seen))
    return tuple(sorted(findings, key=lambda f: (f.access_key_id, f.guard.value)))


def refusal(findings: Iterable[Finding]) -> GuardRefused | None:
    """Turn the blocking findings into the error that says them all; None if nothing blocks."""
    blocking = [f for f in findings if f.level is Level.BLOCK]
    if not blocking:
        return None
    lines = [f"{f} [{f.guard}]. {f.remedy}" for f in blocking]
    return GuardRefused("\n".join(lines))


_Seen = tuple[str, str] | None


def _own_credentials(change: Change, evidence: Evidence, _: GuardPolicy, __: Mapping[str, str]) -> _Seen:
    caller = evidence.caller
    if change.access_key_id == caller.access_key_id:
        return "this run signs with this key", "deactivating it locks out whoever runs this"
    if change.access_key_id == caller.source_access_key_id:
        return (
            f"this run assumed {caller.arn} with this key",
            "deactivating it locks out whoever runs this next",
        )
    return None


def _recently_used(change: Change, evidence: Evidence, policy: GuardPolicy, _: Mapping[str, str]) -> _Seen:
    used = evidence.last_used.get(change.access_key_id)
    if used is None:
        return (
            f"its last use is not known: {evidence.caller.arn} may not look it up (iam:GetAccessKeyLastUsed)",
            "it may be in use right now",
        )
    if isinstance(used, KeyswitchError):
        return f"its last use is not known: {used.what}", "it may be in use right now"
    if used.date is None or evidence.now - used.date > policy.recent_use + RECORDING_DELAY:
        return None
    return (
        f"last used {used.date:%Y-%m-%d %H:%M} UTC by {used.service_name} from {used.region}",
        f"a use within {hours(policy.recent_use)} means that something still signs with it",
    )


def _last_active_key(change: Change, evidence: Evidence, _: GuardPolicy, after: Mapping[str, str]) -> _Seen:
    user_name = change.observed.user_name
    for key in evidence.keys_by_user.get(user_name, ()):
        if after.get(key.access_key_id, key.status) == "Active":
            return None
    who = user_name if user_name is not None else "the root user"
    return f"{who} is left without any active access key", "whatever runs as this user loses access"


_GUARDS = {
    GuardName.OWN_CREDENTIALS: _own_credentials,
    GuardName.RECENTLY_USED: _recently_used,
    GuardName.LAST_ACTIVE_KEY: _last_active_key,
}


def hours(span: timedelta) -> str:
    """A span as the configuration writes it: 30m, 24h, 7d."""
    minutes = int(span.total_seconds() // 60)
    if minutes % 60:
        return f"{minutes}m"
    return f"{minutes // 1440}d" if minutes > 1440 and minutes % 1440 == 0 else f"{minutes // 60}h"
