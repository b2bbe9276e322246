"""A plan as text: the words of each change, what is put together, and the sums."""

from datetime import timedelta

import pytest

from keyswitch.access_key.change import Change, decide_removal, remember
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.guards import evaluate
from keyswitch.access_key.notes import Note, NoteKind
from keyswitch.access_key.policy import GuardName, GuardPolicy
from keyswitch.telling.counting import counts, last_uses, total
from keyswitch.telling.grouping import LISTED, groups
from keyswitch.telling.text import change_line, plan_lines
from keyswitch.telling.wording import use
from tests.support.examples import (
    ALICES,
    NEW,
    OLD,
    ROOTS,
    UNKNOWN,
    YEARS_AGO,
    change,
    evidence,
    key,
    many,
    plan_of,
    recorded,
    used,
)

_BOBS = recorded(wanted="Active")
_RESTORE, _DEACTIVATE = OnRemoval.RESTORE, OnRemoval.DEACTIVATE


@pytest.mark.parametrize(
    ("made", "uses", "text"),
    [
        pytest.param(
            change(key(created=YEARS_AGO), "Inactive", reason="OPS-1234"),
            {OLD: used(timedelta(hours=3))},
            "Active → Inactive, 400 d old, last used 3 h ago by s3 from us-east-1; OPS-1234",
            id="everything",
        ),
        pytest.param(change(key(), "Inactive"), {OLD: used(None)}, "Active → Inactive, never used", id="never used"),
        pytest.param(change(key(), "Inactive"), {OLD: None}, "Active → Inactive, last use not known", id="not known"),
        pytest.param(change(key(), "Inactive"), {}, "Active → Inactive, last use not looked up", id="not looked up"),
        pytest.param(
            change(key(), "Inactive"),
            {OLD: used(YEARS_AGO)},
            "Active → Inactive, last used 400 d ago by s3 from us-east-1",
            id="used long ago",
        ),
        pytest.param(
            change(key(status="Inactive"), "Active"),
            {OLD: used(None)},
            "Inactive → Active, never used",
            id="an activation",
        ),
        pytest.param(
            change(key(status="Expired"), "Inactive"), {OLD: used(None)}, "Expired → Inactive, never used", id="expired"
        ),
        pytest.param(change(key(), "Active"), {}, "stays Active", id="nothing to do"),
        pytest.param(
            change(key(created=YEARS_AGO), None), {}, "Active (only observed), 400 d old", id="only observed, with age"
        ),
        pytest.param(
            change(key(), "Active", reason="OPS-1"), {OLD: used(None)}, "stays Active; OPS-1", id="no use without write"
        ),
        pytest.param(
            remember(change(key(), "Inactive"), None),
            {OLD: used(None)},
            "Active → Inactive, never used",
            id="adopted with a change",
        ),
        pytest.param(
            remember(change(key(), "Active"), None),
            {},
            "stays Active; no change in AWS, state only (adopted)",
            id="adopted as it is",
        ),
        pytest.param(remember(change(key(), None), None), {}, "Active (only observed)", id="adopted, only to observe"),
        pytest.param(
            remember(change(key(), "Active", reason="OPS-2"), _BOBS),
            {},
            "stays Active; no change in AWS, state only (reason); OPS-2",
            id="another reason",
        ),
        pytest.param(
            remember(change(key(user_name="bob"), "Active", user_name="bob", on_removal=_RESTORE), _BOBS),
            {},
            "stays Active; no change in AWS, state only (userName, onRemoval)",
            id="other fields",
        ),
        pytest.param(
            remember(change(key(status="Inactive"), "Inactive"), _BOBS),
            {},
            "stays Inactive; no change in AWS, state only (status, drift: it was Active after the last update)",
            id="drift to what is wanted now",
        ),
        pytest.param(
            remember(change(key(status="Inactive"), "Active"), _BOBS),
            {OLD: used(None)},
            "Inactive → Active (drift: it was Active after the last update), never used",
            id="drift that is put right",
        ),
        pytest.param(
            remember(change(key(status="Inactive"), None), recorded()),
            {},
            "Inactive (only observed; it was Active after the last update)",
            id="drift that is only observed",
        ),
        pytest.param(remember(change(key(), "Active"), _BOBS), {}, "stays Active", id="known, nothing to do"),
        pytest.param(
            remember(change(key(), "Inactive"), _BOBS),
            {OLD: used(None)},
            "Active → Inactive, never used",
            id="known, a new wish is no drift",
        ),
        pytest.param(
            decide_removal(recorded(wanted="Inactive", reason="OPS-1"), key()),
            {},
            "leaves the configuration; the key itself stays Active",
            id="leaving, left as it is, without its old reason",
        ),
        pytest.param(
            decide_removal(recorded(on_removal=_RESTORE, adopted="Active"), key(status="Inactive")),
            {OLD: used(None)},
            "leaves the configuration; Inactive → Active (restore), never used",
            id="leaving, restored",
        ),
        pytest.param(
            decide_removal(recorded(on_removal=_DEACTIVATE, reason="OPS-1"), key()),
            {OLD: used(None)},
            "leaves the configuration; Active → Inactive (deactivate), never used",
            id="leaving, deactivated, without its old reason",
        ),
        pytest.param(
            decide_removal(recorded(on_removal=_DEACTIVATE), key(status="Inactive")),
            {},
            "leaves the configuration; the key is Inactive already",
            id="leaving, deactivated already",
        ),
        pytest.param(
            decide_removal(recorded(on_removal=_RESTORE, adopted=None), key()),
            {},
            "leaves the configuration; the key itself stays Active",
            id="leaving, with nothing to restore",
        ),
    ],
)
def test_a_change_is_one_line(made, uses, text):
    """Whose key, what it is, what it becomes, its age and last use, and why."""
    assert change_line(made, plan_of(made, uses=uses)) == f"bob {OLD}: {text}"


def test_a_key_of_root_is_told_as_roots():
    """Root has no user name."""
    made = change(key(ROOTS, None), "Active")
    assert change_line(made, plan_of(made)) == f"root {ROOTS}: stays Active"


@pytest.mark.parametrize(
    ("uses", "text"),
    [
        ({}, "last use not looked up"),
        ({OLD: None}, "last use not known"),
        ({OLD: used(None)}, "never used"),
        ({OLD: used(timedelta(days=2))}, "last used 2 d ago by s3 from us-east-1"),
    ],
    ids=["not looked up", "not known", "never", "two days ago"],
)
def test_a_last_use_is_told_as_one_of_four_different_things(uses, text):
    """Nobody takes `AWS does not say` or `nobody asked` for `never`."""
    assert use(OLD, plan_of(uses=uses)) == text


_OFF = change(key(), "Inactive")
_ON = change(key(NEW, status="Inactive"), "Active")
_SAME = change(key(ALICES, "alice"), "Active")
_WATCHED = change(key("AKIAAARONEXAMPLE0001", "aaron"), None)
_ROOT = change(key(ROOTS, None), "Inactive")
_ADOPTED = remember(_SAME, None)
_LEFT = decide_removal(recorded(), key())
_LEFT_OFF = decide_removal(recorded(on_removal=_DEACTIVATE), key())


@pytest.mark.parametrize(
    ("changes", "gone", "text"),
    [
        ([], [], "no access keys are declared"),
        ([_OFF], [], "1 access key: 1 to deactivate"),
        ([_SAME], [], "1 access key: 1 unchanged"),
        ([_WATCHED], [], "1 access key: 1 unchanged"),
        ([_SAME, _OFF, _ON, _WATCHED], [], "4 access keys: 1 to activate, 1 to deactivate, 2 unchanged"),
        ([change(key(status="Expired"), "Inactive")], [], "1 access key: 1 to deactivate"),
        ([_ADOPTED], [], "1 access key: 1 state only"),
        ([_LEFT], [], "1 access key: 1 leaving"),
        ([_LEFT_OFF], [], "1 access key: 1 to deactivate"),
        ([], [recorded()], "1 access key: 1 leaving"),
        (
            [_SAME, _LEFT, _ON, _ROOT, remember(_WATCHED, None)],
            [recorded(UNKNOWN)],
            "6 access keys: 1 to activate, 1 to deactivate, 1 state only, 2 leaving, 1 unchanged",
        ),
    ],
    ids=[
        "none",
        "one off",
        "one as it is",
        "one observed",
        "four",
        "expired",
        "adopted",
        "left as it is",
        "deactivated as it leaves",
        "gone",
        "of each",
    ],
)
def test_the_total_counts_every_key_once(changes, gone, text):
    """The sums, in a fixed order, without zeros, those that leave included."""
    assert total(plan_of(*changes, gone=gone)) == text
    assert sum(counts(plan_of(*changes, gone=gone)).values()) == len(changes) + len(gone)


def test_what_stays_is_counted_but_not_told():
    """A thousand unchanged keys are one number."""
    assert plan_lines(plan_of(_SAME, remember(_SAME, recorded(ALICES, owner="alice", wanted="Active")))) == [
        "2 access keys: 2 unchanged"
    ]


def test_a_key_that_is_gone_is_told_as_gone():
    """It leaves the configuration, and there is nothing in AWS to be left alone."""
    assert plan_lines(plan_of(gone=[recorded(), recorded(ROOTS, owner=None)])) == [
        f"bob {OLD}: leaves the configuration; the key is gone from AWS already",
        f"root {ROOTS}: leaves the configuration; the key is gone from AWS already",
        "2 access keys: 2 leaving",
    ]


_NOTE = Note(NoteKind.SEVERAL_ACTIVE, (OLD, NEW), "users with more than one active key afterwards: bob (2)")


def test_changes_come_first_then_observations_warnings_notes_and_the_total():
    """What will change in AWS is on top, whatever the users are called."""
    changes = [_WATCHED, _OFF]
    findings = evaluate(changes, evidence(_OFF.observed), GuardPolicy())
    everything = plan_of(
        *changes, gone=[recorded(UNKNOWN, owner="zoe")], findings=findings, notes=[_NOTE], uses={OLD: used(None)}
    )
    assert plan_lines(everything) == [
        f"bob {OLD}: Active → Inactive, never used",
        f"zoe {UNKNOWN}: leaves the configuration; the key is gone from AWS already",
        "aaron AKIAAARONEXAMPLE0001: Active (only observed)",
        f"warning: bob {OLD}: bob is left without any active access key; "
        "whatever signs as this user loses access [lastActiveKey]",
        f"note: {_NOTE.text}",
        f"digest of this change: {everything.digest[:16]}",
        "3 access keys: 1 to deactivate, 1 leaving, 1 unchanged",
    ]


def test_a_finding_that_blocks_is_no_warning():
    """It is told as an error elsewhere, not twice."""
    findings = evaluate([_OFF], evidence(_OFF.observed, key(NEW), uses={}), GuardPolicy())
    assert [f.guard for f in findings] == [GuardName.RECENTLY_USED]
    assert not any("warning" in line for line in plan_lines(plan_of(_OFF, findings=findings)))


def _leak(number: int) -> list[Change]:
    return [change(each, "Inactive", reason="OPS-9 leaked") for each in many(number)]


def test_as_many_as_can_be_read_are_told_one_by_one():
    """At the bound each has its line; one more, and they are a group."""
    assert len(plan_lines(plan_of(*_leak(LISTED)))) == LISTED + 2
    assert len(plan_lines(plan_of(*_leak(LISTED + 1)))) < 12


def test_keys_that_are_gone_count_as_lines_to_be_read():
    """Changes and gone keys together are what somebody has to read."""
    gone = [recorded(f"AKIAGONEEXAMPLE{n:05}") for n in range(LISTED)]
    text = plan_lines(plan_of(_OFF, gone=gone))
    assert text[0].startswith(f"bob {OLD}: Active → Inactive")
    assert len(text) == 1 + 1 + LISTED + 2
    more = plan_lines(plan_of(_OFF, gone=[*gone, recorded()]))
    assert len(more) < 12
    assert f"… and {LISTED + 1 - 5} more keys that are gone" in more


def test_very_many_changes_are_grouped_with_the_riskiest_by_name():
    """What happens and why, how recently they were used, and the five to look at first."""
    changes = _leak(1000)
    ids = [made.access_key_id for made in changes]
    uses = {key_id: used(None) for key_id in ids[10:900]}
    uses |= {ids[1]: None, ids[2]: used(timedelta(days=3)), ids[3]: used(timedelta(days=2)), ids[4]: used(YEARS_AGO)}
    uses |= {ids[5]: used(timedelta(days=30)), ids[6]: used(timedelta(days=7)), ids[7]: used(timedelta(days=90))}
    made = plan_of(*changes, uses=uses)
    text = plan_lines(made)
    assert text[:2] == [
        "1000 keys of 1000 users: Active → Inactive; OPS-9 leaked",
        "  last used: 3 within 7 d, 2 within 90 d, 1 longer ago, 890 never, 1 not known, 103 not looked up",
    ]
    assert [line.split()[1].rstrip(":") for line in text[2:7]] == [ids[1], ids[3], ids[2], ids[6], ids[5]]
    assert text[7:] == [
        "  … and 995 others",
        "every single one: keyswitch plan --format json",
        f"digest of this change: {made.digest[:16]}",
        "1000 access keys: 1000 to deactivate",
    ]


def test_groups_are_told_apart_by_what_happens_and_why():
    """The largest first; a group that is small enough is told by name."""
    changes = [
        *[change(each, "Inactive", reason="a") for each in many(20)],
        *[change(each, "Inactive", reason="b") for each in many(22)],
        *[change(each, "Active") for each in many(3, "Inactive")],
    ]
    text = plan_lines(plan_of(*changes))
    headlines = [line for line in text if "keys of" in line]
    assert headlines == [
        "22 keys of 22 users: Active → Inactive; b",
        "20 keys of 20 users: Active → Inactive; a",
    ]
    assert sum("Inactive → Active" in line for line in text) == 3


def test_very_many_reasons_do_not_make_very_many_groups():
    """A reason of its own for each of a thousand keys is as short as one for all."""
    changes = [change(each, "Inactive", reason=f"OPS-{n}") for n, each in enumerate(many(1000))]
    found = groups(changes)
    assert sum(len(members) for members in found.values()) == 1000
    assert found["Active → Inactive", "various reasons"] == changes[10:]
    assert len(plan_lines(plan_of(*changes))) < 30


def test_what_leaves_is_one_group_whatever_its_reasons_were():
    """Why a key was once declared is no reason for it to leave."""
    leaving = [
        decide_removal(recorded(each.access_key_id, reason=f"OPS-{n}", owner=each.user_name), each)
        for n, each in enumerate(many(LISTED + 1))
    ]
    assert [(happens, reason, len(members)) for (happens, reason), members in groups(leaving).items()] == [
        ("leaves the configuration; the key itself stays Active", "", LISTED + 1)
    ]


def test_what_only_the_record_changes_needs_no_last_use():
    """Of a group that writes nothing, nobody asks when its keys were used."""
    text = plan_lines(plan_of(*(remember(change(each, "Active"), None) for each in many(LISTED + 1))))
    assert text[0] == "41 keys of 41 users: stays Active; no change in AWS, state only (adopted)"
    assert not any("last used" in line for line in text)


def test_very_many_observations_are_counted_by_status():
    """Nobody reads a thousand lines of what is not changed."""
    watched = [change(each, None) for each in [*many(30), *many(12, "Inactive")]]
    assert plan_lines(plan_of(*watched)) == [
        "42 keys only observed: 30 Active, 12 Inactive",
        "42 access keys: 42 unchanged",
    ]
    assert len(plan_lines(plan_of(*watched[:LISTED]))) == LISTED + 1


def test_very_many_warnings_are_kept_short():
    """The first few of each guard, and how many more."""
    changes = _leak(1000)
    findings = evaluate(changes, evidence(*(made.observed for made in changes)), GuardPolicy())
    warnings = [line for line in plan_lines(plan_of(*changes, findings=findings)) if "lastActiveKey" in line]
    assert len(warnings) == 6
    assert warnings[-1] == "… and 995 more warnings [lastActiveKey]"


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(days=7), "1 within 7 d"),
        (timedelta(days=7, seconds=1), "1 within 90 d"),
        (timedelta(days=90), "1 within 90 d"),
        (timedelta(days=90, seconds=1), "1 longer ago"),
        (-timedelta(hours=1), "1 within 7 d"),
    ],
    ids=["a week", "over a week", "90 days", "over 90 days", "a clock that is ahead"],
)
def test_last_uses_are_counted_in_spans(ago, text):
    """A span includes its end."""
    assert last_uses([_OFF], plan_of(_OFF, uses={OLD: used(ago)})) == text
