"""Catches the error that a call ends with, and looks at everything it tells."""

import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from keyswitch.access_key.errors import KeyswitchError

_TESTS = str(Path(__file__).parents[1])


def refused(call: Callable[[], object]) -> KeyswitchError:
    """The error that a call ends with."""
    with pytest.raises(KeyswitchError) as raised:
        call()
    return raised.value


def reads_well(error: KeyswitchError) -> bool:
    """Whether the message is written as people write: no stray spaces or stops, one line."""
    text = str(error)
    return not any(slip in text for slip in ("  ", " :", "..", " .", "\n"))


def everything_told(error: BaseException) -> str:
    """The message, the repr, and the traceback with the local variables of every function but the test's own."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_code.co_filename.startswith(_TESTS):
        frames = frames.tb_next
    told = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join([str(error), repr(error), *told.format()])
