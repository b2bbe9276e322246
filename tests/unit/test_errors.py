"""The errors: one line says what happened, to which key, and what to do."""

import pytest

from keyswitch.access_key import errors
from keyswitch.access_key.errors import (
    AccessDenied,
    AccessKeyNotFound,
    GuardRefused,
    InvalidConfiguration,
    KeyswitchError,
    Problem,
    Throttled,
    combined,
    listed,
)


def test_an_error_says_what_happened_and_what_to_do():
    """The text is one line: what, then the next step."""
    error = Throttled("iam:ListAccessKeys of user bob was throttled", "Repeat the run")
    assert str(error) == "iam:ListAccessKeys of user bob was throttled. Repeat the run"
    assert (error.what, error.next_step) == ("iam:ListAccessKeys of user bob was throttled", "Repeat the run")


def test_an_error_without_a_next_step_ends_with_what_happened():
    """No stray punctuation where there is nothing to do."""
    assert str(KeyswitchError("bob is gone")) == "bob is gone"


def test_a_refusal_by_aws_carries_the_missing_permission():
    """A program can read the action, too."""
    assert AccessDenied("denied", action="iam:UpdateAccessKey").action == "iam:UpdateAccessKey"


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (Problem("is odd"), "is odd"),
        (Problem("is odd", "status"), "status: is odd"),
        (Problem("is odd", where="a.yaml:7"), "a.yaml:7: is odd"),
        (Problem("is odd", "status", "a.yaml:7"), "a.yaml:7: status: is odd"),
    ],
    ids=["text only", "with the field", "with the place", "with both"],
)
def test_a_problem_says_where_then_what(problem, text):
    """Editors can jump to the place, since it comes first."""
    assert str(problem) == text


def test_one_problem_stays_on_one_line_and_several_become_a_list():
    """A log that keeps only the first line still says that there are more."""
    assert listed("no good", ["a"]) == "no good: a"
    assert listed("no good", ["a", "b"]) == "no good, 2 problems:\n  - a\n  - b"


def test_an_invalid_configuration_carries_all_its_problems():
    """The problems can be read one by one, and all are in the text."""
    problems = [Problem("is odd", "status", "a.yaml:7"), Problem("is even", "reason", "a.yaml:8")]
    error = InvalidConfiguration(iter(problems))
    assert error.problems == tuple(problems)
    assert all(str(problem) in str(error) for problem in problems)


def test_several_errors_are_told_once_each():
    """The same error for many keys is one line, in the order of their first appearance."""
    assert combined([KeyswitchError("b"), KeyswitchError("a"), KeyswitchError("b")]) == "2 problems:\n  - b\n  - a"


_REFUSED = GuardRefused(["bob: used", "eve: used"], "To do it all the same, write", ["bob:", "  allow: [used]"])


def test_a_refusal_carries_what_lets_it_pass():
    """A program can read the lines, a person copies them."""
    assert str(_REFUSED).splitlines() == [
        "2 problems:",
        "  - bob: used",
        "  - eve: used",
        "To do it all the same, write:",
        "    bob:",
        "      allow: [used]",
    ]
    assert str(GuardRefused(["bob: used"], "Write", ["bob:"])).splitlines() == ["bob: used", "Write:", "    bob:"]


def test_a_refusal_among_other_errors_comes_apart_into_its_lines():
    """Every problem is one line of one list, and the remedy stands at the end, whatever the order."""
    gone = AccessKeyNotFound("there is no such key")
    assert combined([_REFUSED, gone]).splitlines() == [
        "3 problems:",
        "  - bob: used",
        "  - eve: used",
        "  - there is no such key",
        "To do it all the same, write:",
        "    bob:",
        "      allow: [used]",
    ]


def test_one_error_is_told_without_a_list():
    """Its text is the whole message."""
    assert combined([Throttled("slow down", "Repeat the run")]) == "slow down. Repeat the run"


def test_every_error_is_named_in_the_docstring_of_its_module():
    """The tree that is drawn there is the tree that there is."""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KeyswitchError)]
    assert len(kinds) > 10
    assert [kind.__name__ for kind in kinds if kind.__name__ not in (errors.__doc__ or "")] == []
