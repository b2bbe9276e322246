"""The entry point of the command line: lists the commands, and exits where no command decides the exit code."""

import atexit
import gc
import os
import sys
from importlib.metadata import version as version_of
from typing import Annotated, NoReturn

import typer

from keyswitch.access_key.shown import line
from keyswitch.cli.apply import apply
from keyswitch.cli.check import check
from keyswitch.cli.discover import discover
from keyswitch.cli.drift import drift_
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import print_error, print_lines
from keyswitch.cli.plan import plan
from keyswitch.cli.policy import print_policy
from keyswitch.cli.report import report
from keyswitch.cli.sandbox import app as sandbox
from keyswitch.cli.signals import exit_code, handle_signals
from keyswitch.cli.streams import guard_streams, lost_output

app = typer.Typer(
    help="An on/off switch for AWS IAM access keys that lives in Git.",
    epilog="Exit codes: 0 nothing to do or done, 2 something would change, 1 refused or failed, 130 interrupted, "
    "143 terminated.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(discover)
app.command()(check)
app.command()(plan)
app.command()(apply)
app.command("policy")(print_policy)
app.command()(report)
app.command("drift")(drift_)
app.add_typer(sandbox, name="sandbox")


def _print_version(wanted: bool) -> None:
    if wanted:
        print_lines([f"keyswitch {version_of('keyswitch')}"])
        raise typer.Exit(Exit.DONE)


@app.callback()
def _options(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Options without a command."""


def main() -> None:
    """Run the command line.

    Wrong use exits with 1. Typer's own code for it is 2, which means here that something would change.
    """
    atexit.register(gc.freeze)  # at its end Python would look for cycles in everything that was loaded
    guard_streams()
    handle_signals()
    try:
        code = app(standalone_mode=False)
        if code == Exit.INTERRUPTED:
            raise KeyboardInterrupt  # Typer has turned the interrupt into an exit code
        sys.exit(_final(code))
    except typer.TyperException as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # that one's message is our own help
            error.message = line(error.message)  # it repeats arguments
        show = getattr(error, "show", None)
        show() if show else print_error(str(error))
        sys.exit(_final(Exit.FAILED))
    except (KeyboardInterrupt, typer.Abort):
        _exit_at_once(exit_code())


def _final(code: int | None) -> int | None:
    """Return the exit code of a command that has ended: output that could not be written is a failure."""
    if (lost := lost_output()) is None:
        return code
    print_error(f"standard output cannot be written: {lost.strerror}")
    return Exit.FAILED


def _exit_at_once(code: Exit) -> NoReturn:
    """Exit without waiting for the threads of running requests, as an ordinary exit would."""
    _final(code)
    sys.stderr.flush()
    os._exit(code)
