"""Observation: who is asked about what, how often, and how it is said when a key is not found as declared."""

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import (
    AccessDenied,
    AccessKeyNotFound,
    KeyswitchError,
    Throttled,
    UserNotFound,
    WrongOwner,
)
from keyswitch.access_key.model import AccessKey
from keyswitch.switching.observation import observe
from tests.support.examples import ACCOUNT, ALICES, NEW, OLD, OPERATOR, ROLE, ROOT, ROOTS, SIGNING, UNKNOWN, key, used
from tests.support.fake_gateway import FakeGateway

BOBS = (key(OLD), key(NEW))
ALICE = key(ALICES, "alice")
OPERATORS = key(SIGNING, "operator")
ROOT_KEY = key(ROOTS, None)


def _only_problem(gateway: FakeGateway, *wanted: Desired) -> KeyswitchError:
    seen = observe(gateway, wanted)
    (problem,) = seen.problems.values()
    return problem


def test_a_named_owner_needs_one_listing_and_no_look_up():
    """Two keys of the same user are one call."""
    gateway = FakeGateway(*BOBS, caller=ROLE)
    seen = observe(gateway, [Desired(OLD, "bob"), Desired(NEW, "bob")])
    assert seen.keys == {OLD: BOBS[0], NEW: BOBS[1]}
    assert seen.problems == {}
    assert gateway.calls == [("access_keys", "bob")]


def test_an_owner_that_is_left_out_is_looked_up_then_listed_once():
    """AWS says whose key it is; what it says of the last use is kept."""
    uses = {OLD: used(None), NEW: used(None)}
    gateway = FakeGateway(*BOBS, caller=ROLE, uses=uses)
    seen = observe(gateway, [Desired(OLD), Desired(NEW)])
    assert seen.keys == {OLD: BOBS[0], NEW: BOBS[1]}
    assert seen.keys_by_user == {"bob": BOBS}
    assert seen.last_used == uses
    assert gateway.count("access_keys") == {"bob": 1}
    assert gateway.count("last_used") == {OLD: 1, NEW: 1}


def test_a_key_seen_in_the_listing_of_another_entry_needs_no_look_up():
    """What is known is not asked again."""
    gateway = FakeGateway(*BOBS, caller=ROLE)
    seen = observe(gateway, [Desired(OLD, "bob"), Desired(NEW)])
    assert set(seen.keys) == {OLD, NEW}
    assert gateway.calls == [("access_keys", "bob")]


def test_the_signers_own_keys_are_found_without_a_look_up():
    """A user without iam:GetAccessKeyLastUsed can switch their own keys."""
    gateway = FakeGateway(OPERATORS)
    seen = observe(gateway, [Desired(SIGNING)])
    assert seen.keys == {SIGNING: OPERATORS}
    assert gateway.calls == [("access_keys", "operator")]


def test_the_signers_listing_may_fail_where_the_key_is_somebody_elses():
    """It was only a short cut."""
    failures = {("access_keys", "operator"): AccessDenied("denied", action="iam:ListAccessKeys")}
    gateway = FakeGateway(*BOBS, OPERATORS, uses={OLD: used(None)}, failures=failures)
    seen = observe(gateway, [Desired(OLD)])
    assert seen.keys == {OLD: BOBS[0]}
    assert seen.problems == {}


def test_every_user_is_listed_once_however_many_keys_are_declared():
    """One list call a user, whether named, looked up or signing."""
    uses = {OLD: used(None), ALICES: used(None, "alice")}
    gateway = FakeGateway(*BOBS, ALICE, OPERATORS, uses=uses)
    wanted = [Desired(OLD), Desired(NEW, "bob"), Desired(ALICES), Desired(SIGNING)]
    seen = observe(gateway, wanted)
    assert set(seen.keys) == {OLD, NEW, ALICES, SIGNING}
    assert gateway.count("access_keys") == {"bob": 1, "alice": 1, "operator": 1}
    assert gateway.count("last_used") == {ALICES: 1}


def test_a_wrong_owner_names_the_right_one():
    """The message can be pasted into the file."""
    gateway = FakeGateway(*BOBS, ALICE, caller=ROLE, uses={OLD: used(None)})
    problem = _only_problem(gateway, Desired(OLD, "alice"))
    assert isinstance(problem, WrongOwner)
    assert problem.what == f"{OLD} belongs to user bob, not to alice"
    assert "userName: bob" in problem.next_step


def test_a_wrong_owner_who_does_not_exist_names_the_right_one():
    """Better than to say that there is no such user."""
    problem = _only_problem(FakeGateway(*BOBS, caller=ROLE, uses={OLD: used(None)}), Desired(OLD, "robert"))
    assert isinstance(problem, WrongOwner)
    assert "belongs to user bob, not to robert" in problem.what


def test_a_missing_user_is_named_with_the_account():
    """Where AWS does not say whose key it is, the user is what is wrong."""
    problem = _only_problem(FakeGateway(*BOBS, caller=ROLE), Desired(UNKNOWN, "robert"))
    assert isinstance(problem, UserNotFound)
    assert "robert" in problem.what
    assert ACCOUNT in problem.what
    assert UNKNOWN in problem.what


@pytest.mark.parametrize("keys", [BOBS, ()], ids=["others", "none"])
def test_a_user_without_that_key_is_said_to_be_without_it(keys):
    """The user exists, the key does not."""
    problem = _only_problem(FakeGateway(*keys, users=("bob",), caller=ROLE), Desired(UNKNOWN, "bob"))
    assert isinstance(problem, AccessKeyNotFound)
    assert problem.what == f"User bob of account {ACCOUNT} has no access key {UNKNOWN}"


def test_an_unknown_key_says_both_possibilities():
    """AWS answers the same for a key that is not there and for a missing permission; so does the message."""
    problem = _only_problem(FakeGateway(*BOBS, caller=ROLE), Desired(UNKNOWN))
    assert isinstance(problem, AccessKeyNotFound)
    assert UNKNOWN in problem.what
    assert ROLE.arn in problem.what
    assert "Check the key ID" in problem.next_step
    assert "iam:GetAccessKeyLastUsed" in problem.next_step
    assert "userName" in problem.next_step


def test_a_key_that_goes_between_look_up_and_listing_is_not_found():
    """It was deleted meanwhile; nothing is made up."""
    gateway = FakeGateway(key(NEW), caller=ROLE, uses={OLD: used(None)})
    assert isinstance(_only_problem(gateway, Desired(OLD)), AccessKeyNotFound)


@pytest.mark.parametrize("caller", [OPERATOR, ROLE], ids=["a user", "a role"])
def test_a_root_key_is_refused_unless_root_signs(caller):
    """Nothing is even asked, since only root can list its keys."""
    gateway = FakeGateway(ROOT_KEY, caller=caller)
    problem = _only_problem(gateway, Desired(ROOTS, root=True))
    assert isinstance(problem, WrongOwner)
    assert caller.arn in problem.what
    assert gateway.calls == []


def test_root_finds_its_own_key():
    """One listing without a user, no look-up."""
    gateway = FakeGateway(ROOT_KEY, caller=ROOT)
    seen = observe(gateway, [Desired(ROOTS, root=True)])
    assert seen.keys == {ROOTS: ROOT_KEY}
    assert seen.keys_by_user == {None: (ROOT_KEY,)}
    assert gateway.calls == [("access_keys", None)]


def test_root_finds_other_users_keys_too():
    """Root signs, but the key is declared as anybody's."""
    gateway = FakeGateway(ROOT_KEY, *BOBS, caller=ROOT, uses={OLD: used(None)})
    seen = observe(gateway, [Desired(ROOTS, root=True), Desired(OLD), Desired(NEW, "bob")])
    assert set(seen.keys) == {ROOTS, OLD, NEW}


def test_a_users_key_declared_as_roots_is_not_found_among_roots():
    """`root: true` is believed only if root has the key."""
    gateway = FakeGateway(ROOT_KEY, *BOBS, caller=ROOT)
    seen = observe(gateway, [Desired(OLD, root=True), Desired(NEW, "bob")])
    assert set(seen.keys) == {NEW}
    assert isinstance(seen.problems[OLD], AccessKeyNotFound)


def test_a_failed_listing_is_told_for_its_keys_only():
    """One user who cannot be listed does not hide the others."""
    error = AccessDenied("iam:ListAccessKeys of user bob was denied", action="iam:ListAccessKeys")
    gateway = FakeGateway(*BOBS, ALICE, caller=ROLE, failures={("access_keys", "bob"): error})
    seen = observe(gateway, [Desired(OLD, "bob"), Desired(NEW, "bob"), Desired(ALICES, "alice")])
    assert seen.keys == {ALICES: ALICE}
    assert seen.keys_by_user == {"alice": (ALICE,)}
    assert seen.problems == {OLD: error, NEW: error}
    assert gateway.asked("last_used") == []


def test_a_failed_look_up_is_told_for_its_key_only():
    """One key that cannot be looked up does not hide the others."""
    error = Throttled("throttled")
    failures = {("last_used", OLD): error}
    gateway = FakeGateway(*BOBS, ALICE, caller=ROLE, uses={ALICES: used(None, "alice")}, failures=failures)
    seen = observe(gateway, [Desired(OLD), Desired(ALICES)])
    assert set(seen.keys) == {ALICES}
    assert seen.problems == {OLD: error}


def test_a_failed_listing_of_an_owner_that_was_looked_up_is_told():
    """The key is there, but the owner may not be listed: that is what is said."""
    error = AccessDenied("iam:ListAccessKeys of user bob was denied", action="iam:ListAccessKeys")
    gateway = FakeGateway(*BOBS, caller=ROLE, uses={OLD: used(None)}, failures={("access_keys", "bob"): error})
    assert _only_problem(gateway, Desired(OLD)) is error


def test_a_user_whose_listing_failed_is_not_listed_again():
    """Also where a look-up names the same user for another entry."""
    error = AccessDenied("iam:ListAccessKeys of user bob was denied", action="iam:ListAccessKeys")
    gateway = FakeGateway(*BOBS, caller=ROLE, uses={OLD: used(None)}, failures={("access_keys", "bob"): error})
    assert observe(gateway, [Desired(OLD), Desired(NEW, "bob")]).problems == {OLD: error, NEW: error}
    assert gateway.count("access_keys") == {"bob": 1}


def test_a_failed_listing_of_root_is_told_for_roots_keys():
    """It is not said that there is no such key, when nobody could look."""
    error = Throttled("iam:ListAccessKeys of the root user was throttled")
    gateway = FakeGateway(ROOT_KEY, caller=ROOT, failures={("access_keys", None): error})
    assert _only_problem(gateway, Desired(ROOTS, root=True)) is error


def test_a_failed_listing_of_root_is_told_for_roots_keys_only():
    """An entry without an owner is looked up all the same."""
    error = Throttled("iam:ListAccessKeys of the root user was throttled")
    failures = {("access_keys", None): error}
    gateway = FakeGateway(ROOT_KEY, *BOBS, caller=ROOT, uses={OLD: used(None)}, failures=failures)
    seen = observe(gateway, [Desired(ROOTS, root=True), Desired(OLD)])
    assert seen.keys == {OLD: BOBS[0]}
    assert seen.problems == {ROOTS: error}


def test_a_key_of_root_needs_root_true_whatever_else_is_declared():
    """Whether an entry is right does not depend on its neighbours."""
    another = AccessKey("AKIAROOTEXAMPLE00002", None, "Active")
    uses = {ROOTS: used(None, None)}
    alone = observe(FakeGateway(ROOT_KEY, another, caller=ROOT, uses=uses), [Desired(ROOTS)])
    gateway = FakeGateway(ROOT_KEY, another, caller=ROOT, uses=uses)
    beside = observe(gateway, [Desired(ROOTS), Desired(another.access_key_id, root=True)])
    assert isinstance(alone.problems[ROOTS], WrongOwner)
    assert str(alone.problems[ROOTS]) == str(beside.problems[ROOTS])
    assert set(beside.keys) == {another.access_key_id}


def test_a_remembered_owner_spares_the_look_up():
    """Whose key it was is known from the last update: one listing shows that it still is."""
    gateway = FakeGateway(*BOBS, caller=ROLE)
    seen = observe(gateway, [Desired(OLD), Desired(NEW)], {OLD: "bob", NEW: "bob"})
    assert set(seen.keys) == {OLD, NEW}
    assert gateway.calls == [("access_keys", "bob")]


def test_a_remembered_owner_spares_the_listing_of_the_signers_keys():
    """Who signs is only asked for where nobody is named or remembered."""
    gateway = FakeGateway(*BOBS, OPERATORS)
    observe(gateway, [Desired(OLD)], {OLD: "bob"})
    assert gateway.calls == [("access_keys", "bob")]


def test_a_declared_owner_goes_before_a_remembered_one():
    """Memory is a hint, the configuration is a demand."""
    gateway = FakeGateway(*BOBS, ALICE, caller=ROLE, uses={OLD: used(None)})
    seen = observe(gateway, [Desired(OLD, "alice")], {OLD: "bob"})
    assert isinstance(seen.problems[OLD], WrongOwner)


@pytest.mark.parametrize(
    ("remembered", "users"), [("robert", ()), ("robert", ("robert",))], ids=["renamed", "remembered wrongly"]
)
def test_a_remembered_owner_who_is_it_no_longer_is_looked_up_again(remembered, users):
    """A user that was renamed keeps the key; nothing is believed that AWS does not show."""
    gateway = FakeGateway(*BOBS, users=users, caller=ROLE, uses={OLD: used(None)})
    seen = observe(gateway, [Desired(OLD)], {OLD: remembered})
    assert seen.keys == {OLD: BOBS[0]}
    assert gateway.calls == [("access_keys", remembered), ("last_used", OLD), ("access_keys", "bob")]


def test_a_remembered_owner_is_no_help_for_a_key_of_root():
    """Root signs for itself; who else was thought to own the key does not matter."""
    gateway = FakeGateway(ROOT_KEY, caller=ROOT)
    assert observe(gateway, [Desired(ROOTS, root=True)], {ROOTS: "bob"}).keys == {ROOTS: ROOT_KEY}
    assert gateway.calls == [("access_keys", None)]


def test_a_failed_listing_of_a_remembered_owner_is_told_where_the_look_up_says_nothing():
    """It is not said that there is no such key, when nobody could look."""
    error = Throttled("iam:ListAccessKeys of user bob was throttled")
    gateway = FakeGateway(*BOBS, caller=ROLE, failures={("access_keys", "bob"): error})
    assert observe(gateway, [Desired(OLD)], {OLD: "bob"}).problems == {OLD: error}


def test_every_key_that_is_not_found_is_told():
    """All problems together, in the order of the entries."""
    wanted = [Desired(UNKNOWN, "robert"), Desired(OLD, "bob"), Desired(UNKNOWN + "X", "bob"), Desired(ROOTS, root=True)]
    seen = observe(FakeGateway(*BOBS, caller=ROLE), wanted)
    assert [(key_id, type(problem)) for key_id, problem in seen.problems.items()] == [
        (UNKNOWN, UserNotFound),
        (UNKNOWN + "X", AccessKeyNotFound),
        (ROOTS, WrongOwner),
    ]
    assert set(seen.keys) == {OLD}


def test_nothing_declared_asks_nothing():
    """An empty map of keys is answered without AWS."""
    gateway = FakeGateway(*BOBS)
    assert observe(gateway, []).keys == {}
    assert gateway.calls == []


def test_observing_tells_of_listings_and_look_ups():
    """The two things that take long in a large account."""
    uses = {OLD: used(None), NEW: used(None), ALICES: used(None, "alice")}
    heard = []
    gateway = FakeGateway(*BOBS, ALICE, caller=ROLE, uses=uses, users=("x", "y"))
    wanted = [Desired(OLD), Desired(ALICES), Desired(UNKNOWN, "x"), Desired(UNKNOWN + "Y", "y")]
    observe(gateway, wanted, progress=lambda *said: heard.append(said))
    assert heard[:3] == [
        ("listing the keys of users", 1, 2),
        ("listing the keys of users", 2, 2),
        ("looking up owners", 1, 4),
    ]
