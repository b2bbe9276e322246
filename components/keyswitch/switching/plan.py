"""Plans the changes of a whole configuration and asks every guard. Writes nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timezone

from keyswitch.access_key import guards
from keyswitch.access_key.account import may_be_asked, require_account
from keyswitch.access_key.bulk import too_many
from keyswitch.access_key.change import Change, by_user, decide, decide_removal, deleted, remember, unknown
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import AccessKeyNotFound, UserNotFound
from keyswitch.access_key.guards import Evidence
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from keyswitch.access_key.notes import notes
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.access_key.record import Recorded
from keyswitch.access_key.undeclared import Undeclared
from keyswitch.switching.concurrently import Progress, beside, concurrently, unreported
from keyswitch.switching.observation import Observation, observe
from keyswitch.switching.planned import Failure, Plan
from keyswitch.switching.port import Lookups, Observed

Clock = Callable[[], datetime]
"""Says the present time (UTC)."""


def utc_now() -> datetime:
    """The time of this machine's clock, in UTC."""
    return datetime.now(timezone.utc)


def plan(
    iam: Observed,
    wanted: Collection[Desired],
    account: str | None,
    policy: GuardPolicy,
    recorded: Mapping[str, Recorded] | None = None,
    *,
    owners: Mapping[str, str] | None = None,
    undeclared: Callable[[Observation], Undeclared | None] = lambda _: None,
    clock: Clock = utc_now,
    progress: Progress = unreported,
    caller: Future[Caller] | None = None,
) -> Plan:
    """Observe all keys, decide each change, and ask every guard about the whole.

    Args:
        iam: is asked.
        wanted: the entries.
        account: the declared account; None: any account will do.
        policy: how strict the guards are.
        recorded: what the state remembers, by access key ID; None: there is no state.
        owners: the owners of keys, by access key ID, as far as something else than the state knows them.
        undeclared: looks for keys that no entry names.
        clock: says the present time.
        progress: receives how far it is.
        caller: who signs, if that is being asked already.

    Raises:
        WrongAccount, IamUnavailable: nothing can be observed.
    """
    at = clock()
    remembered = recorded or {}
    declared = {desired.access_key_id for desired in wanted}
    leaving = [r for key_id, r in remembered.items() if key_id not in declared]
    owners = {**(owners or {}), **{key_id: r.owner for key_id, r in remembered.items() if r.owner}}
    looked_for = [*wanted, *(replace(r.desired, status=None, user_name=None) for r in leaving)]
    expected = [*_expected(wanted, remembered)]
    off = [key_id for key_id, status in expected if status is Status.INACTIVE]
    accounts = {r.account_id for r in remembered.values()}
    with beside(iam.caller) if caller is None else nullcontext(caller) as who:
        if not may_be_asked(iam.presumed_account, account, accounts):
            require_account(who.result(), account, accounts)
        with beside(iam.quarantined if expected else dict) as quarantined:
            observation = observe(iam, looked_for, owners, progress, off, who)
    require_account(observation.caller, account, accounts)
    gone_for_good = {
        d.access_key_id: key
        for d in wanted
        if _is_gone(d, observation)
        and (r := remembered.get(d.access_key_id))
        and (key := deleted(d, r, observation.keys_by_user.get(r.owner)))
    }
    keys = {**observation.keys, **gone_for_good}
    changes = [decide(d, keys[d.access_key_id]) for d in wanted if d.access_key_id in keys]
    if recorded is not None:
        changes = [remember(change, remembered.get(change.access_key_id)) for change in changes]
    removals = {r.desired.access_key_id: _removal(r, observation) for r in leaving}
    changes += [change for change in removals.values() if isinstance(change, Change)]
    planned = plan_changes(
        iam,
        changes,
        observation,
        policy,
        keys=len(wanted) + len(leaving),
        gone=[r for r in leaving if removals[r.desired.access_key_id] is None],
        gone_for_good=gone_for_good.keys(),
        failures=[
            *(
                Failure(unknown(d, owners.get(d.access_key_id)), observation.problems[d.access_key_id])
                for d in wanted
                if d.access_key_id not in keys
            ),
            *(removal for removal in removals.values() if isinstance(removal, Failure)),
        ],
        quarantined=quarantined.result if expected else iam.quarantined if any(c.is_write for c in changes) else dict,
        clock=lambda: at,
        progress=progress,
    )
    found = undeclared(observation)
    uses = {**found.last_used, **planned.last_used} if found else planned.last_used
    return replace(planned, undeclared=found, last_used=uses)


def plan_changes(
    iam: Lookups,
    changes: Collection[Change],
    observation: Observation,
    policy: GuardPolicy,
    *,
    keys: int | None = None,
    gone: Collection[Recorded] = (),
    gone_for_good: Collection[str] = (),
    failures: Collection[Failure] = (),
    quarantined: Callable[[], Mapping[str, str]] = dict,
    clock: Clock = utc_now,
    progress: Progress = unreported,
) -> Plan:
    """Complete a plan for changes that are decided already: look up last uses and quarantines, ask the guards.

    `keys` is the number of all keys that the whole change is about. Without it these changes are a part of it, and
    nobody judges their number.
    """
    with beside(quarantined) as asked:
        uses = concurrently(
            iam.last_used,
            [
                c.access_key_id
                for c in by_user(changes)
                if _needs_last_use(c) and c.access_key_id not in observation.last_used
            ],
            iam.concurrency,
            progress,
            "looking up last uses",
        )
    known = {**observation.last_used, **uses}
    now = clock()
    findings = guards.evaluate(changes, Evidence(observation.caller, observation.keys_by_user, known, now), policy)
    if keys is not None and (bulk := too_many(changes, keys, policy)):
        findings = (bulk, *findings)
    return Plan(
        caller=observation.caller,
        changes=tuple(by_user(changes)),
        gone=tuple(gone),
        findings=findings,
        notes=notes(
            changes,
            observation.keys_by_user,
            asked.result(),
            now,
            [change for change in changes if change.access_key_id in gone_for_good],
        ),
        last_used={key_id: used if isinstance(used, LastUsed) else None for key_id, used in known.items()},
        failures=tuple(failures),
        refusal=guards.refusal(findings, policy),
        at=now,
    )


def _expected(wanted: Collection[Desired], recorded: Mapping[str, Recorded]) -> Iterator[tuple[str, Status]]:
    """The writes that the state lets expect, before AWS is asked: access key IDs and statuses."""
    for desired in wanted:
        before = recorded.get(desired.access_key_id)
        if before is not None and desired.status is not None and before.status not in (None, desired.status.value):
            yield desired.access_key_id, desired.status


def _needs_last_use(change: Change) -> bool:
    """Guards judge a deactivation by it. Without a declared owner the look-up of the owner returns it anyway."""
    ownerless = change.desired.user_name is None and not change.desired.root and not change.is_removal
    return change.is_deactivation or (change.is_write and ownerless)


def _is_gone(desired: Desired, observation: Observation) -> bool:
    """Whether AWS says that there is no such key or user. A denied look-up proves nothing."""
    return isinstance(observation.problems.get(desired.access_key_id), (AccessKeyNotFound, UserNotFound))


def _removal(recorded: Recorded, observation: Observation) -> Change | Failure | None:
    """What happens to a key that leaves the configuration; None if it is no longer in AWS."""
    key_id = recorded.desired.access_key_id
    if key_id in observation.keys:
        return decide_removal(recorded, observation.keys[key_id])
    if _is_gone(recorded.desired, observation):
        return None
    unseen = decide_removal(recorded, AccessKey(key_id, recorded.owner, recorded.status or "not known"))
    if recorded.desired.on_removal is OnRemoval.LEAVE:  # it needs no call to AWS, so it cannot fail
        return unseen
    return Failure(unseen, observation.problems[key_id])
