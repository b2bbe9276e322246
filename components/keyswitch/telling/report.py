"""The report on the access keys of an account, as a value. The modules beside this one word it.

It joins what AWS shows with what the configuration declares, who decided that, and what the audit found. What is not
known stays None here, and every output says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from keyswitch.access_key.audit import audit, is_ready_to_delete, off_since
from keyswitch.access_key.benchmark import Benchmark
from keyswitch.access_key.decision import Decision
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import unlisted
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.findings import Finding, Off, Severity, Subject
from keyswitch.access_key.inventory import InventoryKey, User
from keyswitch.access_key.model import LastUsed

LAG = (
    "AWS's own dashboards (Security Hub, Config, the credential report) show a switched key as it was for up to 4 hours"
)
"""What a reader should know who compares this report with them."""


@dataclass(frozen=True)
class Row:
    """One access key.

    Attributes:
        user: the owner; None: the root user.
        found: the key as AWS shows it.
        tag: the owner tag of the user; None: the user has none, or no tag was asked for.
        desired: its entry in the configuration; None: no entry names it.
        decision: who changed the entry last; None: not known.
        off: since when it has been Inactive; None: not known, or it is Active.
        is_ready_to_delete: whether it has been Inactive for long enough; None: not known.
        findings: what the audit found on it.
    """

    user: User | None
    found: InventoryKey
    tag: str | None
    desired: Desired | None
    decision: Decision | None
    off: Off | None
    is_ready_to_delete: bool | None
    findings: tuple[Finding, ...]

    @property
    def access_key_id(self) -> str:
        """The access key."""
        return self.found.key.access_key_id

    @property
    def user_name(self) -> str | None:
        """The owner; None: the root user."""
        return self.user.user_name if self.user else None

    @property
    def status(self) -> str:
        """The status as AWS shows it."""
        return self.found.key.status

    @property
    def last_used(self) -> LastUsed | None:
        """The last use; None: not known."""
        return self.found.last_used

    @property
    def is_drift(self) -> bool:
        """Whether its status is not the declared one."""
        return bool(self.desired and self.desired.status and self.desired.status.value != self.status)

    @property
    def is_exempt(self) -> bool:
        """Whether its entry may pass guards."""
        return bool(self.desired and self.desired.allow)


@dataclass(frozen=True)
class Event:
    """One moment of the timeline: a commit that decided keys, or keys that were deactivated.

    Attributes:
        date: when (UTC); None: not committed yet.
        decision: the commit; None: AWS recorded deactivations.
        access_key_ids: the keys.
    """

    date: datetime | None
    decision: Decision | None
    access_key_ids: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """The report on an account.

    Attributes:
        account: the account ID.
        at: when observing AWS began (UTC).
        uses_from: when the credential report was made from which last uses were read; None: they were looked up.
        root_has_keys: whether the root user has keys; None: not known.
        benchmark: the version of the benchmark.
        ready_after: how long a key must be Inactive to be ready to be deleted.
        owner_tag: the name of the owner tag; None: none was asked for.
        files: the stack files that were compared; empty: nothing is known of what is declared.
        only_declared: whether undeclared keys were left out.
        users: how many users were looked at.
        rows: the keys; each key once.
        findings: what the audit found, the most serious first.
        timeline: who decided, the newest first.
        problems: what could not be looked up, by user name or access key ID.
        unlisted: the problems because of which keys may be missing.
        no_trail: why it is not known since when keys are Inactive.
    """

    account: str
    at: datetime
    uses_from: datetime | None
    root_has_keys: bool | None
    benchmark: Benchmark
    ready_after: timedelta
    owner_tag: str | None
    files: tuple[str, ...]
    only_declared: bool
    users: int
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    timeline: tuple[Event, ...]
    problems: Mapping[str, KeyswitchError] = field(default_factory=dict)
    unlisted: tuple[KeyswitchError, ...] = ()
    no_trail: KeyswitchError | None = None

    def is_reached(self, severity: Severity) -> bool:
        """Whether there is a finding of this severity or a worse one."""
        return any(finding.severity.rank <= severity.rank for finding in self.findings)


def report(
    subject: Subject,
    *,
    decisions: Mapping[str, Decision] | None = None,
    files: tuple[str, ...] = (),
    owner_tag: str | None = None,
    only_declared: bool = False,
    no_trail: KeyswitchError | None = None,
) -> Report:
    """Make the report.

    Args:
        subject: what is audited, and by what.
        decisions: who changed each entry last, by access key ID.
        files: the stack files that declare the entries.
        owner_tag: the tag of a user that names who is responsible.
        only_declared: leave out what no entry names.
        no_trail: why deactivations are not known.
    """
    inventory, decided = subject.inventory, decisions or {}
    findings = tuple(f for f in audit(subject) if not only_declared or f.access_key_id in subject.declared)
    by_key: dict[str | None, list[Finding]] = {}
    for finding in findings:
        by_key.setdefault(finding.access_key_id, []).append(finding)
    rows = []
    for user, found in inventory.keys:
        key_id = found.key.access_key_id
        if only_declared and key_id not in subject.declared:
            continue
        rows.append(
            Row(
                user=user,
                found=found,
                tag=(user.tags or {}).get(owner_tag) if user and owner_tag else None,
                desired=subject.declared.get(key_id),
                decision=decided.get(key_id),
                off=off_since(found, subject),
                is_ready_to_delete=is_ready_to_delete(found, subject),
                findings=tuple(by_key.get(key_id, ())),
            )
        )
    return Report(
        account=inventory.account,
        at=inventory.at,
        uses_from=inventory.uses_from,
        root_has_keys=inventory.root_has_keys,
        benchmark=subject.benchmark,
        ready_after=subject.ready_after,
        owner_tag=owner_tag,
        files=files,
        only_declared=only_declared,
        users=sum(owner.user is not None for owner in inventory.owners),
        rows=tuple(rows),
        findings=findings,
        timeline=_timeline(rows),
        problems=inventory.problems,
        unlisted=tuple(inventory.problems[name] for name in unlisted(inventory)),
        no_trail=no_trail,
    )


def _timeline(rows: list[Row]) -> tuple[Event, ...]:
    """The commits that decided the keys, and the deactivations of each day, the newest first."""
    commits: dict[str | None, tuple[Decision, list[str]]] = {}
    days: dict[str, tuple[datetime, list[str]]] = {}
    for row in rows:
        if row.decision:
            commits.setdefault(row.decision.commit, (row.decision, []))[1].append(row.access_key_id)
        if row.off and row.off.is_exact:
            days.setdefault(f"{row.off.at:%Y-%m-%d}", (row.off.at, []))[1].append(row.access_key_id)
    events = [Event(decision.date, decision, tuple(keys)) for decision, keys in commits.values()]
    events += [Event(date, None, tuple(keys)) for date, keys in days.values()]
    return tuple(sorted(events, key=lambda e: (e.date is not None, -(e.date.timestamp() if e.date else 0))))
