"""The real provider on the real engine: YAML, Python, import, options, several accounts."""

from keyswitch.sandbox.server import Sandbox
from tests.support.engine import Run
from tests.support.plugin_project import PluginProject, key
from tests.support.seeded import ALICES_OLD, BOB, CI


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
    assert "[diff: ~status]" in plugged.up().output
    assert sandbox.statuses()[BOB] == "Inactive"

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
    assert plugged.up().counts == {"updated": 1, "unchanged": 1}
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
