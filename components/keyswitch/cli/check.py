"""`keyswitch check`: checks stack files offline. Asks nothing of AWS and needs no credentials."""

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import print_annotations, print_errors, print_json, print_lines
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.project import current, stack_file
from keyswitch.telling.checked import Checked, annotations, checked_document, valid_line


class CheckFormat(str, Enum):
    """How the result of a check is printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"


def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Stack files, as pre-commit passes them.")] = None,
    stack: Annotated[list[str] | None, typer.Option("--stack", "-s", help="A stack; may be repeated.")] = None,
    file: Annotated[list[Path] | None, typer.Option("--file", "-f", help="A stack file; may be repeated.")] = None,
    form: Annotated[
        CheckFormat,
        typer.Option("--format", help="Text, one JSON document, or annotations that GitHub shows in the diff."),
    ] = CheckFormat.TEXT,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Check the whole configuration of stacks without network and credentials. Exits 1 if anything is wrong."""
    paths = [*(files or ()), *(file or ()), *(stack_file(current(), name) for name in stack or ())]
    if not paths:
        raise typer.BadParameter("name a stack (--stack prod) or a file")
    form = CheckFormat.JSON if as_json else form
    checked = [_checked(path) for path in dict.fromkeys(paths)]
    if form is CheckFormat.JSON:
        print_json(checked_document(checked))
    elif form is CheckFormat.GITHUB:
        print_annotations(annotations(checked))
    else:
        print_lines(valid_line(each) for each in checked if not each.problems)
        for each in checked:
            if each.problems:
                print_errors([InvalidConfiguration(each.problems)])
    raise typer.Exit(Exit.FAILED if any(each.problems for each in checked) else Exit.DONE)


def _checked(path: Path) -> Checked:
    try:
        return Checked(path.as_posix(), len(settings_from_file(path).wanted))
    except InvalidConfiguration as error:
        return Checked(path.as_posix(), 0, error.problems)
