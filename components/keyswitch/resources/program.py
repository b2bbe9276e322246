"""The Pulumi program of this repository: declares what its stack configuration lists, and nothing else."""

import atexit
import gc
import os
import signal

import pulumi

from keyswitch.resources import diagnostics, early, sdk


def run() -> None:
    """Declare the stack's access keys; export their statuses and the summary of changes.

    Logs an invalid configuration or a refused change as an error, and ends the process.
    """
    if not os.environ.get("KEYSWITCH_DEBUG"):
        sdk.silence_debug_messages()
    # Registrations create many long-lived objects and few garbage cycles. Collecting less often saves a fifth of the
    # program's time and costs no memory.
    gc.set_threshold(100_000, 20, 20)
    # At its end Python would look for cycles once more, among everything that was ever loaded.
    atexit.register(gc.freeze)
    # Pulumi interrupts the program when an update fails. The traceback of that interrupt would hide the error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    early.begin()
    from keyswitch.resources.component import AccessKeys

    try:
        keys = AccessKeys("access-keys")
    except pulumi.RunError as error:
        diagnostics.error(error)
        if os.environ.get("KEYSWITCH_DEBUG"):
            diagnostics.say_traceback(error)
        sdk.exit_after_telling()
    pulumi.export("statuses", keys.statuses)
    pulumi.export("summary", keys.summary)
