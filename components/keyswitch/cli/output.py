"""Prints for every command: results to standard output, errors to standard error; a failure exits with 1."""

import io
import json
import os
import sys
import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, NoReturn

import typer

from keyswitch.access_key.errors import KeyswitchError, combined
from keyswitch.access_key.shown import line
from keyswitch.cli.exits import Exit
from keyswitch.switching.planned import Plan
from keyswitch.telling.document import failure_document, plan_document
from keyswitch.telling.markdown import failure_markdown, plan_markdown
from keyswitch.telling.text import plan_lines


class Format(str, Enum):
    """The format of a printed plan."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"


def print_plan(plan: Plan, form: Format = Format.TEXT) -> None:
    """Print a plan with all its refusals and errors."""
    if form is Format.JSON:
        print_json(plan_document(plan))
    elif form is Format.MARKDOWN:
        print_markdown(plan_markdown(plan))
    else:
        print_lines(plan_lines(plan))
        if plan.errors:
            print_errors(plan.errors)
    trace(*plan.errors)


def print_lines(texts: Iterable[object]) -> None:
    """Print lines of text; each passes the gate, so none can act on a terminal or on a runner."""
    for text in texts:
        typer.echo(line(text))


def print_json(document: dict[str, Any]) -> None:
    """Print one JSON document. JSON's own escapes keep terminals, runners and Pulumi from executing its texts."""
    text = json.dumps(document, indent=2)
    typer.echo(text.replace("##", "\\u0023#").replace("<{%", "\\u003c{%"))


def print_document(text: str) -> None:
    """Print a document whose texts passed the gate when it was made, such as CSV."""
    typer.echo(text, nl=False)


def print_table(columns: Sequence[str], rows: Sequence[Sequence[str]], whole: Collection[str] = ()) -> None:
    """Print a table whose cells passed the gate: as wide as a terminal, as wide as needed in a pipe.

    Args:
        columns: the headings.
        rows: the cells.
        whole: the headings of columns whose cells are kept in one line on a terminal, unless they are very long.
    """
    if not sys.stdout.isatty():
        widths = [max(map(len, column)) for column in zip(columns, *rows, strict=True)]
        for row in (columns, *rows):
            typer.echo("  ".join(map(str.ljust, row, widths)).rstrip())
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold", show_edge=False)
    for column, *cells in zip(columns, *rows, strict=True):
        table.add_column(column, overflow="fold", no_wrap=column in whole and max(map(len, cells), default=0) <= _SHORT)
    for row in rows:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    text = io.StringIO()
    Console(file=text, force_terminal=True).print(table)
    for each in text.getvalue().splitlines():
        typer.echo(each.rstrip())


_SHORT = 24
"""The length of the longest cell that is kept in one line, in characters."""

_STYLES = {"Active": "green", "Inactive": "yellow"}


def print_annotations(commands: Iterable[str]) -> None:
    """Print workflow commands of GitHub Actions. Their texts passed the gate when the commands were made."""
    for command in commands:
        typer.echo(command)


def print_markdown(text: str) -> None:
    """Print Markdown. Each text in it passed the gate when it was worded."""
    typer.echo(text)


def print_error(message: object) -> None:
    """Print an error of one line to standard error, and continue."""
    typer.echo(f"error: {line(message)}", err=True)


def print_note(message: object) -> None:
    """Print what a user should know of a result to standard error."""
    typer.echo(f"note: {line(message)}", err=True)


def print_errors(errors: Sequence[KeyswitchError]) -> None:
    """Print errors to standard error as one list, and continue."""
    typer.echo(f"error: {errors[0] if len(errors) == 1 else combined(errors)}", err=True)


def print_notes(texts: Iterable[object]) -> None:
    """Print notes to standard error, and continue."""
    for text in texts:
        typer.echo(f"note: {line(text)}", err=True)


def end_question() -> None:
    """End the line of a question that got no answer."""
    typer.echo(err=True)


def fail(message: str) -> NoReturn:
    """Print an error and exit with 1."""
    print_error(message)
    raise typer.Exit(Exit.FAILED)


def trace(*errors: KeyswitchError) -> None:
    """Print the tracebacks of errors, with botocore's own errors, if KEYSWITCH_DEBUG is set."""
    if os.environ.get("KEYSWITCH_DEBUG"):
        for error in errors:
            for text in "".join(traceback.format_exception(error)).splitlines():
                typer.echo(line(text), err=True)


@contextmanager
def failures(form: Format) -> Iterator[None]:
    """On a KeyswitchError, print it in the format of the plan and exit with 1."""
    try:
        yield
    except KeyswitchError as error:
        if form is Format.JSON:
            print_json(failure_document(error))
        elif form is Format.MARKDOWN:
            print_markdown(failure_markdown(error))
        else:
            print_errors([error])
        trace(error)
        raise typer.Exit(Exit.FAILED) from error
