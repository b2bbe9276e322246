"""`keyswitch sandbox`: a local IAM to try things out, to rehearse a change, to run a command against."""

import os
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import requires
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keyswitch.cli.output import fail, print_lines

if TYPE_CHECKING:
    from keyswitch.sandbox.seed import Seed
    from keyswitch.sandbox.server import Sandbox

app = typer.Typer(
    help="Run a local IAM on loopback that answers as AWS does where access keys are concerned.",
    invoke_without_command=True,
    pretty_exceptions_enable=False,
)

Empty = Annotated[bool, typer.Option("--empty", help="Begin without keys.")]
Users = Annotated[int, typer.Option(help="Begin with so many generated users.", min=0, max=100_000)]
KeysPerUser = Annotated[int, typer.Option(help="With so many access keys each.", min=1, max=100)]
Inventory = Annotated[
    Path | None, typer.Option(help="Begin with a copy of an account: an inventory file.", dir_okay=False)
]
Latency = Annotated[float, typer.Option(help="Seconds that each request takes at least.", min=0, max=60)]
Rate = Annotated[float, typer.Option(help="Requests a second beyond which it throttles; 0: never.", min=0)]
Propagation = Annotated[float, typer.Option(help="Seconds that a status change takes to be seen.", min=0)]
Port = Annotated[int, typer.Option(help="The port on loopback; 0 takes any free one.", min=0, max=65535)]


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
) -> None:
    """Run a local IAM on loopback until it is interrupted; without options it holds an example."""
    context.obj = {
        "port": port,
        "empty": empty,
        "users": users,
        "keys_per_user": keys_per_user,
        "inventory": inventory,
        "latency": latency,
        "rate": rate,
        "propagation": propagation,
    }
    if context.invoked_subcommand is not None:
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _running(context.obj) as sandbox:
            print_lines(f"export {name}={value}" for name, value in sandbox.environment.items())
            print_lines([f"# ready on {sandbox.endpoint}; Ctrl-C ends it"])
            sys.stdout.flush()
            threading.Event().wait()
    except KeyboardInterrupt:
        return


@app.command("exec", context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def execute(
    context: typer.Context,
    command: Annotated[list[str], typer.Argument(help="The command, behind a  --", metavar="-- COMMAND …")],
) -> None:
    """Run a command against a sandbox of its own; its exit code is the command's."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    nothing = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    with _running(context.obj) as sandbox:
        try:
            code = subprocess.run(command, env={**kept, **nothing, **sandbox.environment}, check=False).returncode  # noqa: S603
        except OSError as error:
            fail(f"{command[0]} cannot be run: {error.strerror}")
    raise typer.Exit(code if code >= 0 else 128 - code)


@contextmanager
def _running(options: dict[str, Any]) -> "Iterator[Sandbox]":
    try:
        from keyswitch.sandbox.faults import TokenBucket
        from keyswitch.sandbox.operations import World
        from keyswitch.sandbox.seed import EXAMPLE, generated, inventory
        from keyswitch.sandbox.server import Sandbox
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
        world=World(propagation=timedelta(seconds=options["propagation"])),
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
    """What keyswitch needs only for the sandbox, for a shell."""
    needed = (requirement.partition("; extra == ") for requirement in requires("keyswitch") or ())
    return " ".join(shlex.quote(name) for name, _, extra in needed if extra.strip("\"'") == "sandbox")
