"""Where the entries of a stack are written: the stack file or its keys file, which may not be there yet."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import Selection, entry, select
from keyswitch.access_key.errors import InvalidConfiguration, NotWritten
from keyswitch.access_key.inventory import User
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.target import Target, target_of
from keyswitch.switching.inventory import take_inventory
from keyswitch.switching.plan import plan
from keyswitch.telling.discovered import facts
from tests.support.fake_gateway import FakeAccount

ACCOUNT = "123456789012"
KEY, OTHER = "AKIATARGETTARGET0001", "AKIATARGETTARGET0002"
ADDED = [Desired(KEY, "bob", Status.ACTIVE)]
ENTRY = f"    {KEY}:  # 4 d old\n      userName: bob\n      status: Active\n"


def project(folder: Path, files: Mapping[str, str]) -> Path:
    """A project with these files; the path of its stack file."""
    for name, text in {"Pulumi.yaml": "name: p\nruntime: python\nstackConfigDir: stacks\n", **files}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(text.encode())
    (folder / "stacks").mkdir(exist_ok=True)
    return folder / "stacks" / "Pulumi.prod.yaml"


def write(target: Target, removed: tuple[str, ...] = ()) -> None:
    """Add one entry."""
    target.write(ADDED, {KEY: "4 d old"}, removed, ACCOUNT)


def test_a_new_stack_file_declares_the_account(tmp_path: Path) -> None:
    """With it, no other account's keys are ever switched."""
    path = project(tmp_path, {})
    target = target_of(path)
    assert (target.path, target.is_new, dict(target.declared)) == (path, True, {})
    write(target)
    assert path.read_text() == f'config:\n  keyswitch:account: "{ACCOUNT}"\n  keyswitch:keys:\n{ENTRY}'
    assert settings_from_file(path).account == ACCOUNT


def test_a_new_stack_file_of_a_project_in_json(tmp_path: Path) -> None:
    """It is JSON, too."""
    path = tmp_path / "Pulumi.prod.json"
    write(target_of(path))
    entries = {KEY: {"userName": "bob", "status": "Active"}}
    assert json.loads(path.read_text()) == {"config": {"keyswitch:account": ACCOUNT, "keyswitch:keys": entries}}


def test_a_stack_file_keeps_its_mark_and_gains_entries(tmp_path: Path) -> None:
    """A byte order mark is no part of the text; an account that is not declared stays so."""
    path = project(tmp_path, {"stacks/Pulumi.prod.yaml": "\ufeffconfig:\r\n  aws:region: us-east-1\r\n"})
    write(target_of(path))
    expected = f"\ufeffconfig:\n  aws:region: us-east-1\n  keyswitch:keys:\n{ENTRY}".replace("\n", "\r\n")
    assert path.read_bytes() == expected.encode()


@pytest.mark.parametrize(
    "keys", ["", "  keyswitch:keys:\n", "  keyswitch:keys: {}\n"], ids=["none", "nothing", "empty"]
)
def test_the_list_may_be_missing(tmp_path: Path, keys: str) -> None:
    """Before the first key is declared; with nothing to declare, a valid file is not even written."""
    path = project(tmp_path, {"stacks/Pulumi.prod.yaml": f"config:\n{keys}"})
    target_of(path).write([], {}, (), ACCOUNT)
    assert path.read_text() == "config:\n  keyswitch:keys: {}\n"
    before = path.stat()
    target_of(path).write([], {}, (), ACCOUNT)
    assert path.stat() == before
    write(target_of(path))
    assert path.read_text() == f"config:\n  keyswitch:keys:\n{ENTRY}"


@pytest.mark.parametrize("name", ["keys.yaml", "keys.json"])
@pytest.mark.parametrize("there", [True, False])
def test_entries_go_to_the_keys_file(tmp_path: Path, name: str, there: bool) -> None:
    """Where the stack names one, which may not be there yet; the stack file stays as it is."""
    text = f"config:\n  keyswitch:keysFile: {name}\n"
    path = project(tmp_path, {"stacks/Pulumi.prod.yaml": text})
    if there:
        (path.parent / name).write_text(f'{{"{OTHER}": "Inactive"}}')
    target = target_of(path)
    assert (target.path, target.is_new) == (path.parent / name, not there)
    write(target)
    assert path.read_text() == text
    assert [desired.access_key_id for desired in settings_from_file(path).wanted] == [OTHER, KEY][not there :]
    if name == "keys.yaml" and not there:
        assert (path.parent / name).read_text() == "".join(f"{line[4:]}\n" for line in ENTRY.splitlines())


def test_an_entry_is_removed(tmp_path: Path) -> None:
    """In the same step."""
    path = project(tmp_path, {"stacks/Pulumi.prod.yaml": f"config:\n  keyswitch:keys:\n    {OTHER}: Active\n"})
    write(target_of(path), removed=(OTHER,))
    assert path.read_text() == f"config:\n  keyswitch:keys:\n{ENTRY}"


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (
            {"Pulumi.yaml": f"name: p\nruntime: python\nconfig:\n  keyswitch:keys: {{value: {{{OTHER}: Active}}}}\n"},
            r"Pulumi.yaml:4: keyswitch:keys: lists access keys for all stacks",
        ),
        ({"stacks/Pulumi.prod.yaml": f"config:\n  keyswitch:keys: {{{OTHER}: active}}\n"}, "is not a status"),
        (
            {"stacks/Pulumi.prod.yaml": "config:\n  keyswitch:keysFile: ../../keys.yaml\n"},
            "lies outside of the project",
        ),
        ({"stacks/Pulumi.prod.yaml": "config: [\n"}, "is not YAML"),
    ],
    ids=["keys of the project", "a mistake", "a file outside", "no YAML"],
)
def test_what_is_not_valid_is_not_touched(tmp_path: Path, files: dict[str, str], said: str) -> None:
    """All problems are told, as by every command."""
    path = project(tmp_path, files)
    with pytest.raises(InvalidConfiguration, match=said):
        target_of(path)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    """A repository cannot make anybody write into another file of theirs."""
    path = project(tmp_path / "project", {})
    outside = tmp_path / "outside.yaml"
    outside.write_text("config: {}\n")
    path.symlink_to(outside)
    with pytest.raises(NotWritten, match="leads out of the project"):
        target_of(path)
    path.unlink()
    inside = path.parent / "inside.yaml"
    inside.write_text("config: {}\n")
    path.symlink_to(inside)
    write(target_of(path))
    assert (path.is_symlink(), inside.read_text()) == (True, f"config:\n  keyswitch:keys:\n{ENTRY}")


def test_what_would_be_read_differently_is_not_written(tmp_path: Path) -> None:
    """The whole stack is read again from the new file; here the account of the credentials is another than declared."""
    text = 'config:\n  keyswitch:keys:\n    "AKIATARGETTARGET0002": Active\n'
    path = project(tmp_path, {"stacks/Pulumi.prod.yaml": text})
    target = target_of(path)
    path.write_text(text.replace("Active", "Inactive"))
    with pytest.raises(InvalidConfiguration, match="would not be read as they were written"):
        write(target)
    assert "Inactive" in path.read_text()


_names = st.text("abcDEF019_+=,.@-", min_size=1, max_size=12)
_keys = st.builds(
    AccessKey,
    st.text("ABC019_", min_size=16, max_size=20),
    st.one_of(_names, st.sampled_from(["on", "1e5", "null", "y"])),
    st.sampled_from(["Active", "Inactive", "Expired"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(_keys, unique_by=lambda key: key.access_key_id), st.booleans(), st.booleans())
def test_a_plan_after_a_discovery_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, keys: list[AccessKey], observe: bool, in_two: bool
) -> None:
    """Whatever the account: every key has one entry, every entry is what AWS shows, and a second time adds nothing."""
    path = tmp_path_factory.mktemp("discovered") / "Pulumi.prod.yaml"
    account = FakeAccount(*keys, people=(User("nobody"),))
    inventory = take_inventory(account)
    found = [
        (entry(owner, key, observe=observe), facts(key, inventory.at))
        for owner, key in select(inventory, Selection()).selected
    ]
    for part in (found[::2], found[1::2]) if in_two else (found,):
        target_of(path).write([each for each, _ in part], {d.access_key_id: said for d, said in part}, (), ACCOUNT)
    declared = settings_from_file(path)
    assert sorted(desired.access_key_id for desired in declared.wanted) == sorted(key.access_key_id for key in keys)
    planned = plan(account, declared.wanted, declared.account, declared.policy)
    assert (list(planned.writes), list(planned.errors)) == ([], [])
    assert account.journal == []
