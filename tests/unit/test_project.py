"""Pulumi.yaml: where stack files lie, and the settings that a project makes for all of its stacks."""

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.project import current, enclosing, project_settings, stack_file

KEYS = "config:\n  keyswitch:keys: {}\n"


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        (None, "Pulumi.dev.yaml"),
        ("name: x\n", "Pulumi.dev.yaml"),
        ("", "Pulumi.dev.yaml"),
        ("name: x\nstackConfigDir: stacks\n", "stacks/Pulumi.dev.yaml"),
        ("name: x\nconfig: stacks\n", "stacks/Pulumi.dev.yaml"),
    ],
    ids=["no Pulumi.yaml", "no stackConfigDir", "empty Pulumi.yaml", "stackConfigDir", "its older name"],
)
def test_the_stack_file_lies_where_pulumi_looks_for_it(tmp_path, manifest, expected):
    """Beside Pulumi.yaml, or in its stackConfigDir."""
    if manifest is not None:
        (tmp_path / "Pulumi.yaml").write_text(manifest)
    assert stack_file(tmp_path, "dev") == tmp_path / expected


@pytest.mark.parametrize(
    ("name", "text"), [("Pulumi.yml", "stackConfigDir: s\n"), ("Pulumi.json", '{"stackConfigDir": "s"}')]
)
def test_the_stack_file_ends_as_the_project_file_does(tmp_path, name, text):
    """Pulumi reads all three."""
    (tmp_path / name).write_text(text)
    assert stack_file(tmp_path, "dev") == tmp_path / "s" / name.replace(".", ".dev.")


@pytest.mark.parametrize("name", ["dev", "acme/dev", "acme/keys/dev", "organization/keys/dev", "../dev"])
def test_a_stack_may_be_named_in_full(tmp_path, name):
    """Its last part names the file, as in Pulumi; no name leads out of the folder."""
    (tmp_path / "Pulumi.yaml").write_text("name: keys\n")
    assert stack_file(tmp_path, name) == tmp_path / "Pulumi.dev.yaml"


def test_a_stack_of_another_project_is_refused(tmp_path):
    """As Pulumi does: the file of this project's stack lists other keys. Without a Pulumi.yaml nothing contradicts."""
    assert stack_file(tmp_path, "acme/other/dev") == tmp_path / "Pulumi.dev.yaml"
    (tmp_path / "Pulumi.yaml").write_text("runtime: python\nname: keys\n")
    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.yaml:2: name: is another project than 'other'"):
        stack_file(tmp_path, "acme/other/dev")


def test_a_manifest_that_is_not_yaml_is_named(tmp_path):
    """The file at fault is Pulumi.yaml, and the message says so."""
    (tmp_path / "Pulumi.yaml").write_text("a: [\n")
    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.yaml:2: is not YAML"):
        stack_file(tmp_path, "dev")


def test_a_folder_belongs_to_the_nearest_project_above_it(tmp_path):
    """As Pulumi finds it."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "Pulumi.yaml").write_text("name: x\n")
    assert enclosing(tmp_path / "a" / "b") == tmp_path / "a"
    assert enclosing(tmp_path) is None


def test_the_current_project_is_relative_to_the_working_directory(tmp_path, monkeypatch):
    """So that messages name files as the user does; without a project it is the working directory."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert str(current()) == "."
    (tmp_path / "Pulumi.yaml").write_text("name: x\n")
    assert str(current() / "stacks") == "../../stacks"
    monkeypatch.chdir(tmp_path)
    assert str(current() / "stacks") == "stacks"


def _made(folder, config, name="keyswitch", stack=()):
    (folder / "Pulumi.yaml").write_text(f"name: {name}\nconfig:\n{config}")
    return project_settings(folder, stack)


@pytest.mark.parametrize(
    ("config", "value"),
    [
        pytest.param("  keyswitch:account:\n    value: '999999999999'\n", "999999999999", id="value"),
        pytest.param("  keyswitch:account:\n    default: 999999999999\n", "999999999999", id="default"),
        pytest.param("  account:\n    default: 999999999999\n", "999999999999", id="by the project's name"),
        pytest.param("  keyswitch:account: 999999999999\n", "999999999999", id="plain"),
        pytest.param("  keyswitch:account: {default: a, value: b}\n", "a", id="the default goes before the value"),
        pytest.param("  account:\n    type: boolean\n    default: true\n", "true", id="a truth value is a text"),
        pytest.param("  keyswitch:account: [a]\n", ["a"], id="a list"),
        pytest.param("  keyswitch:account: {value: {a: 1}}\n", {"a": 1}, id="a map"),
    ],
)
def test_a_setting_may_be_given_in_each_way_that_pulumi_knows(tmp_path, config, value):
    """(pkg/workspace/config.go, sdk/go/common/workspace/project.go)."""
    assert _made(tmp_path, config).config == {"keyswitch:account": value}


def test_a_project_of_another_name_has_another_namespace(tmp_path):
    """Its own settings are not keyswitch's."""
    assert _made(tmp_path, "  account: {default: x}\n", name="other").config == {}


def test_a_setting_of_the_stack_goes_before_as_a_whole(tmp_path):
    """Maps are not merged."""
    assert (
        _made(tmp_path, "  keyswitch:guards: {value: {lastActiveKey: block}}\n", stack=["keyswitch:guards"]).config
        == {}
    )


@pytest.mark.parametrize(
    ("config", "said"),
    [
        pytest.param("  account: {type: string}\n", "keyswitch:account: has no value here", id="a type alone"),
        pytest.param("  keyswitch:guards: {lastActiveKey: block}\n", "keyswitch:guards: has no value", id="a bare map"),
        pytest.param("  keyswitch:account:\n", "keyswitch:account: has no value here", id="nothing"),
        pytest.param("  keyswitch:guards.x: {value: a}\n", "Pulumi takes this name for a path", id="a path"),
        pytest.param("  keyswitch:account: {value: 012}\n", "'012' is a number that", id="a number in octal"),
        pytest.param("  keyswitch:account: a\n  account: b\n", "is written twice", id="twice"),
    ],
)
def test_what_pulumi_refuses_or_reads_differently_is_a_problem(tmp_path, config, said):
    """With its line in Pulumi.yaml."""
    (problem,) = _made(tmp_path, config).problems
    assert said in str(problem)
    assert problem.where in ("Pulumi.yaml:3", "Pulumi.yaml:4")


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A project with a stack; the working directory is another one."""
    (tmp_path / "project" / "stacks").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    return tmp_path / "project"


def test_the_command_line_takes_the_settings_of_the_project_too(project):
    """As the engine does: another account would not be refused otherwise."""
    (project / "Pulumi.yaml").write_text('name: x\nconfig:\n  keyswitch:account: {value: "999999999999"}\n')
    (project / "stacks" / "s.yaml").write_text(KEYS)
    assert settings_from_file(project / "stacks" / "s.yaml").account == "999999999999"
    (project / "stacks" / "s.yaml").write_text(KEYS + '  keyswitch:account: "111111111111"\n')
    assert settings_from_file(project / "stacks" / "s.yaml").account == "111111111111"


def test_a_file_in_no_project_belongs_to_that_of_the_working_directory(project, tmp_path, monkeypatch):
    """As with `pulumi --config-file`."""
    (project / "Pulumi.yaml").write_text('name: keyswitch\nconfig:\n  account: "999999999999"\n')
    (tmp_path / "s.yaml").write_text(KEYS)
    assert settings_from_file(tmp_path / "s.yaml").account is None
    monkeypatch.chdir(project / "stacks")
    assert settings_from_file(tmp_path / "s.yaml").account == "999999999999"


def test_a_problem_of_a_projects_setting_has_its_line_there(project):
    """Not one of the stack file."""
    (project / "Pulumi.yaml").write_text(
        "name: x\nconfig:\n  keyswitch:guards:\n    value:\n      lastActiveKey: often\n"
    )
    (project / "stacks" / "s.yaml").write_text(KEYS)
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_file(project / "stacks" / "s.yaml")
    assert [problem.where for problem in caught.value.problems] == ["Pulumi.yaml:5"]
