"""The rules of the policy pack, each by itself: what it reports, and what it lets pass."""

import json
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from scripts.pulumi_cli import REPOSITORY
from tests.support.persisted import ACCESS_KEY_STATUS
from tests.support.policy_pack import python_of_the_pack

OURS = "keyswitch:index:AccessKeyStatus"
AWS = "aws:iam/accessKey:AccessKey"
KEY, SECOND = "AKIABOBOLDEXAMPLE001", "AKIABOBNEWEXAMPLE002"
TODAY = datetime.now(timezone.utc).date()


@dataclass(frozen=True)
class Case:
    """Resources, a rule with its settings, and phrases of what it reports of them; no phrase: nothing."""

    id: str
    rule: str
    resources: Sequence[Mapping[str, Any]]
    says: Sequence[str] = ()
    config: Mapping[str, Any] = field(default_factory=dict)


def key(type_: str = ACCESS_KEY_STATUS, /, **props: Any) -> dict[str, Any]:
    """An `AccessKeyStatus` of bob."""
    return {"type": type_, "props": {"access_key_id": KEY, "user_name": "bob", **props}}


def in_days(days: int) -> str:
    """A day, as it is written."""
    return (TODAY + timedelta(days=days)).isoformat()


def of_age(days: int, **props: Any) -> dict[str, Any]:
    """An active key of that age, as `AccessKeys` passes it."""
    return key(status="Active", create_date=f"{in_days(-days)}T00:00:00+00:00", **props)


def active(access_key_id: str, **props: Any) -> dict[str, Any]:
    """An active key."""
    return key(**{"access_key_id": access_key_id, "status": "Active", **props})


PASSES = {"allow": ["recentlyUsed"]}
BEYOND = f"OPS-1 until {in_days(400)}"
ONCE = f"OPS-1 until {in_days(-1)}"
NOW = f"OPS-1 until {in_days(0)}"

CASES = [
    Case("no reason", "reason-required", [key(status="Inactive")], ["bob AKIABOBOLDEXAMPLE001 has no reason"]),
    Case("the provider's type", "reason-required", [key(OURS, status="Active")], ["to be Active"]),
    Case("a reason", "reason-required", [key(status="Inactive", reason="OPS-1")]),
    Case("only observed", "reason-required", [key()]),
    Case("another type", "reason-required", [{"type": "aws:s3/bucket:Bucket", "props": {"status": "Active"}}]),
    Case("a reason to come", "reason-required", [key(status="Active", reason="?")], ["unknown"]),
    Case(
        "no ticket",
        "reason-required",
        [key(status="Active", reason="because")],
        ["does not match"],
        {"pattern": "[A-Z]+-[0-9]+"},
    ),
    Case("a ticket", "reason-required", [key(status="Active", reason="OPS-1 x")], (), {"pattern": "^[A-Z]+-[0-9]+"}),
    Case("root, Active", "no-active-root-key", [key(root=True, status="Active")], ["root AKIABOB"]),
    Case("root, observed", "no-active-root-key", [key(OURS, root=True)], ["write status: Inactive"]),
    Case("root, Inactive", "no-active-root-key", [key(root=True, status="Inactive")]),
    Case("a user named root", "no-active-root-key", [key(user_name="root", status="Active")]),
    Case("91 days", "key-age", [of_age(91)], ["91 days old, and older than 90 days"]),
    Case("90 days", "key-age", [of_age(90)]),
    Case("31 days of 30", "key-age", [of_age(31)], ["older than 30"], {"days": 30}),
    Case("old and Inactive", "key-age", [{**of_age(400), "props": {**of_age(400)["props"], "status": "Inactive"}}]),
    Case("of an age not known", "key-age", [key(status="Active")]),
    Case("old until today", "key-age", [of_age(400, reason=NOW)]),
    Case("old until yesterday", "key-age", [of_age(400, reason=ONCE)], [f"exemption ended on {in_days(-1)}"]),
    Case("old until no day", "key-age", [of_age(400, reason="until 2027-02-30")], ["rotate it"]),
    Case("old with another reason", "key-age", [of_age(400, reason="OPS-1")], ["rotate it"]),
    Case("allow without an end", "exemption-ends", [key(**PASSES, reason="OPS-1")], [r"recentlyUsed\) has no end"]),
    Case("allow until today", "exemption-ends", [key(**PASSES, reason=NOW)]),
    Case("allow until yesterday", "exemption-ends", [key(OURS, **PASSES, reason=ONCE)], ["ended on"]),
    Case("allow for too long", "exemption-ends", [key(**PASSES, reason=BEYOND)], ["the latest is 365 days"]),
    Case("allow for as long as set", "exemption-ends", [key(**PASSES, reason=BEYOND)], (), {"days": 400}),
    Case("no allow", "exemption-ends", [key(reason="OPS-1")]),
    Case("nobody is protected", "protected-owners", [key(status="Inactive")]),
    Case("protected", "protected-owners", [key(status="Inactive")], ["a protected owner"], {"owners": ["bob"]}),
    Case(
        "protected, found out",
        "protected-owners",
        [key(status="Inactive", user_name=None, owner="break-glass-1")],
        ["break-glass-1 AKIA"],
        {"owners": ["break-glass-*"]},
    ),
    Case(
        "root protected", "protected-owners", [key(root=True, status="Inactive")], ["root AKIA"], {"owners": ["root"]}
    ),
    Case("protected, removed", "protected-owners", [key(on_removal="deactivate")], ["protected"], {"owners": ["bob"]}),
    Case("protected, activated", "protected-owners", [key(status="Active")], (), {"owners": ["bob"]}),
    Case("not protected", "protected-owners", [key(status="Inactive")], (), {"owners": ["Bob", "bobby", "b"]}),
    Case(
        "perhaps protected",
        "protected-owners",
        [key(status="Inactive", user_name=None)],
        ["write userName"],
        {"owners": ["bob"]},
    ),
    Case("two active", "active-keys-per-user", [active(KEY), active(SECOND)], [f"1: bob has 2 .*: {SECOND}, {KEY}"]),
    Case("two active of two", "active-keys-per-user", [active(KEY), active(SECOND)], (), {"most": 2}),
    Case("one active", "active-keys-per-user", [active(KEY), active(SECOND, status="Inactive")]),
    Case("two owners", "active-keys-per-user", [active(KEY), active(SECOND, user_name="eve")]),
    Case(
        "one looked up", "active-keys-per-user", [active(KEY), active(SECOND, user_name=None, owner="bob")], ["bob has"]
    ),
    Case("one not known yet", "active-keys-per-user", [active(KEY), active(SECOND, user_name="?")]),
    Case("both types", "active-keys-per-user", [active(KEY), key(OURS, status="Active")], ["bob has 2"]),
    Case("none of AWS", "aws-access-key", [key(status="Active")]),
    Case("alone", "aws-access-key", [{"type": AWS, "props": {"id": "?"}}, key()], ["0: .*without an AccessKeyStatus"]),
    Case("beside, by ID", "aws-access-key", [{"type": AWS, "props": {"id": KEY}}, key(status="Active")]),
    Case(
        "beside, by reference",
        "aws-access-key",
        [{"type": AWS, "props": {"id": "?"}}, {**key(access_key_id="?"), "from": {"access_key_id": [0]}}],
    ),
    Case(
        "forbidden",
        "aws-access-key",
        [{"type": AWS, "props": {"id": KEY}}, key()],
        ["use a role"],
        {"mode": "forbidden"},
    ),
]


@pytest.fixture(scope="module")
def pack_python() -> Path:
    """The Python of the pack's environment."""
    return python_of_the_pack()


@pytest.fixture(scope="module")
def answer(pack_python: Path) -> dict[str, Any]:
    """All cases, judged in one process, and what the pack says of its rules."""
    cases = [{"rule": case.rule, "config": case.config, "resources": case.resources} for case in CASES]
    judge = REPOSITORY / "tests" / "policy" / "judge.py"
    done = subprocess.run(
        [pack_python, judge], input=json.dumps(cases), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}-{case.id}")
def test_a_rule(case: Case, answer: dict[str, Any]) -> None:
    """It reports what it should, and nothing else."""
    said = answer["judged"][CASES.index(case)]
    assert len(said) == len(case.says), said
    assert [phrase for phrase, text in zip(case.says, said, strict=True) if not re.search(phrase, text)] == []


def test_every_rule_reports_and_lets_pass(answer: dict[str, Any]) -> None:
    """No rule is without a case of both kinds."""
    assert {case.rule for case in CASES if case.says} == {case.rule for case in CASES if not case.says}
    assert {case.rule for case in CASES} == set(answer["rules"])


def test_the_page_lists_every_rule_as_it_is(answer: dict[str, Any]) -> None:
    """Name, level, severity and settings stand in docs/policy.md; so do the controls of each version of CIS."""
    page = (REPOSITORY / "docs" / "policy.md").read_text(encoding="utf-8")
    for name, rule in answer["rules"].items():
        row = re.search(rf"^\| `{name}` \|.*$", page, re.MULTILINE)
        assert row, name
        assert f"| {rule['level']} | {rule['severity']} |" in row[0]
        assert all(f"`{setting}`" in row[0] for setting in rule["settings"])
        if rule["tags"]:
            numbers = dict(re.findall(r"CIS-v(\d)-([\d.]+)", " ".join(rule["tags"])))
            cells = " | ".join(numbers.get(version, "none") for version in ("3", "4", "5", "6", "7"))
            assert f"| `{name}` | {cells} |" in page


@pytest.mark.parametrize(("version", "controls"), [("", "2.12 2.4"), ("6", "2.12 2.13 2.3"), ("3", "1.13 1.14 1.4")])
def test_the_version_of_cis_can_be_chosen(pack_python: Path, version: str, controls: str) -> None:
    """The newest if none is; version 7 has no control on the number of keys."""
    assert sorted(one["control"][1] for one in described(pack_python, version) if one["control"]) == controls.split()


def described(python: Path, version: str) -> list[dict[str, Any]]:
    """What the pack says of its rules for a version of CIS."""
    done = subprocess.run(
        [python, REPOSITORY / "tests" / "policy" / "judge.py"],
        input="[]", capture_output=True, text=True, timeout=60, check=True, env={"KEYSWITCH_CIS": version},
    )  # fmt: skip
    return list(json.loads(done.stdout)["rules"].values())


def test_an_unknown_version_of_cis_is_refused(pack_python: Path) -> None:
    """A mistyped version must not turn controls off."""
    with pytest.raises(subprocess.CalledProcessError) as failed:
        described(pack_python, "5.0")
    assert "write one of 3, 4, 5, 6, 7" in failed.value.stderr
