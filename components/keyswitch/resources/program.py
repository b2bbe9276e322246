"""The Pulumi program of this repository: declares what its stack configuration lists, and nothing else."""

import os
import signal

import pulumi

from keyswitch.resources import diagnostics, early, sdk
from keyswitch.resources.garbage import look_for_cycles_less_often


def run() -> None:
    """Declare the stack's access keys; export their statuses and the summary of changes.

    Logs an invalid configuration or a refused change as an error, and ends the process.
    """
    if not os.environ.get("KEYSWITCH_DEBUG"):
        sdk.silence_debug_messages()
    look_for_cycles_less_often()
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
