"""The commands and their exit codes: 0 nothing to do or done, 2 something would change, 1 refused or failed, 130."""

import json
import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from keyswitch.access_key.errors import InvalidParameter, KeyswitchError, combined
from keyswitch.access_key.phrases import some
from keyswitch.access_key.summary import done_line
from keyswitch.cli import markdown
from keyswitch.cli.exits import Exit
from keyswitch.cli.progress import progress
from keyswitch.cli.sandbox import app as sandbox_app
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.source import stack_file
from keyswitch.configuration.stack import Settings
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.switching import document
from keyswitch.switching.execution import Outcome, execute_all
from keyswitch.switching.plan import Plan
from keyswitch.switching.plan import plan as make_plan

app = typer.Typer(
    help="An on/off switch for AWS IAM access keys that lives in Git.",
    epilog="Exit codes: 0 nothing to do or done, 2 something would change, 1 refused or failed, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

Stack = Annotated[str | None, typer.Option("--stack", "-s", help="The stack: its file is stacks/Pulumi.<stack>.yaml.")]
File = Annotated[Path | None, typer.Option("--file", "-f", help="Any other stack file.", dir_okay=False)]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]


class Format(str, Enum):
    """How a plan is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


@app.command()
def plan(
    stack: Stack = None,
    file: File = None,
    form: Annotated[
        Format, typer.Option("--format", help="Text, one JSON document, or Markdown for a pull request's comment.")
    ] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show what would change in AWS; changes nothing. Exits 2 when something would change."""
    form = Format.JSON if as_json else form
    with _failures(form):
        settings = _settings(stack, file)
        planned = _plan(Gateway(connect(settings.connection)), settings)
        _show(planned, form)
        raise typer.Exit(_verdict(planned))


@app.command()
def apply(
    stack: Stack = None,
    file: File = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    as_json: Json = False,
) -> None:
    """Make AWS as the stack file says, without the Pulumi engine and without its state."""
    with _failures(Format.JSON if as_json else Format.TEXT):
        settings = _settings(stack, file)
        gateway = Gateway(connect(settings.connection))
        planned = _plan(gateway, settings)
        if as_json and not yes:
            raise InvalidParameter("--json asks nothing, so it needs --yes beside it")
        if not as_json:
            _show(planned)
        outcomes: list[Outcome] = []
        if planned.writes and not planned.errors:
            if not yes:
                planned = _confirmed(planned, gateway, settings)
            outcomes = _carry_out(gateway, planned, as_json)
        if as_json:
            _print_json(document.result(planned, outcomes))
        raise typer.Exit(Exit.FAILED if planned.errors or any(o.error for o in outcomes) else Exit.DONE)


app.add_typer(sandbox_app, name="sandbox")


def main() -> None:
    """Run the command line.

    Typer's own exit code for a wrong use is 2, which here says that something would change; so it is 1.
    """
    try:
        code = app(standalone_mode=False)
        if code == Exit.INTERRUPTED:
            raise KeyboardInterrupt  # Typer has made an exit of it
        sys.exit(code)
    except typer.TyperException as error:
        show = getattr(error, "show", None)
        show() if show else _fail(str(error))
        sys.exit(Exit.FAILED)
    except (KeyboardInterrupt, typer.Abort):
        # Requests under way have threads of their own, which an ordinary exit would wait for.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(Exit.INTERRUPTED)


def _settings(stack: str | None, file: Path | None) -> Settings:
    if (stack is None) == (file is None):
        raise typer.BadParameter("name either a stack (--stack prod) or a file (--file PATH)")
    return settings_from_file(file if file is not None else stack_file(Path(), str(stack)))


def _plan(gateway: Gateway, settings: Settings) -> Plan:
    with progress() as tell:
        try:
            return make_plan(gateway, settings.wanted, settings.account, settings.policy, tell=tell)
        except KeyboardInterrupt:
            _fail("interrupted while looking; nothing was changed")
            raise


def _verdict(planned: Plan) -> Exit:
    if planned.errors:
        return Exit.FAILED
    return Exit.WOULD_CHANGE if planned.writes else Exit.DONE


def _show(planned: Plan, form: Format = Format.TEXT) -> None:
    if form is Format.JSON:
        _print_json(document.plan(planned))
    elif form is Format.MARKDOWN:
        typer.echo(markdown.plan(planned))
    else:
        for line in planned.lines():
            typer.echo(line)
    if planned.errors and form is Format.TEXT:
        _fail(combined(planned.errors))
    _trace(*planned.errors)


def _confirmed(planned: Plan, gateway: Gateway, settings: Settings) -> Plan:
    """The plan, once it is agreed to; made again, since the world may have moved meanwhile."""
    if not sys.stdin.isatty():
        _fail("nobody is here to ask: pass --yes to apply this")
        raise typer.Exit(Exit.FAILED)
    if not typer.confirm("Do this?"):
        raise typer.Exit(Exit.FAILED)
    again = _plan(gateway, settings)
    if [(c.access_key_id, c.target) for c in again.writes] != [(c.access_key_id, c.target) for c in planned.writes]:
        _fail("AWS has changed meanwhile; look at this new plan and start again")
        _show(again)
        raise typer.Exit(Exit.FAILED)
    if again.errors:
        _fail(combined(again.errors))
        raise typer.Exit(Exit.FAILED)
    return again


def _carry_out(gateway: Gateway, planned: Plan, quiet: bool) -> list[Outcome]:
    done: set[str] = set()
    with progress() as advance:

        def tell(outcome: Outcome) -> None:
            if outcome.error is not None:
                _fail(str(outcome.error))
                _trace(outcome.error)
            else:
                done.add(outcome.change.access_key_id)
                if not quiet:
                    typer.echo(f"done: {done_line(outcome.change)}")
            advance("switching keys", len(done), len(planned.writes))

        try:
            return execute_all(gateway, planned.writes, tell)
        except KeyboardInterrupt:
            left = [change.access_key_id for change in planned.writes if change.access_key_id not in done]
            _fail(
                f"interrupted: {len(done)} of {len(planned.writes)} changes are done; not done, or not confirmed: "
                f"{some(left) or 'none'}. Run it again: it continues where it stopped"
            )
            raise


@contextmanager
def _failures(form: Format) -> Iterator[None]:
    try:
        yield
    except KeyswitchError as error:
        if form is Format.JSON:
            _print_json(document.failure(error))
        elif form is Format.MARKDOWN:
            typer.echo(markdown.failure(error))
        else:
            _fail(str(error))
        _trace(error)
        raise typer.Exit(Exit.FAILED) from error


def _fail(message: str) -> None:
    typer.echo(f"error: {message}", err=True)


def _trace(*errors: KeyswitchError) -> None:
    """Show where errors come from, botocore's own among them, to who asks for it with KEYSWITCH_DEBUG=1."""
    if os.environ.get("KEYSWITCH_DEBUG"):
        for error in errors:
            traceback.print_exception(error)


def _print_json(document: dict[str, Any]) -> None:
    typer.echo(json.dumps(document, indent=2))
