"""The oldest and the newest SDK that `pyproject.toml` allows: what is undocumented works with both."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pulumi_cli import REPOSITORY

(REQUIREMENT,) = set(re.findall(r'^ +"(pulumi>=[^"]+)"', (REPOSITORY / "pyproject.toml").read_text("utf-8"), re.M))
OLDEST = re.split("[>=,<]+", REQUIREMENT)[1]

PROOFS = (
    "tests/program/test_sdk.py",
    "tests/program/test_documented.py",
    "tests/program/test_status.py::TestInputs",
    "tests/provider/test_persisted.py::TestTheBlob",
    "tests/provider/test_threads.py::test_it_serves_sixteen_requests_at_once",
)


def installed(resolution: str) -> Path:
    """A folder with the SDK of this resolution and what it needs, made by uv; kept from run to run."""
    folder = REPOSITORY / "build" / "sdk" / f"{resolution}-{sys.version_info.major}.{sys.version_info.minor}"
    command = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--upgrade", "--resolution", resolution]
    done = subprocess.run(
        [*command, "--python", sys.executable, "--target", str(folder), REQUIREMENT],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "No solution found" in done.stderr and "network was disabled" not in done.stderr:
        pytest.fail(done.stderr)
    if done.returncode:
        pytest.skip(f"{REQUIREMENT} ({resolution}) cannot be installed: {' '.join(done.stderr.split())}")
    return folder


@pytest.mark.parametrize("resolution", ["lowest-direct", "highest"])
def test_it_holds(resolution: str) -> None:
    """Everything is imported, and the tests of the undocumented, of the resource and of its provider pass."""
    folder = installed(resolution)
    environment = {**os.environ, "PYTHONPATH": str(folder)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    version, place = run(
        "-c",
        "import importlib.metadata, keyswitch.resources.program, pulumi\n"
        "print(importlib.metadata.version('pulumi'), pulumi.__file__)",
    ).split()
    assert Path(place).is_relative_to(folder)
    assert version.startswith(OLDEST) or resolution != "lowest-direct"
    run("-m", "pytest", "-p", "no:xdist", *PROOFS)
