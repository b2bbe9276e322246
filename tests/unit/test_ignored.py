"""Git ignores what must not be committed by mistake, and nothing that belongs here."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

IGNORED = {
    "settings of a shell": [".env", ".env.prod", ".envrc", "examples/.env"],
    "what AWS's tools keep": [".aws/credentials", ".aws/config", "credentials", "credentials.json"],
    "what AWS's console downloads": ["rootkey.csv", "bob_accessKeys.csv", "new_user_credentials.csv", "accessKeys.csv"],
    "what Pulumi keeps": [".pulumi/stacks/keyswitch/prod.json", ".pulumi/credentials.json", "infra/.pulumi/x"],
    "private keys and passphrases": ["signing.pem", "tls.p12", "passphrase", "passphrase.txt"],
    "states": ["stack.json", "stack-prod.json", "state.json", "terraform.tfstate", "terraform.tfstate.backup"],
    "inventories": [
        "account.json",
        "account-123456789012.json",
        "inventory.json",
        "inventory-prod.yaml",
    ],
    "credential reports": ["credential-report.csv", "credential_report.csv", "status_reports_2026-11-22.csv"],
    "plans": ["plan.json", "plan.md", "plan-prod.json", "prod.plan", "prod.plan.json", "infra/plan.json"],
    "what is made here": [
        ".venv/bin/python",
        ".coverage",
        ".coverage.host.1.x",
        "htmlcov/index.html",
        "build/bench/a.svg",
    ],
}
KEPT = [
    ".env.example",
    ".github/workflows/preview.yml",
    "components/keyswitch/iam/credentials.py",
    "components/keyswitch/iam/inventory.py",
    "components/keyswitch/switching/plan.py",
    "docs/inventory.md",
    "docs/plans.md",
    "schema/plan.schema.json",
    "stacks/Pulumi.prod.yaml",
    "stacks/keys.prod.yaml",
    "stacks/fleet.yaml",
    "tests/cli/plan.md",
    "tests/iam/inventory.json",
    "tests/provider/recorded/state-0.1.json",
]


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository with this one's rules, so that the test needs no clone."""
    folder = tmp_path_factory.mktemp("repository")
    _git(folder, "init", "--quiet")
    shutil.copy(REPOSITORY / ".gitignore", folder)
    return folder


@pytest.mark.parametrize("names", IGNORED.values(), ids=IGNORED.keys())
def test_what_must_not_be_committed_is_ignored(names: list[str], repository: Path) -> None:
    """`git add .` does not take it."""
    assert _ignored(names, repository) == names


def test_what_belongs_here_is_not_ignored(repository: Path) -> None:
    """The names of sources, documents, stack files and recorded states are free."""
    assert _ignored(KEPT, repository) == []


def test_no_tracked_file_is_ignored() -> None:
    """A rule that matches a committed file is too wide."""
    if not (REPOSITORY / ".git").exists():
        pytest.skip("this copy is no clone")
    assert _git(REPOSITORY, "ls-files", "--cached", "--ignored", "--exclude-per-directory=.gitignore") == ""


def _ignored(names: list[str], repository: Path) -> list[str]:
    return _git(repository, "check-ignore", "--no-index", *names).splitlines()


def _git(folder: Path, *arguments: str) -> str:
    """What git says, without the developer's own settings and outside any hook that runs this."""
    world = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    nobody = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    command = ["git", "-c", f"core.excludesFile={os.devnull}", *arguments]
    done = subprocess.run(command, cwd=folder, env={**world, **nobody}, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr  # 1: check-ignore found nothing
    return done.stdout
