"""The program of this repository: everything its stack configuration declares, and nothing else."""

import gc
import os
import signal
import sys
import traceback

import pulumi

from keyswitch.resources.component import AccessKeys

_REASON_WAS_SHOWN = 32
"""The exit code by which Pulumi's language host knows that the user has read why; after any other it adds
"an unhandled error occurred" (sdk/python/cmd/pulumi-language-python/main.go)."""


def run() -> None:
    """Declare the stack's access keys; export their statuses and what changed. What forbids it is said, and ends it."""
    if not os.environ.get("KEYSWITCH_DEBUG"):
        # The SDK tells the engine four debug messages a resource and waits for each: a third of the program's time.
        pulumi.log.debug = lambda *_, **__: None
    # A registration makes much that lives a while and little that dies in cycles; looking for those less often
    # saves a fifth of the program's time, and costs no memory.
    gc.set_threshold(100_000, 20, 20)
    # A failed update ends with an interrupt of the program, whose traceback would bury the error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    try:
        keys = AccessKeys("access-keys")
    except pulumi.RunError as error:
        pulumi.log.error(str(error))
        if os.environ.get("KEYSWITCH_DEBUG"):
            traceback.print_exception(error)
        sys.exit(_REASON_WAS_SHOWN)
    pulumi.export("statuses", keys.statuses)
    pulumi.export("summary", keys.summary)
