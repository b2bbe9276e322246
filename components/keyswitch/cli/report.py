"""`keyswitch report`: every access key of an account, for whoever must answer for them. Changes nothing in AWS."""

import json
from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from keyswitch.access_key.account import require_account
from keyswitch.access_key.benchmark import BENCHMARKS
from keyswitch.access_key.decision import Decision
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.findings import READY_AFTER, Severity, Subject
from keyswitch.access_key.inventory import EVERYBODY, Inventory, Scope
from keyswitch.access_key.phrases import count
from keyswitch.access_key.trail import Trail
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import (
    Format,
    failures,
    print_document,
    print_error,
    print_errors,
    print_json,
    print_lines,
    print_table,
)
from keyswitch.cli.progress import progress
from keyswitch.cli.spans import span
from keyswitch.cli.stack import Config, File, Stack, connected, settings_of
from keyswitch.configuration.decided import decisions
from keyswitch.configuration.exported import deactivated
from keyswitch.configuration.project import current, stack_file
from keyswitch.configuration.replacing import content_of, replace_content
from keyswitch.iam.connection import Connection
from keyswitch.iam.directory import Directory
from keyswitch.iam.session import connect
from keyswitch.switching.inventory import take_inventory
from keyswitch.telling.report import Report
from keyswitch.telling.report import report as made_of
from keyswitch.telling.report_document import report_document

ASKS = ("caller", "users", "user", "tags", "access_keys", "last_used", "root_has_keys", "credential_report", "trail")
"""The methods of the gateway that a report calls: `user` only for declared users, `tags` only for an owner tag. Without
the permissions of the last four it says what it does not know."""

_FORMATS = "Text, CSV for a spreadsheet, one JSON document, or one HTML page, which needs --output."


class ReportFormat(str, Enum):
    """The format of a report."""

    TEXT = "text"
    CSV = "csv"
    JSON = "json"
    HTML = "html"


class Cis(str, Enum):
    """The versions of the CIS AWS Foundations Benchmark."""

    V3 = "3.0"
    V4 = "4.0"
    V5 = "5.0"
    V6 = "6.0"
    V7 = "7.0"


def report(
    stack: Stack = None,
    file: File = None,
    config: Config = None,
    only_declared: Annotated[bool, typer.Option("--declared", help="Only the keys that the stack declares.")] = False,
    owner_tag: Annotated[
        str | None, typer.Option(metavar="TAG", help="A tag of users that names who is responsible, such as team.")
    ] = None,
    cis: Annotated[Cis, typer.Option(help="The version of the CIS AWS Foundations Benchmark.")] = Cis.V7,
    delete_after: Annotated[
        timedelta | None,
        typer.Option(
            parser=span,
            metavar="SPAN",
            show_default="30d",
            help="How long a key is Inactive before it is ready to be deleted.",
        ),
    ] = None,
    state: Annotated[
        typer.FileBinaryRead | None,
        typer.Option(
            "--state",
            help="The output of  pulumi stack export: when the stack deactivated its keys;  - is standard input.",
        ),
    ] = None,
    form: Annotated[ReportFormat, typer.Option("--format", help=_FORMATS)] = ReportFormat.TEXT,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", dir_okay=False, help="Write to this file, as a whole or not at all."),
    ] = None,
    fail_on: Annotated[
        Severity | None, typer.Option(help="Exit with 2 if there is a finding of this severity or a worse one.")
    ] = None,
) -> None:
    """Report on every access key of the account; changes nothing. Without a stack, nothing is compared."""
    if form is ReportFormat.HTML and output is None:
        raise typer.BadParameter("name a file for the page: --output report.html")
    if form is ReportFormat.TEXT and output is not None:
        raise typer.BadParameter("text is for the terminal: choose --format csv, json or html for --output")
    if output is not None and output.exists() and not output.is_file():
        raise typer.BadParameter(f"{output} is no regular file: print to it, without --output")
    is_compared = any(option is not None for option in (stack, file, config))
    if only_declared and not is_compared:
        raise typer.BadParameter("name the stack that declares the keys: --stack prod")
    with failures(Format.JSON if form is ReportFormat.JSON and output is None else Format.TEXT):
        settings = settings_of(stack, file, config) if is_compared else None
        declared = {desired.access_key_id: desired for desired in settings.wanted} if settings else {}
        path = file if file is not None else stack_file(current(), stack) if stack is not None else None
        by_stack = deactivated(state, "--state") if state is not None else {}
        ready_after = READY_AFTER if delete_after is None else delete_after
        directory = connected(settings) if settings else Directory(connect(Connection()))
        require_account(directory.caller(), settings.account if settings else None)
        inventory = _inventory(directory, _scope(declared, only_declared), owner_tag is not None)
        trail = _trail(directory, inventory)
        known = trail if isinstance(trail, Trail) else None
        made = made_of(
            Subject(
                inventory,
                BENCHMARKS[cis.value],
                declared,
                {**by_stack, **(known.deactivated if known else {})},
                known.since if known else None,
                ready_after=ready_after,
            ),
            decisions=_decisions(path),
            files=(path.as_posix() if path else "--config",) if is_compared else (),
            owner_tag=owner_tag,
            only_declared=only_declared,
            no_trail=trail if isinstance(trail, KeyswitchError) else None,
        )
        _tell(made, form, output)
    if made.unlisted:
        print_errors(made.unlisted)
        raise typer.Exit(Exit.FAILED)
    raise typer.Exit(Exit.WOULD_CHANGE if fail_on and made.is_reached(fail_on) else Exit.DONE)


def _scope(declared: Mapping[str, Desired], only_declared: bool) -> Scope:
    """The users who own the declared keys, if every entry names its owner; else everybody."""
    names = [desired.user_name for desired in declared.values()]
    return Scope(frozenset(filter(None, names))) if only_declared and names and all(names) else EVERYBODY


def _inventory(directory: Directory, scope: Scope, with_tags: bool) -> Inventory:
    with progress() as shown:
        try:
            return take_inventory(directory, scope, with_tags=with_tags, progress=shown)
        except KeyboardInterrupt:
            print_error("interrupted while observing AWS; no report was made")
            raise


def _trail(directory: Directory, inventory: Inventory) -> Trail | KeyswitchError | None:
    """Who switched keys, or why that is not known; None if no key is Inactive."""
    if all(found.key.is_active for _, found in inventory.keys):
        return None
    try:
        return directory.trail(inventory.at)
    except KeyswitchError as error:
        return error


def _decisions(path: Path | None) -> dict[str, Decision]:
    return decisions(path) if path is not None and path.exists() else {}


def _tell(made: Report, form: ReportFormat, output: Path | None) -> None:
    if form is ReportFormat.TEXT:
        from keyswitch.telling.report_text import COLUMNS, WHOLE, cells, details, headline

        print_lines([*headline(made), ""])
        if made.rows:
            print_table(COLUMNS, [cells(row, made) for row in made.rows], WHOLE)
        print_lines(details(made))
    elif form is ReportFormat.JSON and output is None:
        print_json(report_document(made))
    elif output is None:
        print_document(_document(made, form))
    else:
        replace_content(output, _document(made, form).encode(), content_of(output), lambda _: None)
        counted = f"{count(len(made.rows), 'access key')}, {count(len(made.findings), 'finding')}"
        print_lines([f"{output}: {counted}"])


def _document(made: Report, form: ReportFormat) -> str:
    if form is ReportFormat.CSV:
        from keyswitch.telling.report_csv import report_csv

        return report_csv(made)
    if form is ReportFormat.HTML:
        from keyswitch.telling.report_html import report_html

        return report_html(made)
    return f"{json.dumps(report_document(made), indent=2)}\n"
