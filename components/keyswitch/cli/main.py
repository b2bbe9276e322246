"""The entry point of the command line: lists the commands, and exits where no command decides the exit code."""

import os
import sys

import typer

from keyswitch.access_key.shown import line
from keyswitch.cli.apply import apply
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import print_error
from keyswitch.cli.plan import plan
from keyswitch.cli.sandbox import app as sandbox

app = typer.Typer(
    help="An on/off switch for AWS IAM access keys that lives in Git.",
    epilog="Exit codes: 0 nothing to do or done, 2 something would change, 1 refused or failed, 130 interrupted.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(plan)
app.command()(apply)
app.add_typer(sandbox, name="sandbox")


def main() -> None:
    """Run the command line.

    Wrong use exits with 1. Typer's own code for it is 2, which means here that something would change.
    """
    try:
        code = app(standalone_mode=False)
        if code == Exit.INTERRUPTED:
            raise KeyboardInterrupt  # Typer has turned the interrupt into an exit code
        sys.exit(code)
    except typer.TyperException as error:
        if type(error).__name__ != "NoArgsIsHelpError":  # that one's message is our own help
            error.message = line(error.message)  # it repeats arguments
        show = getattr(error, "show", None)
        show() if show else print_error(str(error))
        sys.exit(Exit.FAILED)
    except (KeyboardInterrupt, typer.Abort):
        # An ordinary exit would wait for the threads of running requests.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(Exit.INTERRUPTED)
