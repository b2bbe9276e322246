"""Runs the real Pulumi CLI on a project of its own: one method for each command."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.pulumi_cli import REPOSITORY, PulumiCli

STACK = "test"
REMEMBERED = Path(__file__).parent / "remembered"
"""Holds a `pip` that answers quickly what Pulumi asks before each command."""
_MADE: dict[type, dict[Path, bytes]] = {}
"""The files that `pulumi stack init` wrote, by kind of project."""


@dataclass(frozen=True)
class Run:
    """The exit code and the output of one command of the CLI."""

    code: int
    output: str

    @property
    def succeeded(self) -> bool:
        return self.code == 0

    @property
    def counts(self) -> dict[str, int]:
        """The closing counts: `{"created": 7}`, `{"to update": 1, "unchanged": 6}`."""
        _, _, closing = self.output.rpartition("Resources:")
        return {what: int(n) for n, what in re.findall(r"(\d+) (to \w+|\w+)$", closing, re.MULTILINE)}

    @property
    def told(self) -> list[str]:
        """The lines of keyswitch's summary, the total last. With `--diff` they stand at the end of the output."""
        lines = [line.strip() for line in self.output.splitlines()]
        is_total = re.compile(r"\d+ access keys?: |no access keys are declared")
        end = max(n for n, line in enumerate(lines) if is_total.match(line))
        is_before = re.compile(r"keyswitch:index:AccessKeys \(access-keys\):|\W*\d+ (to )?\w+")
        start = max((n for n, line in enumerate(lines[:end]) if is_before.fullmatch(line)), default=-1)
        return lines[start + 1 : end + 1]

    @property
    def refused_at(self) -> str:
        """The whole message of the error, without what Pulumi puts around it."""
        _, _, diagnostics = self.output.partition("Diagnostics:")
        found = re.search(r"^ {4}error: (.*?)\n(?:\n|\Z)", diagnostics, re.MULTILINE | re.DOTALL)
        assert found, self.output
        return textwrap.dedent(f"    {found[1]}")

    @property
    def changes_nothing(self) -> bool:
        return self.succeeded and set(self.counts) <= {"unchanged"}

    @property
    def is_clean(self) -> bool:
        """Whether the output shows no traceback and does not speak of unhandled errors."""
        return not re.search(r"Traceback|unhandled|File \"|KeyboardInterrupt", self.output)


class Project:
    """A copy of this repository's project, with a state, a stack and a stack file of its own."""

    def __init__(
        self,
        folder: Path,
        cli: PulumiCli,
        aws: Mapping[str, str],
        program: str | None = None,
        python: Path = REPOSITORY / ".venv",
    ) -> None:
        self.folder = folder / "project"
        self.environment = {**cli.environment(folder / "home", aws), "PYTHONPATH": str(REMEMBERED)}
        self._cli = cli
        (self.folder / "stacks").mkdir(parents=True)
        for name in ("Pulumi.yaml", "__main__.py"):
            shutil.copy(REPOSITORY / name, self.folder / name)
        if program is not None:
            (self.folder / "__main__.py").write_text(program, encoding="utf-8")
        (self.folder / ".venv").symlink_to(python, target_is_directory=True)
        self.make_stack()

    def make_stack(self) -> None:
        """Make the stack. `pulumi stack init` does it for the first project; the others get a copy of its files."""
        root = self.folder.parent
        if type(self) not in _MADE:
            assert self.pulumi("stack", "init", STACK).succeeded
            made = (*self.folder.rglob(f"Pulumi.{STACK}.yaml"), *(root / "home" / "state").rglob("*"))
            _MADE[type(self)] = {path.relative_to(root): path.read_bytes() for path in made if path.is_file()}
        for path, content in _MADE[type(self)].items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)

    @property
    def stack_file(self) -> Path:
        return self.folder / "stacks" / f"Pulumi.{STACK}.yaml"

    def declare(self, keys: Mapping[str, Any], *, keys_file: str | None = None, **settings: Any) -> None:
        """Write the stack file; settings are named as in `keyswitch__account`. With `keys_file` the keys go there."""
        config = {name.replace("__", ":"): value for name, value in settings.items()}
        if keys_file:
            (self.stack_file.parent / keys_file).write_text(json.dumps(keys, indent=2), encoding="utf-8")
            config["keyswitch:keysFile"] = keys_file
        else:
            config["keyswitch:keys"] = keys
        document = {"encryptionsalt": self._salt(), "config": config}
        self.stack_file.write_text(json.dumps(document, indent=2), encoding="utf-8")  # JSON is YAML

    def _salt(self) -> str:
        """The encryption salt that the CLI wrote into the stack file when it made the stack."""
        found = re.search(r'encryptionsalt"?: "?([^"\s]+)', self.stack_file.read_text(encoding="utf-8"))
        assert found
        return found[1]

    def preview(self, *arguments: str) -> Run:
        return self.pulumi("preview", *arguments)

    def up(self, *arguments: str) -> Run:
        return self.pulumi("up", "--yes", "--skip-preview", *arguments)

    def refresh(self, *arguments: str) -> Run:
        return self.pulumi("refresh", "--yes", "--skip-preview", *arguments)

    def destroy(self, *arguments: str) -> Run:
        return self.pulumi("destroy", "--yes", "--skip-preview", *arguments)

    def state(self) -> dict[str, dict[str, Any]]:
        """The access keys in the state, by access key ID; read from the file of the backend."""
        (file,) = Path(self.environment["PULUMI_HOME"]).parent.glob(f"state/.pulumi/stacks/*/{STACK}.json")
        return {
            resource["id"]: resource
            for resource in json.loads(file.read_text(encoding="utf-8"))["checkpoint"]["latest"].get("resources", ())
            if resource["type"].endswith(":AccessKeyStatus")
        }

    def exported(self) -> str:
        return self.pulumi("stack", "export").output

    def imported(self, state: str) -> Run:
        file = self.folder / "state.json"
        file.write_text(state, encoding="utf-8")
        return self.pulumi("stack", "import", "--file", str(file))

    def outputs(self) -> dict[str, Any]:
        """The outputs of the stack, as a script reads them."""
        return json.loads(self.pulumi("stack", "output", "--json").output)

    def keyswitch(self, *arguments: str) -> Run:
        """Run a command of keyswitch for the same stack, in the same environment."""
        return self._run(self.folder, [sys.executable, "-m", "keyswitch", *arguments, "--stack", STACK])

    def pulumi(self, *arguments: str) -> Run:
        return self._run(self.folder, self.command(*arguments))

    def pulumi_in(self, folder: Path, *arguments: str) -> Run:
        """Run any command of the CLI in another folder, in the same environment."""
        return self._run(folder, [str(self._cli.path), *arguments, "--non-interactive", "--color", "never"])

    def _run(self, folder: Path, command: list[str]) -> Run:
        done = subprocess.run(
            command,
            cwd=folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, done.stdout + done.stderr)

    def interrupted_up(self, until: Callable[[], bool], by: signal.Signals = signal.SIGINT) -> Run:
        """Run an update, and send it Ctrl-C or another signal as soon as the condition holds."""
        with subprocess.Popen(
            self.command("up", "--yes", "--skip-preview"),
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            while process.poll() is None and not until():
                time.sleep(0.005)
            os.killpg(process.pid, by)
            output, _ = process.communicate(timeout=120)
        if by is signal.SIGKILL:
            _end(process.pid)
        return Run(process.returncode, output)

    def command(self, *arguments: str) -> list[str]:
        stack = [] if arguments[0] == "stack" and arguments[1] == "init" else ["--stack", STACK]
        return [str(self._cli.path), *arguments, *stack, "--non-interactive", "--color", "never"]


def _end(session: int) -> None:
    """End what a killed CLI leaves behind: the process of the provider, in a group of its own, waits for ever."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(ProcessLookupError):
            if os.getsid(int(process.name)) == session:
                os.kill(int(process.name), signal.SIGKILL)


NewProject = Callable[..., Project]
"""Makes a project. A program replaces this repository's; the other arguments are variables for AWS."""
