"""Pulumi's options, targets, refresh, plans and templates work as for any resource, on the real engine."""

import json
import re
import shutil
import subprocess
import sys

import pytest

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.engine import NewProject, Project
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI

HEAD = "import pulumi\nfrom keyswitch import AccessKeyStatus\n"


def one(name: str = "bob", *, opts: str = "", **arguments: object) -> str:
    """A program of a Pulumi author that declares Bob's key."""
    given = "".join(f", {key}={value!r}" for key, value in arguments.items())
    return f"{HEAD}AccessKeyStatus({name!r}, access_key_id={BOB!r}{given}, opts=pulumi.ResourceOptions({opts}))\n"


def rewrite(project: Project, program: str) -> None:
    (project.folder / "__main__.py").write_text(program, encoding="utf-8")


@pytest.mark.parametrize(
    ("on_removal", "left_as", "told"),
    [
        ("leave", "Inactive", "the key itself stays Inactive"),
        ("restore", "Active", "Inactive → Active (restore)"),
    ],
    ids=["leave", "restore"],
)
def test_an_entry_that_is_removed(project: Project, sandbox: Sandbox, on_removal: str, left_as: str, told: str) -> None:
    """A key that leaves the configuration stays as it is, or gets back the status that it had at adoption."""
    project.declare({BOB: {"status": "Inactive", "onRemoval": on_removal}, CI: {}})
    assert project.up().succeeded
    project.declare({CI: {}})
    removed = project.up()
    assert removed.counts == {"deleted": 1, "unchanged": 3}
    assert f"Bob {BOB}: leaves the configuration; {told}, 400 d old" in removed.output
    assert sandbox.statuses()[BOB] == left_as


def test_deactivated_on_destroy(project: Project, sandbox: Sandbox) -> None:
    """`onRemoval: deactivate` holds for destroy, with and without running the program."""
    project.declare({BOB: {"status": "Active", "onRemoval": "deactivate"}})
    assert project.up().succeeded
    assert project.destroy().succeeded
    assert sandbox.statuses()[BOB] == "Inactive"
    project.declare({ALICES_OLD: {"status": "Active", "onRemoval": "deactivate"}})
    assert project.up().succeeded
    assert project.destroy("--run-program").succeeded
    assert sandbox.statuses()[ALICES_OLD] == "Inactive"


def test_the_preview_of_a_destroy_shows_what_is_stored(project: Project, sandbox: Sandbox) -> None:
    """The engine asks no provider before it starts; the stored properties say what will happen to the key."""
    project.declare({BOB: {"status": "Inactive", "onRemoval": "restore"}})
    assert project.up().succeeded
    shown = project.pulumi("destroy", "--preview-only", "--diff").output
    assert re.search(r'on_removal\s*: "restore"', shown), shown
    assert sandbox.statuses()[BOB] == "Inactive"


def test_a_renamed_resource_is_not_switched(new_project: NewProject, sandbox: Sandbox) -> None:
    """A key under a new logical name is adopted; removing the old name does not switch it."""
    project = new_project(one("old", status="Active", on_removal="deactivate"))
    assert project.up().succeeded
    rewrite(project, one("new", status="Active", on_removal="deactivate"))
    renamed = project.up()
    assert renamed.counts == {"created": 1, "deleted": 1, "unchanged": 1}, renamed.output
    assert sandbox.statuses()[BOB] == "Active"
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_a_replaced_key_is_restored_to_what_it_was(project: Project, sandbox: Sandbox) -> None:
    """`--replace` makes the resource anew; what the key was at its adoption belongs to the key."""
    keys = {BOB: {"status": "Inactive", "onRemoval": "restore"}, CI: {}}
    project.declare(keys)
    assert project.up().succeeded
    urn = project.state()[BOB]["urn"]
    assert project.up("--replace", urn).succeeded
    assert project.state()[BOB]["outputs"]["status_at_adoption"] == "Active"
    assert sandbox.statuses()[BOB] == "Inactive"
    project.declare({CI: {}})
    assert project.up().succeeded
    assert sandbox.statuses()[BOB] == "Active"


def test_a_resource_with_another_name_remembers_what_the_key_was(new_project: NewProject, sandbox: Sandbox) -> None:
    """In a program of one's own, renamed without an alias, and by `pulumi state rename`, too."""
    project = new_project(one("old", status="Inactive", on_removal="restore"))
    assert project.up().succeeded
    rewrite(project, one("new", status="Inactive", on_removal="restore"))
    assert project.up().succeeded
    assert project.state()[BOB]["outputs"]["status_at_adoption"] == "Active"
    assert project.pulumi("state", "rename", project.state()[BOB]["urn"], "newer", "--yes").succeeded
    rewrite(project, one("newest", status="Inactive", on_removal="restore"))
    assert project.up().succeeded
    assert project.state()[BOB]["outputs"]["status_at_adoption"] == "Active"
    assert project.destroy().succeeded
    assert sandbox.statuses()[BOB] == "Active"


def test_the_same_key_under_two_names_is_refused(new_project: NewProject) -> None:
    """A key that two resources declare fails the preview."""
    both = one("first", status="Active") + one("second", status="Inactive").replace(HEAD, "")
    refused = new_project(both).preview()
    assert not refused.succeeded
    assert f"{BOB} is declared twice, as " in refused.output


def test_another_key_replaces(new_project: NewProject, sandbox: Sandbox) -> None:
    """A resource with another key is replaced: the new key is adopted, the old one is left as it is."""
    project = new_project(one(status="Inactive"))
    assert project.up().succeeded
    rewrite(project, one(status="Inactive").replace(BOB, ALICES_OLD))
    assert project.up().counts == {"replaced": 1, "unchanged": 1}
    assert (sandbox.statuses()[BOB], sandbox.statuses()[ALICES_OLD]) == ("Inactive", "Inactive")
    assert set(project.state()) == {ALICES_OLD}


def test_protect(new_project: NewProject) -> None:
    """A protected key can be switched, but not removed."""
    project = new_project(one(opts="protect=True", status="Inactive"))
    assert project.up().succeeded
    rewrite(project, one(opts="protect=True", status="Active"))
    assert project.up().counts == {"updated": 1, "unchanged": 1}
    refused = project.destroy()
    assert not refused.succeeded
    assert "protect" in refused.output
    assert set(project.state()) == {BOB}


def test_ignored_status_is_set_once_and_then_left(new_project: NewProject, sandbox: Sandbox) -> None:
    """With `ignore_changes=["status"]` drift is ignored, and other changes write nothing to AWS."""
    ignoring = "ignore_changes=['status']"
    project = new_project(one(opts=ignoring, status="Inactive"))
    assert project.up().succeeded
    assert sandbox.statuses()[BOB] == "Inactive"
    assert project.up().changes_nothing
    sandbox.set_status(BOB, "Active")
    assert project.up().changes_nothing
    assert project.up("--refresh").succeeded
    rewrite(project, one(opts=ignoring, status="Inactive", reason="new words"))
    assert project.up().counts == {"updated": 1, "unchanged": 1}
    assert sandbox.statuses()[BOB] == "Active"


def test_target(project: Project, sandbox: Sandbox) -> None:
    """`--target` switches the one key; the others are switched by the next update."""
    project.declare({BOB: "Active", ALICES_OLD: "Active"})
    assert project.up().succeeded
    project.declare({BOB: "Inactive", ALICES_OLD: "Inactive"})
    targeted = project.up("--target", f"**::{BOB}")
    assert targeted.succeeded, targeted.output
    assert (sandbox.statuses()[BOB], sandbox.statuses()[ALICES_OLD]) == ("Inactive", "Active")
    assert project.up().succeeded
    assert sandbox.statuses()[ALICES_OLD] == "Inactive"


def test_refresh_records_what_is_live(project: Project, sandbox: Sandbox) -> None:
    """A refresh records a changed status, a renamed user and a deleted key; the next update repairs or reports each."""
    project.declare({BOB: "Inactive", ALICE: {"status": "Active"}, CI: {}})
    assert project.up().succeeded
    sandbox.set_status(BOB, "Active")
    sandbox.rename_user("alice", "alice.smith")
    sandbox.delete(CI)
    refreshed = project.refresh()
    assert refreshed.succeeded, refreshed.output
    state = project.state()
    assert set(state) == {BOB, ALICE}
    assert state[BOB]["outputs"]["status"] == state[BOB]["inputs"]["status"] == "Active"
    assert state[BOB]["outputs"]["declared_status"] == "Inactive"
    assert state[ALICE]["outputs"]["owner"] == "alice.smith"
    refused = project.preview()
    assert f"There is no access key {CI}" in refused.output
    project.declare({BOB: "Inactive", ALICE: {"status": "Active"}})
    mended = project.up()
    assert mended.counts == {"updated": 1, "unchanged": 3}, mended.output
    assert sandbox.statuses()[BOB] == "Inactive"


def test_a_refresh_that_is_denied_drops_nothing(new_project: NewProject, sandbox: Sandbox) -> None:
    """AccessDenied and throttling are never taken for "gone"."""
    from keyswitch.sandbox.server import Fault

    project = new_project(AWS_MAX_ATTEMPTS="2")
    project.declare({BOB: "Inactive"})
    assert project.up().succeeded
    for code, status in (("AccessDenied", 403), ("Throttling", 400)):
        sandbox.faults = [Fault("ListAccessKeys", code, status, "not now", times=None)]
        refused = project.refresh()
        assert not refused.succeeded
        assert refused.is_clean
        assert "iam:ListAccessKeys of user Bob" in refused.output
        assert set(project.state()) == {BOB}


def test_an_observed_key_follows_aws_and_is_never_written(project: Project, sandbox: Sandbox) -> None:
    """An entry without a status records what is live; no run ever writes it."""
    project.declare({CI: {}})
    assert project.up().succeeded
    sandbox.set_status(CI, "Inactive")
    followed = project.up()
    assert followed.counts == {"updated": 1, "unchanged": 2}
    assert project.state()[CI]["outputs"]["status"] == "Inactive"
    assert project.up().changes_nothing
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_a_saved_plan(project: Project, sandbox: Sandbox) -> None:
    """`up --plan` does what --save-plan previewed, and refuses anything else."""
    project.declare({BOB: "Inactive"})
    plan = str(project.folder / "plan.json")
    assert project.preview("--save-plan", plan).succeeded
    assert project.up("--plan", plan).succeeded
    assert sandbox.statuses()[BOB] == "Inactive"
    project.declare({BOB: "Active"})
    assert project.preview("--save-plan", plan).succeeded
    project.declare({BOB: "Inactive", ALICES_OLD: "Inactive"})
    assert not project.up("--plan", plan).succeeded
    assert sandbox.statuses()[ALICES_OLD] == "Active"


def test_only_the_record_changes(project: Project, sandbox: Sandbox) -> None:
    """Adopting a key as it is, and giving another reason, write nothing to AWS."""
    project.declare({BOB: "Active"})
    adopted = project.up()
    assert adopted.counts == {"created": 3}
    assert adopted.told[0] == f"Bob {BOB}: stays Active; no change in AWS, state only (adopted), 400 d old"
    project.declare({BOB: {"status": "Active", "reason": "OPS-1"}})
    explained = project.up()
    assert explained.counts == {"updated": 1, "unchanged": 2}
    assert explained.told[0] == f"Bob {BOB}: stays Active; no change in AWS, state only (reason), 400 d old; OPS-1"
    assert explained.told[-1] == "1 access key: 1 state only"
    assert project.state()[BOB]["outputs"]["reason"] == "OPS-1"
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_a_resource_of_ones_own_program_is_guarded_in_preview(new_project: NewProject, sandbox: Sandbox) -> None:
    """A preview fails for an unknown key, a bad status and a key in use, also without the component."""
    project = new_project(one(status="inactive"))
    refused = project.preview()
    assert "'inactive' is not a status" in refused.output
    for key_id, words in (("AKIANOSUCHKEYEXAMPLE", "There is no access key"), (CI, 'allow=["recentlyUsed"]')):
        rewrite(project, one(status="Inactive").replace(BOB, key_id))
        refused = project.preview()
        assert not refused.succeeded
        assert words in refused.output
        assert "provider.py" not in refused.output, "no frame of the provider is shown"
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_a_provider_is_refused(new_project: NewProject) -> None:
    """`opts.provider` is refused with the reason; Pulumi would ignore it silently."""
    program = (
        "import pulumi\nimport pulumi_aws as aws\nfrom keyswitch import AccessKeyStatus\n"
        "other = pulumi.ProviderResource('pulumi-python', 'other', {})\n"
        f"AccessKeyStatus('bob', access_key_id={BOB!r}, opts=pulumi.ResourceOptions(provider=other))\n"
    )
    refused = new_project(program).preview()
    assert not refused.succeeded
    assert "AccessKeyStatus takes no provider" in refused.output
    assert "aws:assumeRoles" in refused.output


def test_swapping_two_keys(project: Project, sandbox: Sandbox) -> None:
    """A user's new key is activated before the old one is deactivated."""
    project.declare({BOB: "Inactive", BOBS_SECOND: "Active"})
    assert project.up().succeeded
    written = [(r.access_key_id, r.parameters["Status"]) for r in sandbox.journal if r.action == "UpdateAccessKey"]
    assert written == [(BOBS_SECOND, "Active"), (BOB, "Inactive")]


def test_a_new_project_from_this_template(project: Project, sandbox: Sandbox) -> None:
    """`pulumi new` gives a project under another name that works with the same configuration namespace."""
    template = project.folder.parent / "template"
    template.mkdir()
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(REPOSITORY / name, template / name)
    mine = project.folder.parent / "mine"
    made = project.pulumi_in(
        project.folder.parent,
        "new", str(template), "--dir", str(mine), "--name", "my-keys", "--stack", "own", "--yes", "--generate-only",
    )  # fmt: skip
    assert made.succeeded, made.output
    assert "name: my-keys" in (mine / "Pulumi.yaml").read_text(encoding="utf-8")
    (mine / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
    (mine / "stacks").mkdir(exist_ok=True)
    assert project.pulumi_in(mine, "stack", "init", "own").succeeded
    stack = mine / "stacks" / "Pulumi.own.yaml"
    salt = stack.read_text(encoding="utf-8")
    stack.write_text(
        salt + json.dumps({"keyswitch:keys": {BOB: "Inactive"}}).join(("config: ", "\n")), encoding="utf-8"
    )
    run = project.pulumi_in(mine, "up", "--yes", "--skip-preview", "--stack", "own")
    assert run.succeeded, run.output
    assert sandbox.statuses()[BOB] == "Inactive"


def test_a_new_project_from_a_folder_that_is_in_use(project: Project) -> None:
    """`pulumi new` copies all that is there, and fails at a link to a folder. The virtual environment has none."""
    template, mine = project.folder.parent / "template", project.folder.parent / "mine"
    tracked = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for name in tracked.splitlines():
        (template / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, template / name)
    without_packages = ["PIP=-c pass", f"PYTHON={sys.executable}"]
    subprocess.run(["make", "--silent", ".venv/installed", *without_packages], cwd=template, check=True)
    made = project.pulumi_in(
        project.folder.parent,
        "new", str(template), "--dir", str(mine), "--name", "my-keys", "--stack", "own", "--yes", "--generate-only",
    )  # fmt: skip
    assert made.succeeded, made.output
    assert (mine / "components" / "keyswitch" / "__init__.py").exists()
    assert (mine / ".venv" / "bin" / "python").exists()


def test_a_program_in_a_folder_of_its_own(project: Project, sandbox: Sandbox) -> None:
    """With `main:` both the program and the provider run in that folder, and find the project above it."""
    manifest = project.folder / "Pulumi.yaml"
    manifest.write_text(manifest.read_text(encoding="utf-8") + "main: infra/\n", encoding="utf-8")
    infra = project.folder / "infra"
    infra.mkdir()
    (project.folder / "__main__.py").rename(infra / "__main__.py")
    (infra / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)  # Pulumi looks for it in both folders
    project.declare({BOB: "Inactive"}, keys_file="keys.yaml")
    assert project.up().succeeded
    assert sandbox.statuses()[BOB] == "Inactive"
    project.declare({BOB: "inactive"})
    assert "stacks/Pulumi.test.yaml:" in project.preview().refused_at


def test_keys_move_into_a_file_of_their_own(project: Project) -> None:
    """Moving the keys into a file of their own changes nothing."""
    keys = {BOB: "Inactive", CI: {}}
    project.declare(keys)
    assert project.up().succeeded
    project.declare(keys, keys_file="keys.yaml")
    assert project.preview().changes_nothing
