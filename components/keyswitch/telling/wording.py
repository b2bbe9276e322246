"""Words one change: what happens to the key, and the known facts. All outputs share these words."""

from datetime import datetime

from keyswitch.access_key.change import Change, Kind
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.phrases import age, ago, owner
from keyswitch.access_key.record import Recorded
from keyswitch.switching.planned import Plan


def what(change: Change) -> str:
    """Say what happens to a key."""
    live = change.observed.status
    match change.kind:
        case Kind.ACTIVATE | Kind.DEACTIVATE:
            moves = f"{live} → {change.target}"
            if change.is_removal:
                return f"leaves the configuration; {moves} ({change.desired.on_removal})"
            return f"{moves} (drift: {_drift(change)})" if change.is_drift else moves
        case Kind.LEAVE:
            kept = f"the key itself stays {live}" if change.desired.status is None else f"the key is {live} already"
            return f"leaves the configuration; {kept}"
        case Kind.OBSERVE:
            return f"{live} (only observed{'; ' + _drift(change) if change.is_drift else ''})"
        case Kind.ADOPT:
            return f"stays {live}; no change in AWS, state only (adopted)"
        case Kind.RECORD:
            names = [f"drift: {_drift(change)}" if name == "drift" else name for name in change.updated]
            return f"stays {live}; no change in AWS, state only ({', '.join(names)})"
        case _:
            return f"stays {live}"


def gone(recorded: Recorded) -> str:
    """Say of a key that leaves the configuration that it no longer exists."""
    return (
        f"{owner(recorded.owner)} {recorded.desired.access_key_id}: leaves the configuration; "
        "the key is gone from AWS already"
    )


def facts(change: Change, plan: Plan) -> list[str]:
    """Say the facts about a key: its age, and for a change in AWS its last use."""
    known = [age(change.observed.create_date, plan.at)] if change.observed.create_date else []
    return [*known, use(change.access_key_id, plan)] if change.is_write else known


def use(access_key_id: str, plan: Plan) -> str:
    """Say when a key was last used, as far as the plan has looked it up."""
    if access_key_id not in plan.last_used:
        return "last use not looked up"
    return last_use(plan.last_used[access_key_id], plan.at)


def last_use(used: LastUsed | None, now: datetime, *, is_labelled: bool = False, with_region: bool = True) -> str:
    """Say when a key was last used: `last used 3 d ago by s3 from us-east-1`. Never used and not known differ.

    Args:
        used: the last use; None: it is not known.
        now: the time that it is compared with.
        is_labelled: a heading says already that this is the last use: `3 d ago by s3 from us-east-1`.
        with_region: name the region, too.
    """
    if used is None:
        return "not known" if is_labelled else "last use not known"
    if used.date is None:
        return "never" if is_labelled else "never used"
    when = f"{ago(used.date, now)} by {used.service_name}{f' from {used.region}' if with_region else ''}"
    return when if is_labelled else f"last used {when}"


def _drift(change: Change) -> str:
    return f"it was {change.recorded.status} after the last update" if change.recorded else ""
