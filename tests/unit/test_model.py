"""What IAM's own constraints let through, and in which words the rest is refused."""

import pytest

from keyswitch.access_key.model import (
    AccessKey,
    Caller,
    Credential,
    Status,
    access_key_id_problem,
    shown,
    status_problem,
    user_name_problem,
)
from tests.support.examples import ACCOUNT, OLD, OPERATOR, ROLE, ROOT, ROOTS, SECRET, SIGNING, TEMPORARY


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("AKIAIOSFODNN7EXAMPLE", id="the documented example"),
        pytest.param("A" * 16, id="16 characters"),
        pytest.param("A" * 128, id="128 characters"),
        pytest.param("akia_with_underscore", id="lower case and underscores"),
        pytest.param("A" * 40, id="40 capitals are no secret"),
    ],
)
def test_an_access_key_id_is_what_iam_accepts(value):
    """Whatever IAM's pattern lets through is let through."""
    assert access_key_id_problem(value) is None


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("A" * 15, id="15 characters"),
        pytest.param("A" * 129, id="129 characters"),
        pytest.param("AKIA-IOSFODNN7EXAMPLE", id="a dash"),
        pytest.param("AKIAIOSFODNN7EXAMPLE\n", id="a line end"),
        pytest.param("AKIAIOSFODNN7EXÄMPLE", id="a letter beyond ASCII"),
        pytest.param("", id="empty"),
        pytest.param(None, id="null"),
        pytest.param(True, id="a truth value"),
    ],
)
def test_what_cannot_be_an_access_key_id_is_refused(value):
    """The message shows the value and says what is accepted."""
    problem = access_key_id_problem(value)
    assert problem is not None
    assert shown(value) in problem
    assert "16 to 128 letters, digits or underscores" in problem


def test_a_temporary_access_key_is_refused_for_what_it_is():
    """An ASIA key has no status to switch, and the message says so."""
    problem = access_key_id_problem("ASIAIOSFODNN7EXAMPLE")
    assert problem is not None
    assert "temporary" in problem


def test_a_secret_in_place_of_an_id_is_never_shown():
    """What looks like a secret access key is told to be rotated, not repeated."""
    problem = access_key_id_problem(SECRET)
    assert problem is not None
    assert "leaked" in problem
    assert SECRET not in problem


@pytest.mark.parametrize(
    "check", [pytest.param(status_problem, id="status"), pytest.param(user_name_problem, id="user name")]
)
def test_a_secret_in_place_of_another_value_is_never_shown(check):
    """The commonest slip, `AKIA…: <secret>`, does not end in a log either."""
    problem = check(SECRET)
    assert problem is not None
    assert SECRET not in problem


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("bob", id="plain"),
        pytest.param("b", id="one character"),
        pytest.param("b" * 128, id="128 characters"),
        pytest.param("ci+deploy=1,a.b@example-com_x", id="every mark IAM knows"),
    ],
)
def test_a_user_name_is_what_iam_accepts(value):
    """Whatever IAM's pattern lets through is let through."""
    assert user_name_problem(value) is None


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        pytest.param("bob smith", "'bob smith'", id="a space"),
        pytest.param("team/bob", "'team/bob'", id="a path"),
        pytest.param("böb", "'böb'", id="a letter beyond ASCII"),
        pytest.param("", "''", id="empty"),
        pytest.param("b" * 129, "a text of 129 characters", id="129 characters"),
    ],
)
def test_what_cannot_be_a_user_name_is_refused(value, shown):
    """The message shows the value, shortened where it is long, and says what is accepted."""
    problem = user_name_problem(value)
    assert problem is not None
    assert problem.startswith(f"{shown} is not an IAM user name: 1 to 128")


def test_a_user_name_of_digits_without_quotes_is_told_to_be_quoted():
    """`userName: 12345` is a legal name in YAML's wrong type; the message does not claim that digits are illegal."""
    problem = user_name_problem(12345)
    assert problem is not None
    assert "quote" in problem


@pytest.mark.parametrize("value", ["Active", "Inactive"])
def test_the_two_statuses_are_accepted(value):
    """Exactly IAM's two words may be asked for."""
    assert status_problem(value) is None
    assert Status(value).value == str(Status(value)) == value


@pytest.mark.parametrize(
    ("value", "said"),
    [
        pytest.param(
            "inactive", "'inactive' is not a status: write Active or Inactive (did you mean Inactive?)", id="lower"
        ),
        pytest.param("ACTIVE", "did you mean Active?", id="capitals"),
        pytest.param("Expired", "AWS may show this status", id="Expired"),
        pytest.param(True, "true is not a status", id="a truth value"),
        pytest.param(False, "YAML reads it as a truth value", id="off"),
        pytest.param("disabled", "'disabled' is not a status: write Active or Inactive", id="another word"),
        pytest.param("", "'' is not a status", id="empty"),
        pytest.param(1, "1 is not a status", id="a number"),
        pytest.param(["Active"], "write Active or Inactive", id="a list"),
        pytest.param(None, "write Active or Inactive", id="null"),
    ],
)
def test_any_other_status_is_refused_with_a_hint(value, said):
    """The message names the two words that are accepted and, where it can, the one that was meant."""
    problem = status_problem(value)
    assert problem is not None
    assert said in problem
    assert "write Active or Inactive" in problem


@pytest.mark.parametrize(("status", "is_active"), [("Active", True), ("Inactive", False), ("Expired", False)])
def test_only_active_is_active(status, is_active):
    """A status that IAM may show but nobody may ask for is simply not active."""
    assert AccessKey("AKIAIOSFODNN7EXAMPLE", "bob", status).is_active is is_active


def _caller(arn: str, access_key_id: str = "AKIAOPERATOREXAMPLE1") -> Caller:
    return Caller(ACCOUNT, arn, access_key_id, access_key_id)


@pytest.mark.parametrize(
    ("caller", "user_name", "is_root", "signs_with_own_key"),
    [
        pytest.param(OPERATOR, "operator", False, True, id="a user"),
        pytest.param(_caller(f"arn:aws:iam::{ACCOUNT}:user/a/b/bob"), "bob", False, True, id="a user with a path"),
        pytest.param(_caller(f"arn:aws-us-gov:iam::{ACCOUNT}:user/bob"), "bob", False, True, id="another partition"),
        pytest.param(
            _caller(f"arn:aws:iam::{ACCOUNT}:user/bob", "ASIATEMPORARYEXAMPLE"),
            "bob",
            False,
            False,
            id="a user's session",
        ),
        pytest.param(ROOT, None, True, True, id="root"),
        pytest.param(
            _caller(f"arn:aws:iam::{ACCOUNT}:root", "ASIATEMPORARYEXAMPLE"), None, True, False, id="a session of root"
        ),
        pytest.param(ROLE, None, False, False, id="an assumed role"),
        pytest.param(
            _caller(f"arn:aws:sts::{ACCOUNT}:federated-user/bob", "ASIATEMPORARYEXAMPLE"),
            None,
            False,
            False,
            id="federated",
        ),
        pytest.param(_caller(f"arn:aws:iam::{ACCOUNT}:user/root"), "root", False, True, id="a user who is called root"),
    ],
)
def test_the_caller_says_who_signs(caller, user_name, is_root, signs_with_own_key):
    """The ARN alone tells user, root and all others apart; a temporary key is never the user's own."""
    assert caller.user_name == user_name
    assert caller.is_root is is_root
    assert caller.signs_with_own_key is signs_with_own_key


BOB, ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:user/team/bob", f"arn:aws:iam::{ACCOUNT}:root"


@pytest.mark.parametrize(
    ("access_key_id", "arn", "user_name", "is_session"),
    [
        pytest.param(TEMPORARY, BOB, "bob", True, id="a session of the user"),
        pytest.param(TEMPORARY, BOB, "alice", False, id="a session of another user"),
        pytest.param(TEMPORARY, BOB, None, False, id="a user's session is none of root's"),
        pytest.param(TEMPORARY, ROOT_ARN, None, True, id="a session of root"),
        pytest.param(TEMPORARY, ROOT_ARN, "root", False, id="root's session is none of a user called root"),
        pytest.param(TEMPORARY, f"arn:aws:iam::{ACCOUNT}:user/root", None, False, id="a user called root is not root"),
        pytest.param(TEMPORARY, ROLE.arn, "switch", False, id="a role is no user"),
        pytest.param(TEMPORARY, None, "bob", False, id="not asked whose"),
        pytest.param(SIGNING, BOB, "bob", False, id="a long-term key is no session"),
    ],
)
def test_a_session_is_told_by_its_key_and_its_arn(access_key_id, arn, user_name, is_session):
    """Temporary, and of that very user: then it was made with one of the user's keys."""
    assert Credential(access_key_id, "{}", arn).is_session_of(user_name) is is_session


STATE = Credential(OLD, "Pulumi reads its state (s3://state) with {}")


@pytest.mark.parametrize(
    ("caller", "credentials"),
    [
        pytest.param(OPERATOR, [(SIGNING, "this run signs with this key", OPERATOR.arn)], id="a user"),
        pytest.param(ROOT, [(ROOTS, "this run signs with this key", ROOT.arn)], id="root"),
        pytest.param(
            ROLE,
            [
                (TEMPORARY, "this run signs with this key", ROLE.arn),
                (SIGNING, f"this run assumed {ROLE.arn} with this key", None),
            ],
            id="a role",
        ),
        pytest.param(
            Caller(ACCOUNT, ROLE.arn, TEMPORARY, "ASIASOURCEEXAMPLE001", BOB, (STATE,)),
            [
                (TEMPORARY, "this run signs with this key", ROLE.arn),
                ("ASIASOURCEEXAMPLE001", f"this run assumed {ROLE.arn} with this key", BOB),
                (OLD, "Pulumi reads its state (s3://state) with this key", None),
            ],
            id="a role of a session, and a state elsewhere",
        ),
    ],
)
def test_a_run_depends_on_what_signs_what_assumed_and_what_else_signs(caller, credentials):
    """Each with what it is for, in words."""
    found = [(c.access_key_id, c.said_of("this key"), c.arn) for c in caller.credentials]
    assert found == credentials


@pytest.mark.parametrize(
    ("value", "quoted"),
    [
        pytest.param("word", "'word'", id="a text"),
        pytest.param("x" * 65, "a text of 65 characters", id="a long text"),
        pytest.param(None, "nothing", id="null"),
        pytest.param(False, "false", id="a truth value"),
        pytest.param(7, "7", id="a number"),
        pytest.param({"a": 1}, "a map", id="a map"),
        pytest.param([1], "a list", id="a list"),
    ],
)
def test_a_value_is_quoted_as_yaml_writes_it(value, quoted):
    """Messages never speak Python, and stay short."""
    assert shown(value) == quoted
