"""Plans and results as data: the JSON documents of `plan` and `apply`, and the outputs of a stack.

Scripts depend on the fields: fields may be added, never renamed or removed. Names and reasons are exact, since JSON
escapes them. Messages, which people read, and outputs of a stack, which Pulumi prints, passed the gate of
`access_key/shown.py`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from keyswitch.access_key.change import Change, Kind
from keyswitch.access_key.errors import GuardRefused, KeyswitchError
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import LastUsed
from keyswitch.access_key.phrases import count
from keyswitch.access_key.policy import Level
from keyswitch.access_key.shown import line
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.planned import Plan
from keyswitch.telling.counting import STATE_ONLY, counts
from keyswitch.telling.grouping import LISTED, is_listed, riskiest_first

VERSION = 1

_ACTIONS = {Kind.ACTIVATE: "activate", Kind.DEACTIVATE: "deactivate", Kind.OBSERVE: "observe"}

_COUNTS = {STATE_ONLY: "only in the record"}
"""The names of sums in the outputs, where they differ from the words that people read."""


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan: every key, whether it changes or not, and everything that forbids the plan."""
    return {
        "version": VERSION,
        "account": plan.caller.account,
        "caller": plan.caller.arn,
        "digest": plan.digest,
        "changes": [_change(c, plan.last_used.get(c.access_key_id)) for c in plan.changes],
        "warnings": [_finding(f) for f in plan.findings if f.level is Level.WARN],
        "refusals": [_finding(f) for f in plan.findings if f.level is Level.BLOCK],
        "notes": [
            {"kind": note.kind.value, "accessKeyIds": list(note.access_key_ids), "message": line(note.text)}
            for note in plan.notes
        ],
        "undeclared": _undeclared(plan),
        "errors": [error_document(error) for error in plan.errors],
    }


def stack_summary(plan: Plan) -> dict[str, Any]:
    """Return the changes of a run, for the outputs of its stack. It only differs when a key changes.

    Of very many changes it lists the riskiest, as the text does; `counts` counts all.
    """
    changing = [c for c in plan.changes if is_listed(c)]
    if len(changing) > LISTED:
        changing = sorted(changing, key=riskiest_first(plan))[:LISTED]
    summary = {
        "counts": {_COUNTS.get(name, name): number for name, number in counts(plan).items()},
        "changes": {c.access_key_id: _brief(c, plan.last_used.get(c.access_key_id)) for c in changing},
        "warnings": [_named(f) for f in plan.findings if f.level is Level.WARN][:LISTED],
        "notes": sorted({note.kind.value for note in plan.notes}),
    }
    return {name: displayed(part) for name, part in summary.items()}


def displayed(value: Any) -> Any:  # noqa: ANN401  (whatever JSON can hold)
    """Return the data with every text passed through the gate, because Pulumi prints outputs as they are."""
    if isinstance(value, str):
        return line(value)
    if isinstance(value, list):
        return [displayed(item) for item in value]
    return {name: displayed(item) for name, item in value.items()} if isinstance(value, dict) else value


def result_document(plan: Plan, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the plan with the result of each change."""
    return {
        **plan_document(plan),
        "results": [
            {
                "accessKeyId": o.change.access_key_id,
                "status": o.after.status if o.after else None,
                "error": error_document(o.error) if o.error else None,
            }
            for o in sorted(outcomes, key=lambda o: o.change.access_key_id)
        ],
    }


def failure_document(error: KeyswitchError) -> dict[str, Any]:
    """Return the reason why there is no plan."""
    return {
        "version": VERSION,
        "changes": [],
        "warnings": [],
        "refusals": [],
        "notes": [],
        "undeclared": None,
        "errors": [error_document(error)],
    }


def error_document(error: KeyswitchError) -> dict[str, Any]:
    """Return an error, and for a refusal the lines of configuration that let it pass."""
    document: dict[str, Any] = {"type": type(error).__name__, "message": str(error)}
    if isinstance(error, GuardRefused):
        document["configuration"] = list(error.remedy)
        if error.settings:
            document["settings"] = list(error.settings)
    return document


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "guard": finding.guard.value,
        "accessKeyId": finding.access_key_id,
        "accessKeyIds": list(finding.access_key_ids),
        "message": line(finding),
    }


def _named(finding: Finding) -> str:
    return f"{finding.access_key_id or count(len(finding.changes), 'key')} {finding.guard}"


def _change(change: Change, used: LastUsed | None) -> dict[str, Any]:
    return {
        "accessKeyId": change.access_key_id,
        "userName": change.observed.user_name,
        "status": change.observed.status,
        "wanted": change.desired.status.value if change.desired.status else None,
        "action": _ACTIONS.get(change.kind, "none"),
        "record": change.record.value,
        "drift": change.is_drift,
        "createDate": iso(change.observed.create_date),
        "lastUsed": last_used(used),
        "reason": change.desired.reason,
    }


def undeclared_keys(plan: Plan) -> list[dict[str, Any]]:
    """Return the keys that no entry names."""
    return [
        {
            "accessKeyId": key.access_key_id,
            "userName": key.user_name,
            "status": key.status,
            "createDate": iso(key.create_date),
            "lastUsed": last_used(plan.last_used.get(key.access_key_id)),
        }
        for key in (plan.undeclared.keys if plan.undeclared else ())
    ]


def _undeclared(plan: Plan) -> dict[str, Any] | None:
    if plan.undeclared is None:
        return None
    return {"keys": undeclared_keys(plan), "errors": [error_document(problem) for problem in plan.undeclared.problems]}


def last_used(used: LastUsed | None) -> dict[str, Any] | None:
    """Return a last use; a date of null: never used."""
    return {"date": iso(used.date), "serviceName": used.service_name, "region": used.region} if used else None


def _brief(change: Change, used: LastUsed | None) -> dict[str, Any]:
    """Return a change without its empty fields, because Pulumi prints a line for each field of an output."""
    document = _change(change, used)
    if used is not None:
        document["lastUsed"] = {name: value for name, value in document["lastUsed"].items() if value} or "never"
    return {name: value for name, value in document.items() if value and name != "accessKeyId"}


def iso(date: datetime | None) -> str | None:
    """Return a date in ISO 8601."""
    return date.isoformat() if date else None
