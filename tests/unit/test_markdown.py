"""The comment on a pull request: what it says, what nobody can smuggle into it, and that it always fits."""

import re
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from keyswitch.access_key.change import Change, by_user, decide_removal, remember
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.errors import (
    AccessKeyNotFound,
    IamUnavailable,
    InvalidConfiguration,
    KeyswitchError,
    Problem,
)
from keyswitch.access_key.guards import evaluate, refusal
from keyswitch.access_key.notes import notes
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.configuration.entry import parse_entry
from keyswitch.switching.planned import Plan
from keyswitch.telling.grouping import LISTED
from keyswitch.telling.markdown import MARKER, escaped, failure_markdown, plan_markdown
from tests.support.examples import (
    ALICES,
    NEW,
    NOW,
    OLD,
    OPERATOR,
    YEARS_AGO,
    change,
    evidence,
    failure,
    key,
    many,
    recorded,
    used,
)

GITHUBS_LIMIT = 65_536
EVIL = [
    "a | b",
    "<script>alert(1)</script>",
    "@team look",
    "[x](http://evil.example)",
    "![x](http://evil.example/pixel.png)",
    "http://evil.example www.evil.example me@evil.example",
    "<http://evil.example>",
    "*bold* _soft_ ~~gone~~ **all**",
    "`code` ``` fence",
    "</details> --> <!-- hidden",
    "&lt;script&gt; &#64;team",
    "\\",
    "\\| \\[x](y)",
    "# title",
    "\\<b>",
]


def _plan(*changes: Change, uses=None, errors: tuple[KeyswitchError, ...] = (), keys=()) -> Plan:
    seen = evidence(*(made.observed for made in changes), *keys, uses=uses)
    findings = evaluate(changes, seen, GuardPolicy())
    refused = refusal(findings)
    return Plan(
        caller=OPERATOR,
        changes=tuple(by_user(changes)),
        gone=(),
        findings=findings,
        notes=notes(changes, seen.keys_by_user, {}, NOW),
        last_used={made.access_key_id: seen.last_used.get(made.access_key_id) for made in changes if made.is_write},
        failures=tuple(map(failure, errors)),
        refusal=refused,
        at=NOW,
    )


def _tokens(text: str) -> list[Token]:
    """What a reader of GitHub gets: tables and HTML included."""
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def _cells(text: str) -> list[list[str]]:
    """The cells of all tables as they are shown, row by row; what keeps mentions and lines together is taken out."""
    rows: list[list[str]] = []
    tokens = _tokens(text)
    for before, token in pairwise(tokens):
        if before.type == "tr_open":
            rows.append([])
        if before.type in ("td_open", "th_open"):
            text = "".join(child.content for child in token.children or ())
            rows[-1].append(text.replace("\u200b", "").replace("\u00a0", " "))
    return rows


def test_a_change_is_a_row_of_a_table():
    """Whose key, which, what happens, its age, its last use and why; after the marker, headline and total."""
    made = change(key(created=YEARS_AGO), "Inactive", reason="OPS-1234")
    text = plan_markdown(_plan(made, uses={OLD: used(timedelta(days=100))}, keys=[key(NEW)]))
    assert text.splitlines()[0] == MARKER == "<!-- keyswitch plan -->"
    assert "### keyswitch would change 1 access key of account 123456789012" in text
    assert "1 access key: 1 to deactivate." in text
    assert _cells(text) == [
        ["User", "Access key", "Change", "Age", "Last use", "Reason"],
        ["bob", OLD, "Active → Inactive", "400 d", "100 d ago by s3 from us-east-1", "OPS-1234"],
    ]
    assert "stay valid until they expire; to revoke them: <https://docs.aws.amazon.com/" in text
    assert "Warnings" not in text


def test_a_plan_without_changes_says_so():
    """No table of nothing."""
    made = _plan(change(key(), "Active"))
    assert plan_markdown(made).split("\n\n") == [
        f"{MARKER}\n<!-- keyswitch digest {made.digest} -->",
        "### keyswitch changes nothing in account 123456789012",
        "1 access key: 1 unchanged.",
    ]


def test_a_row_is_as_narrow_as_it_can_be():
    """Columns in which nothing stands are left out; an age and a move from status to status stay in one line."""
    made = change(key(created=YEARS_AGO), "Inactive")
    header, row = _cells(plan_markdown(_plan(made, uses={OLD: used(None)}, keys=[key(NEW)])))
    assert header == ["User", "Access key", "Change", "Age", "Last use"]
    assert row == ["bob", OLD, "Active → Inactive", "400 d", "never used"]
    text = plan_markdown(_plan(made))
    assert "Active\u00a0→\u00a0Inactive" in text
    assert "400\u00a0d" in text


def test_keys_only_observed_are_folded_away():
    """They are there for whoever wants to look."""
    text = plan_markdown(_plan(change(key(), None), change(key(ALICES, "alice"), "Active")))
    assert "<details><summary>1 key only observed</summary>" in text
    assert _cells(text)[1][:3] == ["bob", OLD, "Active (only observed)"]


def test_drift_and_what_leaves_are_rows_like_any_other():
    """The same words as in every other summary."""
    drifted = remember(change(key(status="Inactive"), "Active"), recorded(wanted="Active"))
    leaving = decide_removal(recorded(NEW, on_removal=OnRemoval.LEAVE), key(NEW))
    rows = _cells(plan_markdown(_plan(drifted, leaving)))[1:]
    assert [row[2] for row in rows] == [
        "leaves the configuration; the key itself stays Active",
        "Inactive → Active (drift: it was Active after the last update)",
    ]


def test_a_refusal_is_told_with_the_configuration_that_lets_it_pass():
    """Every problem is an item; the lines stand in a block to be copied."""
    made = change(key(), "Inactive", reason="it's: odd")
    missing = AccessKeyNotFound("There is no access key X", "Check the key ID")
    text = plan_markdown(_plan(made, uses={}, errors=(missing,), keys=[key(NEW)]))
    assert "### ⛔ keyswitch refuses this change of account 123456789012" in text
    items = [line for line in text.splitlines() if line.startswith("- ⛔ ")]
    assert items[0] == "- ⛔ There is no access key X. Check the key ID"
    assert items[1].startswith(f"- ⛔ bob {OLD}: its last use is not known")
    assert "\n".join(items) in text, "one list, not one for each error"
    (block,) = [token for token in _tokens(text) if token.type == "fence"]
    assert (block.info, block.content) == (
        "yaml",
        f'{OLD}:\n  status: Inactive\n  reason: "it\'s: odd"\n  allow: [recentlyUsed]\n',
    )


def test_where_errors_left_nothing_no_total_is_told():
    """Not that no keys were declared: they were, and could not be found."""
    missing = AccessKeyNotFound("There is no access key X", "Check the key ID")
    made = _plan(errors=(missing,))
    assert plan_markdown(made).split("\n\n") == [
        f"{MARKER}\n<!-- keyswitch digest {made.digest} -->",
        "### ⛔ keyswitch refuses this change of account 123456789012",
        "- ⛔ There is no access key X. Check the key ID",
    ]
    assert "no access keys are declared" in plan_markdown(_plan()), "and where there are none, that is told"
    told = plan_markdown(replace(_plan(errors=(missing,)), gone=(recorded(),)))
    assert "1 access key: 1 leaving." in told, "a key that is gone is something"
    assert "leaves the configuration; the key is gone from AWS already" in told


def test_warnings_are_listed_with_the_guard_that_warns():
    """A warning is no refusal."""
    text = plan_markdown(_plan(change(key(), "Inactive")))
    assert f"- bob {OLD}: bob is left without any active access key;" in text
    assert "`lastActiveKey`" in text
    assert "⛔" not in text


@pytest.mark.parametrize("number", [10, 11], ids=["a few", "many"])
def test_many_warnings_are_folded(number):
    """Their number is to be seen, and the table above them is not pushed away."""
    text = plan_markdown(_plan(*(change(each, "Inactive") for each in many(number))))
    assert ("**Warnings**" in text) is (number == 10)
    assert ("<details><summary>11 warnings</summary>" in text) is (number == 11)
    assert text.count("`lastActiveKey`") == number


def test_every_problem_of_a_configuration_is_an_item():
    """No headline among them, and no dash of the list that a terminal shows."""
    problems = [Problem("is odd", "keyswitch:keys.A", "a.yaml:3"), Problem("is missing", "keyswitch:keys")]
    assert failure_markdown(InvalidConfiguration(problems)).splitlines()[-2:] == [
        "- ⛔ a.yaml:3: keyswitch:keys.A: is odd",
        "- ⛔ keyswitch:keys: is missing",
    ]


def test_why_there_is_no_plan_is_a_comment_of_its_own():
    """The bot replaces the last comment, so the marker is there, too."""
    text = failure_markdown(IamUnavailable("There are no AWS credentials", "Set AWS_PROFILE"))
    assert text.split("\n\n") == [
        MARKER,
        "### keyswitch: no plan",
        "- ⛔ There are no AWS credentials. Set AWS\\_PROFILE",
    ]


def _harmless(text: str) -> None:
    """Nothing in a comment is active but what keyswitch itself put there."""
    inline = [child for token in _tokens(text) for child in token.children or ()]
    assert {child.type for child in inline} <= {
        "text",
        "code_inline",
        "strong_open",
        "strong_close",
        "softbreak",
        "link_open",
        "link_close",
    }
    links = [child.attrs["href"] for child in inline if child.type == "link_open"]
    assert all(str(link).startswith("https://docs.aws.amazon.com/") for link in links)
    html = [token.content.strip() for token in _tokens(text) if token.type == "html_block"]
    assert all(
        re.fullmatch(
            rf"{MARKER}|<!-- keyswitch digest [0-9a-f]{{64}} -->|</?details>(<summary>[\w ,]+</summary>)?", found
        )
        for found in html
    )
    shown = [c.content for before, c in pairwise([Token("", "", 0), *inline]) if before.type != "link_open"]
    assert not any(re.search(r"@\w|\w://\w|www\.", content) for content in shown)


@pytest.mark.parametrize("reason", EVIL)
@pytest.mark.parametrize("number", [1, LISTED + 1], ids=["in the table", "in a group"])
def test_a_reason_cannot_break_out(reason, number):
    """No mention, link, picture or HTML, wherever the reason is told: table, group or refusal."""
    changes = [change(each, "Inactive", reason=reason) for each in many(number)]
    for uses in (None, {}):
        text = plan_markdown(_plan(*changes, uses=uses))
        _harmless(text)
        rows = _cells(text)
        assert {len(row) for row in rows} == {5}
        assert {row[-1] for row in rows} == {"Reason", reason}


_reasons = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u200b"), min_size=1, max_size=40)
    | st.text(st.sampled_from("|\\`*_[]()<>!@#&-~:/wW. ht"), min_size=1, max_size=20)
).map(lambda text: parse_entry(OLD, {"reason": text})[0])


@settings(max_examples=50)
@given(_reasons)
@example(parse_entry(OLD, {"reason": "a\nb\r\n\n# c"})[0])
@example(parse_entry(OLD, {"reason": "wwwww."})[0])
@example(parse_entry(OLD, {"reason": "://://@@"})[0])
def test_any_reason_is_shown_as_it_was_written(desired):
    """In its own cell, in one line, and as nothing but text."""
    if desired is None:
        return
    text = plan_markdown(_plan(change(key(), "Inactive", reason=desired.reason), keys=[key(NEW)]))
    _harmless(text)
    assert _cells(text)[1][4] == desired.reason


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\n\r\nb", "a\tb", " a  b "], ids=["a line", "a paragraph", "a tab", "blanks"]
)
def test_whatever_is_shown_stays_in_one_line(text):
    """What AWS or a library says may have lines of its own."""
    assert escaped(text) == "a b"


def test_very_many_changes_are_grouped_with_the_riskiest_in_a_folded_table():
    """The first ten by risk, and what is known of the last uses of all."""
    changes = [change(each, "Inactive", reason="OPS-9: leaked") for each in many(1000)]
    uses = {made.access_key_id: used(None) for made in changes} | {changes[500].access_key_id: used(YEARS_AGO)}
    text = plan_markdown(_plan(*changes, uses=uses))
    assert "**1000 keys of 1000 users: Active → Inactive** · OPS-9: leaked" in text
    assert "Last used: 1 longer ago, 999 never." in text
    assert "<details><summary>1000 keys, the 10 riskiest</summary>" in text
    rows = _cells(text)
    assert len(rows) == 11
    assert rows[1][1] == changes[500].access_key_id
    assert "- … and 960 more" in text


def _thousand(reason: str) -> list[Change]:
    return [
        change(
            key(f"AKIAMANYEXAMPLE{n:05}", f"a-service-user-with-a-long-name-{n:04}"), "Inactive", reason=f"{reason}{n}"
        )
        for n in range(1000)
    ]


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param([change(each, "Inactive", reason="OPS-9") for each in many(1000)], id="one reason"),
        pytest.param(_thousand("OPS-1234 moved to OIDC, see the migration plan "), id="a reason each"),
        pytest.param([change(each, None) for each in many(1000)], id="only observed"),
        pytest.param([remember(change(each, "Active"), None) for each in many(1000)], id="adopted"),
        pytest.param([decide_removal(recorded(), each) for each in many(1000)], id="leaving"),
        pytest.param([change(each, "Inactive", reason="x" * 100) for each in many(LISTED)], id="just not grouped"),
    ],
)
def test_a_comment_stays_far_below_what_github_takes(changes):
    """A comment that is too long is not shortened by GitHub but refused, and nobody sees anything."""
    assert len(plan_markdown(_plan(*changes))) < GITHUBS_LIMIT / 2


def test_a_comment_fits_however_much_is_refused():
    """It is exactly the dangerous change whose comment must not be lost."""
    assert len(plan_markdown(_plan(*_thousand("OPS-"), uses={}))) < GITHUBS_LIMIT


def test_a_comment_fits_however_many_keys_are_not_found():
    """Each is an error of its own; what is wrong with several keys alike is told once."""
    text = plan_markdown(_plan(errors=tuple(AccessKeyNotFound(f"There is no key {n} " * 9) for n in range(1000))))
    assert "- … and 960 more" in text
    assert len(text) < GITHUBS_LIMIT
    assert plan_markdown(_plan(errors=(IamUnavailable("AWS is away"),) * 3)).count("⛔ AWS is away") == 1


def test_a_comment_fits_however_long_the_reasons_are():
    """A reason that somebody pasted a whole ticket into is cut."""
    assert len(plan_markdown(_plan(*(change(e, "Inactive", reason="ticket " * 500) for e in many(LISTED))))) < (
        GITHUBS_LIMIT
    )
