"""Settings that Pulumi has read: secrets, environments, and the lines of the files they come from."""

import json

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import run_settings, settings_from_file, settings_from_json, settings_from_pulumi
from keyswitch.iam.connection import Role
from tests.support.examples import ACCOUNT, NEW, OLD

ROLE = "arn:aws:iam::123456789012:role/switch"


@pytest.fixture
def project(tmp_path):
    """A project; its stack `dev` is written by the test."""
    (tmp_path / "Pulumi.yaml").write_text("name: keyswitch\nstackConfigDir: stacks\n")
    (tmp_path / "stacks").mkdir()
    return tmp_path


def _stack(project, text):
    (project / "stacks" / "Pulumi.dev.yaml").write_text(text)


def _problems(project, config, secret=()):
    """What the program says, without the folder."""
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_pulumi(config, secret, project, "dev")
    return [str(problem).replace(f"{project.as_posix()}/", "") for problem in caught.value.problems]


def _of_file(project):
    """What the command line says, without the folder."""
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_file(project / "stacks" / "Pulumi.dev.yaml")
    return [str(problem).replace(f"{project.as_posix()}/", "") for problem in caught.value.problems]


ENCRYPTED = f"""\
config:
  keyswitch:account: {{secure: AAAA}}
  keyswitch:keys:
    {OLD}:
      status: Active
      reason:
        secure: BBBB
    {NEW}: {{secure: CCCC}}
"""
DECRYPTED = {
    "keyswitch:account": ACCOUNT,
    "keyswitch:keys": json.dumps({OLD: {"status": "Active", "reason": "hush"}, NEW: "Active"}),
}


def test_encrypted_entries_are_refused_in_the_same_words_by_both(project):
    """At any depth, with the same lines; nothing that was decrypted is shown."""
    _stack(project, ENCRYPTED)
    said = _of_file(project)
    assert said == _problems(project, DECRYPTED, list(DECRYPTED))
    text = "is encrypted, but keyswitch shows it in every review: set it with --plaintext"
    assert said == [
        f"stacks/Pulumi.dev.yaml:2: keyswitch:account: {text}",
        f"stacks/Pulumi.dev.yaml:6: keyswitch:keys.{OLD}.reason: {text}",
        f"stacks/Pulumi.dev.yaml:8: keyswitch:keys.{NEW}: {text}",
    ]


def test_a_secret_from_elsewhere_is_refused_too(project):
    """With --config-file or an environment only its name is known."""
    (problem,) = _problems(project, DECRYPTED, ["keyswitch:keys"])
    assert problem.startswith("keyswitch:keys: is encrypted")
    assert "hush" not in problem


def test_an_encrypted_setting_of_aws_is_for_pulumi_alone(project):
    """The program gets its value; the command line cannot, and says how."""
    _stack(
        project, f"config:\n  keyswitch:keys: {{}}\n  aws:assumeRole: {{roleArn: {ROLE}, externalId: {{secure: A}}}}\n"
    )
    (problem,) = _of_file(project)
    assert problem == (
        "stacks/Pulumi.dev.yaml:3: aws:assumeRole.externalId: is encrypted: only Pulumi can read it; "
        "pipe all of them in: pulumi config --json --show-secrets | keyswitch plan --config -"
    )
    role = json.dumps({"roleArn": ROLE, "externalId": "hush"})
    config = {"keyswitch:keys": "{}", "aws:assumeRole": role}
    found = settings_from_pulumi(config, ["aws:assumeRole"], project, "dev")
    assert found.connection.roles == (Role(ROLE, {"ExternalId": "hush"}),)


def test_an_encrypted_setting_of_others_is_theirs(project):
    """Nobody here looks at it."""
    _stack(project, "config:\n  keyswitch:keys: {}\n  other:password: {secure: A}\n  aws:defaultTags: {secure: A}\n")
    assert settings_from_file(project / "stacks" / "Pulumi.dev.yaml").wanted == ()


def test_environments_are_refused_where_only_pulumi_can_look_them_up(project):
    """By the command line; the program gets what they add, and keeps the lines of the stack file."""
    _stack(project, f"environment:\n  - aws/prod\nconfig:\n  keyswitch:keys:\n    {OLD}: inactive\n")
    environment, key = _of_file(project)
    assert environment.startswith("stacks/Pulumi.dev.yaml:1: environment: adds settings that only Pulumi can look up")
    merged = {"keyswitch:keys": json.dumps({OLD: "inactive", NEW: "Active"}), "keyswitch:account": ACCOUNT}
    assert _problems(project, merged) == [key]


def test_a_list_from_an_environment_is_another_list(project):
    """Lists are not merged: then the file is not where the values come from."""
    _stack(project, f"environment: [a/b]\nconfig:\n  keyswitch:keys:\n    {OLD}: {{allow: [a]}}\n")
    said = _problems(project, {"keyswitch:keys": json.dumps({OLD: {"allow": ["b"]}})})
    assert not any("Pulumi.dev.yaml" in problem for problem in said)


@pytest.mark.parametrize(
    "content",
    [b"config:\n\tx", b"config: {}\n---\nconfig: {}\n", "config: {}".encode("utf-16"), b"config: []\n"],
    ids=["a tab", "two documents", "UTF-16", "a list"],
)
def test_a_stack_file_that_cannot_be_read_is_not_taken_for_another(project, content):
    """Pulumi may read it in its own way; the same words as on the command line."""
    (project / "stacks" / "Pulumi.dev.yaml").write_bytes(content)
    (problem,) = _problems(project, {"keyswitch:keys": "{}"})
    assert [problem] == _of_file(project)
    assert problem.startswith("stacks/Pulumi.dev.yaml")


def test_a_number_that_pulumi_reads_differently_is_refused_by_both(project):
    """Pulumi hands over 64 for 0100, which is not what anybody reads in the file."""
    _stack(project, "config:\n  keyswitch:callsPerSecond: 0100\n  keyswitch:keys: {}\n")
    assert _problems(project, {"keyswitch:callsPerSecond": "64", "keyswitch:keys": "{}"}) == _of_file(project)


@pytest.mark.parametrize("written", ["100", "1e2", "100.0", "0x64", "0o144", '"100"'])
def test_a_number_that_both_read_alike_comes_from_the_file(project, written):
    """However it is written: the other problem has its line."""
    _stack(project, f"config:\n  keyswitch:callsPerSecond: {written}\n  keyswitch:account: x\n  keyswitch:keys: {{}}\n")
    config = {"keyswitch:callsPerSecond": "100", "keyswitch:account": "x", "keyswitch:keys": "{}"}
    assert _problems(project, config) == _of_file(project)


def test_keys_twice_in_json_text_are_refused_by_both(project):
    """Python would keep the last of them, as YAML would."""
    text = f'{{"{OLD}": "Active", "{OLD}": "Inactive"}}'
    _stack(project, f"config:\n  keyswitch:keys: '{text}'\n")
    said = _problems(project, {"keyswitch:keys": text})
    assert said == _of_file(project)
    assert said == [
        f"stacks/Pulumi.dev.yaml:2: keyswitch:keys: '{OLD}' is written twice; only one of them would be kept"
    ]


def test_a_single_resource_does_not_take_deep_json_either():
    """It reads all but the entries."""
    with pytest.raises(InvalidConfiguration, match="nested too deeply"):
        run_settings({"keyswitch:guards": '{"a":' + "[" * 5000 + "]" * 5000 + "}"})


def _printed(**settings):
    """What `pulumi config --json --show-secrets` prints."""
    return json.dumps({name.replace("_", ":"): value for name, value in settings.items()})


def test_what_pulumi_prints_is_read(project):
    """Values as texts, whatever else it adds."""
    text = _printed(
        keyswitch_account={"value": ACCOUNT, "secret": False},
        keyswitch_keys={"value": f'{{"{OLD}":"Active"}}', "objectValue": {OLD: "Active"}, "secret": False},
        aws_profile={"value": "prod", "secret": True},
        other_secret={"secret": True},
    )
    found = settings_from_json(text, project)
    assert (found.account, [desired.access_key_id for desired in found.wanted]) == (ACCOUNT, [OLD])
    assert found.connection.profile == "prod"


def test_a_problem_of_what_pulumi_prints_has_its_line_where_the_stack_is_named(project):
    """The stack's own file holds these values."""
    _stack(project, f"config:\n  keyswitch:keys:\n    {OLD}: inactive\n")
    text = _printed(keyswitch_keys={"value": f'{{"{OLD}":"inactive"}}', "secret": False})
    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.dev\.yaml:3: "):
        settings_from_json(text, project, "dev")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "--config:1: is not JSON"),
        ("{", "--config:1: is not JSON"),
        ("[]", "--config: is not what pulumi config --json --show-secrets prints"),
        ('{"a": 1}', "--config: is not what pulumi config --json --show-secrets prints"),
        ('{"a": {}, "a": {}}', "--config: 'a' is written twice"),
        ("[" * 5000 + "]" * 5000, "--config: is nested too deeply"),
        (_printed(aws_profile={"secret": True}), "--config: aws:profile: has no value: print it with --show-secrets"),
        (_printed(keyswitch_keys={"value": "{}", "secret": True}), "keyswitch:keys: is encrypted"),
    ],
)
def test_anything_else_is_refused(project, text, said):
    """In one line."""
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_json(text, project)
    (problem,) = caught.value.problems
    assert str(problem).startswith(said)
