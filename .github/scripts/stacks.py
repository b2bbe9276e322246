"""Reads the stacks to run from the variable KEYSWITCH_STACKS, checks them, and sets the output `stacks`.

A copy of this repository in which the variable is not set is not set up: the step says so and succeeds, with no stacks.
A variable that is set and wrong fails, because a merge must not look applied when it is not.
"""

import json
import os
import re
from typing import Any

from api import fail, output

_FIELDS = {"stack", "environment", "preview_role", "apply_role", "engine", "backend"}
_STACK = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*(/[A-Za-z0-9_.-]+){0,2}")
_ROLE = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]{1,600}", re.ASCII)
_MOST = 256
"""The largest matrix of GitHub Actions."""

_SET_UP = "docs/delivery.md says how to set it up"


def main() -> None:
    """Print a notice or an error, or set the output."""
    text, head = os.environ.get("KEYSWITCH_STACKS", ""), os.environ.get("HEAD_REPOSITORY", "")
    stacks: list[dict[str, str]] = []
    if head and head != os.environ["GITHUB_REPOSITORY"]:
        print("::notice title=keyswitch::A fork gets no access to AWS: only the configuration is checked. A maintainer "
              "can push the commits to a branch of this repository, for a preview")  # fmt: skip
    elif not text.strip():
        print(f"::notice title=keyswitch::KEYSWITCH_STACKS is not set: nothing is previewed or applied; {_SET_UP}")
    else:
        stacks = parsed(text)
    output("stacks", json.dumps(stacks))


def parsed(text: str) -> list[dict[str, str]]:
    """Return the stacks with all their fields; a problem ends the step."""
    try:
        given = json.loads(text)
    except ValueError as error:
        fail(f"KEYSWITCH_STACKS is not JSON: {error}; {_SET_UP}")
    if not isinstance(given, list) or not 0 < len(given) <= _MOST:
        fail(f"KEYSWITCH_STACKS is not a list of 1 to {_MOST} stacks; {_SET_UP}")
    problems = [f"KEYSWITCH_STACKS[{n}]: {problem}" for n, each in enumerate(given) for problem in _problems(each)]
    names = [each["stack"] for each in given] if not problems else []
    problems += [
        f"KEYSWITCH_STACKS: {name} is listed twice" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if problems:
        fail("\n".join([*problems, _SET_UP]))
    return [{"engine": "pulumi", "backend": "", **each} for each in given]


def _problems(stack: Any) -> list[str]:  # noqa: ANN401  (any JSON)
    if not isinstance(stack, dict) or not all(isinstance(value, str) for value in stack.values()):
        return ["is not a map of texts"]
    found = [f"{name} is unknown" for name in sorted(stack.keys() - _FIELDS)]
    found += [] if _STACK.fullmatch(stack.get("stack", "")) else ["stack is not the name of a stack"]
    found += [] if stack.get("environment") else ["environment is missing"]
    found += [
        f"{name} is not the ARN of a role"
        for name in ("preview_role", "apply_role")
        if not _ROLE.fullmatch(stack.get(name, ""))
    ]
    return found + ([] if stack.get("engine", "pulumi") in ("pulumi", "none") else ["engine is not pulumi or none"])


if __name__ == "__main__":
    main()
