"""`keyswitch sandbox`: runs a local IAM for trials, for rehearsals, or for one command. Needs no AWS account."""

import os
import shlex
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keyswitch.cli.exits import Exit
from keyswitch.cli.output import fail, print_lines
from keyswitch.cli.signals import exit_code, held_back
from keyswitch.cli.streams import lost_output

if TYPE_CHECKING:
    from keyswitch.sandbox.seed import Seed
    from keyswitch.sandbox.server import Sandbox

app = typer.Typer(
    help="Run a local IAM on loopback that answers requests about access keys as AWS does.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)

Empty = Annotated[bool, typer.Option("--empty", help="Start without keys.")]
Users = Annotated[int, typer.Option(help="Start with this many generated users.", min=0, max=100_000)]
KeysPerUser = Annotated[int, typer.Option(help="The number of access keys of each generated user.", min=1, max=100)]
Inventory = Annotated[
    Path | None, typer.Option(help="Start with a copy of an account from an inventory file.", dir_okay=False)
]
Latency = Annotated[float, typer.Option(help="The minimum duration of a request, in seconds.", min=0, max=60)]
Rate = Annotated[float, typer.Option(help="Throttle above this many requests per second; 0: never.", min=0)]
Propagation = Annotated[float, typer.Option(help="Seconds until a status change is visible.", min=0)]
Enforce = Annotated[
    bool, typer.Option("--enforce-policies", help="Deny what no IAM policy allows; the operator may do everything.")
]
Port = Annotated[int, typer.Option(help="The port on loopback; 0 selects a free one.", min=0, max=65535)]


@app.callback()
def serve(
    context: typer.Context,
    port: Port = 0,
    empty: Empty = False,
    users: Users = 0,
    keys_per_user: KeysPerUser = 2,
    inventory: Inventory = None,
    latency: Latency = 0.0,
    rate: Rate = 0.0,
    propagation: Propagation = 0.0,
    enforce_policies: Enforce = False,
) -> None:
    """Run a local IAM on loopback until Ctrl-C. Without options it contains example keys."""
    context.obj = {
        "port": port,
        "empty": empty,
        "users": users,
        "keys_per_user": keys_per_user,
        "inventory": inventory,
        "latency": latency,
        "rate": rate,
        "propagation": propagation,
        "enforce_policies": enforce_policies,
    }
    if context.invoked_subcommand is not None:
        return
    try:
        with _running(context.obj) as sandbox:
            print_lines(f"export {name}={shlex.quote(value)}" for name, value in sandbox.environment.items())
            print_lines([f"# ready on {sandbox.endpoint}; Ctrl-C ends it"])
            if lost_output():
                raise typer.Exit(Exit.FAILED)  # nobody can find the sandbox
            threading.Event().wait()
    except KeyboardInterrupt:
        return


@app.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def execute(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(help="The command, after  --", metavar="-- COMMAND …")],
) -> None:
    """Run a command against a new sandbox and exit with the exit code of the command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with _running(context.obj) as sandbox:
        try:
            code = _run(command, {**kept, **nothing, **sandbox.environment})
        except OSError as error:
            fail(f"{command[0]} cannot be run: {error.strerror}")
    raise typer.Exit(code if code >= 0 else 128 - code)


def _run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run a command to its end and return its exit code.

    Ctrl-C reaches the command as well, which decides what to do. A SIGTERM and a second Ctrl-C terminate it.
    """
    interrupts = 0
    with held_back() as let_go, subprocess.Popen(command, env=environment) as process:  # noqa: S603
        while True:
            try:
                let_go()
                return process.wait()
            except KeyboardInterrupt:
                interrupts += 1
                if interrupts > 1 or exit_code() is Exit.TERMINATED:
                    process.terminate()


@contextmanager
def _running(options: dict[str, Any]) -> "Iterator[Sandbox]":
    try:
        from keyswitch.sandbox.faults import TokenBucket
        from keyswitch.sandbox.seed import EXAMPLE, generated, inventory
        from keyswitch.sandbox.server import Sandbox
        from keyswitch.sandbox.world import World
    except ImportError as error:
        fail(f"the sandbox lacks a package ({error}): pip install {_extra()}")
    if sum(map(bool, (options["empty"], options["users"], options["inventory"]))) > 1:
        fail("--empty, --users and --inventory exclude each other")
    try:
        if options["inventory"]:
            seed: list[Seed] = inventory(options["inventory"])
        elif options["users"]:
            seed = list(generated(options["users"], options["keys_per_user"]))
        else:
            seed = [] if options["empty"] else list(EXAMPLE)
    except (OSError, ValueError) as error:
        fail(str(error))
    sandbox = Sandbox(
        seed,
        port=options["port"],
        latency=options["latency"],
        throttle=TokenBucket(options["rate"], max(1, int(options["rate"]))) if options["rate"] else None,
        world=World(
            propagation=timedelta(seconds=options["propagation"]), enforces_policies=options["enforce_policies"]
        ),
    )
    try:
        sandbox.__enter__()
    except OSError as error:
        fail(f"port {options['port']} cannot be used: {error.strerror}")
    try:
        yield sandbox
    finally:
        sandbox.__exit__(None, None, None)


def _extra() -> str:
    """Return the packages that only the sandbox needs, quoted for a shell."""
    needed = (requirement.partition("; extra == ") for requirement in requires("keyswitch") or ())
    return " ".join(shlex.quote(name) for name, _, extra in needed if extra.strip("\"'") == "sandbox")
