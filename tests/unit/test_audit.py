"""The audit: what it finds in which account by which version of the benchmark, what it spares, and what mends it."""

from dataclasses import replace
from datetime import timedelta

import pytest
import yaml

from keyswitch.access_key.audit import audit, is_ready_to_delete, off_since
from keyswitch.access_key.benchmark import BENCHMARKS, Control
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import unlisted
from keyswitch.access_key.errors import IamUnavailable
from keyswitch.access_key.findings import CONTROLS, TITLES, Finding, Off, Rule, Severity, Subject
from keyswitch.access_key.inventory import Inventory
from keyswitch.access_key.model import Status
from keyswitch.configuration.entry import parse_entry
from tests.support.reports import NEVER, NOW, inventory, key, owned, subject

A, B, C = "AKIAAAAAAAAAAAAAAAAA", "AKIABBBBBBBBBBBBBBBB", "AKIACCCCCCCCCCCCCCCC"


def rules(*findings: Finding) -> list[tuple[str, str | None]]:
    """What was found on which key."""
    return [(finding.rule.value, finding.access_key_id) for finding in findings]


def test_the_numbers_of_each_version_are_those_of_the_benchmark() -> None:
    """CIS renumbers its controls; version 7.0 dropped the one for a single active key."""
    order = (Control.NO_ROOT_KEY, Control.UNUSED, Control.ONE_ACTIVE, Control.ROTATED)
    assert {v: tuple(b.numbers.get(control) for control in order) for v, b in BENCHMARKS.items()} == {
        "3.0": ("1.4", "1.12", "1.13", "1.14"),
        "4.0": ("1.4", "1.12", "1.13", "1.14"),
        "5.0": ("1.3", "1.11", "1.12", "1.13"),
        "6.0": ("2.3", "2.11", "2.12", "2.13"),
        "7.0": ("2.4", "2.11", None, "2.12"),
    }


@pytest.mark.parametrize("cis", BENCHMARKS)
def test_a_finding_has_the_number_of_its_version(cis: str) -> None:
    """One key fails every control."""
    owners = [owned(key(C, None, "Inactive")), owned(key(A, age=400, used=300), key(B, age=100, used=1))]
    found = audit(subject(*owners, cis=cis))
    assert {f.control for f in found} == set(BENCHMARKS[cis].numbers.values())
    assert all(f.control == BENCHMARKS[cis].numbers[CONTROLS[f.rule]] for f in found)


@pytest.mark.parametrize(
    ("age", "used", "status", "expected"),
    [
        pytest.param(400, 1, "Active", ["notRotated"], id="old and in use"),
        pytest.param(60, 45, "Active", ["unused"], id="unused for 45 days"),
        pytest.param(60, 44.9, "Active", [], id="used within 45 days"),
        pytest.param(60, NEVER, "Active", ["neverUsed"], id="never used, and old enough"),
        pytest.param(44, NEVER, "Active", [], id="never used, and young"),
        pytest.param(60, None, "Active", [], id="its last use is not known"),
        pytest.param(90, 1, "Active", [], id="90 days old"),
        pytest.param(400, 300, "Inactive", [], id="inactive"),
        pytest.param(400, 300, "Expired", [], id="expired"),
        pytest.param(400, 300, "Active", ["unused", "notRotated"], id="old and unused"),
    ],
)
def test_what_is_found_on_a_key(age: int, used: float | None, status: str, expected: list[str]) -> None:
    """Never used is not long unused, a young key is spared, and what is not known is no finding."""
    assert rules(*audit(subject(owned(key(A, "bob", status, age, used))))) == [(rule, A) for rule in expected]


def test_a_use_after_the_credential_report_was_made_is_possible() -> None:
    """So the time since is not counted as unused."""
    seen = inventory(owned(key(A, age=60, used=45)), uses_from=NOW - timedelta(hours=3))
    assert audit(Subject(seen, BENCHMARKS["7.0"])) == ()


def test_a_key_without_a_date_is_not_judged_by_its_age() -> None:
    """Neither as old nor as never used for long."""
    found = key(A, used=NEVER)
    undated = replace(found, key=replace(found.key, create_date=None))
    assert audit(subject(owned(undated))) == ()


def test_all_active_keys_but_the_one_used_last_are_too_many() -> None:
    """A new key that was never used counts as used when it was made: it is what a rotation needs."""
    old, new = key(A, age=80, used=40), key(B, age=2, used=NEVER)
    assert rules(*audit(subject(owned(old, new), cis="3.0"))) == [("severalActive", A)]
    assert rules(*audit(subject(owned(old, new), cis="7.0"))) == []
    three = owned(key(A, used=3), key(B, used=2), key(C, used=1))
    assert rules(*audit(subject(three, cis="3.0"))) == [("severalActive", A), ("severalActive", B)]
    unused = owned(key(A, age=40, used=NEVER), key(B, age=50, used=1))
    assert rules(*audit(subject(unused, cis="3.0"))) == [("severalActive", A)]
    off = owned(key(A, used=3), key(B, "bob", "Inactive", used=2))
    assert audit(subject(off, cis="3.0")) == ()


def test_a_key_whose_last_use_is_not_known_is_not_the_one_to_switch_off() -> None:
    """It may be in use right now."""
    assert rules(*audit(subject(owned(key(A, used=None), key(B, used=0.1)), cis="3.0"))) == [("severalActive", B)]


@pytest.mark.parametrize("status", ["Active", "Inactive"])
def test_a_key_of_the_root_user_is_found_whatever_its_status(status: str) -> None:
    """Nothing else is said of it, because nothing else helps."""
    (found,) = audit(subject(owned(key(A, None, status, 400, 300))))
    assert (found.rule, found.severity, found.access_key_id) == (Rule.ROOT_KEY, Severity.HIGH, A)
    assert bool(found.lines) is (status == "Active")
    assert found.owner == "root"


def test_hidden_keys_of_the_root_user_are_a_finding_without_an_id() -> None:
    """AWS says only that there are some; where it does not even say that, there is no finding."""
    known = {has: audit(Subject(inventory(root_has_keys=has), BENCHMARKS["7.0"])) for has in (True, False, None)}
    assert rules(*known[True]) == [("rootKey", None)]
    assert known[False] == known[None] == ()


@pytest.mark.parametrize(
    ("live", "declared", "severity"),
    [("Active", Status.INACTIVE, Severity.HIGH), ("Inactive", Status.ACTIVE, Severity.MEDIUM)],
)
def test_a_status_that_is_not_the_declared_one(live: str, declared: Status, severity: Severity) -> None:
    """A key that works and should not is the worse of the two; the lines adopt what AWS shows."""
    (found,) = audit(subject(owned(key(A, status=live)), declared=(Desired(A, "bob", declared, "OPS-1"),)))
    assert (found.rule, found.severity) == (Rule.NOT_AS_DECLARED, severity)
    assert declared_by(found) == Desired(A, "bob", Status(live), f"write here why it stays {live}")


def test_a_key_that_is_as_declared_or_only_observed_is_no_drift() -> None:
    """Nor one that no entry names."""
    keys = owned(key(A), key(B), key(C))
    assert audit(subject(keys, declared=(Desired(A, status=Status.ACTIVE), Desired(B)))) == ()


def test_a_key_with_a_status_that_cannot_be_declared_has_no_lines() -> None:
    """It is drift all the same."""
    (found,) = audit(subject(owned(key(A, status="Expired")), declared=(Desired(A, status=Status.ACTIVE),)))
    assert (found.rule, found.lines) == (Rule.NOT_AS_DECLARED, ())


def test_a_key_that_is_declared_inactive_needs_no_other_lines() -> None:
    """The configuration is right, it only has to be applied."""
    found = audit(subject(owned(key(A, age=400, used=300)), declared=(Desired(A, status=Status.INACTIVE),)))
    assert [f.rule for f in found] == [Rule.NOT_AS_DECLARED, Rule.UNUSED, Rule.NOT_ROTATED]
    assert [f.lines for f in found[1:]] == [(), ()]
    assert all("apply the configuration" in f.remedy for f in found[1:])


@pytest.mark.parametrize(
    ("since", "expected"),
    [
        pytest.param(30, ["readyToDelete"], id="for long enough"),
        pytest.param(29, [], id="not for long enough"),
        pytest.param(None, [], id="not known"),
    ],
)
def test_a_key_that_is_off_for_long_is_ready_to_be_deleted(since: int | None, expected: list[str]) -> None:
    """The remedy names the command, since keyswitch deletes nothing."""
    deactivated = {A: NOW - timedelta(days=since)} if since is not None else {}
    found = audit(subject(owned(key(A, status="Inactive", age=400)), deactivated=deactivated))
    assert rules(*found) == [(rule, A) for rule in expected]
    assert all(f"aws iam delete-access-key --user-name bob --access-key-id {A}" in f.remedy for f in found)


@pytest.mark.parametrize(
    ("age", "used", "is_ready"),
    [
        pytest.param(400, 100, True, id="last used before"),
        pytest.param(400, NEVER, True, id="never used"),
        pytest.param(400, 90, None, id="used since"),
        pytest.param(400, None, None, id="last use not known"),
        pytest.param(90, NEVER, None, id="created since"),
    ],
)
def test_a_key_of_which_no_deactivation_is_recorded_was_off_before(
    age: int, used: float | None, is_ready: bool | None
) -> None:
    """Unless it may have been deactivated so recently that it is not recorded yet."""
    found = key(A, "bob", "Inactive", age, used)
    of = subject(owned(found), known_since=NOW - timedelta(days=90))
    assert off_since(found, of) == (Off(NOW - timedelta(days=90), is_exact=False) if is_ready else None)
    assert is_ready_to_delete(found, of) is is_ready
    assert [f.saw for f in audit(of)] == (["it was deactivated before 2026-08-27"] if is_ready else [])


def test_a_declared_key_that_is_not_there_is_gone() -> None:
    """Whose it was is only known if the entry says it."""
    found = audit(subject(owned(key(A)), declared=(Desired(B, "bob"), Desired(C))))
    assert [(f.rule, f.access_key_id, f.owner) for f in found] == [
        (Rule.GONE, B, "bob"),
        (Rule.GONE, C, "owner not known"),
    ]


def test_a_key_that_could_not_be_seen_is_not_gone() -> None:
    """A denied listing proves nothing."""
    declared = {A: Desired(A, "bob"), B: Desired(B)}
    assert audit(Subject(inventory(problems={"bob": IamUnavailable("no")}), BENCHMARKS["7.0"], declared)) == ()


@pytest.mark.parametrize(
    ("seen", "is_gone"),
    [
        pytest.param(inventory(root_has_keys=True), False, id="only root sees them"),
        pytest.param(inventory(root_has_keys=None), False, id="not known"),
        pytest.param(inventory(root_has_keys=False), True, id="there are none"),
        pytest.param(inventory(owned(key(A, None)), root_has_keys=True), True, id="root looked"),
    ],
)
def test_a_key_of_the_root_user_is_gone_only_if_its_keys_are_known(seen: Inventory, is_gone: bool) -> None:
    """No other user sees their IDs."""
    declared = {C: Desired(C, root=True)}
    found = audit(Subject(seen, BENCHMARKS["7.0"], declared))
    assert (("gone", C) in rules(*found)) is is_gone


def test_a_problem_with_a_key_or_with_tags_hides_no_key() -> None:
    """Only a user whose keys could not be listed is missing."""
    error = IamUnavailable("no")
    seen: Inventory = inventory(owned(key(A, used=None)), problems={A: error, "bob": error, "eve": error})
    assert unlisted(seen) == ("eve",)


def test_the_most_serious_findings_come_first() -> None:
    """Then by rule, and every rule has a headline."""
    owners = [owned(key(C, None)), owned(key(A, age=400, used=300), key(B, used=1))]
    found = audit(subject(*owners, cis="3.0", declared=(Desired(B, status=Status.INACTIVE), Desired("X" * 16))))
    assert [f.severity for f in found] == sorted((f.severity for f in found), key=list(Severity).index)
    assert rules(*found) == [
        ("rootKey", C),
        ("notAsDeclared", B),
        ("unused", A),
        ("notRotated", A),
        ("severalActive", A),
        ("gone", "X" * 16),
    ]
    assert TITLES.keys() == set(Rule)


def test_the_lines_of_a_finding_are_a_valid_entry_that_deactivates_the_key() -> None:
    """An undeclared key gets its owner, so that nobody has to look it up; a declared one keeps what it says."""
    found = audit(subject(owned(key(A, age=400, used=300)), owned(key(B, "eve+x", age=400, used=300))))
    assert {declared_by(f).user_name for f in found} == {"bob", "eve+x"}
    assert all(declared_by(f).status is Status.INACTIVE and declared_by(f).reason for f in found)
    (root,) = audit(subject(owned(key(A, None))))
    assert declared_by(root).root


def declared_by(finding: Finding) -> Desired:
    """The entry that the lines of a finding declare."""
    ((key_id, fields),) = yaml.safe_load("\n".join(finding.lines)).items()
    desired, problems = parse_entry(key_id, fields)
    assert problems == []
    assert desired is not None
    return desired
