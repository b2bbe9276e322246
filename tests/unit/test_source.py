"""The stack file: lines, keys written twice, and files that are none."""

import importlib.util
from pathlib import Path

import pytest
import yaml

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration import nodes
from keyswitch.configuration.source import read
from tests.support.examples import NEW, OLD

NAME = "stacks/Pulumi.dev.yaml"


@pytest.fixture(autouse=True, params=["in C", "in Python"])
def _parser(request, monkeypatch):
    """Whatever a file comes to, it comes to the same where PyYAML was built without its parser in C."""
    if request.param == "in Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
        found = importlib.util.spec_from_file_location("nodes_without_c", nodes.__file__)
        without_c = importlib.util.module_from_spec(found)
        found.loader.exec_module(without_c)
        monkeypatch.setattr(nodes, "_Loader", without_c._Loader)
        monkeypatch.setattr(without_c, "Refused", nodes.Refused)


def test_the_parser_in_c_is_taken_where_there_is_one():
    """It is several times as fast, which thousands of keys make felt."""
    assert issubclass(nodes._Loader, getattr(yaml, "CSafeLoader", yaml.SafeLoader))


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
    [
        ("123456789012", "123456789012"),
        ('"123456789012"', "123456789012"),
        ("true", "true"),
        ("True", "true"),
        ("off", "off"),
        ("~", ""),
        ("-0", "0"),
        ("0x1F", "31"),
        ("1.50", "1.5"),
        ("1e3", "1000"),
        ("5.", "5"),
        (".000001", "0.000001"),
        ("999999999e9", "999999999000000000"),
    ],
)
def test_a_plain_value_is_read_as_it_was_meant(tmp_path, written, value):
    """What is no map and no list becomes a text, as Pulumi hands it to a program; off is no truth value."""
    assert read(_written(tmp_path, f"config:\n  keyswitch:account: {written}\n")).config == {"keyswitch:account": value}


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", True),
        ("~", None),
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
    assert file.problems == ()


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
    (problem,) = read(_written(tmp_path, text), NAME).problems
    assert (problem.where, problem.field) == (f"{NAME}:{line}", field)
    assert f"first in line {first};" in problem.text


def test_two_whole_configs_in_one_file_are_a_duplicate(tmp_path):
    """A `config` that YAML drops is not dropped silently, although none of its keys stands there twice."""
    text = "config:\n  aws:profile: prod\nconfig:\n  keyswitch:keys: {}\n"
    (problem,) = read(_written(tmp_path, text), NAME).problems
    assert problem.where == f"{NAME}:3"
    assert "line 1" in problem.text


def test_keys_outside_of_the_configuration_are_no_concern(tmp_path):
    """The engine's own parts of the file are the engine's."""
    file = read(_written(tmp_path, "encryptionsalt: v1:x\nconfig:\n  a: 1\n"), NAME)
    assert file.problems == ()
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


NUMBERS = (
    *("012", "019", "00", "-012", "01.5", "0b11", "-0b11", "0O12", "0X1F", "-0x1F", "+0x1F", "0xfffffffffffff"),
    *("1_000", "1__0", "0x_1", "1_0.5", "1e400", "1e-7", ".0000001", ".inf", "-.Inf", ".nan", "1234567890123456"),
)
DATES = ("2025-06-01", "2025-6-1", "2025-06-01T00:00:00Z", "2025-06-01 10:00:00", "2025-06-01t1:02:03.5+01:00")
TAGS = (
    *("!!bool foo", "!!bool yes", '!!int "5"', "!!float foo", "!!null foo", "!foo bar", "!!binary aGk="),
    *("!x {}", "!!set {a}"),
)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        *((number, "is a number that readers of YAML interpret differently") for number in NUMBERS),
        *((date, "is a date to some readers of YAML") for date in DATES),
        *((tagged, "has a tag (!)") for tagged in TAGS),
    ],
)
def test_what_pulumi_reads_differently_is_refused_where_it_matters(tmp_path, written, said):
    """Neither meaning is chosen. Settings of others are theirs."""
    text = "config:\n  other:a: {}\n  other:b: {{c: {}}}\n  keyswitch:a: {}\n  keyswitch:b: {{c: {}}}\n"
    problems = read(_written(tmp_path, text.format(*[written] * 4)), NAME).problems
    assert [(problem.where, problem.field) for problem in problems] == [
        (f"{NAME}:4", "keyswitch:a"),
        (f"{NAME}:5", "keyswitch:b.c"),
    ]
    assert all(said in problem.text for problem in problems)


@pytest.mark.parametrize(
    "written",
    ["1.2.3", "1-2-3", "12:30", "0x", "0b2", "0o19", "_1", "1e", "2025-06", "2025-06-01 moved", "10.0.0.0/8", "+", "."],
)
def test_a_text_that_only_begins_like_a_number_is_one(tmp_path, written):
    """To every reader."""
    file = read(_written(tmp_path, f"config:\n  keyswitch:a: {written}\n"))
    assert (file.config["keyswitch:a"], file.problems) == (written, ())


@pytest.mark.parametrize("text", ["!x\nconfig: {}\n", "!x [a]\n", "config: !x {}\n"])
def test_a_tag_on_the_whole_is_refused_too(tmp_path, text):
    """There is no setting to name."""
    with pytest.raises(InvalidConfiguration, match=f"{NAME}:[12]: (config: )?(has a tag|expected a map)"):
        raise InvalidConfiguration(read(_written(tmp_path, text), NAME).problems)


@pytest.mark.parametrize("key", ["10", "true", "~", "2025-06-01", '"<<"', "!x a", "? [a]\n    "])
def test_a_key_that_is_no_text_is_refused(tmp_path, key):
    """Pulumi writes it in its own way, or refuses it."""
    (problem,) = read(_written(tmp_path, f"config:\n  keyswitch:a:\n    {key}: {{}}\n"), NAME).problems
    assert "write this key in quotes" in problem.text
    assert problem.where == f"{NAME}:3"


def test_a_map_goes_before_the_maps_that_it_takes_in(tmp_path):
    """And the first of those before the others, as Pulumi merges them."""
    text = "config:\n  a: {<<: [{k: 1, m: 2}, {k: 2, n: 3}], k: 9}\n  b:\n    <<: {x: {y: 1}}\n    x: {}\n"
    assert read(_written(tmp_path, text)).config == {"a": {"k": 9, "m": 2, "n": 3}, "b": {"x": {}}}


@pytest.mark.parametrize("merged", ["5", "[5]", "[[]]", "x"])
def test_only_maps_are_taken_in(tmp_path, merged):
    """Anything else is a problem with its line."""
    with pytest.raises(InvalidConfiguration, match=f"{NAME}:2: is not YAML: << takes a map"):
        read(_written(tmp_path, f"config:\n  a: {{<<: {merged}}}\n"), NAME)


@pytest.mark.parametrize("spelled", ["account", "keyswitch:account", "keyswitch:config:account"])
def test_a_setting_has_one_full_name(tmp_path, spelled):
    """The project's name is the namespace of a setting that has none; Pulumi knows an older form, too."""
    file = read(_written(tmp_path, f"config:\n  {spelled}: a\n"), NAME, "keyswitch")
    assert file.config == {"keyswitch:account": "a"}
    assert file.locate(("keyswitch:account",)) == f"{NAME}:2"


def test_a_setting_in_two_spellings_stands_there_twice(tmp_path):
    """Pulumi would keep the one that it meets last."""
    file = read(_written(tmp_path, "config:\n  account: a\n  keyswitch:account: b\n"), NAME, "keyswitch")
    assert [str(problem) for problem in file.problems] == [
        f"{NAME}:3: keyswitch:account: is written twice, first in line 2; YAML would keep only one of them"
    ]


def test_a_field_in_a_list_that_stands_there_twice_is_found(tmp_path):
    """At any depth."""
    text = "config:\n  aws:assumeRoles: [{roleArn: a, roleArn: b}]\n"
    (problem,) = read(_written(tmp_path, text)).problems
    assert problem.field == "aws:assumeRoles.0.roleArn"


def test_the_second_of_two_documents_is_not_dropped_in_silence(tmp_path):
    """Pulumi reads the first alone."""
    with pytest.raises(InvalidConfiguration, match=f"{NAME}:2: is not YAML: there is a second document"):
        read(_written(tmp_path, "config: {}\n---\nconfig: {}\n"), NAME)


def test_environments_are_noticed(tmp_path):
    """Which are somewhere else; an empty list names none."""
    assert read(_written(tmp_path, "environment: [a/b]\n")).environments
    assert not read(_written(tmp_path, "environment: []\n")).environments
