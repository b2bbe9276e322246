"""The JSON documents of `plan` and `apply`. Their fields are a promise to scripts: they are only ever added to."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.policy import Level
from keyswitch.switching.execution import Outcome
from keyswitch.switching.plan import Plan

VERSION = 1


def plan(planned: Plan) -> dict[str, Any]:
    """What would change, and what stands against it."""
    return {
        "version": VERSION,
        "account": planned.caller.account,
        "caller": planned.caller.arn,
        "changes": [_change(c, planned.last_used.get(c.access_key_id)) for c in planned.changes],
        "warnings": [
            {"guard": f.guard.value, "accessKeyId": f.access_key_id, "message": str(f)}
            for f in planned.findings
            if f.level is Level.WARN
        ],
        "errors": [_error(error) for error in planned.errors],
    }


def result(planned: Plan, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The plan, and what became of each of its changes."""
    return {
        **plan(planned),
        "results": [
            {
                "accessKeyId": o.change.access_key_id,
                "status": o.after.status if o.after else None,
                "error": _error(o.error) if o.error else None,
            }
            for o in sorted(outcomes, key=lambda o: o.change.access_key_id)
        ],
    }


def failure(error: KeyswitchError) -> dict[str, Any]:
    """Why there is no plan."""
    return {"version": VERSION, "changes": [], "warnings": [], "errors": [_error(error)]}


def _error(error: KeyswitchError) -> dict[str, str]:
    return {"type": type(error).__name__, "message": str(error)}


def _change(change: Change, used: LastUsed | None) -> dict[str, Any]:
    return {
        "accessKeyId": change.access_key_id,
        "userName": change.observed.user_name,
        "status": change.observed.status,
        "wanted": change.desired.status.value if change.desired.status else None,
        "action": _action(change),
        "createDate": _iso(change.observed.create_date),
        "lastUsed": {"date": _iso(used.date), "serviceName": used.service_name, "region": used.region}
        if used
        else None,
        "reason": change.desired.reason,
    }


def _action(change: Change) -> str:
    if change.desired.status is None:
        return "observe"
    if not change.is_write:
        return "none"
    return "activate" if change.is_activation else "deactivate"


def _iso(date: datetime | None) -> str | None:
    return date.isoformat() if date else None
