"""Gives a review what it needs from a run of the engine: the plan as Markdown, in the file that a workflow names."""

import os
from pathlib import Path

import pulumi

from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Problem
from keyswitch.switching.planned import Plan
from keyswitch.telling.markdown import failure_markdown, plan_markdown

VARIABLE = "KEYSWITCH_MARKDOWN"
"""The environment variable with the path of the file; without it, nothing is written."""


def write_markdown(made: Plan | KeyswitchError) -> None:
    """Write a plan, or the reason why there is none, as `keyswitch plan --format markdown` prints it.

    Raises:
        pulumi.RunError: the file cannot be written.
    """
    name = os.environ.get(VARIABLE)
    if name is None:
        return
    text = plan_markdown(made) if isinstance(made, Plan) else failure_markdown(made)
    try:
        Path(name).write_text(f"{text}\n", encoding="utf-8")
    except OSError as error:
        problem = Problem(f"the plan cannot be written there: {error.strerror}", where=VARIABLE)
        raise pulumi.RunError(str(InvalidConfiguration([problem]))) from error
