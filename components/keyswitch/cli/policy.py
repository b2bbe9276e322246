"""`keyswitch policy`: prints the IAM policy of a role that may preview or apply a stack. Changes nothing."""

from typing import Annotated

import typer

from keyswitch.access.coverage import Account, Coverage, by_name, by_path, by_tag
from keyswitch.access.declared import declared_names, declared_users
from keyswitch.access.partitions import partition_of
from keyswitch.access.policies import Reads, Role, covering, fits, policy, too_long
from keyswitch.access_key.account import require_account
from keyswitch.cli.output import Format, failures, print_json, print_note
from keyswitch.cli.progress import progress
from keyswitch.cli.stack import Config, File, Stack, connected, settings_of
from keyswitch.configuration.stack import Settings
from keyswitch.iam.directory import Directory


def print_policy(
    stack: Stack = None,
    file: File = None,
    config: Config = None,
    role: Annotated[Role, typer.Option(help="The role that the policy is for.")] = Role.APPLY,
    reads: Annotated[
        Reads, typer.Option(help="Look up the declared users, or all users and what else the account tells.")
    ] = Reads.DECLARED,
    path_prefix: Annotated[
        str | None, typer.Option(help="Cover every user under this path instead of the declared ones: /ci/")
    ] = None,
    tag: Annotated[
        str | None, typer.Option(help="Cover every user with this tag instead: keyswitch=managed", metavar="KEY=VALUE")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="Ask AWS nothing; a user is covered under every path.")
    ] = False,
) -> None:
    """Print the IAM policy of a role that may preview or apply this stack, as JSON. Exits 1 if it cannot be made."""
    if path_prefix is not None and tag is not None:
        raise typer.BadParameter("--path-prefix and --tag exclude each other")
    if path_prefix is not None and not (path_prefix.startswith("/") and path_prefix.endswith("/")):
        raise typer.BadParameter("a path begins and ends with a slash: /ci/")
    if tag is not None and not all(tag.partition("=")[::2]):
        raise typer.BadParameter("a tag is written KEY=VALUE")
    with failures(Format.TEXT):
        settings = settings_of(stack, file, config)
        directory = None if offline else connected(settings)
        account = _account(settings, directory)
        if path_prefix is not None:
            covered = by_path(account, path_prefix)
        elif tag is not None:
            key, _, value = tag.partition("=")
            covered = by_tag(account, key, value)
        else:
            covered = _declared(settings, account, directory, reads)
        if covered.note:
            print_note(covered.note)
        if any(desired.root for desired in settings.wanted):
            print_note("no role can switch the keys of the root user; root itself must sign")
        print_json(policy(role, covered, reads))


def _account(settings: Settings, directory: Directory | None) -> Account:
    """Return the account that the credentials belong to, or that the stack declares."""
    if directory is not None:
        caller = directory.caller()
        require_account(caller, settings.account)
        return Account(caller.account, caller.arn.split(":")[1])
    if settings.account is None:
        raise typer.BadParameter("--offline needs keyswitch:account in the configuration")
    return Account(settings.account, partition_of(settings.connection.region))


def _declared(settings: Settings, account: Account, directory: Directory | None, reads: Reads) -> Coverage:
    if directory is not None:
        with progress() as report:
            return covering(account, declared_users(settings.wanted, directory, report), reads)
    covered = by_name(account, declared_names(settings.wanted))
    if not fits(covered, reads):
        raise too_long(covered, reads)
    return covered
