"""The stacks of the workflows: a copy that is not set up is harmless, and a wrong setting is an error."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.steps import Step, step

PROD = {
    "stack": "prod",
    "environment": "production",
    "preview_role": "arn:aws:iam::123456789012:role/keyswitch-preview",
    "apply_role": "arn:aws:iam::123456789012:role/keyswitch-apply",
}


def read(folder: Path, value: str, **environment: str) -> Step:
    """Run the step."""
    return step("stacks.py", folder, {"KEYSWITCH_STACKS": value, **environment})


def test_a_fresh_copy_is_harmless(tmp_path: Path) -> None:
    """Green, with a notice that says how to go on; every other job is skipped."""
    done = read(tmp_path, "")
    assert (done.code, done.parsed("stacks")) == (0, [])
    assert done.log.startswith("::notice title=keyswitch::KEYSWITCH_STACKS is not set: nothing is previewed or applied")
    assert "docs/delivery.md" in done.log


def test_a_fork_gets_no_stacks(tmp_path: Path) -> None:
    """The log says why, and what a maintainer can do; a branch of the repository itself gets them."""
    stacks = json.dumps([PROD])
    done = read(tmp_path, stacks, HEAD_REPOSITORY="somebody/keys")
    assert (done.code, done.parsed("stacks")) == (0, [])
    assert "::notice title=keyswitch::A fork gets no access to AWS" in done.log
    assert read(tmp_path, stacks, HEAD_REPOSITORY="acme/keys").parsed("stacks")


def test_every_field_has_a_value(tmp_path: Path) -> None:
    """A matrix has no defaults."""
    own = {**PROD, "stack": "acme/keys/dev", "engine": "none", "backend": "s3://states"}
    done = read(tmp_path, json.dumps([PROD, own]))
    assert done.parsed("stacks") == [{"engine": "pulumi", "backend": "", **PROD}, own]


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("prod", "KEYSWITCH_STACKS is not JSON"),
        (PROD, "is not a list of 1 to 256 stacks"),
        ([], "is not a list of 1 to 256 stacks"),
        ([{**PROD, "stack": f"s{n}"} for n in range(257)], "is not a list of 1 to 256 stacks"),
        (["prod"], "KEYSWITCH_STACKS[0]: is not a map of texts"),
        ([{**PROD, "stack": 7}], "is not a map of texts"),
        ([PROD, {**PROD, "role": "x"}], "KEYSWITCH_STACKS[1]: role is unknown"),
        ([{**PROD, "stack": "--> x"}], "stack is not the name of a stack"),
        ([{**PROD, "stack": "--yes"}], "stack is not the name of a stack"),
        ([{**PROD, "environment": ""}], "environment is missing"),
        ([{**PROD, "apply_role": ""}], "apply_role is not the ARN of a role"),
        ([{**PROD, "preview_role": "arn:aws:iam::123456789012:user/x"}], "preview_role is not the ARN of a role"),
        ([{**PROD, "engine": "terraform"}], "engine is not pulumi or none"),
        ([PROD, PROD], "prod is listed twice"),
    ],
)
def test_a_wrong_setting_fails(tmp_path: Path, value: Any, says: str) -> None:
    """A merge must not look applied when it is not."""
    done = read(tmp_path, value if isinstance(value, str) else json.dumps(value))
    assert (done.code, done.outputs) == (1, {})
    assert done.log.startswith("::error title=keyswitch::")
    assert says in done.log
