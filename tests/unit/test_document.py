"""Plans as data: every field that scripts and stack outputs rely on is pinned here."""

import json
from datetime import timedelta

from keyswitch.access_key.change import Change, by_user, decide_removal, remember
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.errors import AccessDenied, AccessKeyNotFound, KeyswitchError
from keyswitch.access_key.guards import evaluate, refusal
from keyswitch.access_key.notes import notes
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.planned import Plan
from keyswitch.telling.document import failure_document, plan_document, result_document, stack_summary
from keyswitch.telling.grouping import LISTED
from tests.support.examples import (
    ACCOUNT,
    ALICES,
    NEW,
    NOW,
    OLD,
    OPERATOR,
    UNKNOWN,
    YEARS_AGO,
    change,
    evidence,
    failure,
    key,
    many,
    recorded,
    used,
)


def _plan(*changes: Change, uses=None, gone=(), errors: tuple[KeyswitchError, ...] = ()) -> Plan:
    seen = evidence(*(made.observed for made in changes), uses=uses)
    findings = evaluate(changes, seen, GuardPolicy())
    refused = refusal(findings)
    return Plan(
        caller=OPERATOR,
        changes=tuple(by_user(changes)),
        gone=tuple(gone),
        findings=findings,
        notes=notes(changes, seen.keys_by_user, {}, NOW),
        last_used=uses or {},
        failures=tuple(map(failure, errors)),
        refusal=refused,
        at=NOW,
    )


_OFF = change(key(created=YEARS_AGO), "Inactive", reason="OPS-1234")
_USED = {OLD: used(timedelta(days=100))}
_OFF_AS_DATA = {
    "accessKeyId": OLD,
    "userName": "bob",
    "status": "Active",
    "wanted": "Inactive",
    "action": "deactivate",
    "record": "unknown",
    "drift": False,
    "createDate": "2024-04-27T12:00:00+00:00",
    "lastUsed": {"date": "2025-02-21T12:00:00+00:00", "serviceName": "s3", "region": "us-east-1"},
    "reason": "OPS-1234",
}


def test_a_plan_is_this_document():
    """IAM's own names in camelCase; every field is always there."""
    planned = _plan(_OFF, uses=_USED)
    (finding,) = planned.findings
    (note,) = planned.notes
    assert plan_document(planned) == {
        "version": 1,
        "account": ACCOUNT,
        "caller": OPERATOR.arn,
        "digest": planned.digest,
        "changes": [_OFF_AS_DATA],
        "warnings": [{"guard": "lastActiveKey", "accessKeyId": OLD, "accessKeyIds": [OLD], "message": str(finding)}],
        "refusals": [],
        "notes": [{"kind": "sessionsOutlive", "accessKeyIds": [OLD], "message": note.text}],
        "undeclared": None,
        "errors": [],
    }


def test_every_key_is_in_the_document_whether_it_changes_or_not():
    """An auditor's script needs those that stay as they are, too."""
    changes = [
        change(key(status="Inactive"), "Active"),
        change(key(NEW), "Active"),
        change(key(ALICES, "alice"), None),
    ]
    found = {each["accessKeyId"]: each for each in plan_document(_plan(*changes))["changes"]}
    assert {key_id: (each["action"], each["wanted"]) for key_id, each in found.items()} == {
        OLD: ("activate", "Active"),
        NEW: ("none", "Active"),
        ALICES: ("observe", None),
    }
    assert {each["lastUsed"] for each in found.values()} == {None}
    assert {each["createDate"] for each in found.values()} == {None}


def test_what_the_state_knows_is_in_the_document():
    """Records and drift, and keys that leave with what happens to them."""
    changes = [
        remember(change(key(status="Inactive"), "Active"), recorded(wanted="Active")),
        remember(change(key(ALICES, "alice"), "Active"), None),
        decide_removal(recorded(NEW, on_removal=OnRemoval.DEACTIVATE), key(NEW)),
        decide_removal(recorded(UNKNOWN), key(UNKNOWN)),
    ]
    found = {each["accessKeyId"]: each for each in plan_document(_plan(*changes))["changes"]}
    assert {key_id: (each["action"], each["record"], each["drift"]) for key_id, each in found.items()} == {
        OLD: ("activate", "updated", True),
        ALICES: ("none", "adopted", False),
        NEW: ("deactivate", "removed", False),
        UNKNOWN: ("none", "removed", False),
    }


def test_a_key_that_was_never_used_differs_from_one_that_is_not_known():
    """A map without a date, and nothing at all."""
    never = plan_document(_plan(change(key(), "Inactive"), uses={OLD: used(None)}))["changes"][0]["lastUsed"]
    assert never == {"date": None, "serviceName": None, "region": None}
    assert plan_document(_plan(change(key(), "Inactive"), uses={OLD: None}))["changes"][0]["lastUsed"] is None


def test_refusals_and_errors_are_in_the_document_with_what_lets_them_pass():
    """A bot can offer the lines of configuration; other errors have none."""
    missing = AccessKeyNotFound("There is no access key X", "Check the key ID")
    planned = _plan(_OFF, uses={}, errors=(missing,))
    found = plan_document(planned)
    assert [refused["guard"] for refused in found["refusals"]] == ["recentlyUsed"]
    assert set(found["refusals"][0]) == {"guard", "accessKeyId", "accessKeyIds", "message"}
    assert found["errors"][0] == {
        "type": "AccessKeyNotFound",
        "message": "There is no access key X. Check the key ID",
    }
    assert found["errors"][1] == {
        "type": "GuardRefused",
        "message": str(planned.errors[1]),
        "configuration": [
            f"{OLD}:",
            "  status: Inactive",
            "  reason: OPS-1234",
            "  allow: [recentlyUsed]",
        ],
    }


def test_a_failure_has_the_same_fields_as_a_plan():
    """A script reads both alike; account and caller are not known then."""
    failed = failure_document(AccessDenied("denied", "grant it", action="iam:ListAccessKeys"))
    assert failed == {
        "version": 1,
        "changes": [],
        "warnings": [],
        "refusals": [],
        "notes": [],
        "undeclared": None,
        "errors": [{"type": "AccessDenied", "message": "denied. grant it"}],
    }
    assert set(plan_document(_plan())) - set(failed) == {"account", "caller", "digest"}


def test_a_result_is_the_plan_and_what_became_of_it():
    """By key, whatever finished first; an error in place of a status."""
    changes = [change(key(), "Inactive"), change(key(NEW, status="Inactive"), "Active")]
    planned = _plan(*changes)
    denied = AccessDenied("denied", action="iam:UpdateAccessKey")
    done = [Outcome(changes[0], key(status="Inactive")), Outcome(changes[1], denied)]
    found = result_document(planned, done)
    assert {name: value for name, value in found.items() if name != "results"} == plan_document(planned)
    assert found["results"] == [
        {"accessKeyId": NEW, "status": None, "error": {"type": "AccessDenied", "message": "denied"}},
        {"accessKeyId": OLD, "status": "Inactive", "error": None},
    ]
    assert result_document(planned, done[::-1]) == found


def test_the_summary_of_a_run_is_this_output():
    """What has no value is left out, since each line of an output is read."""
    assert stack_summary(_plan(_OFF, uses=_USED)) == {
        "counts": {"to deactivate": 1},
        "changes": {
            OLD: {name: value for name, value in _OFF_AS_DATA.items() if value and name != "accessKeyId"},
        },
        "warnings": [f"{OLD} lastActiveKey"],
        "notes": ["sessionsOutlive"],
    }


def test_the_summary_lists_only_what_is_worth_a_line():
    """Keys that stay, or are only observed, are numbers; so are those that are gone."""
    changes = [
        remember(change(key(), "Active"), recorded(wanted="Active")),
        remember(change(key(ALICES, "alice"), None), None),
        remember(change(key(NEW), "Active", reason="OPS-2"), recorded(NEW, wanted="Active")),
    ]
    found = stack_summary(_plan(*changes, gone=[recorded(UNKNOWN)]))
    assert found["counts"] == {"only in the record": 2, "leaving": 1, "unchanged": 1}
    assert found["changes"] == {
        NEW: {
            "userName": "bob",
            "status": "Active",
            "wanted": "Active",
            "action": "none",
            "record": "updated",
            "reason": "OPS-2",
        }
    }


def test_the_summary_of_nothing_is_empty_but_complete():
    """The output has its fields in every run."""
    assert stack_summary(_plan()) == {"counts": {}, "changes": {}, "warnings": [], "notes": []}


def test_the_summary_of_very_many_changes_lists_the_riskiest():
    """It stays an output that can be read, and counts all the same."""
    changes = [change(each, "Inactive") for each in many(1000)]
    uses = {made.access_key_id: used(None) for made in changes} | {changes[777].access_key_id: used(YEARS_AGO)}
    found = stack_summary(_plan(*changes, uses=uses))
    assert found["counts"] == {"to deactivate": 1000}
    assert len(found["changes"]) == len(found["warnings"]) == LISTED
    assert next(iter(found["changes"])) == changes[777].access_key_id


def test_the_summary_does_not_depend_on_the_day():
    """An output that moves by itself would be a change in every preview: the same plan an hour later is the same."""
    planned = _plan(_OFF, uses=_USED)
    later = Plan(**{**vars(planned), "at": NOW + timedelta(hours=1)})
    assert stack_summary(later) == stack_summary(planned)


def test_every_document_is_json():
    """Nothing in it needs a special encoder."""
    planned = _plan(_OFF, remember(change(key(ALICES, "alice"), None), None), uses=_USED, gone=[recorded(UNKNOWN)])
    for made in (plan_document(planned), stack_summary(planned), result_document(planned, [])):
        assert json.loads(json.dumps(made)) == made
