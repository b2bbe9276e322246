"""The notes: what a reviewer should know beside the guards, said once and shortly."""

from datetime import timedelta

import pytest

from keyswitch.access_key.change import decide_removal
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.notes import OLD as BEYOND
from keyswitch.access_key.notes import REVOKE_SESSIONS, Note, NoteKind, notes
from tests.support.examples import (
    ALICES,
    NEW,
    NOW,
    OLD,
    ROOTS,
    YEARS_AGO,
    by_user_name,
    change,
    key,
    recorded,
)

QUARANTINE = "AWSCompromisedKeyQuarantineV3"


def _notes(*changes, keys=None, quarantined=None, gone=()) -> dict[NoteKind, Note]:
    listings = by_user_name(*(keys if keys is not None else [c.observed for c in changes]))
    found = notes(changes, listings, quarantined or {}, NOW, gone)
    assert len({note.kind for note in found}) == len(found)
    return {note.kind: note for note in found}


def test_nothing_to_note_is_no_note():
    """No keys, or one young key that is as it should be: silence."""
    assert _notes() == {}
    assert _notes(change(key(created=timedelta(days=1)), "Active")) == {}


def test_a_deactivation_says_that_sessions_outlive_it():
    """One note for all deactivated keys, and the page that says how to revoke the sessions."""
    note = _notes(change(key(), "Inactive"), change(key(ALICES, "alice"), "Inactive"))[NoteKind.SESSIONS_OUTLIVE]
    assert note.access_key_ids == (ALICES, OLD)
    assert note.text.endswith(f"stay valid until they expire; to revoke them: {REVOKE_SESSIONS}")


@pytest.mark.parametrize(
    "made",
    [
        pytest.param(change(key(status="Inactive"), "Active"), id="an activation"),
        pytest.param(change(key(), None), id="an observation"),
        pytest.param(change(key(status="Inactive"), "Inactive"), id="it is Inactive already"),
        pytest.param(change(key(status="Expired"), "Inactive"), id="it was not usable anyway"),
        pytest.param(decide_removal(recorded(), key()), id="leaving, left as it is"),
    ],
)
def test_nothing_is_said_of_sessions_where_nothing_is_cut_off(made):
    """The note is no ornament of every run."""
    assert NoteKind.SESSIONS_OUTLIVE not in _notes(made)


def test_a_key_that_is_deactivated_as_it_leaves_has_sessions_too():
    """What `onRemoval: deactivate` does is a deactivation like any other."""
    leaving = decide_removal(recorded(on_removal=OnRemoval.DEACTIVATE), key())
    assert _notes(leaving)[NoteKind.SESSIONS_OUTLIVE].access_key_ids == (OLD,)


@pytest.mark.parametrize(
    ("made", "noted"),
    [
        pytest.param(change(key(status="Inactive"), "Active"), True, id="an activation"),
        pytest.param(change(key(), "Inactive"), True, id="a deactivation"),
        pytest.param(change(key(), "Active"), False, id="nothing to do"),
        pytest.param(change(key(), None), False, id="an observation"),
        pytest.param(change(key(ALICES, "alice"), "Inactive"), False, id="another user's key"),
        pytest.param(change(key(ROOTS, None), "Inactive"), False, id="root's key"),
    ],
)
def test_a_quarantine_is_noted_where_a_key_of_its_user_is_written(made, noted):
    """AWS believes the key to be public: whoever switches it should know."""
    note = _notes(made, quarantined={"bob": QUARANTINE}).get(NoteKind.QUARANTINED)
    if noted:
        assert note == Note(
            NoteKind.QUARANTINED,
            (OLD,),
            f"AWS takes a key of these users for leaked and has quarantined them: bob ({QUARANTINE})",
        )
    else:
        assert note is None


def test_a_quarantined_user_with_two_changed_keys_is_named_once():
    """Both keys are in the note, the user once in its text."""
    note = _notes(change(key(), "Inactive"), change(key(NEW), "Inactive"), quarantined={"bob": QUARANTINE})[
        NoteKind.QUARANTINED
    ]
    assert note.access_key_ids == (NEW, OLD)
    assert note.text.count("bob") == 1


BOTH = (key(), key(NEW))
NEW_OFF = key(NEW, status="Inactive")


@pytest.mark.parametrize(
    ("changes", "keys", "noted"),
    [
        pytest.param([change(key(), "Active")], BOTH, True, id="the other is not declared"),
        pytest.param([change(key(), None)], BOTH, True, id="only observed"),
        pytest.param([change(NEW_OFF, "Active")], (key(), NEW_OFF), True, id="the second is activated"),
        pytest.param([change(key(), "Inactive")], BOTH, False, id="one of them is deactivated"),
        pytest.param([change(key(), "Active")], (key(), NEW_OFF), False, id="the other is Inactive"),
        pytest.param(
            [change(key(), "Inactive"), change(NEW_OFF, "Active")], (key(), NEW_OFF), False, id="a finished swap"
        ),
        pytest.param([change(key(), "Active")], (key(), key(ALICES, "alice")), False, id="another user's key"),
    ],
)
def test_a_user_with_two_active_keys_afterwards_is_noted(changes, keys, noted):
    """The end of the whole change counts, declared or not."""
    note = _notes(*changes, keys=keys).get(NoteKind.SEVERAL_ACTIVE)
    assert (note is not None) is noted
    if note:
        assert set(note.access_key_ids) == {OLD, NEW}
        assert note.text == "users with more than one active key afterwards: bob (2)"


def test_root_with_two_active_keys_is_noted_as_root():
    """Root is a user here."""
    keys = (key(ROOTS, None), key("AKIAROOTEXAMPLE00002", None))
    assert _notes(change(keys[0], None), keys=keys)[NoteKind.SEVERAL_ACTIVE].text.endswith(": root (2)")


@pytest.mark.parametrize(
    ("made", "noted"),
    [
        pytest.param(change(key(created=BEYOND + timedelta(days=1)), "Active"), True, id="older, stays Active"),
        pytest.param(change(key(created=BEYOND), "Active"), False, id="exactly as old"),
        pytest.param(change(key(created=YEARS_AGO), None), True, id="only observed"),
        pytest.param(change(key(created=YEARS_AGO, status="Inactive"), "Active"), True, id="activated"),
        pytest.param(change(key(created=YEARS_AGO), "Inactive"), False, id="deactivated"),
        pytest.param(change(key(created=YEARS_AGO, status="Inactive"), None), False, id="Inactive"),
        pytest.param(change(key(), "Active"), False, id="age not known"),
        pytest.param(decide_removal(recorded(), key(created=YEARS_AGO)), False, id="leaving the configuration"),
    ],
)
def test_an_old_key_that_stays_active_is_noted(made, noted):
    """AWS's own advice is to rotate it."""
    assert (NoteKind.OLD_KEY in _notes(made)) is noted


def test_an_old_key_is_told_with_owner_and_days():
    """One key, and several."""
    bobs, alices = key(created=timedelta(days=400)), key(ALICES, "alice", created=timedelta(days=91))
    one = _notes(change(bobs, "Active"))[NoteKind.OLD_KEY]
    assert one.text == f"1 key older than 90 days stays Active: bob {OLD} (400 d)"
    two = _notes(change(bobs, "Active"), change(alices, "Active"))[NoteKind.OLD_KEY]
    assert two.access_key_ids == (ALICES, OLD)
    assert two.text == f"2 keys older than 90 days stay Active: alice {ALICES} (91 d), bob {OLD} (400 d)"


def test_a_note_stays_short_however_many_keys_it_is_about():
    """A thousand keys are told in one line, and are all there as data."""
    keys = {
        kind: [key(f"AKIA{kind}EXAMPLE{n:05}", f"user{n:04}", created=YEARS_AGO) for n in range(1000)]
        for kind in ("KEPT", "ALSO", "GONE")
    }
    changes = [change(each, "Active") for each in keys["KEPT"] + keys["ALSO"]]
    changes += [change(each, "Inactive") for each in keys["GONE"]]
    quarantined = {f"user{n:04}": QUARANTINE for n in range(1000)}
    found = _notes(*changes, quarantined=quarantined, gone=changes[2000:])
    assert set(found) == set(NoteKind)
    assert max(len(note.text) for note in found.values()) < 500
    assert min(len(note.access_key_ids) for note in found.values()) >= 1000
    assert found[NoteKind.OLD_KEY].text.endswith(" and 1995 others")
    assert found[NoteKind.QUARANTINED].text.endswith(" and 995 others")


def test_notes_do_not_depend_on_the_order_of_entries():
    """A reviewer never sees a difference that is none."""
    changes = [change(key(created=YEARS_AGO), "Active"), change(key(ALICES, "alice", created=YEARS_AGO), "Inactive")]
    assert _notes(*changes) == _notes(*changes[::-1])


def test_a_key_that_is_declared_inactive_and_gone_is_named_with_the_way_on():
    """Nothing is wrong: it cannot be used. The entry is of no use either."""
    gone = change(key(status="Inactive"), "Inactive")
    note = _notes(gone, gone=[gone])[NoteKind.GONE_KEY]
    assert note.access_key_ids == (OLD,)
    assert note.text == f"declared Inactive, but no longer in AWS: bob {OLD}; remove the entry"
