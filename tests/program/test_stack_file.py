"""The stack file beside the program: it gives problems their lines, and never misleading ones."""

from pathlib import Path
from typing import Any

import pulumi
import pytest

from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.source import read
from keyswitch.resources.component import AccessKeys
from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.mocked_engine import MockedEngine
from tests.support.seeded import BOB, CI

SHIPPED = sorted((REPOSITORY / "stacks").glob("Pulumi.*.yaml"))

WRONG = f"""\
config:
  aws:region: us-east-1
  keyswitch:keys:
    # somebody's note
    {BOB}:
      status: inactive
    {CI}:
      stauts: Active
"""


def refused(engine: MockedEngine, config: dict[str, Any]) -> str:
    with pytest.raises(pulumi.RunError) as error:
        engine.run(AccessKeys, config, stack="test")
    return str(error.value)


class TestLines:
    """File and line of a problem."""

    def test_each_problem_has_its_own(self, engine: MockedEngine, project: Path) -> None:
        """The line is that of the value in `stacks/Pulumi.<stack>.yaml`."""
        file = project / "stacks" / "Pulumi.test.yaml"
        file.write_text(WRONG, encoding="utf-8")
        said = refused(engine, dict(read(file).config))
        assert f"  - stacks/Pulumi.test.yaml:6: keyswitch:keys.{BOB}.status: 'inactive' is not a status" in said
        assert f"  - stacks/Pulumi.test.yaml:8: keyswitch:keys.{CI}.stauts: unknown field" in said

    def test_beside_the_project_file(self, engine: MockedEngine, project: Path) -> None:
        """Without `stackConfigDir` the stack file lies beside Pulumi.yaml."""
        (project / "Pulumi.yaml").write_text("name: keyswitch\nruntime: python\n", encoding="utf-8")
        file = project / "Pulumi.test.yaml"
        file.write_text(WRONG, encoding="utf-8")
        assert "  - Pulumi.test.yaml:6: " in refused(engine, dict(read(file).config))

    @pytest.mark.parametrize(
        "other",
        [
            pytest.param({"keyswitch:keys": f'{{"{BOB}": "inactive"}}'}, id="other keys"),
            pytest.param({"keyswitch:account": "123456789012"}, id="an account besides"),
        ],
    )
    def test_none_for_a_configuration_from_elsewhere(self, engine: MockedEngine, project: Path, other: dict) -> None:
        """With --config-file or -c the values are others than in the file: no line of it is named."""
        file = project / "stacks" / "Pulumi.test.yaml"
        file.write_text(WRONG.replace("us-east-1", "us-east-1\n  keyswitch:account: '999999999999'"), encoding="utf-8")
        said = refused(engine, {**read(file).config, **other})
        assert "did you mean Inactive?" in said
        assert "Pulumi.test.yaml" not in said

    def test_none_without_a_file(self, engine: MockedEngine, project: Path) -> None:
        """The problem is told all the same."""
        said = refused(engine, {"keyswitch:keys": f'{{"{BOB}": "inactive"}}'})
        assert said.startswith(f"the configuration is not valid: keyswitch:keys.{BOB}: 'inactive' is not a status")

    def test_another_stacks_file(self, engine: MockedEngine, project: Path) -> None:
        """Only the file of the stack that runs counts."""
        file = project / "stacks" / "Pulumi.prod.yaml"
        file.write_text(WRONG, encoding="utf-8")
        assert "yaml" not in refused(engine, dict(read(file).config))


def test_a_key_written_twice(engine: MockedEngine, project: Path, sandbox: Sandbox) -> None:
    """YAML would silently keep one of the two; both lines are named, and nothing is registered."""
    file = project / "stacks" / "Pulumi.test.yaml"
    file.write_text(
        f"config:\n  keyswitch:keys:\n    {BOB}: Active\n    {CI}: {{}}\n    {BOB}: Inactive\n", encoding="utf-8"
    )
    said = refused(engine, dict(read(file).config))
    assert f"stacks/Pulumi.test.yaml:5: keyswitch:keys.{BOB}: is written twice, first in line 3" in said
    assert engine.access_keys == {}
    assert sandbox.journal == []


class TestNotRead:
    """A stack file that Pulumi reads in its own way, or not in full."""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            pytest.param(
                f"config:\n  keyswitch:keys:\n    {BOB}: Inactive\n---\nconfig: {{}}\n".encode(),
                "stacks/Pulumi.test.yaml:4: is not YAML: there is a second document (---), which Pulumi would ignore",
                id="two documents",
            ),
            pytest.param(
                f"config:\n  keyswitch:keys: {{{BOB}: Inactive}}\n".encode("utf-16"),
                "stacks/Pulumi.test.yaml: is not UTF-8",
                id="UTF-16",
            ),
        ],
    )
    def test_it_is_said_and_nothing_is_registered(
        self, engine: MockedEngine, project: Path, sandbox: Sandbox, content: bytes, said: str
    ) -> None:
        """It is never taken for another file."""
        (project / "stacks" / "Pulumi.test.yaml").write_bytes(content)
        assert said in refused(engine, {"keyswitch:keys": f'{{"{BOB}": "Inactive"}}'})
        assert engine.access_keys == {}
        assert sandbox.journal == []

    def test_a_number_in_octal(self, engine: MockedEngine, project: Path) -> None:
        """Pulumi hands over 64; who reviews the file reads 100."""
        text = "config:\n  keyswitch:callsPerSecond: 0100\n  keyswitch:keys: {}\n"
        (project / "stacks" / "Pulumi.test.yaml").write_text(text, encoding="utf-8")
        said = refused(engine, {"keyswitch:callsPerSecond": "64", "keyswitch:keys": "{}"})
        assert "stacks/Pulumi.test.yaml:2: keyswitch:callsPerSecond: '0100' is a number that readers of YAML" in said


class TestSecrets:
    """Values that Pulumi has decrypted."""

    def test_an_encrypted_reason(self, engine: MockedEngine, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """It would stand in the state and in every review; it is refused where it stands, and not shown."""
        text = f"config:\n  keyswitch:keys:\n    {BOB}:\n      reason: {{secure: AAAA}}\n"
        (project / "stacks" / "Pulumi.test.yaml").write_text(text, encoding="utf-8")
        monkeypatch.setenv("PULUMI_CONFIG_SECRET_KEYS", '["keyswitch:keys"]')
        said = refused(engine, {"keyswitch:keys": f'{{"{BOB}": {{"reason": "hush"}}}}'})
        assert f"stacks/Pulumi.test.yaml:4: keyswitch:keys.{BOB}.reason: is encrypted" in said
        assert "hush" not in said
        assert engine.access_keys == {}


class TestKeysFile:
    """Keys in a file of their own, which Pulumi does not read."""

    def test_they_are_declared(self, engine: MockedEngine, project: Path, sandbox: Sandbox) -> None:
        """Found beside the stack files, whether or not there is a file of this stack."""
        (project / "stacks" / "keys.yaml").write_text(f"{BOB}: Inactive\n{CI}: {{}}\n", encoding="utf-8")
        engine.run(AccessKeys, {"keyswitch:keysFile": "keys.yaml"}, stack="test")
        assert set(engine.access_keys) == {BOB, CI}

    def test_each_problem_has_its_line(self, engine: MockedEngine, project: Path) -> None:
        """As in the stack file; nothing is registered."""
        (project / "stacks" / "keys.yaml").write_text(f"{CI}: {{}}\n{BOB}: inactive\n", encoding="utf-8")
        said = refused(engine, {"keyswitch:keysFile": "keys.yaml"})
        assert f"stacks/keys.yaml:2: keyswitch:keys.{BOB}: 'inactive' is not a status" in said
        assert engine.access_keys == {}

    def test_one_that_is_not_there(self, engine: MockedEngine, project: Path) -> None:
        """Says where it was looked for."""
        said = refused(engine, {"keyswitch:keysFile": "keys.yaml"})
        assert "stacks/keys.yaml: keyswitch:keysFile: cannot be read: No such file or directory" in said


class TestShipped:
    """The stack files of this repository."""

    def test_they_are_there(self) -> None:
        """One to try out, one to copy."""
        assert {"Pulumi.dev.yaml", "Pulumi.prod.yaml"} <= {file.name for file in SHIPPED}

    @pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.name)
    def test_they_load(self, file: Path) -> None:
        """Each is valid, and declares an account and keys."""
        settings = settings_from_file(file)
        assert settings.account
        assert settings.wanted

    def test_the_one_to_try_out_runs(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The stack `dev` holds against the sandbox as it is seeded."""
        monkeypatch.chdir(REPOSITORY)
        file = read(REPOSITORY / "stacks" / "Pulumi.dev.yaml")
        engine.run(AccessKeys, dict(file.config), stack="dev")
        assert set(engine.access_keys) == set(sandbox.statuses())
