"""The words in which changes are told."""

from datetime import timedelta

import pytest

from keyswitch.access_key.change import Change
from keyswitch.access_key.guards import evaluate
from keyswitch.access_key.policy import GuardName, GuardPolicy
from keyswitch.access_key.summary import ago, by_user, change_line, lines, total, use
from tests.unit.examples import ALICES, NEW, NOW, OLD, ROOTS, change, evidence, key, used


@pytest.mark.parametrize(
    ("told", "last_used", "text"),
    [
        pytest.param(
            change(key(), "Inactive", reason="OPS-1234"),
            used(timedelta(hours=3)),
            f"bob {OLD}: Active → Inactive, last used 3 h ago by s3 from us-east-1; OPS-1234",
            id="everything",
        ),
        pytest.param(
            change(key(), "Inactive"), used(None), f"bob {OLD}: Active → Inactive, never used", id="never used"
        ),
        pytest.param(change(key(), "Inactive"), None, f"bob {OLD}: Active → Inactive", id="use not looked up"),
        pytest.param(
            change(key(status="Inactive"), "Active"), None, f"bob {OLD}: Inactive → Active", id="an activation"
        ),
        pytest.param(change(key(status="Expired"), "Inactive"), None, f"bob {OLD}: Expired → Inactive", id="expired"),
        pytest.param(change(key(), "Active"), None, f"bob {OLD}: Active", id="nothing to do"),
        pytest.param(change(key(), None), None, f"bob {OLD}: Active (only observed)", id="observed"),
        pytest.param(change(key(ROOTS, None), "Inactive"), None, f"root {ROOTS}: Active → Inactive", id="root"),
    ],
)
def test_a_change_is_one_line(told, last_used, text):
    """Whose key, what it is, what it becomes, its last use, and why."""
    assert change_line(told, last_used, NOW) == text


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(days=1), "1 d ago"),
        (timedelta(days=400, hours=5), "400 d ago"),
        (-timedelta(hours=1), "just now"),
    ],
    ids=str,
)
def test_a_time_is_told_in_its_largest_whole_unit(span, text):
    """Never rounded up, and never in the future."""
    assert ago(NOW - span, NOW) == text


def test_a_last_use_is_told_with_service_and_region():
    """What signed, and where."""
    assert use(used(timedelta(days=2)), NOW) == "last used 2 d ago by s3 from us-east-1"


_OFF = change(key(), "Inactive")
_ON = change(key(NEW, status="Inactive"), "Active")
_SAME = change(key(ALICES, "alice"), "Active")
_WATCHED = change(key("AKIAAARONEXAMPLE0001", "aaron"), None)
_ROOT = change(key(ROOTS, None), "Inactive")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([], "no access keys are declared"),
        ([_OFF], "1 access key: 1 to deactivate"),
        ([_SAME], "1 access key: 1 unchanged"),
        ([_WATCHED], "1 access key: 1 unchanged"),
        ([_SAME, _OFF, _ON, _WATCHED], "4 access keys: 1 to activate, 1 to deactivate, 2 unchanged"),
        ([change(key(status="Expired"), "Inactive")], "1 access key: 1 to deactivate"),
    ],
    ids=["none", "one off", "one as it is", "one observed", "of each", "expired"],
)
def test_the_total_counts_every_declared_key_once(changes, text):
    """The sums, in a fixed order, without zeros."""
    assert total(changes) == text


def test_changes_are_told_by_user_then_key_root_first():
    """The order of the file does not matter to the reader of a summary."""
    assert by_user([_ON, _SAME, _OFF, _ROOT]) == [_ROOT, _SAME, _ON, _OFF]


def test_what_stays_is_counted_but_not_told():
    """A thousand unchanged keys are one number."""
    assert lines([_SAME], (), {}, NOW) == ["1 access key: 1 unchanged"]


def test_changes_come_first_then_observations_warnings_and_the_total():
    """What will change in AWS is on top, whatever the users are called."""
    changes = [_WATCHED, _OFF]
    findings = evaluate(changes, evidence(_OFF.observed), GuardPolicy())
    assert lines(changes, findings, {OLD: used(None)}, NOW) == [
        f"bob {OLD}: Active → Inactive, never used",
        "aaron AKIAAARONEXAMPLE0001: Active (only observed)",
        f"warning: {OLD}: bob is left without any active access key; "
        "whatever runs as this user loses access [lastActiveKey]",
        "2 access keys: 1 to deactivate, 1 unchanged",
    ]


def test_a_finding_that_blocks_is_no_warning():
    """It is told as an error elsewhere, not twice."""
    findings = evaluate([_OFF], evidence(_OFF.observed, key(NEW), uses={}), GuardPolicy())
    assert [f.guard for f in findings] == [GuardName.RECENTLY_USED]
    assert not any("warning" in line for line in lines([_OFF], findings, {}, NOW))


def test_the_same_changes_in_another_order_are_told_the_same():
    """A reviewer never sees a difference that is none."""
    changes: list[Change] = [_SAME, _OFF, _ON, _WATCHED, _ROOT]
    assert lines(changes, (), {}, NOW) == lines(changes[::-1], (), {}, NOW)
