"""The remedy: what a refusal tells people to write is exactly what lets the change pass, whatever the entry says."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keyswitch.access_key.change import Change, decide, decide_removal
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.errors import GuardRefused
from keyswitch.access_key.guards import evaluate, refusal
from keyswitch.access_key.model import AccessKey, Caller, Status
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.access_key.remedy import arguments, entries
from keyswitch.configuration.entry import parse_entry
from keyswitch.configuration.load import settings_from_file
from tests.support.examples import (
    ALICES,
    NEW,
    OF_A_KEY,
    OLD,
    OPERATOR,
    ROOT,
    ROOTS,
    SIGNING,
    change,
    evidence,
    key,
    recorded,
    used,
)
from tests.support.hostile import harm

OWN, RECENT, LAST = GuardName.OWN_CREDENTIALS, GuardName.RECENTLY_USED, GuardName.LAST_ACTIVE_KEY


def test_a_short_entry_becomes_a_long_one_that_asks_for_a_reason():
    """Nothing that is not known is made up; the line that is to be filled in says so."""
    assert entries([(change(key(), "Inactive"), RECENT)]) == (
        f"{OLD}:",
        "  status: Inactive",
        "  reason: write here why it may be cut off",
        "  allow: [recentlyUsed]",
    )


def test_a_whole_entry_only_gains_what_is_missing():
    """Everything the entry says stays as it is, in the order of the documentation."""
    made = change(
        key(),
        "Inactive",
        user_name="bob",
        reason="OPS-1234 moved to OIDC",
        on_removal=OnRemoval.RESTORE,
        allow=frozenset({LAST}),
    )
    assert entries([(made, RECENT)]) == (
        f"{OLD}:",
        "  userName: bob",
        "  status: Inactive",
        "  reason: OPS-1234 moved to OIDC",
        "  onRemoval: restore",
        "  allow: [lastActiveKey, recentlyUsed]",
    )


def test_a_key_of_root_stays_one():
    """`root: true` in place of a user."""
    made = change(key(ROOTS, None), "Inactive", root=True)
    lines = entries([(made, OWN)])
    assert "  root: true" in lines
    assert not any("userName" in line for line in lines)


def test_several_guards_of_a_key_are_one_entry_and_several_keys_several():
    """A key that stands there twice would be refused for that."""
    off, other = change(key(), "Inactive"), change(key(ALICES, "alice"), "Inactive")
    lines = entries([(off, RECENT), (other, LAST), (off, LAST)])
    assert [line for line in lines if not line.startswith(" ")] == [f"{OLD}:", f"{ALICES}:"]
    assert [line for line in lines if "allow" in line] == [
        "  allow: [lastActiveKey, recentlyUsed]",
        "  allow: [lastActiveKey]",
    ]


def test_nothing_refused_needs_nothing():
    """No lines for no refusals."""
    assert entries([]) == arguments([]) == ()


def test_a_program_is_told_the_arguments_of_its_resource():
    """One line a key, as Python reads it."""
    made = change(key(), "Inactive", reason='the "old" one', allow=frozenset({LAST}))
    assert arguments([(made, RECENT), (change(key(ALICES, "alice"), "Inactive"), RECENT)]) == (
        f'AccessKeyStatus(…, access_key_id="{OLD}", reason="the \\"old\\" one", '
        'allow=["lastActiveKey", "recentlyUsed"])',
        f'AccessKeyStatus(…, access_key_id="{ALICES}", reason="write here why it may be cut off", '
        'allow=["recentlyUsed"])',
    )


@pytest.mark.parametrize(
    ("reason", "written"),
    [
        ("OPS-1234 moved to OIDC", "OPS-1234 moved to OIDC"),
        ("retired (finally).", "retired (finally)."),
        ("yes", '"yes"'),
        ("Null", '"Null"'),
        ("123", '"123"'),
        ("see: OPS-1", '"see: OPS-1"'),
        ("done # not yet", '"done # not yet"'),
        ('the "old" one', r'"the \"old\" one"'),
        ("'quoted'", "\"'quoted'\""),
        ("@team", '"@team"'),
        ("ünï", '"ünï"'),
        (r"C:\keys", r'"C:\\keys"'),
        ("x", '"x"'),
    ],
)
def test_a_reason_is_written_plainly_where_yaml_reads_it_back_and_quoted_otherwise(reason, written):
    """The lines look as a person would write them."""
    made = change(key(), "Inactive", reason=reason)
    assert f"  reason: {written}" in entries([(made, RECENT)])


STRICT = GuardPolicy(dict.fromkeys(GuardName, Level.BLOCK))
"""Every guard blocks."""

IN_USE = {key_id: used(timedelta(0), None) for key_id in (OLD, NEW, ALICES, ROOTS, SIGNING)}
ODD_REASONS = [
    "see: OPS-1 # later",
    'it\'s "quoted"',
    "@team & *all*",
    "ünï ☃ 🔑",
    "123",
    "yes",
    "- a list",
    "{a: map}",
    "[a, list]",
    "| folded",
    "> folded",
    "%TAG",
    "!tag",
    "`code`",
    "null",
    "~",
    "1e3",
    "0x10",
    "2025-06-01",
    "12:30:45",
    "a \\ b",
    "--- # new document",
    "... end",
    "trailing:",
    "? question",
    "x" * 500,
]


def _written(folder: Path, lines: tuple[str, ...]) -> Path:
    path = folder / "Pulumi.dev.yaml"
    path.write_text("\n".join(["config:", "  keyswitch:keys:", *(f"    {line}" for line in lines)]), encoding="utf-8")
    return path


def _refused(changes: list[Change], caller: Caller, policy: GuardPolicy) -> GuardRefused | None:
    keys = [made.observed for made in changes]
    return refusal(evaluate(changes, evidence(*keys, caller=caller, uses=IN_USE), policy))


def _followed(folder: Path, changes: list[Change], caller: Caller, policy: GuardPolicy) -> list[Change]:
    """The changes after somebody has pasted what the refusal tells them to write."""
    refused = _refused(changes, caller, policy)
    assert refused is not None
    pasted = {desired.access_key_id: desired for desired in settings_from_file(_written(folder, refused.remedy)).wanted}
    assert set(pasted) <= {made.access_key_id for made in changes}
    return [decide(pasted.get(made.access_key_id, made.desired), made.observed) for made in changes]


def _subsets(guards) -> list[frozenset[GuardName]]:
    return [frozenset(chosen) for size in range(len(guards) + 1) for chosen in combinations(guards, size)]


def _of(whose: str) -> tuple[Caller, AccessKey, dict[str, object]]:
    """Who signs, with which key, and how the entry names its owner."""
    if whose == "root":
        return ROOT, key(ROOTS, None), {"root": True}
    named = {"user_name": "operator"} if whose == "user named" else {}
    return OPERATOR, key(SIGNING, "operator"), named


@pytest.mark.parametrize("reason", [None, ODD_REASONS[0]], ids=["no reason", "a reason"])
@pytest.mark.parametrize("whose", ["user named", "user looked up", "root"])
def test_what_a_refusal_says_to_write_lets_the_change_pass(tmp_path, reason, whose):
    """For every combination of guards, allowances and removals: pasted as it is, nothing blocks any more."""
    caller, live, fields = _of(whose)
    for blocking, allowed, on_removal in product(_subsets(OF_A_KEY)[1:], _subsets(OF_A_KEY), OnRemoval):
        if blocking <= allowed or (allowed and reason is None):
            continue
        policy = GuardPolicy({guard: Level.BLOCK if guard in blocking else Level.WARN for guard in OF_A_KEY})
        before = change(live, "Inactive", reason=reason, on_removal=on_removal, allow=allowed, **fields)
        (after,) = _followed(tmp_path, [before], caller, policy)
        assert _refused([after], caller, policy) is None
        assert after.is_deactivation
        kept = after.desired if reason else replace(after.desired, reason=None)
        assert kept == replace(before.desired, allow=allowed | blocking)


@pytest.mark.parametrize("reason", ODD_REASONS, ids=ascii)
@pytest.mark.parametrize("whose", ["user named", "user looked up", "root"])
def test_an_odd_reason_is_still_there_after_what_was_refused_is_passed(tmp_path, reason, whose):
    """Whatever marks it has, and whatever YAML would take it for without quotes."""
    caller, live, fields = _of(whose)
    before = change(live, "Inactive", reason=reason, **fields)
    (after,) = _followed(tmp_path, [before], caller, STRICT)
    assert _refused([after], caller, STRICT) is None
    assert after.desired == replace(before.desired, allow=frozenset(OF_A_KEY))


def test_what_is_written_for_several_keys_lets_them_all_pass(tmp_path):
    """The lines of all keys together are one valid configuration; entries that were not refused stay as they are."""
    changes = [
        change(key(SIGNING, "operator"), "Inactive"),
        change(key(OLD), "Inactive", reason="a: b", user_name="bob"),
        change(key(NEW, status="Inactive"), "Active", user_name="bob"),
        change(key(ALICES, "alice"), "Inactive", reason="yes", allow=frozenset({LAST})),
    ]
    after = _followed(tmp_path, changes, OPERATOR, STRICT)
    assert _refused(after, OPERATOR, STRICT) is None
    assert [made.target for made in after] == [made.target for made in changes]


def test_a_key_that_may_not_be_cut_off_as_it_leaves_can_be_declared_so_first(tmp_path):
    """The lines bring the entry back, with the status its removal would have given it."""
    before = recorded(wanted="Active", on_removal=OnRemoval.DEACTIVATE, reason="OPS-1: over")
    (after,) = _followed(tmp_path, [decide_removal(before, key())], OPERATOR, STRICT)
    assert _refused([after], OPERATOR, STRICT) is None
    assert after.is_deactivation
    assert after.desired == replace(before.desired, status=Status.INACTIVE, allow=frozenset({RECENT, LAST}))


def test_a_leaving_key_of_a_renamed_user_is_brought_back_under_the_new_name():
    """The old name would be refused as the wrong owner."""
    before = recorded(user_name="bob", on_removal=OnRemoval.DEACTIVATE)
    assert "  userName: robert" in entries([(decide_removal(before, key(user_name="robert")), RECENT)])


_accepted = (
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
    .map(lambda text: parse_entry(OLD, {"reason": text})[0])
    .filter(lambda desired: desired is not None)
    .map(lambda desired: desired.reason)
)


@given(_accepted)
@example("y")
@example("=")
@example("<<")
@example("key: value")
def test_any_reason_survives_being_pasted(tmp_path_factory, reason):
    """Every reason the configuration accepts comes back as it was, in one line that YAML can read."""
    lines = entries([(change(key(), "Inactive", reason=reason), RECENT)])
    assert all(line.isprintable() for line in lines)
    (desired,) = settings_from_file(_written(tmp_path_factory.getbasetemp(), lines)).wanted
    assert desired.reason == reason


@settings(max_examples=40)
@given(st.from_regex(r"[\w+=,.@-]{1,20}", fullmatch=True), st.from_regex(r"[A-Za-z0-9_]{16,20}", fullmatch=True))
def test_any_user_and_any_key_survive_being_pasted(tmp_path_factory, user_name, key_id):
    """Names that YAML would take for numbers, dates or truth values are quoted."""
    wanted, _ = parse_entry(key_id, {"userName": user_name, "status": "Inactive", "reason": "OPS-1"})
    if wanted is None:
        return
    lines = entries([(decide(wanted, key(key_id, user_name)), RECENT)])
    (desired,) = settings_from_file(_written(tmp_path_factory.getbasetemp(), lines)).wanted
    assert desired == replace(wanted, allow=frozenset({RECENT}))


@pytest.mark.parametrize(
    "reason", ["a\x7fb", "\x80", "\ufeff", "\uffff", "a\u2060b\u202ec", "<{%red%}>", "##vso[a]", "\u3164"], ids=ascii
)
def test_a_reason_of_an_older_state_is_written_so_that_it_does_nothing(reason):
    """YAML reads it back as it was; whoever copies the line is then told what is wrong with it."""
    lines = entries([(change(key(), "Inactive", reason=reason), RECENT)])
    assert harm("\n".join(lines)) == []
    assert yaml.safe_load("\n".join(lines))[OLD]["reason"] == reason


def test_a_very_long_reason_is_cut():
    """It is told once in full, beside the change; the line that is to be copied stays short."""
    (line,) = [text for text in entries([(change(key(), "Inactive", reason="y" * 50_000), RECENT)]) if "reason" in text]
    assert line.endswith('y… (50,000 characters)"')
    assert len(line) < 1_100
