"""`keyswitch apply`: gives the keys in AWS the statuses that the stack file declares. Writes nothing unconfirmed."""

import sys
from typing import Annotated

import typer

from keyswitch.access_key.phrases import some
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import (
    Format,
    end_question,
    fail,
    failures,
    print_error,
    print_errors,
    print_json,
    print_lines,
    print_plan,
    trace,
)
from keyswitch.cli.progress import progress
from keyswitch.cli.stack import Config, File, Stack, connected, planned, settings_of
from keyswitch.cli.streams import lost_output
from keyswitch.configuration.stack import Settings
from keyswitch.iam.directory import Directory
from keyswitch.switching.execution import execute_all
from keyswitch.switching.guarding import Guarding
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.planned import Plan
from keyswitch.switching.port import Observed
from keyswitch.switching.prefetch import Prefetch
from keyswitch.switching.review import held_to, reviewed_digest
from keyswitch.telling.document import result_document
from keyswitch.telling.text import done_line


def apply(
    stack: Stack = None,
    file: File = None,
    config: Config = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Apply without asking.")] = False,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Apply what the guards permit, even if they refuse other changes.")
    ] = False,
    reviewed: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="Apply only the change with this digest, which  keyswitch plan  prints."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
) -> None:
    """Switch the keys as the stack file declares, without the Pulumi engine and without its state."""
    if as_json and not yes:
        raise typer.BadParameter("--json cannot ask for confirmation: pass --yes as well")
    with failures(Format.JSON if as_json else Format.TEXT):
        held = reviewed_digest(reviewed)
        settings = settings_of(stack, file, config)
        gateway = connected(settings)
        looked_up = _looking(gateway)
        plan = held_to(planned(looked_up, settings), held)
        if not as_json:
            print_plan(plan)
        outcomes: list[Outcome] = []
        if plan.permitted and plan.unreviewed is None and (plan.refusal is None or keep_going):
            if not yes:
                looked_up = _looking(gateway)  # nothing that was seen before the question counts after it
                plan = _confirmed(plan, looked_up, settings)
            outcomes = _carry_out(gateway, plan, Guarding(looked_up, plan, settings.policy), quiet=as_json)
        if as_json:
            print_json(result_document(plan, outcomes))
        raise typer.Exit(Exit.FAILED if plan.errors or any(o.error for o in outcomes) else Exit.DONE)


def _looking(gateway: Directory) -> Prefetch:
    """Return look-ups whose answers count for the guards at each write, as long as they are fresh."""
    return Prefetch(gateway, at_once=gateway.concurrency)


def _confirmed(plan: Plan, iam: Observed, settings: Settings) -> Plan:
    """Ask for confirmation, then plan again, because AWS may have changed in the meantime."""
    if not sys.stdin.isatty():
        fail("cannot ask for confirmation without a terminal: pass --yes to apply this")
    if lost_output():
        raise typer.Exit(Exit.FAILED)  # nobody can agree to what was not shown
    try:
        agreed = typer.confirm("Apply these changes?")
    except typer.Abort:
        end_question()
        print_error("interrupted; nothing was changed")
        raise
    if not agreed:
        raise typer.Exit(Exit.FAILED)
    again = planned(iam, settings)
    if _agreed_to(again) != _agreed_to(plan):
        print_error("AWS has changed in the meantime; review this new plan and run the command again")
        print_plan(again)
        raise typer.Exit(Exit.FAILED)
    return again


def _agreed_to(plan: Plan) -> tuple[object, ...]:
    """Return what the user confirms: the writes, each refused change and each failure."""
    return (plan.digest, *(change.access_key_id for change in plan.refused), *(f.change for f in plan.failures))


def _carry_out(gateway: Directory, plan: Plan, guarding: Guarding, *, quiet: bool) -> list[Outcome]:
    writes, done = plan.permitted, set[str]()
    with progress() as advance:

        def report(outcome: Outcome) -> None:
            if outcome.error is not None:
                print_errors([outcome.error])
                trace(outcome.error)
            else:
                done.add(outcome.change.access_key_id)
                if not quiet:
                    print_lines([f"done: {done_line(outcome.change)}"])
            advance("switching keys", len(done), len(writes))

        try:
            held_up = [*plan.refused, *(failure.change for failure in plan.failures)]
            return execute_all(gateway, writes, report, failures=held_up, second_look=guarding)
        except KeyboardInterrupt:
            left = [change.access_key_id for change in writes if change.access_key_id not in done]
            print_error(
                f"interrupted: {len(done)} of {len(writes)} changes are done; not done, or not confirmed: "
                f"{some(left) or 'none'}. Run the command again: it continues where it stopped"
            )
            raise
