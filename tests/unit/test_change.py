"""The decision: the whole desired x observed table, removals, and what has to come first."""

import pytest

from keyswitch.access_key.change import Kind, announced, by_user, decide, decide_removal, prerequisites, remember
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.record import Record
from tests.support.examples import ALICES, NEW, OLD, ROOTS, SIGNING, change, key, recorded

ACTIVE, INACTIVE = Status.ACTIVE, Status.INACTIVE


@pytest.mark.parametrize(
    ("wanted", "live", "target", "cuts_off", "afterwards"),
    [
        (None, "Active", None, False, "Active"),
        (None, "Inactive", None, False, "Inactive"),
        (None, "Expired", None, False, "Expired"),
        (ACTIVE, "Active", None, False, "Active"),
        (ACTIVE, "Inactive", ACTIVE, False, "Active"),
        (ACTIVE, "Expired", ACTIVE, False, "Active"),
        (INACTIVE, "Active", INACTIVE, True, "Inactive"),
        (INACTIVE, "Inactive", None, False, "Inactive"),
        (INACTIVE, "Expired", INACTIVE, False, "Inactive"),
    ],
)
def test_the_decision_is_this_table(wanted, live, target, cuts_off, afterwards):
    """Only a difference is written, and only what was Active can be cut off."""
    decided = decide(Desired(OLD, status=wanted), key(status=live))
    assert decided.target is target
    assert decided.is_write is (target is not None)
    assert decided.is_activation is (target is ACTIVE)
    assert decided.is_deactivation is cuts_off
    assert decided.resulting_status == afterwards
    assert decided.access_key_id == OLD


@pytest.mark.parametrize(
    ("on_removal", "adopted", "live", "target"),
    [
        *[
            (OnRemoval.LEAVE, a, live, None)
            for a in ("Active", "Inactive", "Expired", None)
            for live in ("Active", "Inactive", "Expired")
        ],
        (OnRemoval.RESTORE, "Active", "Active", None),
        (OnRemoval.RESTORE, "Active", "Inactive", ACTIVE),
        (OnRemoval.RESTORE, "Active", "Expired", ACTIVE),
        (OnRemoval.RESTORE, "Inactive", "Active", INACTIVE),
        (OnRemoval.RESTORE, "Inactive", "Inactive", None),
        (OnRemoval.RESTORE, "Inactive", "Expired", INACTIVE),
        *[(OnRemoval.RESTORE, a, live, None) for a in ("Expired", None) for live in ("Active", "Inactive", "Expired")],
        *[(OnRemoval.DEACTIVATE, a, "Active", INACTIVE) for a in ("Active", "Inactive", "Expired", None)],
        *[(OnRemoval.DEACTIVATE, a, "Inactive", None) for a in ("Active", "Inactive", "Expired", None)],
        *[(OnRemoval.DEACTIVATE, a, "Expired", INACTIVE) for a in ("Active", "Inactive", "Expired", None)],
    ],
)
@pytest.mark.parametrize("last_wanted", [None, "Active", "Inactive"])
def test_the_removal_is_this_table(on_removal, adopted, live, target, last_wanted):
    """What the entry wanted last plays no part; a status that cannot be asked for is never restored."""
    before = recorded(wanted=last_wanted, adopted=adopted, on_removal=on_removal)
    decided = decide_removal(before, key(status=live))
    assert decided.target is target
    assert (decided.is_removal, decided.record, decided.recorded) == (True, Record.REMOVED, before)
    assert decided.is_record_only is (target is None)


_BOBS = recorded(wanted="Active")
_DEACTIVATE, _RESTORE = OnRemoval.DEACTIVATE, OnRemoval.RESTORE


@pytest.mark.parametrize(
    ("made", "kind", "is_record_only"),
    [
        pytest.param(change(key(status="Inactive"), "Active"), Kind.ACTIVATE, False, id="on"),
        pytest.param(change(key(), "Inactive"), Kind.DEACTIVATE, False, id="off"),
        pytest.param(change(key(status="Expired"), "Inactive"), Kind.DEACTIVATE, False, id="off, cutting nobody off"),
        pytest.param(change(key(), "Active"), Kind.NOTHING, False, id="as it is, without a state"),
        pytest.param(change(key(), None), Kind.OBSERVE, False, id="observed, without a state"),
        pytest.param(remember(change(key(), "Inactive"), None), Kind.DEACTIVATE, False, id="new, and off"),
        pytest.param(remember(change(key(), "Active"), None), Kind.ADOPT, True, id="new, as it is"),
        pytest.param(remember(change(key(), None), None), Kind.OBSERVE, True, id="new, observed"),
        pytest.param(remember(change(key(), "Active"), _BOBS), Kind.NOTHING, False, id="known, as it is"),
        pytest.param(remember(change(key(), "Active", reason="a"), _BOBS), Kind.RECORD, True, id="another reason"),
        pytest.param(remember(change(key(), "Inactive", reason="a"), _BOBS), Kind.DEACTIVATE, False, id="and off"),
        pytest.param(remember(change(key(), None), recorded()), Kind.OBSERVE, False, id="observed as before"),
        pytest.param(remember(change(key(), None), _BOBS), Kind.OBSERVE, True, id="only observed from now on"),
        pytest.param(decide_removal(recorded(), key()), Kind.LEAVE, True, id="leaves"),
        pytest.param(decide_removal(recorded(on_removal=_RESTORE), key()), Kind.LEAVE, True, id="leaves, restored"),
        pytest.param(
            decide_removal(recorded(on_removal=_RESTORE), key(status="Inactive")), Kind.ACTIVATE, False, id="leaves, on"
        ),
        pytest.param(decide_removal(recorded(on_removal=_DEACTIVATE), key()), Kind.DEACTIVATE, False, id="leaves, off"),
    ],
)
def test_what_happens_to_a_key_is_of_one_kind(made, kind, is_record_only):
    """A write goes first, then that it leaves, then that it is only observed; else the state says it."""
    assert (made.kind, made.is_record_only) == (kind, is_record_only)
    assert made.is_write is (kind in (Kind.ACTIVATE, Kind.DEACTIVATE))


@pytest.mark.parametrize(
    ("wanted", "first_seen", "target"),
    [
        (None, "Active", None),
        (None, "Inactive", None),
        (ACTIVE, "Active", None),
        (ACTIVE, "Inactive", ACTIVE),
        (ACTIVE, "Expired", ACTIVE),
        (INACTIVE, "Active", INACTIVE),
        (INACTIVE, "Inactive", None),
        (INACTIVE, "Expired", INACTIVE),
    ],
)
def test_what_was_not_announced_is_not_done(wanted, first_seen, target):
    """Where the first look found nothing to write, the answer is no change at all."""
    change = announced(Desired(OLD, status=wanted), key(status=first_seen))
    assert (change.target if change else None) is target
    assert (change is None) is (target is None)


def test_a_removal_keeps_what_the_entry_says_beside_the_status():
    """Reason and allowed guards of the entry hold for its removal, too."""
    allow = frozenset({GuardName.RECENTLY_USED})
    before = recorded(wanted="Active", reason="OPS-1", on_removal=OnRemoval.DEACTIVATE, allow=allow)
    decided = decide_removal(before, key())
    assert (decided.desired.reason, decided.desired.allow) == ("OPS-1", allow)


def test_a_removal_is_about_the_key_as_it_is_now():
    """A user that was renamed meanwhile is written to under the new name."""
    before = recorded(owner="bob", on_removal=OnRemoval.DEACTIVATE)
    assert decide_removal(before, key(user_name="robert")).observed.user_name == "robert"


_ON_NEW = change(key(NEW, status="Inactive"), "Active")
_OFF_OLD = change(key(OLD), "Inactive")
_OFF_ALICES = change(key(ALICES, "alice"), "Inactive")
_ON_ROOTS = change(key(ROOTS, None, "Inactive"), "Active")
_OFF_ROOTS_OTHER = change(key("AKIAROOTEXAMPLE00002", None), "Inactive")


def test_changes_come_by_user_then_key_root_first():
    """The order of the file matters neither to the reader of a summary nor to the writes."""
    in_order = [_ON_ROOTS, _OFF_ROOTS_OTHER, _OFF_ALICES, _ON_NEW, _OFF_OLD]
    assert by_user(in_order[::-1]) == in_order


@pytest.mark.parametrize(
    ("changes", "needs"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([_OFF_OLD, _ON_NEW], {OLD: (NEW,)}, id="a swap within one user"),
        pytest.param([_ON_NEW, _OFF_OLD], {OLD: (NEW,)}, id="a swap written the other way round"),
        pytest.param([_OFF_OLD], {}, id="a deactivation alone"),
        pytest.param([_ON_NEW], {}, id="an activation alone"),
        pytest.param([_ON_NEW, _OFF_ALICES], {}, id="another user's activation"),
        pytest.param([_ON_NEW, _OFF_OLD, _OFF_ALICES], {OLD: (NEW,)}, id="several users"),
        pytest.param([_ON_ROOTS, _OFF_ROOTS_OTHER], {"AKIAROOTEXAMPLE00002": (ROOTS,)}, id="root is a user"),
        pytest.param([_ON_ROOTS, _OFF_OLD], {}, id="root's activation is nobody else's"),
        pytest.param(
            [_OFF_OLD, change(key("AKIABOBTHIRDEXAMPLE3", status="Inactive"), "Active"), _ON_NEW],
            {OLD: (NEW, "AKIABOBTHIRDEXAMPLE3")},
            id="several activations, sorted",
        ),
        pytest.param([_ON_NEW, change(key(OLD, status="Expired"), "Inactive")], {}, id="nothing is cut off"),
        pytest.param([change(key(NEW), "Active"), _OFF_OLD], {}, id="the other is Active already"),
    ],
)
def test_activations_come_before_deactivations_of_the_same_user(changes, needs):
    """A user is never without a working key in between, and waits for nobody else."""
    assert prerequisites(changes) == needs


_OFF_SIGNING = change(key(SIGNING, "operator"), "Inactive")


@pytest.mark.parametrize(
    ("changes", "depended_on", "needs"),
    [
        pytest.param([_OFF_SIGNING], (SIGNING,), {}, id="alone"),
        pytest.param([_OFF_OLD, _OFF_SIGNING], (), {}, id="not depended on"),
        pytest.param([_OFF_OLD, _OFF_SIGNING], (SIGNING,), {SIGNING: (OLD,)}, id="after another user's"),
        pytest.param([_OFF_SIGNING, change(key(OLD), "Active")], (SIGNING,), {}, id="what is not written is no matter"),
        pytest.param(
            [_OFF_SIGNING, _OFF_OLD, _ON_NEW], (SIGNING,), {OLD: (NEW,), SIGNING: (NEW, OLD)}, id="after everything"
        ),
        pytest.param(
            [_OFF_SIGNING, _OFF_OLD, _OFF_ALICES],
            (SIGNING, OLD),
            {OLD: (ALICES,), SIGNING: (ALICES, OLD)},
            id="the one that signs is the very last",
        ),
        pytest.param([_ON_NEW, _OFF_ALICES], (NEW,), {}, id="switched on, it need not wait"),
    ],
)
def test_what_the_run_depends_on_goes_last(changes, depended_on, needs):
    """Nothing is left undone for want of credentials."""
    assert prerequisites(changes, depended_on) == {key: tuple(sorted(first)) for key, first in needs.items()}
