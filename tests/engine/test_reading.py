"""The real CLI reads a configuration: keyswitch reads the same, or both refuse it."""

import json

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import settings_from_json
from keyswitch.configuration.project import project_settings
from keyswitch.configuration.source import read
from keyswitch.sandbox.server import Sandbox
from tests.support.engine import Project
from tests.support.seeded import BOB, CI

CLEAR = (
    *("0", "-0", "+5", "123456789012", "123456789012345", "0x1F", "0o17", "1e3", "1.50", ".5", "5.", "-0.0", ".000001"),
    *("999999999e9", "true", "True", "FALSE", "tRue", "on", "yes", "off", "null", "~", '""', "12:30:45", "0x", "0b2"),
    *("1.2.3", "1-2-3", "0o19", "_1", "1e", "2025-06", "10.0.0.0/8", "!!str 012", "{<<: [{a: 1}, {a: 2, b: 3}], c: 4}"),
    *('"\\U0001f511"', "'it''s'", "[1, [a, 2.5]]", '{"a": {"b": null}}'),
)
DIFFERENT = ("012", "0b11", "1_000", "0X1F", "-0x1F", "1_0.5", "2025-06-01", "!!binary aGk=", "{10: {<<: {a: 1}}}")


def _write(project: Project, config: str) -> None:
    """Write the stack file, below what the CLI put there when it made the stack."""
    file = project.stack_file
    salt, _, _ = file.read_text(encoding="utf-8").partition("config:")
    file.write_text(f"{salt}config:\n{config}", encoding="utf-8")


def _as_pulumi_reads(project: Project) -> dict[str, object]:
    output = project.pulumi("config", "--json").output
    printed = json.loads(output[output.index("{\n") : output.rindex("}") + 1])
    return {name: entry.get("objectValue", entry.get("value")) for name, entry in printed.items()}


def test_every_value_that_is_not_refused_is_the_one_that_pulumi_reads(project: Project) -> None:
    """Directly below `config`, and deeper."""
    settings = [(f"keyswitch:{n}{where}", form.format(v)) for n, v in enumerate(CLEAR) for where, form in _PLACES]
    _write(project, "".join(f"  {name}: {value}\n" for name, value in settings))
    file = read(project.stack_file)
    assert file.problems == ()
    assert _as_pulumi_reads(project) == {**project_settings(project.folder, file.config).config, **file.config}


_PLACES = (("-plain", "{}"), ("-deep", "{{deep: {}}}"))


def test_what_is_refused_pulumi_reads_differently(project: Project) -> None:
    """By the core schema of YAML 1.2 each of these would be another value."""
    _write(project, "".join(f"  keyswitch:a{n}: {value}\n" for n, value in enumerate(DIFFERENT)))
    file = read(project.stack_file)
    refused = {problem.field.partition(".")[0] for problem in file.problems}
    assert refused == {f"keyswitch:a{n}" for n in range(len(DIFFERENT))}
    pulumi = _as_pulumi_reads(project)
    assert [value for n, value in enumerate(DIFFERENT) if pulumi[f"keyswitch:a{n}"] == value] == []


@pytest.mark.parametrize(
    "written", ["keyswitch:account:\n    value: ", "account:\n    default: ", "keyswitch:account: "]
)
def test_an_account_that_the_project_declares_is_held_to_by_both(
    project: Project, sandbox: Sandbox, written: str
) -> None:
    """`plan` would otherwise plan for any account."""
    manifest = (project.folder / "Pulumi.yaml").read_text(encoding="utf-8")
    (project.folder / "Pulumi.yaml").write_text(
        manifest.replace("\nconfig:\n", f"\nconfig:\n  {written}'999999999999'\n"), encoding="utf-8"
    )
    _write(project, f"  keyswitch:keys: {{{CI}: Inactive}}\n")
    for refused in (project.preview(), project.keyswitch("plan")):
        assert refused.code != 0
        assert "999999999999" in refused.output
    assert sandbox.statuses()[CI] == "Active"


def test_an_encrypted_reason_is_refused_by_both_in_the_same_words(project: Project) -> None:
    """It would stand in clear in the state."""
    _write(project, f"  keyswitch:keys:\n    {BOB}:\n      status: Inactive\n")
    path = f"keyswitch:keys.{BOB}.reason"
    assert project.pulumi("config", "set", "--secret", "--path", path, "hush").succeeded
    previewed, planned = project.preview(), project.keyswitch("plan")
    said = f"{path}: is encrypted, but keyswitch shows it in every review: set it with --plaintext"
    for refused in (previewed, planned):
        assert refused.code == 1 or refused is previewed
        assert said in refused.output
        assert "stacks/Pulumi.test.yaml:" in refused.output
        assert "hush" not in refused.output
    printed = project.pulumi("config", "--json", "--show-secrets").output
    with pytest.raises(InvalidConfiguration, match="is encrypted, but keyswitch shows it"):
        settings_from_json(printed)


def test_a_second_document_is_refused_by_both(project: Project, sandbox: Sandbox) -> None:
    """Pulumi itself ignores it."""
    _write(project, f"  keyswitch:keys: {{{CI}: Inactive}}\n---\nconfig: {{keyswitch:keys: {{{BOB}: Inactive}}}}\n")
    for refused in (project.preview(), project.keyswitch("plan")):
        assert not refused.succeeded
        assert "is not YAML: there is a second document (---), which Pulumi would ignore" in refused.output
    assert sandbox.journal == []
