"""`keyswitch discover`: declares the access keys that an account has. Writes a file, and nothing in AWS."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from keyswitch.access_key.account import require_account
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.discovery import Found, Selection, entry, gone, select
from keyswitch.access_key.errors import KeyswitchError, UserNotFound
from keyswitch.access_key.inventory import EVERYBODY, Inventory, Scope
from keyswitch.access_key.model import Status
from keyswitch.access_key.written import item
from keyswitch.cli.exits import Exit
from keyswitch.cli.output import (
    Format,
    failures,
    print_error,
    print_errors,
    print_json,
    print_lines,
    print_notes,
    trace,
)
from keyswitch.cli.progress import progress
from keyswitch.cli.spans import span
from keyswitch.cli.stack import Stack
from keyswitch.configuration.project import current, stack_file
from keyswitch.configuration.target import Target, target_of
from keyswitch.iam.connection import Connection
from keyswitch.iam.directory import Directory
from keyswitch.iam.session import connect
from keyswitch.switching.inventory import take_inventory
from keyswitch.telling.discovered import (
    added_lines,
    facts,
    gone_lines,
    import_document,
    inventory_document,
    notes,
    summary,
)


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise typer.BadParameter("write a tag as key=value, such as team=payments")
    return key, value


def discover(
    stack: Stack = None,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="Another stack file; created if missing.", dir_okay=False)
    ] = None,
    user: Annotated[list[str] | None, typer.Option("--user", help="Only this user; may be repeated.")] = None,
    path_prefix: Annotated[
        str, typer.Option("--path-prefix", help="Only users whose path begins with this, such as /ci/.")
    ] = "/",
    tag: Annotated[
        list[str] | None,
        typer.Option("--tag", metavar="KEY=VALUE", help="Only users with this tag; may be repeated."),
    ] = None,
    status: Annotated[Status | None, typer.Option("--status", help="Only keys with this status.")] = None,
    unused_for: Annotated[
        timedelta | None,
        typer.Option(
            "--unused-for", parser=span, metavar="SPAN", help="Only keys that are as old and unused as this: 90d."
        ),
    ] = None,
    older_than: Annotated[
        timedelta | None,
        typer.Option("--older-than", parser=span, metavar="SPAN", help="Only keys that are as old as this: 90d."),
    ] = None,
    observe: Annotated[bool, typer.Option("--observe", help="Declare no status: only observe the keys.")] = False,
    comments: Annotated[
        bool, typer.Option("--comments/--no-comments", help="Write age and last use of each key behind it.")
    ] = True,
    prune: Annotated[bool, typer.Option("--prune", help="Remove entries whose keys are gone from AWS.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the account as the sandbox's inventory, and write no file.")
    ] = False,
    pulumi_import: Annotated[
        bool, typer.Option("--pulumi-import", help="Print the file for  pulumi import --file,  and write none.")
    ] = False,
) -> None:
    """Declare the access keys of an account: print entries, or with a stack or a file add them to it."""
    scope = Scope(frozenset(user or ()), path_prefix, dict(map(_tag, tag or ())))
    if stack is not None and file is not None:
        raise typer.BadParameter("name either a stack (--stack prod) or a file (--file PATH)")
    if as_json and pulumi_import:
        raise typer.BadParameter("one document at a time: choose --json or --pulumi-import")
    if prune and (as_json or pulumi_import or (stack is None and file is None)):
        raise typer.BadParameter("--prune removes entries from a file: name it, without --json and --pulumi-import")
    if prune and scope != EVERYBODY:
        raise typer.BadParameter("--prune needs the whole account: leave out --user, --path-prefix and --tag")
    with failures(Format.TEXT):
        path = file if file is not None else stack_file(current(), stack) if stack is not None else None
        target = target_of(path) if path is not None else None
        with_uses = (comments and not pulumi_import) or as_json or unused_for is not None
        inventory = _inventory(target, scope, with_uses=with_uses)
        found = select(inventory, Selection(status, unused_for, older_than))
        entries = [entry(owner, key, observe=observe) for owner, key in found.selected]
        said = {key.key.access_key_id: facts(key, inventory.at) for _, key in found.selected} if comments else {}
        if as_json:
            roles = [role.role_arn for role in target.settings.connection.roles] if target is not None else []
            print_json(inventory_document(inventory, found.selected, roles))
        elif pulumi_import:
            print_json(import_document(found.selected))
        elif target is None:
            _print_entries(entries, said)
        else:
            whole = scope == EVERYBODY
            _write(target, inventory, entries, said, whole=whole, prune=prune)
        raise typer.Exit(_conclude(inventory, found, scope))


def _inventory(target: Target | None, scope: Scope, *, with_uses: bool) -> Inventory:
    directory = Directory(connect(target.settings.connection if target is not None else Connection()))
    with progress() as report:
        try:
            require_account(directory.caller(), target.settings.account if target is not None else None)
            return take_inventory(directory, scope, with_uses=with_uses, progress=report)
        except KeyboardInterrupt:
            print_error("interrupted while observing AWS; no file was changed")
            raise


def _print_entries(entries: Sequence[Desired], comments: dict[str, str]) -> None:
    """Print entries as they stand below `keyswitch:keys`. The output is a keys file, too."""
    lines = (text for each in entries for text in item(each, comments.get(each.access_key_id, "")).block(_INDENT))
    print_lines(lines if entries else ["{}"])


_INDENT = 4


def _write(
    target: Target,
    inventory: Inventory,
    entries: Sequence[Desired],
    comments: dict[str, str],
    *,
    whole: bool,
    prune: bool,
) -> None:
    added = [desired for desired in entries if desired.access_key_id not in target.declared]
    lost = gone(target.declared.values(), inventory) if whole else ()
    removed = [desired.access_key_id for desired in lost] if prune else []
    if added or removed or not target.declared:
        target.write(added, comments, removed, inventory.account)
    print_lines(added_lines(added, comments))
    print_lines(gone_lines(lost, removed=prune))
    name = f"{target.path.as_posix()}{' (new)' if target.is_new else ''}"
    print_lines([f"{name}: {len(added)} added, {len(removed)} removed, {len(target.declared) - len(removed)} kept"])


def _conclude(inventory: Inventory, found: Found, scope: Scope) -> Exit:
    """Print to standard error what was found and what was not, and return the exit code."""
    print_notes([summary(inventory, found), *notes(inventory, found, whole=scope == EVERYBODY)])
    errors = [*inventory.problems.values(), *_missing(inventory, scope)]
    if errors:
        print_errors(errors)
        trace(*errors)
    return Exit.FAILED if errors else Exit.DONE


def _missing(inventory: Inventory, scope: Scope) -> list[KeyswitchError]:
    """Return an error for each user who was named and is not there."""
    there = {owner.user.user_name for owner in inventory.owners if owner.user is not None}
    where = "" if scope.path_prefix == "/" and not scope.tags else " with this path and these tags"
    return [
        UserNotFound(f"There is no user {name}{where} in account {inventory.account}")
        for name in sorted(scope.user_names - there - inventory.problems.keys())
    ]
