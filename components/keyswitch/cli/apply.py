"""`keyswitch apply`: make AWS as the stack file says, after it was agreed to."""

import sys
from typing import Annotated

import typer

from keyswitch.access_key.phrases import some
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import Format, fail, failures, print_error, print_errors, print_json, print_lines, print_plan
from keyswitch.cli.progress import progress
from keyswitch.cli.stack import File, Stack, connected, planned, settings_of
from keyswitch.configuration.stack import Settings
from keyswitch.iam.gateway import Gateway
from keyswitch.switching.execution import Outcome, execute_all
from keyswitch.switching.plan import Plan
from keyswitch.telling.document import result_document
from keyswitch.telling.text import done_line


def apply(
    stack: Stack = None,
    file: File = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")] = False,
) -> None:
    """Make AWS as the stack file says, without the Pulumi engine and without its state."""
    if as_json and not yes:
        raise typer.BadParameter("--json asks no question, so it needs --yes as well")
    with failures(Format.JSON if as_json else Format.TEXT):
        settings = settings_of(stack, file)
        gateway = connected(settings)
        plan = planned(gateway, settings)
        if not as_json:
            print_plan(plan)
        outcomes: list[Outcome] = []
        if plan.writes and not plan.errors:
            if not yes:
                plan = _confirmed(plan, gateway, settings)
            outcomes = _carry_out(gateway, plan, quiet=as_json)
        if as_json:
            print_json(result_document(plan, outcomes))
        raise typer.Exit(Exit.FAILED if plan.errors or any(o.error for o in outcomes) else Exit.DONE)


def _confirmed(plan: Plan, gateway: Gateway, settings: Settings) -> Plan:
    """The plan, once it is agreed to; made again, since AWS may have changed meanwhile."""
    if not sys.stdin.isatty():
        fail("nobody is here to ask: pass --yes to apply this")
    if not typer.confirm("Do this?"):
        raise typer.Exit(Exit.FAILED)
    again = planned(gateway, settings)
    if [(c.access_key_id, c.target) for c in again.writes] != [(c.access_key_id, c.target) for c in plan.writes]:
        print_error("AWS has changed meanwhile; look at this new plan and start again")
        print_plan(again)
        raise typer.Exit(Exit.FAILED)
    if again.errors:
        print_errors(again.errors)
        raise typer.Exit(Exit.FAILED)
    return again


def _carry_out(gateway: Gateway, plan: Plan, *, quiet: bool) -> list[Outcome]:
    done: set[str] = set()
    with progress() as advance:

        def tell(outcome: Outcome) -> None:
            if outcome.error is not None:
                print_errors([outcome.error])
            else:
                done.add(outcome.change.access_key_id)
                if not quiet:
                    print_lines([f"done: {done_line(outcome.change)}"])
            advance("switching keys", len(done), len(plan.writes))

        try:
            return execute_all(gateway, plan.writes, tell)
        except KeyboardInterrupt:
            left = [change.access_key_id for change in plan.writes if change.access_key_id not in done]
            print_error(
                f"interrupted: {len(done)} of {len(plan.writes)} changes are done; not done, or not confirmed: "
                f"{some(left) or 'none'}. Run it again: it continues where it stopped"
            )
            raise
