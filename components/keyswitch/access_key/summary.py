"""The words in which changes are told: the same in a preview, in an update and in every command."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.policy import Level


def change_line(change: Change, last_used: LastUsed | None, now: datetime) -> str:
    """Tell one change: `bob AKIA…: Active → Inactive, last used 3 h ago by s3 from us-east-1; OPS-1234`."""
    who = change.observed.user_name or "root"
    text = f"{who} {change.access_key_id}: {change.observed.status}"
    if change.target is not None:
        text += f" → {change.target}"
    elif change.desired.status is None:
        text += " (only observed)"
    if last_used is not None:
        text += f", {use(last_used, now)}"
    if change.desired.reason:
        text += f"; {change.desired.reason}"
    return text


def use(last_used: LastUsed, now: datetime) -> str:
    """Tell a last use."""
    if last_used.date is None:
        return "never used"
    return f"last used {ago(last_used.date, now)} by {last_used.service_name} from {last_used.region}"


def ago(then: datetime, now: datetime) -> str:
    """Tell how long ago something was, in its largest whole unit."""
    seconds = max(0, int((now - then).total_seconds()))
    for unit, length in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length} {unit} ago"
    return "just now"


def lines(
    changes: Sequence[Change],
    findings: Iterable[Finding],
    last_used: Mapping[str, LastUsed],
    now: datetime,
) -> list[str]:
    """Tell what will change in AWS, by user; then the keys only observed, the warnings, and a total."""
    written = by_user(change for change in changes if change.is_write)
    observed = by_user(change for change in changes if change.desired.status is None)
    told = [change_line(c, last_used.get(c.access_key_id), now) for c in (*written, *observed)]
    told += [f"warning: {f} [{f.guard}]" for f in findings if f.level is Level.WARN]
    return [*told, total(changes)]


def by_user(changes: Iterable[Change]) -> list[Change]:
    """In the order they are told: by user, then key; root first."""
    return sorted(changes, key=lambda c: (c.observed.user_name or "", c.access_key_id))


def total(changes: Sequence[Change]) -> str:
    """Tell the sums: `5 access keys: 1 to activate, 2 to deactivate, 2 unchanged`."""
    kinds = Counter(
        "to activate" if c.is_activation else "to deactivate" if c.is_write else "unchanged" for c in changes
    )
    parts = [f"{kinds[kind]} {kind}" for kind in ("to activate", "to deactivate", "unchanged") if kinds[kind]]
    count = f"{len(changes)} access key{'' if len(changes) == 1 else 's'}"
    return f"{count}: {', '.join(parts)}" if parts else "no access keys are declared"
