"""Runs the steps of the workflows: the scripts of .github/scripts/ as processes, with what a runner tells them."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.pulumi_cli import REPOSITORY
from tests.support.waiting import PATIENCE

SCRIPTS = REPOSITORY / ".github" / "scripts"


@dataclass(frozen=True)
class Step:
    """A step that has ended.

    Attributes:
        code: its exit code.
        log: what it printed.
        outputs: its outputs by name, as text.
        summary: what it added to the job summary.
    """

    code: int
    log: str
    outputs: Mapping[str, str]
    summary: str

    def parsed(self, name: str) -> Any:
        """An output that is JSON."""
        return json.loads(self.outputs[name])


def step(
    script: str, folder: Path, environment: Mapping[str, str], cwd: Path | None = None, patience: float = PATIENCE
) -> Step:
    """Run a script to its end. No run may print a traceback."""
    files = {name: folder / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        file.write_text("", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(SCRIPTS / script)],
        cwd=cwd or folder,
        env={**os.environ, "GITHUB_REPOSITORY": "acme/keys", **environment, **{n: str(f) for n, f in files.items()}},
        capture_output=True,
        text=True,
        timeout=patience,
        check=False,
    )
    log = done.stdout + done.stderr
    assert "Traceback" not in log, log
    outputs = dict(
        line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text(encoding="utf-8").splitlines() if line
    )
    return Step(done.returncode, log, outputs, files["GITHUB_STEP_SUMMARY"].read_text(encoding="utf-8"))
