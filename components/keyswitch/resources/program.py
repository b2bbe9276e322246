"""The program of this repository: everything its stack configuration declares, and nothing else."""

import os
import signal

import pulumi

from keyswitch.resources.component import AccessKeys


def run() -> None:
    """Declare the stack's access keys and export their statuses.

    Raises:
        pulumi.RunError: with every problem.
    """
    # A failed update ends with an interrupt of the program, whose traceback would bury the error.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    keys = AccessKeys("access-keys")
    pulumi.export("statuses", keys.statuses)
