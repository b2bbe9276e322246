"""`make demo`: runs a real `pulumi up` that switches the access keys of a local IAM, and explains each step.

It cannot touch a real account. It drops all AWS settings of the shell, uses its own endpoint on loopback, and keeps its
own state and passphrase in a temporary folder. Nothing of it stays: `pulumi new` copies whatever is in this folder.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import boto3

from keyswitch.sandbox.seed import EXAMPLE
from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY, PulumiCli, find, isolated

STACK = Path("stacks", "Pulumi.dev.yaml")
BY_HAND = "AKIAIOSFODNN7EXAMPLE"
REMOVED = "AKIAALICEOLDEXAMPLE2"
IN_USE = "AKIACIDEPLOYEXAMPLE1"

_BOLD, _DIM, _PLAIN = ("\033[1m", "\033[2m", "\033[0m") if sys.stdout.isatty() else ("", "", "")


def main() -> int:
    """Run all steps; return 0 if every step ended as expected."""
    clean = isolated(os.environ)
    os.environ.clear()
    os.environ.update(clean)
    cli = find(print)
    with Sandbox() as sandbox, tempfile.TemporaryDirectory(prefix="keyswitch-demo-") as folder:
        home = Path(folder).resolve()
        project = _copy(home / "project")
        if cli is None:
            print("The demo applies the same stack with `keyswitch apply`, without the engine.")
            teller = _Teller(sandbox, project, {**os.environ, **sandbox.environment}, None)
        else:
            teller = _Teller(sandbox, project, cli.environment(home, sandbox.environment), cli)
        teller.tell()
    print(f"\n{_BOLD}The demo is complete.{_PLAIN} It left no file behind, and nothing running.")
    return 0


class _Teller:
    def __init__(self, sandbox: Sandbox, project: Path, environment: dict[str, str], cli: PulumiCli | None) -> None:
        self._sandbox, self._project, self._environment, self._cli = sandbox, project, environment, cli
        self._chapter = 0
        self._stack = project / STACK
        self._iam = boto3.Session(
            environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name="us-east-1"
        ).client("iam", endpoint_url=sandbox.endpoint)

    def tell(self) -> None:
        """Run the steps in order. A step that does not end as expected ends the demo with an error."""
        declared = self._stack.read_text(encoding="utf-8")

        self._say("The local IAM has five access keys of three users. It returns these statuses over HTTP:")
        before = self._show_statuses()

        self._say("The stack file declares the wanted statuses. A preview shows what would change:")
        print(_DIM + _indented(_configuration(declared)) + _PLAIN)
        if self._cli is not None:
            self._pulumi("stack", "init", "dev", quiet=True)
        self._preview()
        self._expect(self._statuses() == before, "a preview changes nothing")

        self._say("An update makes the changes. Afterwards IAM returns:")
        self._up()
        after = self._show_statuses()
        self._expect(sum(before[k] != after[k] for k in before) == 3, "three keys are switched")

        self._say("A second update changes nothing:")
        self._up()
        self._expect(self._statuses() == after, "nothing changes")

        self._say(f"Somebody activates {BY_HAND} by hand. A preview shows the drift:")
        self._iam.update_access_key(UserName="Bob", AccessKeyId=BY_HAND, Status="Active")
        self._preview()

        self._say("The next update repairs the drift:")
        self._up()
        self._show_statuses()
        self._expect(self._statuses() == after, "the drift is repaired")

        self._say(f"The entry of {REMOVED} is removed from the stack file. The key stays as it is:")
        self._stack.write_text(_without(declared, REMOVED), encoding="utf-8")
        self._up()
        self._show_statuses()
        self._expect(self._statuses() == after, "the key stays as it is")

        self._say(f"A pull request would switch off {IN_USE}, which is in use. Its preview refuses:")
        self._stack.write_text(declared.replace(f"{IN_USE}: {{}}", f"{IN_USE}: Inactive"), encoding="utf-8")
        self._preview(refused=True)
        self._expect(self._statuses() == after, "the key stays as it is")

        self._say("A preview refuses a status that does not exist, with file and line:")
        self._stack.write_text(declared.replace(f"{REMOVED}: Inactive", f"{REMOVED}: inactive"), encoding="utf-8")
        self._preview(refused=True)

        self._say("A preview refuses a key that does not exist:")
        self._stack.write_text(declared.replace(REMOVED, "AKIANOSUCHKEYEXAMPLE"), encoding="utf-8")
        self._preview(refused=True)
        self._expect(self._statuses() == after, "and nothing was changed")

    def _preview(self, refused: bool = False) -> None:
        if self._cli is not None:
            self._pulumi(
                "preview", "--suppress-outputs", "--stack", "dev", expect=(lambda code: code != 0) if refused else None
            )
        else:
            self._run([*_KEYSWITCH, "plan", "--stack", "dev"], lambda code: code == 1 if refused else code in (0, 2))

    def _up(self) -> None:
        if self._cli is not None:
            self._pulumi("up", "--yes", "--skip-preview", "--suppress-outputs", "--stack", "dev")
        else:
            self._run([*_KEYSWITCH, "apply", "--yes", "--stack", "dev"])

    def _pulumi(self, *arguments: str, quiet: bool = False, expect: Callable[[int], bool] | None = None) -> None:
        cli = self._cli
        assert cli is not None  # noqa: S101  (only called with one)
        self._run([str(cli.path), *arguments, "--non-interactive", "--color", _COLOR], expect, quiet=quiet)

    def _run(self, command: Sequence[str], expect: Callable[[int], bool] | None = None, *, quiet: bool = False) -> None:
        shown = " ".join(a for a in command[1:] if a not in ("--non-interactive", "--color", _COLOR))
        name = "pulumi" if self._cli is not None else "python"
        print(f"{_DIM}$ {name} {shown}{_PLAIN}", flush=True)
        done = subprocess.run(
            command,
            cwd=self._project,
            env=self._environment,
            text=True,
            encoding="utf-8",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if not quiet or done.returncode:
            print(_indented(_final(done.stdout)), flush=True)
        self._expect(expect(done.returncode) if expect else done.returncode == 0, f"`{shown}` ends as expected")

    def _statuses(self) -> dict[str, str]:
        """Read the statuses over HTTP, not from a state."""
        listed = (
            key
            for user in sorted({str(key.user_name) for key in EXAMPLE})
            for key in self._iam.list_access_keys(UserName=user)["AccessKeyMetadata"]
        )
        return {key["AccessKeyId"]: key["Status"] for key in listed}

    def _show_statuses(self) -> dict[str, str]:
        statuses = self._statuses()
        owners = {key.access_key_id: key.user_name for key in EXAMPLE}
        for key_id, status in statuses.items():
            print(f"    {owners[key_id]:<10} {key_id}  {status}")
        return statuses

    def _say(self, text: str) -> None:
        self._chapter += 1
        print(f"\n{_BOLD}{self._chapter}. {text}{_PLAIN}", flush=True)

    def _expect(self, true: bool, what: str) -> None:
        if not true:
            sys.exit(f"\nThe demo failed: expected that {what}.")


_ROW = re.compile(r"^[ +~-]{3} +(?P<resource>[\w-]+:[\w/]+:\w+ \S+)")
_KEYSWITCH = (sys.executable, "-m", "keyswitch")
_COLOR = "always" if sys.stdout.isatty() else "never"


def _copy(project: Path) -> Path:
    """Copy this project, so that its stack file can be edited."""
    project.mkdir(parents=True)
    for name in ("Pulumi.yaml", "__main__.py", STACK):
        target = project / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, target)
    (project / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
    return project


def _configuration(text: str) -> str:
    """Return the lines of a stack file that declare the keys."""
    return text[text.index("  keyswitch:keys:") :].rstrip()


def _without(text: str, key_id: str) -> str:
    """Return a stack file without one entry, which has the short form."""
    return "".join(line for line in text.splitlines(keepends=True) if key_id not in line)


def _final(output: str) -> str:
    """Reduce Pulumi's output to its final form, with only the last progress line of each resource."""
    rows: dict[str, str] = {}
    rest: list[str] = []
    for line in output.splitlines():
        row = _ROW.match(line)
        if row and not rest:
            rows[row["resource"]] = line.rstrip()
        elif line.strip() and not line.startswith("@ ") and not line.startswith(("Previewing", "Updating")):
            rest.append(line)
    told = [line for line in rows.values() if not line.startswith("    ")]
    return "\n".join((*told, *rest))


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())


if __name__ == "__main__":
    sys.exit(main())
