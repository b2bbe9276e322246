"""Runs one stack with AWS, in one mode: preview, apply or drift. Leaves the result in a folder; posts nothing.

It writes nothing to AWS in the modes preview and drift. In the mode apply it makes the reviewed change or none.
"""

import os
import subprocess
import sys
from pathlib import Path

from api import fail, output
from fitting import SUMMARY, fit
from results import Result, artifact, read

KEYSWITCH = [sys.executable, "-m", "keyswitch"]
_NO_PLAN = "<!-- keyswitch plan -->\n\n### keyswitch: no plan\n\nThe job failed before there was a plan: see its log.\n"


def main() -> None:
    """Run the mode; exit with 1 if it failed, after the result is written."""
    mode, stack, folder = os.environ["MODE"], os.environ["STACK"], Path(os.environ["RESULT"]).absolute()
    engine = os.environ.get("ENGINE") or "pulumi"
    folder.mkdir(parents=True, exist_ok=True)
    drift = ""
    if mode == "preview":
        code, plan = preview(engine, stack, folder)
    elif mode == "apply":
        code, plan = apply(engine, stack, folder, reviewed(stack))
    elif mode == "drift":
        code, drift = ran([*KEYSWITCH, "drift", "--stack", stack, "--format", "markdown"], folder / "drift.md")
        plan = preview(engine, stack, folder)[1] if code == 2 else ""
    else:
        fail(f"{mode} is not a mode: preview, apply or drift")
    result = Result(mode, stack, os.environ["HEAD_SHA"], code, plan, drift)
    result.write(folder)
    if "GITHUB_OUTPUT" in os.environ:
        output("artifact", artifact(mode, stack))
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(summary, "a", encoding="utf-8") as file:
            file.write(f"## {mode} {stack}\n\n{fit(drift or plan, SUMMARY, 'keyswitch plan prints all')}\n")
    is_alarm = code == 2 and mode == "drift" and os.environ.get("ON_DRIFT") == "fail"
    sys.exit(1 if code == 1 or is_alarm else 0)


def reviewed(stack: str) -> str:
    """Return the digest that the job is given, or that of the result of an earlier job of the same pipeline."""
    file = os.environ.get("REVIEWED_RESULT")
    digest = read(Path(file).read_text(encoding="utf-8")).digest if file else os.environ.get("REVIEWED", "")
    return digest or fail(f"no digest was reviewed for {stack}: nothing is applied")


def preview(engine: str, stack: str, folder: Path) -> tuple[int, str]:
    """Return the code and the plan as Markdown. Only the engine knows the keys that leave the configuration."""
    if engine == "none":
        return ran([*KEYSWITCH, "plan", "--stack", stack, "--format", "markdown"], folder / "plan.md")
    return with_pulumi(["preview", "--suppress-outputs"], stack, folder)


def apply(engine: str, stack: str, folder: Path, digest: str) -> tuple[int, str]:
    """Make the reviewed change; return the code, and today's plan as Markdown."""
    if engine == "none":
        _, plan = preview(engine, stack, folder)
        command = [*KEYSWITCH, "apply", "--yes", "--stack", stack, "--reviewed", digest]
        return min(1, subprocess.run(command, check=False).returncode), plan
    code, plan = with_pulumi(["up", "--yes", "--skip-preview", "--suppress-outputs"], stack, folder, digest)
    return (1 if code == 1 else 0), plan


def with_pulumi(arguments: list[str], stack: str, folder: Path, digest: str | None = None) -> tuple[int, str]:
    """Run Pulumi; the program writes its plan to the file that KEYSWITCH_MARKDOWN names."""
    file = folder / "plan.md"
    held = {} if digest is None else {"KEYSWITCH_REVIEWED": digest}
    command = ["pulumi", *arguments, "--stack", stack, "--non-interactive", "--color", "never"]
    done = subprocess.run(command, env={**os.environ, "KEYSWITCH_MARKDOWN": str(file), **held}, check=False)
    plan = file.read_text(encoding="utf-8") if file.exists() else _NO_PLAN
    return (1 if done.returncode else 2 if Result("", "", "", 0, plan).writes else 0), plan


def ran(command: list[str], file: Path) -> tuple[int, str]:
    """Run a command of keyswitch that prints Markdown; return its exit code and what it printed."""
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=False)
    file.write_text(done.stdout, encoding="utf-8")
    return (done.returncode if done.returncode in (0, 2) else 1), done.stdout


if __name__ == "__main__":
    main()
