"""One entry of `keyswitch:keys`: what is accepted, and how the rest is refused."""

import pytest

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName
from keyswitch.configuration.entry import entry_problems, parse_entry
from tests.support.examples import OLD, SECRET


def _problems(fields: dict[str, object], access_key_id: object = OLD) -> dict[str, str]:
    desired, problems = parse_entry(access_key_id, fields)
    assert (desired is None) is bool(problems)
    assert len({problem.field for problem in problems}) == len(problems)
    return {problem.field: problem.text for problem in problems}


def test_an_empty_entry_only_observes():
    """All fields have a default that changes nothing."""
    assert parse_entry(OLD, {}) == (Desired(OLD), [])


_WHOLE = Desired(
    OLD, "bob", Status.INACTIVE, "OPS-1234", OnRemoval.RESTORE, frozenset({GuardName.RECENTLY_USED}), root=False
)


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(
            {
                "userName": "bob",
                "status": "Inactive",
                "reason": "OPS-1234",
                "onRemoval": "restore",
                "allow": ["recentlyUsed"],
                "root": False,
            },
            id="camelCase, as in the configuration",
        ),
        pytest.param(
            {
                "user_name": "bob",
                "status": Status.INACTIVE,
                "reason": "OPS-1234",
                "on_removal": OnRemoval.RESTORE,
                "allow": [GuardName.RECENTLY_USED],
                "root": False,
            },
            id="snake_case, as in Python",
        ),
    ],
)
def test_a_whole_entry_is_read_in_either_spelling(fields):
    """The configuration and Python write the same entry in their own way."""
    assert parse_entry(OLD, fields) == (_WHOLE, [])


def test_a_root_entry_has_no_user():
    """`root: true` stands for the owner."""
    desired, problems = parse_entry(OLD, {"root": True, "status": "Inactive"})
    assert problems == []
    assert desired == Desired(OLD, status=Status.INACTIVE, root=True)


@pytest.mark.parametrize(("given", "meant"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_root_may_stand_in_quotes(given, meant):
    """As any other truth value."""
    assert parse_entry(OLD, {"root": given}) == (Desired(OLD, root=meant), [])
    assert parse_entry(OLD, {"root": "false", "userName": "bob"}) == (Desired(OLD, "bob"), [])


def test_a_reason_over_several_lines_becomes_one_line():
    """It is shown in one line of a preview."""
    desired, _ = parse_entry(OLD, {"reason": "  OPS-1234\n  moved to   OIDC\n"})
    assert desired is not None
    assert desired.reason == "OPS-1234 moved to OIDC"


@pytest.mark.parametrize(
    ("fields", "field", "said"),
    [
        pytest.param({"status": "inactive"}, "status", "did you mean Inactive?", id="status in another case"),
        pytest.param({"status": "Expired"}, "status", "nobody can ask for it", id="status Expired"),
        pytest.param({"status": True}, "status", "true is not a status", id="status true"),
        pytest.param({"status": None}, "status", "write Active or Inactive", id="status without a value"),
        pytest.param({"userName": "bob smith"}, "userName", "not an IAM user name", id="user name with a space"),
        pytest.param({"userName": "b" * 129}, "userName", "129 characters", id="user name too long"),
        pytest.param({"userName": ""}, "userName", "not an IAM user name", id="user name empty"),
        pytest.param({"userName": None}, "userName", "not an IAM user name", id="user name without a value"),
        pytest.param({"reason": "   "}, "reason", "leave the line out", id="reason of spaces"),
        pytest.param({"reason": 1234}, "reason", "expected a text", id="reason is a number"),
        pytest.param(
            {"onRemoval": "keep"},
            "onRemoval",
            "'keep' is not accepted: write 'leave', 'restore' or 'deactivate'",
            id="onRemoval",
        ),
        pytest.param({"root": "yes"}, "root", "write true or false, not 'yes'", id="root as text"),
        pytest.param({"root": 1}, "root", "write true or false, not 1", id="root as number"),
        pytest.param({"root": None}, "root", "write true or false, not nothing", id="root without a value"),
        pytest.param({"reason": None}, "reason", "expected a text, not nothing", id="reason without a value"),
        pytest.param({"onRemoval": None}, "onRemoval", "nothing is not accepted", id="onRemoval without a value"),
        pytest.param({"allow": None}, "allow", "expected a list, not nothing", id="allow without a value"),
        pytest.param({"allow": {}}, "allow", "expected a list, not a map", id="allow is a map"),
        pytest.param({"root": "true", "userName": "bob"}, "root", "either root or", id="root in quotes and a user"),
        pytest.param({"allow": "recentlyUsed", "reason": "x"}, "allow", "list", id="allow is no list"),
        pytest.param(
            {"allow": ["recentlyused"], "reason": "x"},
            "allow.0",
            "'recentlyused' is not accepted",
            id="allow names no guard",
        ),
        pytest.param({"allow": ["recentlyUsed"]}, "allow", "needs a reason", id="allow without a reason"),
        pytest.param({"root": True, "userName": "bob"}, "root", "either root or the owner", id="root and a user"),
        pytest.param({"statsu": "Active"}, "statsu", "did you mean status?", id="unknown field"),
        pytest.param(
            {"owner": "bob"},
            "owner",
            "Accepted: userName, status, reason, onRemoval, allow, root",
            id="unlike any field",
        ),
        pytest.param({"on_remval": "leave"}, "on_remval", "did you mean on_removal?", id="hint in the same spelling"),
    ],
)
def test_what_is_not_accepted_is_said_with_its_field(fields, field, said):
    """One problem a slip, in the words of the configuration, under the name that was written."""
    problems = _problems(fields)
    assert list(problems) == [field]
    assert said in problems[field]


@pytest.mark.parametrize(
    ("access_key_id", "said"),
    [
        pytest.param("AKIATOOSHORT", "16 to 128", id="too short"),
        pytest.param("A" * 129, "16 to 128", id="too long"),
        pytest.param("AKIA-IOSFODNN7EXAMPLE", "16 to 128", id="with a dash"),
        pytest.param("ASIAIOSFODNN7EXAMPLE", "temporary", id="temporary"),
        pytest.param(SECRET, "looks like a secret access key", id="a secret"),
    ],
)
def test_an_id_that_cannot_be_one_is_a_problem_of_the_id(access_key_id, said):
    """It is told beside the problems of the fields."""
    problems = _problems({"status": "on"}, access_key_id)
    assert list(problems) == ["access_key_id", "status"]
    assert said in problems["access_key_id"]


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"status": SECRET}, id="status"),
        pytest.param({"userName": SECRET}, id="user name"),
        pytest.param({"onRemoval": SECRET}, id="onRemoval"),
        pytest.param({"allow": [SECRET], "reason": "x"}, id="allow"),
        pytest.param({"root": SECRET}, id="root"),
        pytest.param({"secretAccessKey": SECRET}, id="a field of its own"),
        pytest.param({SECRET: "x"}, id="the name of a field"),
    ],
)
def test_a_secret_in_the_wrong_place_is_never_shown(fields):
    """Neither text nor field of a problem repeats what looks like a secret access key."""
    problems = entry_problems(fields)
    assert problems
    assert not any(SECRET in str(problem) for problem in problems)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(
            {"statsu": "x", "userName": "a b", "onRemoval": "no"}, {"statsu", "userName", "onRemoval"}, id="fields"
        ),
        pytest.param(
            {"allow": ["recentlyUsed"], "root": True, "userName": "bob"}, {"allow", "root"}, id="combinations"
        ),
        pytest.param(
            {"allow": ["recentlyUsed"], "onRemoval": "keep"}, {"allow", "onRemoval"}, id="a field and a combination"
        ),
    ],
)
def test_all_problems_of_an_entry_are_told_at_once(fields, expected):
    """Nobody has to mend a file twice to see the second problem."""
    assert {problem.field for problem in entry_problems(fields)} == expected
