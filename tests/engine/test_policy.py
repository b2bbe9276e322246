"""The policy pack on the real engine: every rule in a preview and in an update, and what a violation stops."""

import json
import re
from pathlib import Path

from keyswitch.sandbox.server import Sandbox
from tests.support.engine import NewProject, Run
from tests.support.policy_pack import PACK, python_of_the_pack
from tests.support.seeded import ALICE, ALICES_OLD, BOB, CI

PROGRAM = """
import pulumi
from keyswitch import AccessKeyStatus
from keyswitch.resources.program import run

root = {"access_key_id": "AKIAROOTROOTROOTROOT", "root": True, "status": "Active", "reason": "OPS-1"}
pulumi.ComponentResource("keyswitch:index:AccessKeyStatus", "of-the-provider", root)
pulumi.ComponentResource("aws:iam/accessKey:AccessKey", "of-pulumi-aws", {"user": "alice"})
run()
"""
"""The plugins of the other two types are not needed: the engine gives a policy what a program declares."""

KEYS = {
    BOB: "Inactive",
    CI: {"status": "Active", "reason": "OPS-1", "allow": ["recentlyUsed"]},
    ALICE: {"status": "Active", "reason": "OPS-1"},
    ALICES_OLD: {"status": "Active", "reason": "OPS-1"},
}

VIOLATIONS = {
    ("reason-required", f"Bob {BOB} has no reason"),
    ("protected-owners", f"Bob {BOB} belongs to a protected owner"),
    ("no-active-root-key", "root AKIAROOTROOTROOTROOT is a key of the root user"),
    ("key-age", f"alice {ALICE} is 120 days old"),
    ("key-age", f"alice {ALICES_OLD} is 700 days old"),
    ("exemption-ends", f"the exemption of ci-deploy {CI}"),
    ("active-keys-per-user", "alice has 2 active keys"),
    ("aws-access-key", "creates an access key without an AccessKeyStatus"),
}

OWNERS = {"owners": ["B?b"]}


def violations(run: Run) -> set[tuple[str, str]]:
    """Those of the expected violations that a run shows, each below its rule."""
    told = re.findall(r"- \[\w+\].*\]  (\S+)  .*\n.*\n +(.*)$", run.output, re.MULTILINE)
    return {
        (rule, begin) for rule, text in told for name, begin in VIOLATIONS if (rule == name and text.startswith(begin))
    }


def test_every_rule_in_a_preview_and_in_an_update(new_project: NewProject, sandbox: Sandbox, tmp_path: Path) -> None:
    """The preview shows all violations and fails; an update stops at one; if all are advisory, it shows and goes on."""
    python_of_the_pack()
    strict, lenient = tmp_path / "strict.json", tmp_path / "lenient.json"
    strict.write_text(json.dumps({"protected-owners": OWNERS}), encoding="utf-8")
    advisory = {"all": "advisory", "protected-owners": {"enforcementLevel": "advisory", **OWNERS}}
    lenient.write_text(json.dumps(advisory), encoding="utf-8")
    project = new_project(PROGRAM)
    project.declare(KEYS)
    pack = ("--policy-pack", str(PACK), "--policy-pack-config")

    preview = project.preview(*pack, str(strict))
    assert not preview.succeeded
    assert violations(preview) == VIOLATIONS, preview.output
    assert sandbox.actions()["UpdateAccessKey"] == 0

    stopped = project.up(*pack, str(strict))
    assert not stopped.succeeded
    assert sandbox.statuses()[BOB] == "Active", "no key is written that violates a mandatory rule"

    done = project.up(*pack, str(lenient))
    assert done.succeeded, done.output
    assert violations(done) == VIOLATIONS, done.output
    assert sandbox.statuses()[BOB] == "Inactive"

    assert project.up("--refresh").changes_nothing
    assert project.up().changes_nothing
