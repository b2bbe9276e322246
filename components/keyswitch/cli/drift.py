"""`keyswitch drift`: compares the configuration with AWS, for a schedule. Needs no state, and changes nothing."""

import shlex
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import print_annotations, print_errors, print_json, print_lines, print_markdown, trace
from keyswitch.cli.progress import progress
from keyswitch.cli.stack import Config, File, Stack, connected, planned, settings_of
from keyswitch.configuration.stack import Settings
from keyswitch.switching.drift import Drift, drift
from keyswitch.telling.drift_annotations import drift_annotations, drift_failure_annotations
from keyswitch.telling.drift_document import drift_document, drift_failure_document
from keyswitch.telling.drift_markdown import drift_failure_markdown, drift_markdown
from keyswitch.telling.drift_text import drift_lines


class DriftFormat(str, Enum):
    """How drift is printed."""

    TEXT = "text"
    JSON = "json"
    MARKDOWN = "markdown"
    GITHUB = "github"


def drift_(
    stack: Stack = None,
    file: File = None,
    config: Config = None,
    form: Annotated[
        DriftFormat,
        typer.Option("--format", help="Text, one JSON document, Markdown for an issue, or annotations for GitHub."),
    ] = DriftFormat.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Show which keys somebody else switched, deleted or created. Exits 2 when there is any, 0 when there is none."""
    form = DriftFormat.JSON if as_json else form
    try:
        settings = settings_of(stack, file, config)
        directory = connected(settings)
        plan = planned(directory, settings, directory)
        with progress() as report:
            report("reading CloudTrail", 0, 1)
            found = drift(plan, directory)
    except KeyswitchError as error:
        _print_failure(error, form)
        trace(error)
        raise typer.Exit(Exit.FAILED) from error
    _print(found, form, settings, _apply(stack, file, from_pulumi=config is not None))
    trace(*found.errors, *filter(None, [found.no_trail]))
    if found.errors:
        raise typer.Exit(Exit.FAILED)
    raise typer.Exit(Exit.WOULD_CHANGE if found.count else Exit.DONE)


def _apply(stack: str | None, file: Path | None, *, from_pulumi: bool) -> str:
    """Return the command that applies the same configuration."""
    named = {"--stack": stack, "--file": str(file) if file else None, "--config": "-" if from_pulumi else None}
    given = [part for name, value in named.items() if value for part in (name, value)]
    return shlex.join(["keyswitch", "apply", *given])


def _print(found: Drift, form: DriftFormat, settings: Settings, apply: str) -> None:
    if form is DriftFormat.JSON:
        print_json(drift_document(found))
    elif form is DriftFormat.MARKDOWN:
        print_markdown(drift_markdown(found, apply))
    elif form is DriftFormat.GITHUB:
        print_annotations(drift_annotations(found, settings.places))
    else:
        print_lines(drift_lines(found, apply))
        if found.errors:
            print_errors(found.errors)


def _print_failure(error: KeyswitchError, form: DriftFormat) -> None:
    if form is DriftFormat.JSON:
        print_json(drift_failure_document(error))
    elif form is DriftFormat.MARKDOWN:
        print_markdown(drift_failure_markdown(error))
    elif form is DriftFormat.GITHUB:
        print_annotations(drift_failure_annotations(error))
    else:
        print_errors([error])
