"""`make demo` as a new user runs it."""

import os
import subprocess
import sys
from pathlib import Path

from scripts.pulumi_cli import REPOSITORY, PulumiCli
from tests.support.shown import blocks, difference


def test_the_demo_touches_nothing_else(cli: PulumiCli, tmp_path: Path) -> None:
    """It ignores the production settings of its shell, and prints what README and docs/demo.md show."""
    shell = {
        **os.environ,
        "PATH": f"{cli.path.parent}{os.pathsep}{os.environ['PATH']}",
        "AWS_PROFILE": "production",
        "AWS_ACCESS_KEY_ID": "AKIAPRODUCTION000000",
        "AWS_SECRET_ACCESS_KEY": "not to be used",
        "AWS_SESSION_TOKEN": "not to be used",
        "AWS_ENDPOINT_URL_IAM": "http://127.0.0.1:9",
        "PULUMI_BACKEND_URL": "s3://production",
        "PULUMI_CONFIG_PASSPHRASE": "not to be used",
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "scripts.demo"],
        cwd=REPOSITORY, env=shell, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "production" not in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "Outputs:" not in done.stdout, "the summary is told once"
    refusal = done.stdout[done.stdout.index("A pull request would switch off AKIACIDEPLOYEXAMPLE1") :]
    assert "something still signs with it [recentlyUsed]" in refusal
    assert "allow: [recentlyUsed]" in refusal
    beginning, refused = blocks("docs/demo.md", "console")
    assert not (wrong := difference(beginning, done.stdout[: done.stdout.index("\n4. ")])), wrong
    (first,) = (text for text in blocks("README.md", "console") if "$ pulumi preview --suppress" in text)
    preview = done.stdout[done.stdout.index("$ pulumi preview") : done.stdout.index("\n3. ")]
    assert not (wrong := difference(first, preview)), wrong
    _, _, refusal = refusal.partition("\n")
    assert not (wrong := difference(refused, refusal[: refusal.index("\n9. ")])), wrong
    changed = subprocess.run(
        ["git", "status", "--porcelain", "stacks"], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert not list(tmp_path.iterdir()), "it leaves no file behind"
    assert changed == "", "the stack file of the repository is left alone"
