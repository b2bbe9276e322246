"""Words one change: what happens to the key, and the known facts. Text and Markdown share these words."""

from keyswitch.access_key.change import Change, Kind
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
    """Say when a key was last used. Never used, not known and not looked up differ."""
    if access_key_id not in plan.last_used:
        return "last use not looked up"
    last_used = plan.last_used[access_key_id]
    if last_used is None:
        return "last use not known"
    if last_used.date is None:
        return "never used"
    return f"last used {ago(last_used.date, plan.at)} by {last_used.service_name} from {last_used.region}"


def _drift(change: Change) -> str:
    return f"it was {change.recorded.status} after the last update" if change.recorded else ""
