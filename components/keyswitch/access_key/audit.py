"""Audits the access keys of an account: what a benchmark or the configuration objects to, and what mends it.

Pure: judges an inventory that others have taken. What is not known is no finding: a key whose last use AWS does not
say is not unused. A key that was never used is another thing than one that was not used for long, and a young key had
no time to be used.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from keyswitch.access_key.benchmark import ROTATED_WITHIN, UNUSED_FOR, Control
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import gone
from keyswitch.access_key.findings import CONTROLS, Finding, Off, Rule, Severity, Subject
from keyswitch.access_key.inventory import InventoryKey, Owner
from keyswitch.access_key.model import AccessKey, Status, user_name_problem
from keyswitch.access_key.phrases import age, ago, count
from keyswitch.access_key.undeclared import adopted, as_it_is
from keyswitch.access_key.written import entry


def audit(subject: Subject) -> tuple[Finding, ...]:
    """Return the findings: the most serious first, then by rule, owner and key."""
    findings = [finding for owned in subject.inventory.owners for finding in _of_owner(owned, subject)]
    findings += _hidden_root_keys(subject)
    findings += _gone(subject)
    rules = list(Rule)
    return tuple(
        sorted(findings, key=lambda f: (f.severity.rank, rules.index(f.rule), f.owner.lower(), f.access_key_id or ""))
    )


def off_since(key: InventoryKey, subject: Subject) -> Off | None:
    """Since when a key has been Inactive; None: it is Active, or that is not known.

    A key that is not among the known deactivations was deactivated before these begin. Because the last minutes are not
    recorded yet, this counts only for a key that was last used before, too.
    """
    if key.key.is_active:
        return None
    if at := subject.deactivated.get(key.key.access_key_id):
        return Off(at)
    since, created, used = subject.known_since, key.key.create_date, key.last_used
    if since is None or created is None or used is None or max(created, used.date or created) >= since:
        return None
    return Off(since, is_exact=False)


def is_ready_to_delete(key: InventoryKey, subject: Subject) -> bool | None:
    """Whether a key has been Inactive for long enough; None if it is not known since when."""
    if key.key.is_active:
        return False
    off = off_since(key, subject)
    return subject.inventory.at - off.at >= subject.ready_after if off else None


def _of_owner(owned: Owner, subject: Subject) -> Iterator[Finding]:
    for key in owned.keys:
        yield from _not_as_declared(key.key, subject)
        if owned.user is None:
            yield _root_key(key.key, subject)
        elif key.key.is_active:
            yield from _unused(key, subject)
            yield from _not_rotated(key.key, subject)
        elif (off := off_since(key, subject)) and is_ready_to_delete(key, subject):
            yield _ready_to_delete(key.key, off, subject)
    if owned.user is not None:
        yield from _several_active([key for key in owned.keys if key.key.is_active], subject)


def _root_key(key: AccessKey, subject: Subject) -> Finding:
    why = f"the root user needs no access key ({_control(Rule.ROOT_KEY, subject)})"
    lines = _deactivated(key, why, subject) if key.is_active else ()
    return _found(Rule.ROOT_KEY, Severity.HIGH, key, f"it is {key.status}", _ROOT_REMEDY, subject, lines)


_ROOT_REMEDY = (
    "Sign in as the root user and delete the key. Deactivating it contains it, but an Inactive key of the root user "
    "still fails the control"
)


def _hidden_root_keys(subject: Subject) -> Iterator[Finding]:
    """AWS says that there are root keys, but their IDs are seen by the root user only."""
    if subject.inventory.root_has_keys and all(owned.user for owned in subject.inventory.owners):
        saw = "there is at least one; only the root user can see its ID and its status"
        control = subject.benchmark.numbers[Control.NO_ROOT_KEY]
        yield Finding(Rule.ROOT_KEY, Severity.HIGH, control, None, None, saw, _ROOT_REMEDY)


def _not_as_declared(key: AccessKey, subject: Subject) -> Iterator[Finding]:
    desired = subject.declared.get(key.access_key_id)
    if desired is None or desired.status is None or desired.status.value == key.status:
        return
    yield _found(
        Rule.NOT_AS_DECLARED,
        Severity.HIGH if key.is_active else Severity.MEDIUM,
        key,
        f"it is {key.status} and declared {desired.status}",
        "Apply the configuration, or declare what AWS shows",
        subject,
        entry(adopted(desired, key)) if as_it_is(key).status else (),
    )


def _unused(key: InventoryKey, subject: Subject) -> Iterator[Finding]:
    if key.last_used is None:
        return
    used, now = key.last_used.date, subject.inventory.at
    since = used or key.key.create_date
    if since is None or (subject.inventory.uses_from or now) - since < UNUSED_FOR:  # a later use cannot be seen
        return
    if used:
        rule, saw, why = Rule.UNUSED, f"it was last used {ago(used, now)}", f"unused for {(now - used).days} d"
    else:
        rule, saw = Rule.NEVER_USED, f"it is {age(since, now)}, and no use is recorded"
        why = f"never used in {(now - since).days} d"
    lines = _deactivated(key.key, f"{why} ({_control(rule, subject)})", subject)
    remedy = "Deactivate it, and delete it when nobody misses it"
    yield _found(rule, Severity.MEDIUM, key.key, saw, remedy, subject, lines)


def _not_rotated(key: AccessKey, subject: Subject) -> Iterator[Finding]:
    now = subject.inventory.at
    if key.create_date is None or now - key.create_date <= ROTATED_WITHIN:
        return
    yield _found(
        Rule.NOT_ROTATED,
        Severity.MEDIUM,
        key,
        f"it is {age(key.create_date, now)}",
        "Create another key, give it to whatever signs with this one, and deactivate this one when nothing uses it",
        subject,
        _deactivated(key, f"replaced by a new key ({_control(Rule.NOT_ROTATED, subject)})", subject),
    )


def _several_active(active: Collection[InventoryKey], subject: Subject) -> Iterator[Finding]:
    """All active keys of a user but the one used last. A key that was never used counts as used when it was made."""
    if Control.ONE_ACTIVE not in subject.benchmark.numbers:
        return
    now = subject.inventory.at
    for key in sorted(active, key=lambda key: (_recency(key, now), key.key.access_key_id))[:-1]:
        yield _found(
            Rule.SEVERAL_ACTIVE,
            Severity.LOW,
            key.key,
            f"it is one of {count(len(active), 'active key')}, and not the one used last",
            "Deactivate it when whatever signs with it uses the other key",
            subject,
            _deactivated(key.key, f"one active key is enough ({_control(Rule.SEVERAL_ACTIVE, subject)})", subject),
        )


def _recency(key: InventoryKey, now: datetime) -> datetime:
    """When a key was last of use; a key of which that is not known counts as used now."""
    if key.last_used is None:
        return now
    return key.last_used.date or key.key.create_date or now


def _ready_to_delete(key: AccessKey, off: Off, subject: Subject) -> Finding:
    command = f"aws iam delete-access-key --user-name {key.user_name} --access-key-id {key.access_key_id}"
    remedy = f"Remove its entry, and delete it: {command}"
    when = ago(off.at, subject.inventory.at) if off.is_exact else f"before {off.at:%Y-%m-%d}"
    return _found(Rule.READY_TO_DELETE, Severity.LOW, key, f"it was deactivated {when}", remedy, subject)


def _gone(subject: Subject) -> Iterator[Finding]:
    for desired in gone(subject.declared.values(), subject.inventory):
        key = AccessKey(desired.access_key_id, desired.user_name, "not known")
        saw = f"user {desired.user_name} has no such key" if desired.user_name else "nobody has such a key"
        yield _found(Rule.GONE, Severity.LOW, key, saw, "Remove its entry; if it is mistyped, correct it", subject)


def _found(
    rule: Rule,
    severity: Severity,
    key: AccessKey,
    saw: str,
    remedy: str,
    subject: Subject,
    lines: Iterable[str] = (),
) -> Finding:
    control = subject.benchmark.numbers.get(CONTROLS[rule]) if rule in CONTROLS else None
    if rule in _DEACTIVATION_MENDS and _is_declared_inactive(key, subject):
        remedy = "It is declared Inactive already: apply the configuration"
    return Finding(rule, severity, control, key.access_key_id, key.user_name, saw, remedy, tuple(lines))


_DEACTIVATION_MENDS = {Rule.UNUSED, Rule.NEVER_USED, Rule.NOT_ROTATED, Rule.SEVERAL_ACTIVE}


def _is_declared_inactive(key: AccessKey, subject: Subject) -> bool:
    desired = subject.declared.get(key.access_key_id)
    return desired is not None and desired.status is Status.INACTIVE


def _control(rule: Rule, subject: Subject) -> str:
    return f"{subject.benchmark} control {subject.benchmark.numbers[CONTROLS[rule]]}"  # without a comma no quotes


def _deactivated(key: AccessKey, why: str, subject: Subject) -> Sequence[str]:
    """Write the entry that deactivates a key; of a declared one, its entry with another status and reason."""
    if _is_declared_inactive(key, subject):
        return ()
    owner = key.user_name if user_name_problem(key.user_name) is None else None
    new = Desired(key.access_key_id, owner, root=key.user_name is None)
    desired = subject.declared.get(key.access_key_id, new)
    return entry(replace(desired, status=Status.INACTIVE, reason=why))
