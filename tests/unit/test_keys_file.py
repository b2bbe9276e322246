"""A file of keys beside the stack file: read as if its entries stood under `keyswitch:keys`."""

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import settings_from_file, settings_from_pulumi
from tests.support.examples import ACCOUNT, NEW, OLD

STACK = f"""\
config:
  keyswitch:account: "{ACCOUNT}"
  keyswitch:keysFile: keys.yaml
"""
KEYS = f"""\
# the keys of the team
{OLD}: Inactive
{NEW}:
  userName: bob
  status: Active
"""


@pytest.fixture
def read(tmp_path):
    """Read a stack of these two files."""

    def reader(stack=STACK, keys=KEYS):
        (tmp_path / "stack.yaml").write_text(stack)
        if keys is not None:
            (tmp_path / "keys.yaml").write_text(keys)
        return settings_from_file(tmp_path / "stack.yaml")

    return reader


@pytest.fixture
def problems_of(read, tmp_path):
    """Every problem of a stack of these two files, as it is shown, without the folder."""

    def reader(stack=STACK, keys=KEYS):
        with pytest.raises(InvalidConfiguration) as caught:
            read(stack, keys)
        return [str(problem).replace(f"{tmp_path.as_posix()}/", "") for problem in caught.value.problems]

    return reader


def test_it_means_the_same_as_the_keys_in_the_stack_file(read):
    """Nothing else depends on where the entries stand."""
    indented = "".join(f"    {line}\n" for line in KEYS.splitlines())
    inline = STACK.replace("keyswitch:keysFile: keys.yaml", f"keyswitch:keys:\n{indented}")
    assert read() == read(inline, None)
    assert len(read().wanted) == 2


def test_it_may_be_json(read):
    """Which is YAML, and what a script writes."""
    assert read(keys=f'{{\n\t"{OLD}": {{"status": "Active"}}\n}}').wanted[0].access_key_id == OLD


def test_it_is_found_from_the_stack_file(tmp_path):
    """In a folder of its own, or above; the working directory does not matter."""
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    (tmp_path / "stacks").mkdir()
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys" / "prod.yaml").write_text(KEYS)
    (tmp_path / "stacks" / "s.yaml").write_text(STACK.replace("keys.yaml", "../keys/prod.yaml"))
    assert len(settings_from_file(tmp_path / "stacks" / "s.yaml").wanted) == 2


def test_it_is_found_from_the_folder_of_stack_files_where_the_values_come_from_elsewhere(tmp_path):
    """As with `pulumi --config-file`: there is no stack file to look from."""
    (tmp_path / "keys.yaml").write_text(KEYS)
    assert len(settings_from_pulumi({"keyswitch:keysFile": "keys.yaml"}, (), tmp_path, None).wanted) == 2


def test_a_setting_that_came_from_elsewhere_is_not_said_to_stand_in_it(tmp_path):
    """It holds keys, nothing else."""
    (tmp_path / "keys.yaml").write_text(KEYS)
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_pulumi({"keyswitch:keysFile": "keys.yaml", "keyswitch:account": "prod"}, (), tmp_path, None)
    assert [(problem.where, problem.field) for problem in caught.value.problems] == [("", "keyswitch:account")]


def test_each_problem_has_its_file_and_line(problems_of):
    """Of either file, all at once, in the words that are known from the stack file; duplicates included."""
    keys = f"{OLD}: inactive\n{NEW}:\n  stauts: Active\n{OLD}: Active\nshort: Active\n"
    fields = (
        f"keys.yaml:4: keyswitch:keys.{OLD}: is written twice, first in line 1",
        "stack.yaml:2: keyswitch:account: 'prod' is not an account ID",
        f"keys.yaml:1: keyswitch:keys.{OLD}: 'inactive' is not a status",
        f"keys.yaml:3: keyswitch:keys.{NEW}.stauts: unknown field",
        "keys.yaml:5: keyswitch:keys.short: ",
    )
    for said, expected in zip(problems_of(STACK.replace(ACCOUNT, "prod"), keys), fields, strict=True):
        assert said.startswith(expected)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        pytest.param(None, "keys.yaml: keyswitch:keysFile: cannot be read: No such file or directory", id="missing"),
        pytest.param("", "keys.yaml:1: keyswitch:keysFile: expected the access keys", id="empty"),
        pytest.param(f"- {OLD}", "keys.yaml:1: keyswitch:keysFile: expected the access keys", id="a list"),
        pytest.param("{", "keys.yaml:2: is not YAML", id="no YAML"),
    ],
)
def test_a_file_that_is_none_is_one_problem(problems_of, keys, said):
    """And not a second one that keys are missing."""
    (problem,) = problems_of(keys=keys)
    assert problem.startswith(said)


def test_a_stack_file_is_no_keys_file(problems_of):
    """Its entries are not IDs."""
    first, *_ = problems_of(keys=f"config:\n  keyswitch:keys: {{{OLD}: Active}}\n")
    assert first.startswith("keys.yaml:1: keyswitch:keys.config: 'config' is not an access key ID")


def test_an_empty_map_declares_none(read):
    """As under `keyswitch:keys`."""
    assert read(keys="{}\n").wanted == ()


def test_keys_stand_in_one_place_only(problems_of):
    """Two would leave open which of them counts."""
    (problem,) = problems_of(f"{STACK}  keyswitch:keys: {{}}\n")
    assert problem == (
        "stack.yaml:3: keyswitch:keysFile: cannot be combined with keyswitch:keys: write all access keys in one of them"
    )


@pytest.mark.parametrize(
    ("written", "said"),
    [
        pytest.param("[keys.yaml]", "stack.yaml:3: keyswitch:keysFile: expected a text", id="a list"),
        pytest.param("{secure: AAAB}", "stack.yaml:3: keyswitch:keysFile: is encrypted", id="encrypted"),
    ],
)
def test_what_names_no_file_is_one_problem(problems_of, written, said):
    """The keys are not missing, too."""
    (problem,) = problems_of(STACK.replace("keys.yaml", written))
    assert problem.startswith(said)


def test_without_either_both_ways_are_told(problems_of):
    """Whoever begins, learns of both."""
    (problem,) = problems_of("config: {}\n")
    assert "list the access keys" in problem
    assert "keyswitch:keysFile" in problem


@pytest.fixture
def outside(tmp_path_factory):
    """A file that is no part of the project."""
    path = tmp_path_factory.mktemp("outside") / "shadow"
    path.write_text(f"root: hash-of-a-password\n{OLD}: hash-of-another\n")
    return path


@pytest.mark.parametrize("way", ["absolute", "upwards", "a link", "a linked folder", "a link to nothing"])
def test_a_file_outside_of_the_project_is_not_read(problems_of, tmp_path, outside, way):
    """A pull request could have any file shown otherwise."""
    name = {"absolute": outside.as_posix(), "upwards": f"../../{outside.parent.name}/shadow"}.get(way, "link")
    if way == "a link":
        (tmp_path / "link").symlink_to(outside)
    elif way == "a link to nothing":
        (tmp_path / "link").symlink_to("/nothing/here")
    elif way == "a linked folder":
        (tmp_path / "folder").symlink_to(outside.parent)
        name = "folder/shadow"
    (problem,) = problems_of(STACK.replace("keys.yaml", name), None)
    assert problem == "stack.yaml:3: keyswitch:keysFile: lies outside of the project"


def test_a_link_within_the_project_is_followed(read, tmp_path):
    """It leads to a file that is reviewed, too."""
    (tmp_path / "link").symlink_to("keys.yaml")
    assert len(read(STACK.replace("keys.yaml", "link")).wanted) == 2


def test_of_what_is_no_key_only_the_name_is_shown(problems_of):
    """The file may be another one, with secrets in it."""
    keys = "password: hunter2\ntoken: [hunter3]\nport: 0777\nnested: {hunter4: hunter5}\n"
    said = problems_of(keys=keys)
    assert [problem.partition(" is not an access key ID")[0] for problem in said] == [
        f"keys.yaml:{line}: keyswitch:keys.{name}: '{name}'"
        for line, name in enumerate(("password", "token", "port", "nested"), 1)
    ]
    assert "hunter" not in "".join(said)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("", "stack.yaml:3: keyswitch:keysFile: names no file", id="nothing"),
        pytest.param('""', "stack.yaml:3: keyswitch:keysFile: names no file", id="empty"),
        pytest.param('"a\\0b"', "stack.yaml:3: keyswitch:keysFile: names no file", id="NUL"),
        pytest.param(".", ": keyswitch:keysFile: cannot be read: ", id="a folder"),
    ],
)
def test_a_name_of_no_file_is_one_problem(problems_of, name, said):
    """Where the name stands, or what cannot be read."""
    (problem,) = problems_of(STACK.replace("keys.yaml", name))
    assert said in problem


def test_json_with_an_emoji_is_read(read, tmp_path):
    """As JSON writes it, in two halves."""
    (tmp_path / "keys.json").write_text(f'{{"{OLD}": {{"status": "Inactive", "reason": "party \\ud83c\\udf89"}}}}')
    assert read(STACK.replace("keys.yaml", "keys.json")).wanted[0].reason == "party 🎉"
