"""Drift as data: the JSON document of `drift`.

Scripts depend on the fields: fields may be added, never renamed or removed.
"""

from typing import Any

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.shown import line
from keyswitch.access_key.trail import Switch
from keyswitch.switching.drift import Drift
from keyswitch.telling.document import error_document, iso, last_used, undeclared_keys
from keyswitch.telling.drift_text import notes, refusals

VERSION = 1


def drift_document(found: Drift) -> dict[str, Any]:
    """Return every key that differs, and what could not be compared."""
    plan = found.plan
    return {
        "version": VERSION,
        "account": plan.caller.account,
        "caller": plan.caller.arn,
        "at": iso(plan.at),
        "switched": [
            {
                "accessKeyId": each.change.access_key_id,
                "userName": each.change.observed.user_name,
                "status": each.change.observed.status,
                "declared": str(each.change.desired.status),
                "reason": each.change.desired.reason,
                "createDate": iso(each.change.observed.create_date),
                "lastUsed": last_used(plan.last_used.get(each.change.access_key_id)),
                "since": iso(each.switch.at if each.switch else plan.at),
                "by": _switch(each.switch),
            }
            for each in found.switched
        ],
        "gone": [
            {
                "accessKeyId": each.change.access_key_id,
                "userName": each.change.observed.user_name or None,
                "declared": each.change.desired.status.value if each.change.desired.status else None,
                "reason": each.change.desired.reason,
                "since": iso(plan.at),
                "message": line(each.error),
            }
            for each in found.gone
        ],
        "new": undeclared_keys(plan) if plan.undeclared else None,
        "refusals": [line(refusal) for refusal in refusals(found)],
        "configuration": list(found.adoption),
        "notes": [line(note) for note in notes(found)],
        "errors": [error_document(error) for error in found.errors],
    }


def drift_failure_document(error: KeyswitchError) -> dict[str, Any]:
    """Return the reason why nothing was compared."""
    lists: dict[str, Any] = {name: [] for name in ("switched", "gone", "refusals", "configuration", "notes")}
    return {"version": VERSION, **lists, "new": None, "errors": [error_document(error)]}


def _switch(switch: Switch | None) -> dict[str, Any] | None:
    if switch is None:
        return None
    return {"arn": switch.by, "sourceIp": switch.source_ip, "userAgent": switch.user_agent}
