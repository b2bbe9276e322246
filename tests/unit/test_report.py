"""The report as a value and in each of its formats: each key once, exact data, and nothing that acts on its reader."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markupsafe import escape

from keyswitch.access_key.benchmark import BENCHMARKS
from keyswitch.access_key.decision import Decision
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import AccessDenied, KeyswitchError
from keyswitch.access_key.findings import Off, Rule, Severity, Subject
from keyswitch.access_key.inventory import Inventory, Owner, User
from keyswitch.access_key.model import AccessKey, LastUsed, Status
from keyswitch.access_key.policy import GuardName
from keyswitch.switching.inventory import take_inventory
from keyswitch.telling.report import LAG, Report, report
from keyswitch.telling.report_csv import report_csv
from keyswitch.telling.report_document import report_document
from keyswitch.telling.report_html import report_html
from keyswitch.telling.report_text import cells, details, headline
from tests.support.fake_gateway import FakeAccount
from tests.support.hostile import PAYLOADS, harm
from tests.support.reports import ACCOUNT, NEVER, NOW, decision, inventory, key, large, owned, subject

A, B, C = "AKIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB", "AKIACCCCCCCCCCCCCCCC"
SCHEMA = json.loads((Path(__file__).parents[2] / "schema" / "report.schema.json").read_text(encoding="utf-8"))
VALID = Draft202012Validator(SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER)


def text_of(made: Report) -> str:
    """What a terminal shows, without its layout."""
    return "\n".join([*headline(made), *("  ".join(cells(row, made)) for row in made.rows), *details(made)])


def data_of(page: str) -> dict[str, Any]:
    """The data in a page, with each text at its place."""
    (block,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    data: dict[str, Any] = json.loads(block)
    names = [*data["textual"], *data["facts"], "allow"]
    texts = data["texts"]
    data["keys"] = [
        {n: texts[v] if n in data["textual"] and v is not None else v for n, v in zip(names, row, strict=True)}
        for row in data["keys"]
    ]
    return data


class TestValue:
    """What a report joins."""

    def test_a_key_is_joined_with_its_entry_and_who_decided_it(self) -> None:
        """Path and tag are those of its owner."""
        bobs = owned(key(A), path="/ci/", tags={"team": "payments", "x": "y"})
        wanted = Desired(A, "bob", Status.INACTIVE, "OPS-1", allow=frozenset({GuardName.RECENTLY_USED}))
        made = report(subject(bobs, declared=(wanted,)), decisions={A: decision(3)}, owner_tag="team")
        (row,) = made.rows
        assert (row.tag, row.desired, row.decision) == ("payments", wanted, decision(3))
        assert (row.is_drift, row.is_exempt, row.is_ready_to_delete) == (True, True, False)
        assert [f.rule for f in row.findings] == [Rule.NOT_AS_DECLARED]

    def test_a_key_that_is_off_has_the_date_if_it_is_known(self) -> None:
        """Otherwise nobody knows whether it is ready to be deleted; an old date of an active key means nothing."""
        keys = owned(*(key(each, status="Inactive") for each in (A, B)), key(C))
        known = dict.fromkeys((A, C), NOW - timedelta(days=31))
        rows = report(subject(keys, deactivated=known)).rows
        assert [row.is_ready_to_delete for row in rows] == [True, None, False]
        assert [row.off for row in rows] == [Off(known[A]), None, None]

    def test_a_key_that_was_off_before_all_that_is_known_says_so(self) -> None:
        """In every format; the timeline has only what is known to the day."""
        since = NOW - timedelta(days=90)
        made = report(subject(owned(key(A, status="Inactive", age=400, used=NEVER)), known_since=since))
        (document,) = report_document(made)["keys"]
        assert (document["deactivatedAt"], document["deactivatedBefore"]) == (None, "2026-08-27T12:00:00+00:00")
        assert document["readyToDelete"] is True
        assert made.timeline == ()
        assert "off since before 2026-08-27, ready to delete" in text_of(made)
        (line,) = csv.DictReader(io.StringIO(report_csv(made)))
        assert (line["deactivated_date"], line["deactivated_before"]) == ("", "2026-08-27T12:00:00+00:00")
        (shown,) = data_of(report_html(made))["keys"]
        assert (shown["off"], shown["offExactly"]) == (since.timestamp(), False)

    def test_why_nothing_is_known_of_deactivations_is_said(self) -> None:
        """As a note, and in the document."""
        refused = AccessDenied("no trail", action="cloudtrail:LookupEvents")
        made = report(subject(owned(key(A, status="Inactive"))), no_trail=refused)
        assert "note: since when keys are Inactive is not known: no trail" in details(made)
        assert [problem["about"] for problem in report_document(made)["problems"]] == ["CloudTrail"]

    def test_undeclared_keys_can_be_left_out(self) -> None:
        """With all that was found on them, the root user's hidden keys included."""
        seen = inventory(owned(key(A, age=400), key(B, age=400)), root_has_keys=True)
        of = Subject(seen, BENCHMARKS["7.0"], {B: Desired(B)})
        made = report(of, only_declared=True)
        assert [row.access_key_id for row in made.rows] == [B]
        assert [f.access_key_id for f in made.findings] == [B]
        assert len(report(of).findings) == 3

    def test_the_timeline_has_each_commit_once_and_the_newest_first(self) -> None:
        """What is not committed yet comes before; deactivations in AWS are told by the day."""
        keys = owned(*(key(each, status="Inactive") for each in (A, B, C)))
        uncommitted = Decision("stacks/Pulumi.prod.yaml", 9)
        decided = {A: decision(3), B: decision(3), C: uncommitted}
        made = report(
            subject(keys, deactivated={A: datetime(2026, 11, 4, tzinfo=NOW.tzinfo)}),
            decisions=decided,
        )
        assert [(e.decision, e.access_key_ids) for e in made.timeline] == [
            (uncommitted, (C,)),
            (None, (A,)),
            (decision(3), (A, B)),
        ]

    @pytest.mark.parametrize(
        ("severity", "reached"), [(Severity.HIGH, False), (Severity.MEDIUM, True), (Severity.LOW, True)]
    )
    def test_a_severity_is_reached_by_itself_and_by_worse_ones(self, severity: Severity, reached: bool) -> None:
        """Here by a medium one."""
        assert report(subject(owned(key(A, age=400)))).is_reached(severity) is reached
        assert not report(subject()).is_reached(severity)


class TestDocument:
    """The JSON document, whose fields scripts know."""

    @pytest.mark.parametrize(
        "made",
        [
            pytest.param(report(subject()), id="an empty account"),
            pytest.param(large(30), id="many keys"),
            pytest.param(
                report(
                    Subject(
                        inventory(
                            owned(key(A, None)),
                            owned(key(B, used=None), key(C, used=NEVER)),
                            problems={"eve": AccessDenied("no", action="iam:ListAccessKeys")},
                            root_has_keys=None,
                        ),
                        BENCHMARKS["3.0"],
                        {B: Desired(B), "X" * 16: Desired("X" * 16)},
                    ),
                    decisions={B: Decision("a.yaml", 1)},
                ),
                id="what is not known",
            ),
        ],
    )
    def test_a_document_is_as_the_shipped_schema_says(self, made: Report) -> None:
        """Every field is in the schema and the other way round, so none can be renamed or dropped unseen."""
        Draft202012Validator.check_schema(SCHEMA)
        assert [error.message for error in VALID.iter_errors(report_document(made))] == []

    def test_the_fields_are_these(self) -> None:
        """Scripts depend on them: they are only ever added to."""
        document = report_document(large(20))
        assert document["version"] == SCHEMA["properties"]["version"]["const"] == 1
        assert set(document) >= {
            "version", "account", "at", "usesFrom", "rootHasKeys", "benchmark", "readyToDeleteAfter", "ownerTag",
            "files", "onlyDeclared", "counts", "keys", "findings", "timeline", "problems",
        }  # fmt: skip
        assert set(document["keys"][0]) >= {
            "accessKeyId", "userName", "path", "ownerTag", "status", "createDate", "lastUsed", "declared",
            "notAsDeclared", "decision", "deactivatedAt", "readyToDelete", "findings",
        }  # fmt: skip
        assert set(document["findings"][0]) >= {
            "rule", "severity", "control", "title", "accessKeyId", "userName", "message", "remedy", "configuration",
        }  # fmt: skip

    def test_never_used_is_not_not_known(self) -> None:
        """Nor is used."""
        keys = owned(key(A, used=NEVER), key(B, used=None), key(C, used=1))
        never, unknown, used = (each["lastUsed"] for each in report_document(report(subject(keys)))["keys"])
        assert never == {"date": None, "serviceName": None, "region": None}
        assert unknown is None
        assert used == {"date": "2026-11-24T12:00:00+00:00", "serviceName": "s3", "region": "us-east-1"}


class TestCsv:
    """A table for a spreadsheet."""

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])  # noqa: RUF001
    def test_no_cell_is_a_formula(self, start: str) -> None:
        """A user may be called +admin, and a reason may be anything."""
        name = f"{start}cmd|' /C calc'!A0"
        bobs = Owner(User(name, name, tags={"team": name}), (key(A, name),))
        wanted = Desired(A, name, Status.ACTIVE, name)
        made = report(
            subject(bobs, declared=(wanted,)),
            decisions={A: Decision(name, 1, name, name, NOW, name)},
            owner_tag="team",
        )
        header, row = csv.reader(io.StringIO(report_csv(made)))
        assert len(header) == len(row)
        assert not [cell for cell in row if cell.startswith(start)]
        assert row[header.index("user_name")].startswith("'")

    def test_each_key_has_a_line_with_its_facts(self) -> None:
        """Numbers are numbers, and what is not known is not empty."""
        bobs = owned(key(A, age=400, used=NEVER), key(B, used=None, status="Inactive"), path="/ci/")
        lines = list(csv.DictReader(io.StringIO(report_csv(report(subject(bobs))))))
        assert [(line["access_key_id"], line["path"], line["age_days"]) for line in lines] == [
            (A, "/ci/", "400"),
            (B, "/ci/", "10"),
        ]
        assert [line["last_used_date"] for line in lines] == ["never", "not known"]
        assert [line["ready_to_delete"] for line in lines] == ["no", "not known"]
        assert lines[0]["findings"] == "neverUsed notRotated"


class TestText:
    """What a terminal shows."""

    def test_it_says_how_old_its_facts_are(self) -> None:
        """And that AWS's own dashboards lag, and what is not known."""
        looked_up = details(report(subject(owned(key(A, used=None)))))
        assert f"note: {LAG}" in looked_up
        assert "note: the last use of 1 key is not known" in looked_up
        reported = report(Subject(inventory(uses_from=NOW - timedelta(hours=3), root_has_keys=None), BENCHMARKS["7.0"]))
        notes = [line for line in details(reported) if line.startswith("note: ")]
        assert notes[0] == "note: last uses are from the credential report that AWS made 3 h ago (2026-11-25 09:00 UTC)"
        assert "note: whether the root user has keys is not known" in notes

    def test_very_many_findings_are_cut_with_their_number(self) -> None:
        """Every rule shows its first ten keys."""
        text = details(large(200))
        (headline_of_unused,) = [line for line in text if line.startswith("medium: Active, but not used")]
        number = int(headline_of_unused.split(": ")[2].split()[0])
        assert f"  … and {number - 10} others; every single one: --format json" in text


class TestPage:
    """The HTML page, as text; tests/browser looks at it as people do."""

    def test_nothing_in_it_comes_from_the_network(self) -> None:
        """Its policy allows its own style and scripts by their hashes, and nothing else."""
        page = report_html(large(3))
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        assert policy.startswith("default-src &#39;none&#39;; style-src &#39;sha256-")
        assert "unsafe" not in policy
        assert "http" not in policy
        assert re.findall(r"<(?:link|img|iframe|object|embed|base|form)\b", page) == []
        assert re.findall(r"<[^>]+\s(?:src|href|action|srcset)=\"(?!#keys\")", page) == []
        assert re.findall(r"<[^>]+\son\w+=", page.partition("<script")[0]) == []

    @pytest.mark.parametrize(
        "text", ["</script><script>alert(1)</script>", "<!--", "<img src=x onerror=alert(1)>", "&"]
    )
    def test_no_text_is_markup(self, text: str) -> None:
        """Neither in the data nor around it."""
        made = hostile(text)
        page = report_html(made)
        if text != "&":
            assert text not in page
        assert str(escape(text)) in page
        assert {each["user"] for each in data_of(page)["keys"]} == {text}

    def test_the_chart_is_shipped_as_published(self) -> None:
        """With its licence beside it."""
        folder = Path(__file__).parents[2] / "components" / "keyswitch" / "telling" / "page"
        assert "MIT" in (folder / "chart.LICENSE.md").read_text(encoding="utf-8")
        library = (folder / "chart.umd.min.js").read_text(encoding="utf-8")
        assert library.startswith("/*!\n * Chart.js v4.5.1")
        assert "</script" not in library.lower()

    def test_thousands_of_keys_stay_a_small_file(self) -> None:
        """Each text is in it only once."""
        assert len(report_html(large(2500))) < 2_000_000


def hostile(text: str) -> Report:
    """A report in which everything that comes from elsewhere is this text."""
    found = key(A, text)
    bobs = Owner(
        User(text, text, tags={text: text}),
        (replace(found, key=replace(found.key, status=text), last_used=LastUsed(text, NOW, text, text)),),
    )
    wanted = Desired(A, text, Status.ACTIVE, text, allow=frozenset({GuardName.RECENTLY_USED}))
    seen = replace(inventory(bobs), problems={text + text: KeyswitchError(text, text)})
    return report(
        Subject(seen, BENCHMARKS["7.0"], {A: wanted, B: Desired(B, text, reason=text)}),
        decisions={A: Decision(text, 1, text, text, NOW, text)},
        files=(text,),
        owner_tag=text,
    )


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_no_text_acts_on_its_reader(text: str) -> None:
    """In no format, whatever AWS, the configuration or a commit says."""
    made = hostile(text)
    assert harm(text_of(made)) == []
    assert harm(report_csv(made)) == []
    page = data_of(report_html(made))
    assert [each for value in page["texts"] for each in harm(value)] == []


_names = st.text("abcXYZ019+=,.@_-", min_size=1, max_size=12)
_people = st.dictionaries(_names, st.integers(0, 4), max_size=6)


@settings(max_examples=40, deadline=None)
@given(_people, st.booleans(), st.sampled_from(["/", "/ci/"]))
def test_every_key_of_any_account_is_in_every_format_once(people: dict[str, int], root: bool, path: str) -> None:
    """From the listings of AWS to the last format: no key is lost or doubled, and no user name confuses a reader."""
    keys = [
        AccessKey(f"AKIA{number:04d}{nth:012d}", name, "Active" if nth % 2 else "Inactive", NOW)
        for number, (name, owns) in enumerate(people.items())
        for nth in range(owns)
    ]
    account = FakeAccount(*keys, people=tuple(User(name, path, tags={}) for name in people), root_has_keys=root)
    made = report(Subject(taken(account), BENCHMARKS["5.0"]))
    ids = sorted(each.access_key_id for each in keys)
    assert sorted(row.access_key_id for row in made.rows) == ids
    assert sorted(each["accessKeyId"] for each in report_document(made)["keys"]) == ids
    assert sorted(each["access_key_id"] for each in csv.DictReader(io.StringIO(report_csv(made)))) == ids
    assert sorted(each["id"] for each in data_of(report_html(made))["keys"]) == ids
    assert [sum(cells(row, made).count(key_id) for row in made.rows) for key_id in ids] == [1] * len(ids)


def test_two_thousand_users_are_all_there() -> None:
    """Each user's key once; the text names the first ones of each finding, the documents all."""
    keys = [AccessKey(f"AKIA{number:016d}", f"user-{number:04d}", "Active", NOW) for number in range(2_000)]
    made = report(Subject(taken(FakeAccount(*keys)), BENCHMARKS["7.0"]))
    assert [row.access_key_id for row in made.rows] == [each.access_key_id for each in keys]
    assert made.users == 2_000


def taken(account: FakeAccount) -> Inventory:
    """The inventory of a fake account."""
    found = take_inventory(account, clock=lambda: NOW)
    assert found.account in (ACCOUNT, account.caller().account)
    return found
