"""The stack file: lines, keys written twice, and files that are none."""

import importlib.util
from pathlib import Path

import pytest
import yaml

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration import source
from keyswitch.configuration.source import read, stack_file
from tests.support.examples import NEW, OLD

NAME = "stacks/Pulumi.dev.yaml"


@pytest.fixture(autouse=True, params=["in C", "in Python"])
def _parser(request, monkeypatch):
    """Whatever a file comes to, it comes to the same where PyYAML was built without its parser in C."""
    if request.param == "in Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
        found = importlib.util.spec_from_file_location("source_without_c", source.__file__)
        without_c = importlib.util.module_from_spec(found)
        found.loader.exec_module(without_c)
        monkeypatch.setattr(source, "_Loader", without_c._Loader)


def test_the_parser_in_c_is_taken_where_there_is_one():
    """It is several times as fast, which thousands of keys make felt."""
    assert issubclass(source._Loader, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _written(folder: Path, text: str | bytes) -> Path:
    path = folder / "Pulumi.dev.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_every_value_is_found_in_its_line(tmp_path):
    """Comments and blank lines count, as they do in an editor."""
    text = f"""\
# a comment
config:

  keyswitch:account: "123456789012"
  keyswitch:keys:
    {OLD}:
      # another
      status: Inactive
    {NEW}: {{status: Active}}
"""
    file = read(_written(tmp_path, text), NAME)
    assert file.locate(("keyswitch:account",)) == f"{NAME}:4"
    assert file.locate(("keyswitch:keys", OLD)) == f"{NAME}:6"
    assert file.locate(("keyswitch:keys", OLD, "status")) == f"{NAME}:8"
    assert file.locate(("keyswitch:keys", NEW, "status")) == f"{NAME}:9"
    assert file.locate(("keyswitch:guards",)) == ""
    assert file.config["keyswitch:keys"] == {OLD: {"status": "Inactive"}, NEW: {"status": "Active"}}


def test_a_file_is_called_as_it_was_given(tmp_path):
    """Without another name, messages show the path."""
    path = _written(tmp_path, "config: {a: 1}\n")
    assert read(path).locate(("a",)) == f"{path.as_posix()}:1"


@pytest.mark.parametrize(
    ("written", "value"),
    [("123456789012", "123456789012"), ('"123456789012"', "123456789012"), ("true", True), ("off", "off")],
    ids=["number", "quoted", "truth value", "off is a word"],
)
def test_a_plain_value_is_read_as_it_was_meant(tmp_path, written, value):
    """A number without quotes becomes text, as Pulumi hands it to a program; off is no truth value."""
    assert read(_written(tmp_path, f"config:\n  keyswitch:account: {written}\n")).config == {"keyswitch:account": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", True),
        ("~", None),
        ("010", 10),
        ("0o10", 8),
        ("0x10", 16),
        ("1_000", "1_000"),
        ("12:30:45", "12:30:45"),
        ("2025-06-01", "2025-06-01"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        ('"on"', "on"),
        (r'"\U0001f511 \u0007"', "🔑 \x07"),
    ],
)
def test_a_value_is_what_the_core_schema_of_yaml_says(tmp_path, written, value):
    """Texts that an older YAML takes for truth values, times or dates stay texts."""
    assert read(_written(tmp_path, f"config:\n  a: {{b: {written}}}\n")).config == {"a": {"b": value}}


def test_anchors_and_merged_maps_are_read(tmp_path):
    """What several entries have in common may be written once."""
    text = "config:\n  a: &common {reason: OPS-1}\n  b:\n    <<: *common\n    status: Active\n"
    file = read(_written(tmp_path, text))
    assert file.config["b"] == {"reason": "OPS-1", "status": "Active"}
    assert file.duplicates == ()


@pytest.mark.parametrize(
    ("text", "field", "line", "first"),
    [
        pytest.param(
            f"config:\n  keyswitch:keys:\n    {OLD}: Active\n    {OLD}: Inactive\n",
            f"keyswitch:keys.{OLD}",
            4,
            3,
            id="an access key",
        ),
        pytest.param(
            f'config:\n  keyswitch:keys:\n    {OLD}: Active\n    {NEW}: Active\n    "{OLD}": Inactive\n',
            f"keyswitch:keys.{OLD}",
            5,
            3,
            id="once in quotes",
        ),
        pytest.param(
            f"config:\n  keyswitch:keys:\n    {OLD}:\n      status: Active\n      status: Inactive\n",
            f"keyswitch:keys.{OLD}.status",
            5,
            4,
            id="a field",
        ),
        pytest.param("config:\n  aws:region: a\n  aws:region: b\n", "aws:region", 3, 2, id="a setting"),
    ],
)
def test_a_key_that_stands_there_twice_is_named_with_both_lines(tmp_path, text, field, line, first):
    """The problem stands at the second and names the first."""
    (problem,) = read(_written(tmp_path, text), NAME).duplicates
    assert (problem.where, problem.field) == (f"{NAME}:{line}", field)
    assert f"first in line {first};" in problem.text


def test_two_whole_configs_in_one_file_are_a_duplicate(tmp_path):
    """A `config` that YAML drops is not dropped silently, although none of its keys stands there twice."""
    text = "config:\n  aws:profile: prod\nconfig:\n  keyswitch:keys: {}\n"
    (problem,) = read(_written(tmp_path, text), NAME).duplicates
    assert problem.where == f"{NAME}:3"
    assert "line 1" in problem.text


def test_keys_outside_of_the_configuration_are_no_concern(tmp_path):
    """The engine's own parts of the file are the engine's."""
    file = read(_written(tmp_path, "encryptionsalt: v1:x\nconfig:\n  a: 1\n"), NAME)
    assert file.duplicates == ()
    assert file.locate(("encryptionsalt",)) == ""


def test_a_missing_file_is_named(tmp_path):
    """The message says which file, and that it is not there."""
    with pytest.raises(InvalidConfiguration, match="cannot be read: No such file") as caught:
        read(tmp_path / "Pulumi.nope.yaml", NAME)
    assert [problem.where for problem in caught.value.problems] == [NAME]


def test_a_folder_is_no_file(tmp_path):
    """Whatever cannot be read is said to be so."""
    with pytest.raises(InvalidConfiguration, match="cannot be read"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        pytest.param("config:\n\tkeyswitch:keys: {}\n", f"{NAME}:2", id="a tab"),
        pytest.param("config:\n  a: [1, 2\n", f"{NAME}:3", id="an open bracket"),
        pytest.param("config:\n  a: *nobody\n", f"{NAME}:2", id="an unknown alias"),
        pytest.param("config: {}\n---\nconfig: {}\n", f"{NAME}:2", id="two documents"),
        pytest.param(b"config:\n  a: \xff\n", NAME, id="no UTF-8"),
        pytest.param("config:\n  a: \x00\n", NAME, id="a control character"),
    ],
)
def test_what_is_not_yaml_is_named_with_its_line(tmp_path, text, where):
    """Never a traceback of the YAML library."""
    with pytest.raises(InvalidConfiguration, match="is not YAML") as caught:
        read(_written(tmp_path, text), NAME)
    (problem,) = caught.value.problems
    assert problem.where.startswith(where)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="an empty file"),
        pytest.param("config:\n", id="an empty config"),
        pytest.param("encryptionsalt: x\n", id="no config"),
    ],
)
def test_a_file_without_configuration_has_none(tmp_path, text):
    """What has to be there is decided elsewhere."""
    assert read(_written(tmp_path, text)).config == {}


@pytest.mark.parametrize("config", ["[a]", "a word", "5"], ids=["a list", "a word", "a number"])
def test_a_config_that_is_no_map_is_a_problem(tmp_path, config):
    """It is said with file and line, not with a traceback."""
    with pytest.raises(InvalidConfiguration) as caught:
        read(_written(tmp_path, f"config: {config}\n"), NAME)
    assert [problem.where for problem in caught.value.problems] == [f"{NAME}:1"]


def test_an_alias_to_itself_is_a_problem(tmp_path):
    """YAML allows a map that contains itself; this configuration does not."""
    with pytest.raises(InvalidConfiguration):
        read(_written(tmp_path, "config: &loop\n  keyswitch:keys: *loop\n"), NAME)


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (None, "Pulumi.dev.yaml"),
        ("name: x\n", "Pulumi.dev.yaml"),
        ("", "Pulumi.dev.yaml"),
        ("name: x\nstackConfigDir: stacks\n", "stacks/Pulumi.dev.yaml"),
    ],
    ids=["no Pulumi.yaml", "no stackConfigDir", "empty Pulumi.yaml", "stackConfigDir"],
)
def test_the_stack_file_lies_where_pulumi_looks_for_it(tmp_path, manifest, expected):
    """Beside Pulumi.yaml, or in its stackConfigDir."""
    if manifest is not None:
        (tmp_path / "Pulumi.yaml").write_text(manifest)
    assert stack_file(tmp_path, "dev") == tmp_path / expected


def test_a_manifest_that_is_not_yaml_is_named(tmp_path):
    """The file at fault is Pulumi.yaml, and the message says so."""
    (tmp_path / "Pulumi.yaml").write_text("a: [\n")
    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.yaml:2: is not YAML"):
        stack_file(tmp_path, "dev")
