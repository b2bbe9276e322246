"""The whole story of a change: branch, preview, comment, review, merge, digest, apply, drift, issue, repair.

A bare Git repository, the real engine, the sandbox and a GitHub on loopback. Every step is the script that a workflow
runs.
"""

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.engine import STACK, Project
from tests.support.github import ALICE as ALICE_OF_GITHUB
from tests.support.github import serving
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND
from tests.support.steps import Step, step

STACKS = json.dumps([{"stack": STACK, "environment": "production"}])


class Repository:
    """A bare repository, into which the project was pushed."""

    def __init__(self, project: Project, folder: Path) -> None:
        self._origin = folder / "origin.git"
        self._world = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        self._world |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
        self._folder = folder
        (project.folder / ".gitignore").write_text(".venv\n", encoding="utf-8")
        self.git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(self._origin))
        self.git(project.folder, "init", "--quiet", "--initial-branch=main")
        self.git(project.folder, "remote", "add", "origin", str(self._origin))
        self.commit(project.folder, "main", "Declare the keys")

    def commit(self, folder: Path, branch: str, message: str) -> str:
        """Commit everything in a work tree, push it to a branch, and return the commit."""
        self.git(folder, "add", "--all")
        self.git(folder, "commit", "--quiet", "--message", message)
        return self.push(folder, branch)

    def push(self, folder: Path, branch: str) -> str:
        """Push the commit of a work tree to a branch, and return it."""
        self.git(folder, "push", "--quiet", "origin", f"HEAD:{branch}")
        return self.git(folder, "rev-parse", "HEAD")

    def checked_out(self, branch: str) -> Path:
        """A new work tree of a branch, ready for Pulumi, as a job has one."""
        folder = self._folder / f"job-{len(list(self._folder.glob('job-*')))}"
        self.git(self._folder, "clone", "--quiet", "--branch", branch, str(self._origin), str(folder))
        (folder / ".venv").symlink_to(REPOSITORY / ".venv", target_is_directory=True)
        return folder

    def git(self, folder: Path, *arguments: str) -> str:
        """What git says."""
        command = ["git", "-c", "user.name=bob", "-c", "user.email=bob@example.com", *arguments]
        return subprocess.run(
            command, cwd=folder, env=self._world, capture_output=True, text=True, check=True
        ).stdout.strip()


def job(project: Project, folder: Path, work_tree: Path, mode: str, head: str, **given: str) -> tuple[Step, str]:
    """Run the job that has AWS; return its step and its result."""
    result = folder / "results" / f"{mode}-{len(list(folder.glob('results/*')))}"
    environment = {**project.environment, "MODE": mode, "STACK": STACK, "HEAD_SHA": head, "RESULT": str(result)}
    done = step("stack.py", folder, {**environment, **given}, cwd=work_tree, patience=240)
    return done, (result / "result.json").read_text(encoding="utf-8")


def edited(stack_file: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the keys of a stack file."""
    document = json.loads(stack_file.read_text(encoding="utf-8"))
    change(document["config"]["keyswitch:keys"])
    stack_file.write_text(json.dumps(document, indent=2), encoding="utf-8")


def test_from_a_branch_to_the_repaired_drift(project: Project, sandbox: Sandbox, tmp_path: Path) -> None:
    """What was reviewed is applied, and nothing else; what somebody switches by hand is told, and switched back."""
    leaving = {"status": "Active", "onRemoval": "deactivate"}
    project.declare({BOB: "Active", BOBS_SECOND: "Inactive", ALICES_OLD: leaving})
    assert project.up().succeeded
    repository = Repository(project, tmp_path)

    branch = repository.checked_out("main")

    def off(keys: dict[str, Any]) -> None:
        keys[BOB] = {"status": "Inactive", "reason": "OPS-1234"}
        del keys[ALICES_OLD]

    edited(branch / "stacks" / f"Pulumi.{STACK}.yaml", off)
    head = repository.commit(branch, "off", "Switch Bob's key off")

    with serving() as github:

        def ran(script: str, **given: str) -> Step:
            done = step(script, tmp_path, {**github.environment, "STACKS": STACKS, **given})
            assert done.code == 0, done.log
            return done

        done, previewed = job(project, tmp_path, repository.checked_out("off"), "preview", head)
        assert done.code == 0, done.log
        github.upload(4711, done.outputs["artifact"], previewed)
        ran("comment.py", PULL_REQUEST="7", HEAD_SHA=head)
        (comment,) = github.comments
        assert f"| Bob | `{BOB}` | Active\u00a0→\u00a0Inactive |" in comment["body"]
        assert f"| alice | `{ALICES_OLD}` | leaves the configuration; Active\u00a0→\u00a0Inactive" in comment["body"]
        assert sandbox.actions()["UpdateAccessKey"] == 0

        github.previewed(head, "off", {done.outputs["artifact"]: previewed})
        comment["body"] = comment["body"].replace(json.loads(previewed)["digest"], "f" * 64)
        github.comment(ALICE_OF_GITHUB, "Approved: nothing signs with Bob's key any more.")
        main = repository.checked_out("main")
        repository.git(main, "merge", "--quiet", "--no-ff", "--message", "Merge", "origin/off")
        merge = repository.push(main, "main")
        github.pulls[merge] = [
            {
                "number": 7, "merged_at": "2026-11-25T12:00:00Z", "merge_commit_sha": merge, "base": {"ref": "main"},
                "head": {"sha": head, "ref": "off"},
            }
        ]  # fmt: skip
        event = {"GITHUB_EVENT_NAME": "push", "GITHUB_SHA": merge, "GITHUB_REF_NAME": "main"}
        digests = ran("reviewed.py", **event).parsed("digests")
        assert digests == {STACK: json.loads(previewed)["digest"]}

        main = repository.checked_out("main")
        sandbox.set_status(BOBS_SECOND, "Active")
        done, refused = job(project, tmp_path, main, "apply", merge, REVIEWED=digests[STACK])
        assert done.code == 1
        assert "this is not the change that was reviewed" in done.log
        assert f"Bob {BOBS_SECOND}: Active → Inactive" in done.log, "today's change is shown"
        assert "⛔ this is not the change that was reviewed" in json.loads(refused)["plan"]
        assert sandbox.actions()["UpdateAccessKey"] == 0
        sandbox.set_status(BOBS_SECOND, "Inactive")
        done, _ = job(project, tmp_path, main, "apply", merge, REVIEWED=digests[STACK])
        assert done.code == 0, done.log
        wanted = {BOB: "Inactive", BOBS_SECOND: "Inactive", ALICES_OLD: "Inactive", ALICE: "Active"}
        assert wanted.items() <= sandbox.statuses().items()
        assert sandbox.actions()["UpdateAccessKey"] == 2

        sandbox.set_status(BOB, "Active")
        done, drifted = job(project, tmp_path, main, "drift", merge)
        assert done.code == 0, done.log
        github.upload(4711, done.outputs["artifact"], drifted)
        told = ran("issue.py")
        (issue,) = github.issues
        assert (issue["state"], issue["title"]) == ("open", f"keyswitch: drift in {STACK}")
        assert f"| Bob | `{BOB}` | Inactive | Active |" in issue["body"]
        assert told.parsed("stacks") == json.loads(STACKS)
        done, _ = job(project, tmp_path, main, "apply", merge, REVIEWED=told.parsed("digests")[STACK])
        assert done.code == 0, done.log
        assert wanted.items() <= sandbox.statuses().items()
        done, quiet = job(project, tmp_path, main, "drift", merge)
        github.upload(4711, done.outputs["artifact"], quiet)
        ran("issue.py")
        assert issue["state"] == "closed"
