"""Texts that Pulumi's own CLI would execute: its colour markup, which makes it panic, and a runner's commands."""

from datetime import timedelta

from keyswitch.sandbox.seed import SeededKey, plant
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.engine import Project
from tests.support.seeded import ALICES_OLD, BOB

MARKUP = "<{%bogus%}>"
EVES = "AKIAEVEEXAMPLE000001"


def test_markup_in_a_reason_is_refused_and_does_not_harm_the_cli(project: Project, sandbox: Sandbox) -> None:
    """The message names file, line and field and shows the text escaped; nothing is written."""
    project.declare({ALICES_OLD: {"status": "Inactive", "reason": f"ticket {MARKUP} see OPS-1"}})
    for run in (project.preview(), project.up()):
        assert not run.succeeded
        assert run.is_clean
        assert "panic" not in run.output
        assert f"{project.stack_file.name}:" in run.refused_at
        assert run.refused_at.endswith(r"ticket \x3c{%bogus%}> see OPS-1")
    assert "UpdateAccessKey" not in sandbox.actions()


def test_markup_and_commands_from_aws_are_only_read(project: Project, sandbox: Sandbox) -> None:
    """In a service's name and in a message, in program, outputs and provider; the CLI goes on to its end."""
    plant([SeededKey(EVES, "eve", last_used=timedelta(days=95), service_name=MARKUP)])
    project.declare({EVES: {"status": "Inactive"}, BOB: "Inactive"})
    preview = project.preview("--diff")
    assert "panic" not in preview.output
    assert r"by \x3c{%bogus%}> from" in preview.output
    assert MARKUP not in preview.output
    sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, f"no {MARKUP}\n::error::x", times=None))
    failed = project.up()
    assert not failed.succeeded
    assert "panic" not in failed.output
    assert r"was denied: no \x3c{%bogus%}>" in failed.output
    assert not any(line.lstrip().startswith("::") for line in failed.output.splitlines())
    assert MARKUP not in failed.output
    sandbox.faults.clear()
    done = project.up()
    assert done.succeeded
    assert MARKUP not in done.output + project.pulumi("stack", "output").output
    assert project.preview("--diff").changes_nothing
