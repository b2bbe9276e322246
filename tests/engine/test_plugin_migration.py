"""A stack of version 0.1 moves to the real provider in place, and back: docs/migration.md on the real engine."""

import json
import re
import textwrap
from typing import Any

import pytest

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.persisted import ACCESS_KEY_STATUS
from tests.support.plugin_project import PluginProject, key
from tests.support.recorded_state import KEYS, state_of_0_1
from tests.support.seeded import ALICE, BOB, CI

REAL = "keyswitch:index:AccessKeyStatus"
DECLARED: dict[str, dict[str, Any]] = {
    recorded["id"]: {name: value for name, value in recorded["inputs"].items() if name != "__provider"}
    for recorded in KEYS
}
"""The inputs of the recorded keys, one of which is to be restored and one deactivated when it is removed."""


@pytest.fixture
def moving(plugged: PluginProject, sandbox: Sandbox) -> PluginProject:
    """A stack of version 0.1, in AWS as it was left."""
    for recorded in KEYS:
        sandbox.set_status(recorded["id"], recorded["outputs"]["status"])
    return plugged


def in_component(declared: dict[str, dict[str, Any]]) -> str:
    """The program that docs/migration.md shows, with these keys."""
    page = (REPOSITORY / "docs" / "migration.md").read_text(encoding="utf-8")
    shown = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert shown
    program, _, _ = textwrap.dedent(shown[1]).partition("access_keys=")
    return f"{program}access_keys={list(declared.values())!r})\n"


BACK = f"""import json
import pulumi
from keyswitch import AccessKeyStatus

class AccessKeys(pulumi.ComponentResource):
    def __init__(self):
        super().__init__("keyswitch:index:AccessKeys", "access-keys")
        for key_id, declared in json.loads({json.dumps(DECLARED)!r}).items():
            back = pulumi.Alias(type_="{REAL}")
            AccessKeyStatus(key_id, **declared, opts=pulumi.ResourceOptions(parent=self, aliases=[back]))

AccessKeys()
"""


def test_there_and_back_below_a_component(moving: PluginProject, sandbox: Sandbox) -> None:
    """No key is created, deleted or written; a status that changes in the same update is the only write."""
    moving.sdk("python")
    assert moving.imported(state_of_0_1(moving.exported())).succeeded
    moving.python(in_component(DECLARED))
    moved = moving.preview()
    assert moved.changes_nothing, moved.output
    declared = {**DECLARED, BOB: {**DECLARED[BOB], "status": "Active"}}
    moving.python(in_component(declared))
    changed = moving.up()
    assert changed.counts == {"updated": 1, "unchanged": 5}, changed.output
    assert {resource["type"] for resource in moving.state().values()} == {REAL}
    assert [r.access_key_id for r in sandbox.journal if r.action == "UpdateAccessKey"] == [BOB]
    assert moving.state()[BOB]["outputs"]["status_at_adoption"] == "Active"

    moving.python(in_component(DECLARED))
    assert moving.up().counts == {"updated": 1, "unchanged": 5}
    before = sandbox.statuses()
    moving.python(BACK)
    back = moving.up()
    assert back.counts == {"updated": 1, "unchanged": 5}, back.output
    assert {resource["type"] for resource in moving.state().values()} == {ACCESS_KEY_STATUS}
    assert moving.up("--refresh").changes_nothing
    assert sandbox.statuses() == before
    assert sandbox.actions()["UpdateAccessKey"] == 2
    assert moving.destroy().succeeded


def test_from_a_program_without_a_component(moving: PluginProject, sandbox: Sandbox) -> None:
    """A YAML program takes over the keys of a Python program."""
    assert moving.imported(state_of_0_1(moving.exported(), in_component=False)).succeeded
    declared = {key_id: {**given} for key_id, given in DECLARED.items()}
    for given in declared.values():
        del given["access_key_id"]
    moving.yaml({key_id: key(key_id, **given) for key_id, given in declared.items()})
    moved = moving.up()
    assert moved.changes_nothing, moved.output
    assert {resource["type"] for resource in moving.state().values()} == {REAL}
    sandbox.set_status(CI, "Active")
    assert moving.refresh().succeeded
    del declared[CI]
    moving.yaml({key_id: key(key_id, **given) for key_id, given in declared.items()})
    assert moving.up().counts == {"deleted": 1, "unchanged": 4}
    assert sandbox.statuses()[CI] == "Inactive", "what was to happen on its removal is still known"


def test_without_the_alias(moving: PluginProject, sandbox: Sandbox) -> None:
    """A resource that lacks the alias is another one: the old one is deleted, and does what `onRemoval` says."""
    assert moving.imported(state_of_0_1(moving.exported(), in_component=False)).succeeded
    adopted = {**DECLARED[ALICE], "on_removal": "leave"}
    moving.python(f"import pulumi\npulumi.CustomResource({REAL!r}, {ALICE!r}, {adopted!r})\n")
    previewed = moving.preview("--diff")
    assert previewed.counts == {"to create": 1, "to delete": 4, "unchanged": 1}
    assert re.search(r'on_removal\s*: "restore"', previewed.output), "the preview says what happens to the key"
    assert moving.up().succeeded
    assert sandbox.statuses()[ALICE] == "Active", "restored by the old resource, after the new one had adopted it"
