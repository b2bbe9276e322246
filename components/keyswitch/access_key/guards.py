"""The guards: find dangerous deactivations and say why they are dangerous. Look nothing up themselves.

A guard checks only deactivations, because an activation or an observation cuts nobody off. The checks of account,
unknown key and wrong owner are not guards: no setting lets a change pass them. The guards here judge each key; bulk.py
judges the number of all deactivations.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import GuardBroken, GuardRefused, KeyswitchError
from keyswitch.access_key.model import AccessKey, Caller, LastUsed
from keyswitch.access_key.phrases import ago, owner, span
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level
from keyswitch.access_key.remedy import arguments, entries, thresholds

RECORDING_DELAY = timedelta(minutes=15)
"""AWS records a use once in 15 minutes, so the real last use may be this much later than the recorded one.
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_AccessKeyLastUsed.html)"""


_DEFAULT = GuardPolicy()


@dataclass(frozen=True)
class Evidence:
    """The facts that the guards check.

    Attributes:
        caller: the identity that signs this run.
        keys_by_user: all keys of each user in question, by user name (None: root).
        last_used: by access key ID; an error if the look-up failed; None, or missing, if AWS does not say.
        now: the present time (UTC).
    """

    caller: Caller
    keys_by_user: Mapping[str | None, Collection[AccessKey]]
    last_used: Mapping[str, LastUsed | KeyswitchError | None]
    now: datetime


@dataclass(frozen=True)
class Finding:
    """One guard that fired, with its level: for which changes, what it saw, and why that matters."""

    guard: GuardName
    level: Level
    changes: tuple[Change, ...]
    saw: str
    why: str

    @property
    def access_key_id(self) -> str | None:
        """The access key that the guard judged; None if it judged the whole change."""
        return None if self.guard is GuardName.TOO_MANY_AT_ONCE else self.changes[0].access_key_id

    @property
    def access_key_ids(self) -> tuple[str, ...]:
        """The access keys of all changes for which the guard fired."""
        return tuple(change.access_key_id for change in self.changes)

    def __str__(self) -> str:
        said = f"{self.saw}; {self.why}"
        if self.access_key_id is None:
            return said
        return f"{owner(self.changes[0].observed.user_name)} {self.access_key_id}: {said}"


def evaluate(changes: Iterable[Change], evidence: Evidence, policy: GuardPolicy) -> tuple[Finding, ...]:
    """Run every guard that judges each key, on a whole set of changes.

    Returns:
        The findings, sorted by key and guard, whatever the order of the entries. A finding at level block forbids
        every write.
    """
    changes = list(changes)
    situation = _Situation(evidence, policy, {change.access_key_id: _then(change) for change in changes})
    findings: list[Finding] = []
    for change in changes:
        if not change.is_deactivation:
            continue
        for guard, look in _GUARDS.items():
            level = policy.levels.get(guard, DEFAULT_LEVELS[guard])
            if level is Level.OFF or guard in change.desired.allow:
                continue
            seen = look(change, situation)
            if seen is not None:
                findings.append(Finding(guard, Level.WARN if seen.is_weak else level, (change,), seen.what, seen.why))
    return tuple(sorted(findings, key=lambda f: (f.access_key_ids, f.guard.value)))


def refusal(
    findings: Iterable[Finding], policy: GuardPolicy = _DEFAULT, *, in_program: bool = False
) -> GuardRefused | None:
    """Make one error of all blocking findings; None if nothing blocks.

    Args:
        findings: of any level.
        policy: the settings of the guards.
        in_program: resources of a program declare the keys, not the stack configuration.
    """
    blocking = [f for f in findings if f.level is Level.BLOCK]
    if not blocking:
        return None
    refused = [(change, f.guard) for f in blocking if f.access_key_id is not None for change in f.changes]
    how, remedy = (
        ("To do it all the same, declare", arguments(refused))
        if in_program
        else ("To do it all the same, write among the keys", entries(refused))
    )
    at_once = max((len(f.changes) for f in blocking if f.access_key_id is None), default=0)
    settings = thresholds(at_once, policy.at_once) if at_once else ()
    return GuardRefused([f"{f} [{f.guard}]" for f in blocking], how, remedy, settings)


def broken(change: Change, keys: Collection[AccessKey], policy: GuardPolicy) -> GuardBroken | None:
    """Judge a deactivation by what AWS shows after it: another run may have taken the user's other key meanwhile.

    Args:
        change: a change that was carried out.
        keys: all keys of its user, as AWS shows them afterwards.
        policy: how strict the guards are.
    """
    guard = GuardName.LAST_ACTIVE_KEY
    level = policy.levels.get(guard, DEFAULT_LEVELS[guard])
    if level is not Level.BLOCK or guard in change.desired.allow or not change.is_deactivation:
        return None
    if any(key.is_active for key in keys):
        return None
    who = change.observed.user_name or "the root user"
    return GuardBroken(
        f"{owner(change.observed.user_name)} {change.access_key_id} was deactivated, but {who} has no active key "
        f"left: another run deactivated the other one at the same time [{guard}]",
        f"To go back, write status: Active for {change.access_key_id} and repeat the run",
    )


def _then(change: Change) -> str:
    """The status of a key during the run. Keys that a removal restores count as before: they are restored last."""
    return change.observed.status if change.is_removal and change.is_activation else change.resulting_status


@dataclass(frozen=True)
class _Situation:
    evidence: Evidence
    policy: GuardPolicy
    after: Mapping[str, str]

    def leaves_active(self, user_name: str | None) -> bool:
        """Whether the user has an active key after all changes."""
        keys = self.evidence.keys_by_user.get(user_name, ())
        return any(self.after.get(key.access_key_id, key.status) == "Active" for key in keys)


@dataclass(frozen=True)
class _Seen:
    what: str
    why: str
    is_weak: bool = False
    """A warning at most, because the change may be harmless."""


def _own_credentials(change: Change, situation: _Situation) -> _Seen | None:
    user_name = change.observed.user_name
    credentials = situation.evidence.caller.credentials
    for credential in credentials:
        if credential.access_key_id == change.access_key_id:
            return _Seen(credential.said_of("this key"), "deactivating it locks out whoever runs this")
    for credential in credentials:
        if credential.is_session_of(user_name):
            who = f"user {user_name}" if user_name else "the root user"
            others = situation.leaves_active(user_name)
            return _Seen(
                f"{credential.said_of(f'a session of {who}')}, and AWS does not say with which key it was made",
                "it may be this one" if others else "no other active key is left to make the next one with",
                is_weak=others,
            )
    return None


def _recently_used(change: Change, situation: _Situation) -> _Seen | None:
    evidence, window = situation.evidence, situation.policy.recent_use
    used = evidence.last_used.get(change.access_key_id)
    if used is None:
        return _Seen(
            f"its last use is not known: {evidence.caller.arn} may not look it up (iam:GetAccessKeyLastUsed)",
            "it may be in use right now",
        )
    if isinstance(used, KeyswitchError):
        return _Seen(f"its last use is not known: {used.what}", "it may be in use right now")
    if used.date is None:
        created = change.observed.create_date
        if created is None or evidence.now - created >= RECORDING_DELAY:
            return None
        return _Seen(
            f"it was created {ago(created, evidence.now)} and no use is recorded yet",
            f"too young to tell: AWS records a use only after up to {span(RECORDING_DELAY)}",
            is_weak=True,
        )
    if evidence.now - used.date > window + RECORDING_DELAY:
        return None
    return _Seen(
        f"last used {ago(used.date, evidence.now)} ({used.date:%Y-%m-%d %H:%M} UTC) "
        f"by {used.service_name} from {used.region}",
        f"a use within {span(window)} means that something still signs with it",
    )


def _last_active_key(change: Change, situation: _Situation) -> _Seen | None:
    if situation.leaves_active(change.observed.user_name):
        return None
    who = change.observed.user_name or "the root user"
    return _Seen(f"{who} is left without any active access key", "whatever signs as this user loses access")


_GUARDS: Mapping[GuardName, Callable[[Change, _Situation], _Seen | None]] = {
    GuardName.OWN_CREDENTIALS: _own_credentials,
    GuardName.RECENTLY_USED: _recently_used,
    GuardName.LAST_ACTIVE_KEY: _last_active_key,
}
