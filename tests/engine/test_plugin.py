"""The real provider on the real engine: YAML, Python, import, options, several accounts."""

import os
import re
import shlex
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, SeededKey, plant
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.engine import Run
from tests.support.plugin_project import PluginProject, key
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING
from tests.support.shown import command


def shows(run: Run, line: str) -> bool:
    """Whether a diff has a line, in whatever columns."""
    return line in [" ".join(shown.split()).replace(" : ", ": ") for shown in run.output.splitlines()]


def test_a_whole_life_in_yaml(plugged: PluginProject, sandbox: Sandbox) -> None:
    """Adopt, repeat, drift, repair, change, remove, destroy: every change is a line of its own, without `--refresh`."""
    before = sandbox.statuses()
    keys = {
        "bob": key(BOB, status="Inactive", reason="OPS-1234"),
        "ci": key(CI),
        "old": key(ALICES_OLD, status="Active", on_removal="deactivate"),
    }
    plugged.yaml(keys, outputs={"bob": "${bob.status_at_adoption}"})
    first = plugged.preview("--diff")
    assert first.counts == {"to create": 4}
    assert shows(first, 'bob: "Active"'), "a preview looks at the live key"
    assert (sandbox.statuses(), sandbox.actions()["UpdateAccessKey"]) == (before, 0)
    assert plugged.up().counts == {"created": 4}
    assert sandbox.statuses() == {**before, BOB: "Inactive"}
    assert plugged.up().changes_nothing
    assert sandbox.actions()["UpdateAccessKey"] == 1

    sandbox.set_status(BOB, "Active")
    drifted = plugged.preview("--diff")
    assert drifted.counts == {"to update": 1, "unchanged": 3}
    assert shows(drifted, '~ status: "Active" => "Inactive"')
    sandbox.faults = [Fault("ListAccessKeys", "AccessDenied", 403, "not now", times=None, about="ci-deploy")]
    assert "[diff: ~status]" in plugged.up("--exclude", plugged.state()[CI]["urn"]).output
    assert sandbox.statuses()[BOB] == "Inactive"
    sandbox.faults = []

    keys["bob"] = key(BOB, status="Active", reason="OPS-1235")
    del keys["old"]
    plugged.yaml(keys)
    changed = plugged.preview("--diff")
    assert shows(changed, '~ status: "Inactive" => "Active"')
    assert shows(changed, '~ reason: "OPS-1234" => "OPS-1235"')
    assert plugged.up().counts == {"updated": 1, "deleted": 1, "unchanged": 2}
    assert sandbox.statuses() == {**before, ALICES_OLD: "Inactive"}
    assert plugged.destroy().succeeded
    assert sandbox.statuses() == {**before, ALICES_OLD: "Inactive"}


def test_a_python_program(plugged: PluginProject, sandbox: Sandbox) -> None:
    """The generated SDK declares, switches and removes; a refusal is its text alone."""
    plugged.sdk("python")
    head = "import pulumi\nimport pulumi_keyswitch as keyswitch\n"
    bob = f"keyswitch.AccessKeyStatus('bob', access_key_id='{BOB}', status=keyswitch.Status.INACTIVE)\n"
    plugged.python(head + bob)
    assert plugged.preview().counts == {"to create": 2}
    assert plugged.up().counts == {"created": 2}
    assert plugged.up().changes_nothing
    sandbox.set_status(BOB, "Active")
    assert shows(plugged.preview("--diff"), '~ status: "Active" => "Inactive"')
    assert plugged.up("--target", plugged.state()[BOB]["urn"]).counts == {"updated": 1, "unchanged": 1}
    plugged.python(f"{head}{bob}keyswitch.AccessKeyStatus('ci', access_key_id='{CI}', status='Inactive')\n")
    refused = plugged.preview()
    assert not refused.succeeded
    assert f"    error: ci-deploy {CI}: last used 40 min ago" in refused.output
    assert f'        AccessKeyStatus(…, access_key_id="{CI}", reason=' in refused.output
    assert "provider/experimental" not in refused.output, "no frames of the provider's code"
    plugged.python(head)
    assert plugged.up().counts == {"deleted": 1, "unchanged": 1}
    assert plugged.destroy().succeeded
    assert (sandbox.statuses()[BOB], sandbox.statuses()[CI]) == ("Inactive", "Active")


def test_import(plugged: PluginProject, sandbox: Sandbox) -> None:
    """The page's commands import all keys with code that previews without change, but never a key that is not there."""
    plugged.sdk("python")
    plugged.python("")
    find = command("docs/provider.md", "keyswitch discover")
    path = f"{Path(sys.executable).parent}{os.pathsep}{plugged.environment['PATH']}"
    subprocess.run(find, shell=True, cwd=plugged.folder, env={**plugged.environment, "PATH": path}, check=True)
    code = plugged.folder / "__main__.py"
    _, *words = shlex.split(command("docs/provider.md", "pulumi import --file"))
    run = plugged.pulumi(*words, "--yes", "--skip-preview", "--out", str(code))
    keys = {*sandbox.statuses(), OPERATOR_KEY}
    assert run.counts["imported"] == len(keys), run.output
    assert f'access_key_id="{BOB}"' in code.read_text(encoding="utf-8")
    assert plugged.preview().changes_nothing
    _, *words = shlex.split(command("docs/provider.md", "pulumi import keyswitch").replace(BOB, MISSING))
    missing = plugged.pulumi(*words, "--yes", "--skip-preview")
    assert not missing.succeeded
    assert f"There is no access key {MISSING} in account" in missing.output
    assert set(plugged.state()) == keys
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_options(plugged: PluginProject, sandbox: Sandbox) -> None:
    """Pulumi's options mean for a key what they mean for any resource."""
    keys = {
        "ignored": key(BOB, status="Inactive", options={"ignoreChanges": ["status"], "protect": True}),
        "imported": key(BOBS_SECOND, user_name="Bob", status="Active", options={"import": BOBS_SECOND}),
        "retained": key(ALICES_OLD, status="Active", on_removal="deactivate", options={"retainOnDelete": True}),
        "replaced": key(
            ALICE, status="Active", reason="one", options={"replaceOnChanges": ["reason"], "deleteBeforeReplace": True}
        ),
    }
    plugged.yaml(keys)
    first = plugged.up()
    assert first.succeeded, first.output
    assert (sandbox.statuses()[BOB], sandbox.statuses()[BOBS_SECOND]) == ("Inactive", "Active")
    _, _, *drift_check = shlex.split(command("docs/provider.md", "pulumi preview"))
    sandbox.set_status(BOB, "Active")
    assert plugged.preview(*drift_check).succeeded, "this drift is ignored"
    sandbox.set_status(BOBS_SECOND, "Inactive")
    assert not plugged.preview(*drift_check).succeeded
    sandbox.set_status(BOBS_SECOND, "Active")
    plan = str(plugged.folder / "plan.json")
    assert plugged.preview("--save-plan", plan).changes_nothing
    keys["replaced"]["properties"]["reason"] = "two"
    del keys["retained"]
    plugged.yaml(keys)
    violated = plugged.up("--plan", plan)
    assert not violated.succeeded
    assert "violates plan" in violated.output
    assert plugged.preview("--save-plan", plan).succeeded
    assert plugged.up("--plan", plan).counts == {"replaced": 1, "deleted": 1, "unchanged": 3}
    assert sandbox.statuses()[ALICES_OLD] == "Active"
    refused = plugged.destroy()
    assert not refused.succeeded
    assert "protect" in refused.output
    written = [request.access_key_id for request in sandbox.journal if request.action == "UpdateAccessKey"]
    assert sorted(written) == sorted([BOB, BOBS_SECOND])


def test_several_accounts(plugged: PluginProject, sandbox: Sandbox) -> None:
    """Two explicit providers in one program: each key is asked about, and switched, in its own account only.

    Pulumi starts a process for each, so each has a pace of its own, whatever its account.
    """
    main = plugged.folder.parent / "plugin" / "__main__.py"
    told = 'import os\n\nos.environ["AWS_EXECUTION_ENV"] = f"process-{os.getpid()}"\n'
    main.write_text(told + main.read_text(encoding="utf-8"), encoding="utf-8")
    carols, other = "AKIAOTHERACCOUNTKEY1", "210987654321"
    plant([SeededKey(carols, "carol", last_used=timedelta(days=95))], other)
    role = {"roleArn": f"arn:aws:iam::{other}:role/keyswitch"}
    providers = {
        "here": {"type": "pulumi:providers:keyswitch", "properties": {"account": ACCOUNT, "recentUse": "7d"}},
        "there": {"type": "pulumi:providers:keyswitch", "properties": {"account": other, "assumeRoles": [role]}},
    }
    keys = {
        "bob": key(BOB, status="Inactive", options={"provider": "${here}"}),
        "carol": key(carols, status="Inactive", options={"provider": "${there}"}),
        "again": {
            "type": "pulumi:providers:keyswitch",
            "properties": {"account": "${carol.account_id}"},  # not known in the first preview
        },
    }
    plugged.yaml({**providers, **keys})
    assert plugged.preview().counts == {"to create": 6}
    first = plugged.up()
    assert first.counts == {"created": 6}, first.output
    assert (plugged.state()[BOB]["outputs"]["account_id"], plugged.state()[carols]["outputs"]["account_id"]) == (
        ACCOUNT,
        other,
    )
    about = {(r.signer == OPERATOR_KEY, r.parameters.get("UserName") or r.access_key_id) for r in sandbox.journal}
    assert about - {(True, None), (False, None)} == {(True, BOB), (True, "Bob"), (False, carols), (False, "carol")}
    assert [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"].count(carols) == 1

    agents = [sandbox.world.account(where).history.records[-1]["userAgent"] for where in (ACCOUNT, other)]
    assert len({process for agent in agents for process in re.findall(r"process-\d+", agent)}) == 2, agents

    providers["there"]["properties"]["account"] = ACCOUNT
    plugged.yaml({**providers, **keys})
    refused = plugged.preview()
    assert not refused.succeeded
    assert f"The credentials belong to account {other}" in refused.output


def test_the_component(plugged: PluginProject, sandbox: Sandbox) -> None:
    """All keys are judged as one change: the whole is refused with every problem, or each key is a child."""
    swap = [
        {"access_key_id": BOB, "status": "Inactive", "reason": "OPS-1234"},
        {"access_key_id": BOBS_SECOND, "status": "Active"},
    ]
    refused = [*swap, {"access_key_id": CI, "status": "Inactive"}, {"access_key_id": MISSING}]
    component = {"type": "keyswitch:AccessKeys", "properties": {"access_keys": refused}}
    plugged.yaml({"keys": component}, outputs={"statuses": "${keys.statuses}"})
    plugged.environment["KEYSWITCH_REVIEWED"] = "0123456789abcdef"
    no = plugged.preview()
    assert not no.succeeded
    assert "this is not the change that was reviewed: 0123456789abcdef" in no.output
    assert f"ci-deploy {CI}: last used" in no.output
    assert f"There is no access key {MISSING} in account" in no.output
    assert "Traceback" not in no.output

    component["properties"]["access_keys"] = swap
    plugged.yaml({"keys": component}, outputs={"statuses": "${keys.statuses}"})
    del plugged.environment["KEYSWITCH_REVIEWED"]
    yes = plugged.preview("--diff")
    assert "+ 4 to create" in yes.output
    digest = re.search(r"digest of this change: (\w+)", yes.output)
    plugged.environment["KEYSWITCH_REVIEWED"] = digest[1] if digest else ""
    assert f"Bob {BOB}: Active → Inactive" in yes.output
    assert sandbox.actions()["UpdateAccessKey"] == 0
    assert plugged.up().counts == {"created": 4}
    written = [request.access_key_id for request in sandbox.journal if request.action == "UpdateAccessKey"]
    assert written == [BOBS_SECOND, BOB], "the user always has an active key"
    assert plugged.state()[BOB]["urn"].endswith(f"AccessKeys$keyswitch:index:AccessKeyStatus::{BOB}")
    asked = sandbox.actions()
    assert plugged.up().changes_nothing
    assert sandbox.actions() - asked == {"GetCallerIdentity": 1, "ListAccessKeys": 1}, "what was read is not read again"
    del plugged.environment["KEYSWITCH_REVIEWED"]

    sandbox.set_status(BOB, "Active")
    drifted = plugged.preview("--diff")
    assert shows(drifted, '~ status: "Active" => "Inactive"'), drifted.output
    del swap[1]
    plugged.yaml({"keys": component}, outputs={"statuses": "${keys.statuses}"})
    assert plugged.up().counts == {"updated": 1, "deleted": 1, "unchanged": 2}
    assert (sandbox.statuses()[BOB], sandbox.statuses()[BOBS_SECOND]) == ("Inactive", "Active")


def test_bad_entries_of_the_component(plugged: PluginProject, sandbox: Sandbox) -> None:
    """As in this repository's program (test_bad_luck.py): each is named, and an update does all else."""
    before = sandbox.statuses()
    alices = {"access_key_id": ALICE, "user_name": "Bob", "status": "Inactive"}
    swap = [{"access_key_id": BOB, "status": "Inactive"}, {"access_key_id": BOBS_SECOND, "status": "Active"}]
    given = [{"access_key_id": MISSING, "status": "Active"}, alices, {"access_key_id": CI, "status": "Active"}, *swap]
    component = {"type": "keyswitch:AccessKeys", "properties": {"access_keys": given}}
    plugged.yaml({"keys": component})
    plugged.environment["PULUMI_DISABLE_REFRESH_BEFORE_UPDATE"] = "true"  # a read that fails stops every run
    first = plugged.up()
    assert (first.code, first.is_clean) == (1, True)
    for failed in (f"There is no access key {MISSING} in account", f"{ALICE} belongs to user alice, not to Bob"):
        assert f"    fails: {failed}" in first.output
    assert sandbox.statuses() == {**before, BOB: "Inactive", BOBS_SECOND: "Active"}
    assert set(plugged.state()) == {BOB, BOBS_SECOND, CI}

    del given[0], alices["user_name"]
    given[1]["status"] = "Inactive"
    sandbox.faults = [Fault("ListAccessKeys", "AccessDenied", 403, "not now", times=None, about="Bob")]
    plugged.environment["PULUMI_CONTINUE_ON_ERROR"] = "true"
    plugged.yaml({"keys": component})
    second = plugged.up()
    assert (second.code, second.is_clean) == (1, True)
    assert second.output.count("    error: iam:ListAccessKeys of user Bob was denied") == 2
    assert second.output.count(f"    error: ci-deploy {CI}: last used") == 1
    assert sandbox.statuses() == {**before, BOB: "Inactive", BOBS_SECOND: "Active", ALICE: "Inactive"}
    asked = len(sandbox.journal)
    assert plugged.destroy().succeeded
    assert len(sandbox.journal) == asked


def test_interrupted(plugged: PluginProject, sandbox: Sandbox) -> None:
    """Ctrl-C lets running writes end and starts no others; the next update does the rest, as many at once as it may."""
    planted = [SeededKey(f"AKIAMANYEXAMPLE{n:05}", f"user{n:04}") for n in range(40)]
    plant(planted)
    keys = [{"access_key_id": key.access_key_id, "status": "Inactive"} for key in planted]
    plugged.yaml({"keys": {"type": "keyswitch:AccessKeys", "properties": {"access_keys": keys}}})
    sandbox.latency = 0.1
    cut = plugged.interrupted_up(until=lambda: sandbox.actions()["UpdateAccessKey"] >= 2)
    sandbox.latency = 0.0
    assert not cut.succeeded
    switched = {key_id for key_id, status in sandbox.statuses().items() if "MANY" in key_id and status == "Inactive"}
    assert 2 <= len(switched) < len(planted)
    assert set(plugged.state()) == switched
    sandbox.journal.clear()
    sandbox.latency, plugged.environment["PULUMI_PARALLEL"] = 0.1, "24"
    assert plugged.up().counts["created"] == len(planted) - len(switched)
    assert max(request.in_flight for request in sandbox.journal if request.action == "UpdateAccessKey") > 12


def test_secrets(plugged: PluginProject, sandbox: Sandbox) -> None:
    """A secret stays one in the state. The component, whose review shows everything, refuses it."""
    alone = key(ALICE, status="Active", reason={"fn::secret": "OPS-9999"})
    plugged.yaml({"alone": alone})
    assert plugged.up().succeeded
    recorded = plugged.state()[ALICE]
    assert [isinstance(recorded[where]["reason"], dict) for where in ("inputs", "outputs")] == [True, True]
    keys = [{"access_key_id": BOB, "reason": {"fn::secret": "OPS-9999"}}]
    plugged.yaml({"alone": alone, "keys": {"type": "keyswitch:AccessKeys", "properties": {"access_keys": keys}}})
    refused = plugged.preview()
    assert f"{BOB}.reason: is secret, but a review shows every value" in refused.output
    assert "OPS-9999" not in refused.output
