"""Finds the Pulumi CLI: on PATH, else the official release under .tools/, else none. No other module searches for it.

Every run of the CLI is isolated: it gets no AWS settings of the shell, its own state and its own passphrase.
"""

import os
import re
import shutil
import socket
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
_TOOLS = REPOSITORY / ".tools" / "pulumi"
_DOWNLOADS = "get.pulumi.com"


@dataclass(frozen=True)
class PulumiCli:
    """A usable CLI: its path and its version."""

    path: Path
    version: str

    def environment(self, home: Path, aws: Mapping[str, str]) -> dict[str, str]:
        """Return an environment in which the CLI cannot touch a real account or a real state.

        Args:
            home: the folder for the state and the CLI's other files.
            aws: the environment variables that point to a sandbox.
        """
        (home / "state").mkdir(parents=True, exist_ok=True)
        return {
            **isolated(os.environ),
            **aws,
            "PATH": f"{self.path.parent}{os.pathsep}{os.environ['PATH']}",
            "PULUMI_HOME": str(home / "pulumi"),
            "PULUMI_BACKEND_URL": (home / "state").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "only for this sandbox",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # pulumi-aws is installed, but no program here needs its plugin, which has several hundred megabytes.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }


def isolated(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without any variable that points to a real account or a real state."""
    kept = {k: v for k, v in environment.items() if not k.startswith(("AWS_", "PULUMI_", "KEYSWITCH_"))}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    return {**kept, **nothing, "AWS_EC2_METADATA_DISABLED": "true"}


def find(say: Callable[[str], None]) -> PulumiCli | None:
    """Find the CLI or download it; return None if neither is possible.

    Args:
        say: receives progress messages, one line each.
    """
    needed = _required()
    on_path = shutil.which("pulumi")
    if on_path and (cli := _usable(Path(on_path), needed)):
        return cli
    if on_path:
        say(f"The pulumi on PATH is older than {'.'.join(map(str, needed))}; looking for a newer one.")
    if cli := _usable(_TOOLS / "bin" / "pulumi", needed):
        return cli
    if not _reachable():
        say(f"There is no usable Pulumi CLI on PATH, and {_DOWNLOADS} cannot be reached to download one.")
        return None
    say(f"Downloading the Pulumi CLI from {_DOWNLOADS} into .tools/ (once) …")
    from pulumi.automation import PulumiCommand

    try:
        PulumiCommand.install(root=str(_TOOLS))
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"The download failed: {error}")
        return None
    return _usable(_TOOLS / "bin" / "pulumi", needed)


def _required() -> tuple[int, ...]:
    """Return the oldest version that Pulumi.yaml accepts."""
    text = (REPOSITORY / "Pulumi.yaml").read_text(encoding="utf-8")
    found = re.search(r'requiredPulumiVersion:\s*">=(\d+)\.(\d+)\.(\d+)"', text)
    if not found:
        raise LookupError('Pulumi.yaml names no requiredPulumiVersion: ">=X.Y.Z"')
    return tuple(int(part) for part in found.groups())


def _usable(path: Path, needed: tuple[int, ...]) -> PulumiCli | None:
    if not path.is_file():
        return None
    try:
        said = subprocess.run(
            [path, "version"],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", said.strip())
    if not found or tuple(int(part) for part in found.groups()) < needed:
        return None
    return PulumiCli(path.resolve() if path.is_relative_to(_TOOLS) else path, said.strip().lstrip("v"))


def _reachable() -> bool:
    try:
        with socket.create_connection((_DOWNLOADS, 443), timeout=5):
            return True
    except OSError:
        return False
