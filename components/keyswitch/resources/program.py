"""The program of this repository: everything its stack configuration declares, and nothing else."""

import gc
import os
import signal

import pulumi

from keyswitch.resources import diagnostics, sdk
from keyswitch.resources.component import AccessKeys


def run() -> None:
    """Declare the stack's access keys; export their statuses and what changed. What forbids it is said, and ends it."""
    if not os.environ.get("KEYSWITCH_DEBUG"):
        sdk.silence_debug_messages()
    # A registration makes much that lives a while and little that dies in cycles; looking for those less often
    # saves a fifth of the program's time, and costs no memory.
    gc.set_threshold(100_000, 20, 20)
    # A failed update ends with an interrupt of the program, whose traceback would bury the error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        keys = AccessKeys("access-keys")
    except pulumi.RunError as error:
        diagnostics.error(error)
        sdk.exit_after_telling()
    pulumi.export("statuses", keys.statuses)
    pulumi.export("summary", keys.summary)
