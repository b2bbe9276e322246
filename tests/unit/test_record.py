"""The record: what the state remembers of a key, and what a run would bring up to date in it."""

import pytest

from keyswitch.access_key.change import remember
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.record import Record
from tests.support.examples import OLD, change, key, recorded

ALLOW = frozenset({GuardName.RECENTLY_USED})
BEFORE = recorded(wanted="Active", user_name="bob", reason="OPS-1")
AS_BEFORE = Desired(OLD, "bob", Status.ACTIVE, "OPS-1")


@pytest.mark.parametrize(
    ("desired", "observed", "names"),
    [
        pytest.param(AS_BEFORE, key(), (), id="nothing"),
        pytest.param(Desired(OLD, None, Status.ACTIVE, "OPS-1"), key(), ("userName",), id="the owner left out"),
        pytest.param(Desired(OLD, "bob", Status.INACTIVE, "OPS-1"), key(), ("status",), id="another status"),
        pytest.param(Desired(OLD, "bob", None, "OPS-1"), key(), ("status",), id="only observed from now on"),
        pytest.param(Desired(OLD, "bob", Status.ACTIVE, "OPS-2"), key(), ("reason",), id="another reason"),
        pytest.param(Desired(OLD, "bob", Status.ACTIVE), key(), ("reason",), id="no reason any more"),
        pytest.param(
            Desired(OLD, "bob", Status.ACTIVE, "OPS-1", OnRemoval.RESTORE), key(), ("onRemoval",), id="onRemoval"
        ),
        pytest.param(Desired(OLD, "bob", Status.ACTIVE, "OPS-1", allow=ALLOW), key(), ("allow",), id="allow"),
        pytest.param(Desired(OLD, "bob", Status.ACTIVE, "OPS-1", root=True), key(), ("root",), id="root"),
        pytest.param(AS_BEFORE, key(user_name="robert"), ("owner",), id="the user was renamed"),
        pytest.param(AS_BEFORE, key(status="Inactive"), ("drift",), id="switched outside"),
        pytest.param(AS_BEFORE, key(status="Expired"), ("drift",), id="expired outside"),
        pytest.param(
            Desired(OLD, status=Status.INACTIVE, reason="OPS-2", on_removal=OnRemoval.DEACTIVATE, allow=ALLOW),
            key(user_name="robert", status="Inactive"),
            ("userName", "status", "reason", "onRemoval", "allow", "owner", "drift"),
            id="several, in the order of an entry",
        ),
    ],
)
def test_differences_are_named_in_the_words_of_the_configuration(desired, observed, names):
    """What the reader changed is called as they wrote it; what others changed has a word of its own."""
    assert BEFORE.differences(desired, observed) == names


def test_a_key_the_state_does_not_know_is_adopted():
    """Whether it is written to or not: the record is new."""
    for wanted, live in [("Active", "Active"), ("Inactive", "Active"), (None, "Active")]:
        adopted = remember(change(key(status=live), wanted), None)
        assert (adopted.record, adopted.recorded, adopted.updated) == (Record.ADOPTED, None, ())
        assert not adopted.is_drift


@pytest.mark.parametrize(
    ("wanted", "live", "before", "record", "updated", "is_drift"),
    [
        pytest.param("Active", "Active", recorded(wanted="Active"), Record.SAME, (), False, id="as it was"),
        pytest.param(None, "Active", recorded(), Record.SAME, (), False, id="observed, as it was"),
        pytest.param(
            "Inactive", "Active", recorded(wanted="Active"), Record.UPDATED, ("status",), False, id="a new wish"
        ),
        pytest.param(
            "Active",
            "Inactive",
            recorded(wanted="Active"),
            Record.UPDATED,
            ("drift",),
            True,
            id="switched off outside, and on again here",
        ),
        pytest.param(
            "Inactive",
            "Inactive",
            recorded(wanted="Active"),
            Record.UPDATED,
            ("status", "drift"),
            True,
            id="switched off outside, and now wanted so",
        ),
        pytest.param(None, "Inactive", recorded(), Record.UPDATED, ("drift",), True, id="observed, switched outside"),
        pytest.param(
            "Inactive",
            "Active",
            recorded(wanted="Inactive"),
            Record.UPDATED,
            (),
            False,
            id="a write the last update failed to do",
        ),
    ],
)
def test_a_known_key_is_updated_where_anything_differs_or_is_written(wanted, live, before, record, updated, is_drift):
    """Pulumi's record follows what is declared and what AWS shows; drift is a status nobody declared."""
    known = remember(change(key(status=live), wanted), before)
    assert (known.record, known.updated, known.is_drift, known.recorded) == (record, updated, is_drift, before)


def test_remembering_changes_nothing_of_the_decision():
    """What is written to AWS depends on AWS and the configuration alone."""
    for wanted in ("Active", "Inactive", None):
        decided = change(key(), wanted)
        for before in (None, BEFORE, recorded(status="Inactive", wanted="Inactive")):
            known = remember(decided, before)
            assert (known.target, known.desired, known.observed) == (decided.target, decided.desired, decided.observed)


def test_without_a_state_nothing_is_said_of_the_record():
    """The command line has no state: no drift, no record, only what is written."""
    plain = change(key(), "Active")
    assert (plain.record, plain.recorded, plain.is_drift, plain.is_record_only) == (Record.UNKNOWN, None, False, False)


def test_a_record_without_a_status_knows_of_no_drift():
    """Nothing is claimed that nobody saw."""
    assert not remember(change(key(), "Active"), recorded(status=None, wanted="Active")).is_drift
