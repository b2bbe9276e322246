"""Turns the options that name a stack into settings, a connection and a plan, for every command about a stack."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from keyswitch.access_key.undeclared import Undeclared
from keyswitch.cli.output import print_error
from keyswitch.cli.progress import progress
from keyswitch.configuration.files import text_from
from keyswitch.configuration.load import settings_from_file, settings_from_json
from keyswitch.configuration.project import current, stack_file
from keyswitch.configuration.stack import Settings
from keyswitch.iam.directory import Directory
from keyswitch.iam.session import connect
from keyswitch.switching.concurrently import Progress
from keyswitch.switching.observation import Observation
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.switching.port import Account, Observed
from keyswitch.switching.undeclared import look_for_undeclared

Stack = Annotated[
    str | None,
    typer.Option("--stack", "-s", help="The stack, as Pulumi names it: its file is stacks/Pulumi.<stack>.yaml."),
]
File = Annotated[Path | None, typer.Option("--file", "-f", help="Another stack file.", dir_okay=False)]
Config = Annotated[
    typer.FileBinaryRead | None,
    typer.Option("--config", help="The output of  pulumi config --json --show-secrets;  - reads standard input."),
]


def settings_of(stack: str | None, file: Path | None, config: BinaryIO | None) -> Settings:
    """Read the settings of a stack, of another stack file, or as Pulumi prints them.

    With a configuration, the stack only adds line numbers to messages.

    Raises:
        typer.BadParameter: the options contradict each other, or none of them is given.
        InvalidConfiguration: the settings are not valid.
    """
    if config is not None:
        if file is not None:
            raise typer.BadParameter("--config replaces the file: name --config or --file, not both")
        return settings_from_json(text_from(config, "--config"), current(), stack)
    if (stack is None) == (file is None):
        raise typer.BadParameter("name either a stack (--stack prod) or a file (--file PATH)")
    return settings_from_file(file if file is not None else stack_file(current(), str(stack)))


def connected(settings: Settings) -> Directory:
    """Connect to AWS with the settings of the stack."""
    return Directory(connect(settings.connection))


def planned(iam: Observed, settings: Settings, account: Account | None = None) -> Plan:
    """Observe AWS and plan, with a progress bar on a terminal.

    Args:
        iam: is asked.
        settings: of the stack.
        account: where undeclared keys are looked for, as far as the settings want it; None: nowhere. Nothing that
            switches keys looks for them, because no key that somebody else made may hold up a containment.
    """
    with progress() as report:
        look = _looking(account, settings, report)
        try:
            return plan(iam, settings.wanted, settings.account, settings.policy, undeclared=look, progress=report)
        except KeyboardInterrupt:
            print_error("interrupted while observing AWS; nothing was changed")
            raise


def _looking(
    account: Account | None, settings: Settings, report: Progress
) -> Callable[[Observation], Undeclared | None]:
    """Return what looks for undeclared keys; without an account it finds out nothing."""
    if account is None:
        return lambda _: None
    return look_for_undeclared(account, settings.wanted, settings.watch, report)
