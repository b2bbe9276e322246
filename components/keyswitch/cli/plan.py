"""`keyswitch plan`: shows what would change in AWS. Changes nothing."""

from typing import Annotated

import typer

from keyswitch.cli.exits import Exit
from keyswitch.cli.output import Format, failures, print_plan
from keyswitch.cli.stack import Config, File, Stack, connected, planned, settings_of


def plan(
    stack: Stack = None,
    file: File = None,
    config: Config = None,
    form: Annotated[
        Format, typer.Option("--format", help="Text, one JSON document, or Markdown for a comment on a pull request.")
    ] = Format.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show what would change in AWS; changes nothing. Exits 2 when something would change."""
    form = Format.JSON if as_json else form
    with failures(form):
        settings = settings_of(stack, file, config)
        directory = connected(settings)
        made = planned(directory, settings, directory)
        print_plan(made, form)
        if made.errors:
            raise typer.Exit(Exit.FAILED)
        raise typer.Exit(Exit.WOULD_CHANGE if made.writes else Exit.DONE)
