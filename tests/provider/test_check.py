"""Check: what may be declared. It is asked in every preview, for new keys and for known ones."""

import json
from typing import Any

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.provider_process import UNKNOWN, Checked, Difference, Host, Refused, Start
from tests.support.provider_states import inputs, recorded, seen
from tests.support.seeded import ALICE, BOB, BOBS_SECOND, CI, MISSING

BAD = [
    ("access_key_id", "AKIASHORT", "'AKIASHORT' is not an access key ID"),
    ("access_key_id", "AKIA-WITH-DASHES-HERE", "is not an access key ID"),
    ("access_key_id", "ASIATEMPORARYEXAMPLE", "is a temporary access key"),
    ("access_key_id", 12, "is not an access key ID"),
    ("access_key_id", None, "nothing is not an access key ID"),
    ("status", "inactive", "did you mean Inactive?"),
    ("status", "Expired", "nobody can ask for it"),
    ("status", True, "YAML reads it as a truth value"),
    ("status", "", "'' is not a status: write Active or Inactive"),
    ("user_name", "bob smith", "'bob smith' is not an IAM user name"),
    ("user_name", "", "'' is not an IAM user name"),
    ("user_name", 7, "is not an IAM user name"),
    ("root", "yes", "not 'yes'"),
    ("reason", " ", "is empty: write a reason"),
    ("reason", ["a", "b"], "expected a text, not a list"),
    ("on_removal", "delete", "'delete' is not accepted: write 'leave', 'restore' or 'deactivate'"),
    ("allow", "recentlyUsed", "expected a list"),
]


@pytest.mark.parametrize(
    ("name", "value", "said"), BAD, ids=[f"{name}={value!r}".replace(" ", "_") for name, value, _ in BAD]
)
def test_a_bad_value_fails_with_its_property(offline: Host, name: str, value: Any, said: str) -> None:
    """The failure names the property and what is accepted, and AWS is not asked."""
    ((failed, reason),) = offline.check(inputs(**{"reason": "OPS-1", name: value})).failures
    assert failed == name
    assert said in reason
    assert "\n" not in reason


def test_what_the_program_has_checked_counts_as_long_as_it_is_unchanged(offline: Host) -> None:
    """A transformation can change a resource between the program and the provider."""
    as_checked = inputs(status="Inactive", observed=seen(checked=inputs(status="Inactive")))
    assert offline.check(as_checked).failures == []
    ((failed, reason),) = offline.check(as_checked | {"status": "inactive"}).failures
    assert failed == "status"
    assert "did you mean Inactive?" in reason


def test_allow_needs_a_reason(offline: Host) -> None:
    """Whoever passes a guard says why."""
    ((failed, reason),) = offline.check(inputs(allow=["recentlyUsed"])).failures
    assert failed == "allow"
    assert "needs a reason: write why" in reason


def test_an_unknown_guard_is_named_with_its_place(offline: Host) -> None:
    """In a list, the item is pointed at."""
    ((failed, reason),) = offline.check(inputs(allow=["lastUsed"], reason="r")).failures
    assert failed.startswith("allow")
    assert "'recentlyUsed'" in reason


def test_root_and_a_user_exclude_each_other(offline: Host) -> None:
    """A key is root's or a user's."""
    assert offline.check(inputs(root=True, user_name="Bob")).failures == [
        ("root", "root has no user name: write either root or the owner")
    ]


def test_all_problems_come_at_once(offline: Host) -> None:
    """Four mistakes are four failures of one answer."""
    checked = offline.check(inputs("AKIASHORT", status="on", on_removal="delete", allow=["recentlyUsed"]))
    assert [name for name, _ in checked.failures] == ["access_key_id", "status", "on_removal", "allow"]


def test_what_looks_like_a_secret_is_not_repeated(offline: Host) -> None:
    """A secret access key pasted into the wrong place does not show up in the failure."""
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    ((failed, reason),) = offline.check(inputs(secret)).failures
    assert failed == "access_key_id"
    assert secret not in reason


class TestInputs:
    """What goes on to diff, create and update."""

    def test_they_are_echoed_without_what_the_program_saw(self, host: Host, sandbox: Sandbox) -> None:
        """`observed` only travels; everything else is stored as it was given."""
        given = inputs(
            CI, status="Inactive", user_name="ci-deploy", reason="INC-7", allow=["recentlyUsed"], ignore_status=True
        )
        assert host.check({**given, "observed": seen(CI)}).inputs == given

    def test_root_is_echoed(self, host: Host) -> None:
        """A truth value stays one."""
        given = inputs(root=True, status="Active")
        observed = json.dumps({"status": "Active", "account_id": "123456789012"})
        assert host.check({**given, "observed": observed}).inputs == given

    def test_what_the_program_saw_spares_every_look(self, offline: Host) -> None:
        """Check and Diff of a key that the program looked at need neither AWS nor credentials."""
        given = inputs(status="Inactive")
        checked = offline.check({**given, "observed": seen(status="Active")})
        assert checked.failures == []
        assert offline.diff(recorded(given), checked.inputs) == Difference(True)
        offline.check({**given, "observed": seen(status="Inactive")})
        assert offline.diff(recorded(given), checked.inputs) == Difference(False)

    def test_what_the_program_saw_is_not_looked_up_again(self, host: Host, sandbox: Sandbox) -> None:
        """The journal stays empty through Check and Diff of both of Bob's keys."""
        for key_id in (BOB, BOBS_SECOND):
            given = inputs(key_id, status="Inactive")
            checked = host.check({**given, "observed": seen(key_id, "Inactive")})
            assert host.diff(recorded(given), checked.inputs) == Difference(False)
        assert sandbox.journal == []


class TestDeclaredTwice:
    """One key has one declaration; the logical name tells two of them from one that is checked again."""

    def test_under_two_names(self, offline: Host) -> None:
        """The second name is refused, and both are told; the logical name is never stored."""
        given = inputs("AKIADECLAREDTWICE001", status="Active")
        observed = json.dumps({"status": "Active", "owner": "Bob", "account_id": "123456789012"})
        first = offline.check({**given, "declared_as": "bob", "observed": observed})
        again = offline.check({**given, "declared_as": "bob", "observed": observed})
        assert first == again == Checked(given, [])
        assert offline.check({**given, "declared_as": "robert", "observed": observed}).failures == [
            ("access_key_id", "AKIADECLAREDTWICE001 is declared twice, as bob and as robert: keep one")
        ]

    def test_under_its_id_and_a_name(self, offline: Host) -> None:
        """The ID is a logical name like any other, and need not be told."""
        given = {**inputs("AKIADECLAREDTWICE002", status="Active"), "observed": seen(BOB)}
        assert offline.check(given) == offline.check(given)
        assert offline.check({**given, "declared_as": "bob"}).failures == [
            ("access_key_id", "AKIADECLAREDTWICE002 is declared twice, as AKIADECLAREDTWICE002 and as bob: keep one")
        ]


class TestUnknownInputs:
    """In a preview, what another resource is still to make is not known."""

    @pytest.mark.parametrize("name", ["access_key_id", "user_name", "status", "reason", "on_removal"])
    def test_they_pass_and_are_echoed(self, offline: Host, name: str) -> None:
        """An unknown input is nobody's mistake, and nothing is looked up for its sake."""
        given = inputs(status="Inactive") | {name: UNKNOWN}
        checked = offline.check(given)
        assert (checked.inputs, checked.failures) == (given, [])

    def test_a_list_that_holds_one_is_not_known_either(self, offline: Host) -> None:
        """A guard that is still to come is not a misspelled one."""
        given = inputs(status="Inactive", reason="OPS-1", allow=["recentlyUsed", UNKNOWN])
        checked = offline.check(given)
        assert (checked.inputs, checked.failures) == (given, [])

    def test_known_ones_beside_them_are_checked(self, offline: Host) -> None:
        """A bad status is told although the owner is not known yet."""
        checked = offline.check(inputs(user_name=UNKNOWN, status="inactive", on_removal="delete"))
        assert [name for name, _ in checked.failures] == ["status", "on_removal"]

    def test_a_known_key_id_beside_them_is_checked(self, offline: Host) -> None:
        """A key ID that cannot be one is told although the owner is not known yet."""
        checked = offline.check(inputs("AKIASHORT", user_name=UNKNOWN))
        assert [name for name, _ in checked.failures] == ["access_key_id"]

    def test_a_reason_to_come_is_a_reason(self, offline: Host) -> None:
        """`allow` beside a reason that is not known yet is no mistake."""
        given = inputs(status="Inactive", allow=["recentlyUsed"], reason=UNKNOWN)
        assert offline.check(given).failures == []


class TestTheKeyItself:
    """Where the program did not look, Check does, so that a preview fails for the reasons of the update."""

    def test_it_must_be_there_as_declared(self, host: Host, sandbox: Sandbox) -> None:
        """What update would refuse, check refuses: no such key or user, another's key, a key in use, not root's."""
        for given, said in (
            (inputs(MISSING), f"AccessKeyNotFound: There is no access key {MISSING}"),
            (inputs(MISSING, user_name="nobody"), f"UserNotFound: {MISSING}: there is no IAM user nobody"),
            (inputs(BOB, user_name="alice"), f"WrongOwner: {BOB} belongs to user Bob, not to alice"),
            (inputs(CI, status="Inactive"), f"GuardRefused: ci-deploy {CI}: last used"),
            (inputs(BOB, root=True), f"WrongOwner: {BOB} is declared as a key of the root user"),
        ):
            with pytest.raises(Refused, match=rf"\A{said}"):
                host.check(given)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_refusal_says_what_to_write_in_the_program(self, host: Host) -> None:
        """A resource of one's own is not in the stack configuration: the remedy is the constructor's arguments."""
        given = inputs(CI, status="Inactive", reason='INC-7 "now"')
        with pytest.raises(Refused) as refused:
            host.check(given)
        _, how, remedy = str(refused.value).splitlines()
        assert how == "To do it all the same, declare:"
        assert remedy == (
            f'    AccessKeyStatus(…, access_key_id="{CI}", reason="INC-7 \\"now\\"", allow=["recentlyUsed"])'
        )
        assert host.check({**given, "allow": ["recentlyUsed"]}).failures == [], "and so it passes"

    def test_a_swap_of_two_resources(self, start: Start, sandbox: Sandbox) -> None:
        """What was declared before counts as done, so Bob is not left without a key: activation first, then it passes.

        Also where `lastActiveKey` blocks; in the other order it is refused, as it would be in the update.
        """
        new, old = inputs(BOBS_SECOND, status="Active"), inputs(BOB, status="Inactive")
        host = start(keyswitch__guards='{"lastActiveKey": "block"}')
        assert host.check(new).failures == host.check(old).failures == []
        assert [host.create(given).outputs["status"] for given in (new, old)] == ["Active", "Inactive"]
        sandbox.set_status(BOB, "Active")
        sandbox.set_status(BOBS_SECOND, "Inactive")
        with pytest.raises(Refused, match=r"^GuardRefused: Bob .* left without any active access key"):
            start(keyswitch__guards='{"lastActiveKey": "block"}').check(old)

    @pytest.mark.parametrize("in_state", [2, 5])
    def test_too_many_resources(self, start: Start, sandbox: Sandbox, in_state: int) -> None:
        """They are counted in the run, and compared with the number of keys in the state, which the program knows."""
        limits = '{"count": 2, "share": "40%"}'
        host = start(keyswitch__guards='{"tooManyAtOnce": "block"}', keyswitch__tooManyAtOnce=limits)
        seen_by_program = json.dumps({"keys": in_state})
        host.check({**inputs(BOB, status="Inactive"), "observed": seen_by_program})
        second = {**inputs(ALICE, status="Inactive"), "observed": seen_by_program}
        if in_state == 5:
            assert host.check(second).failures == []
        else:
            with pytest.raises(Refused, match=r"2 of 2 keys declared so far(.|\n)*count: 3"):
                host.check(second)
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_declared_account_is_required(self, start: Start) -> None:
        """`keyswitch:account` of another account refuses every key."""
        host = start(keyswitch__account="210987654321")
        with pytest.raises(Refused, match=r"^WrongAccount: The credentials belong to account 123456789012 .*keyswitch"):
            host.check(inputs(status="Active"))

    def test_bad_settings_of_the_stack_are_told_together(self, start: Start) -> None:
        """Settings are read from the stack's configuration, where objects are JSON."""
        host = start(keyswitch__account="123", keyswitch__guards='{"recentlyUsed": "never"}')
        with pytest.raises(Refused, match=r"^InvalidConfiguration: ") as refused:
            host.check(inputs(status="Active"))
        assert "keyswitch:account" in str(refused.value)
        assert "keyswitch:guards" in str(refused.value)

    def test_what_is_there_as_declared_passes(self, host: Host, sandbox: Sandbox) -> None:
        """So does a key without a declared owner, one that is only observed, and one that may pass the guard."""
        for given in (
            inputs(ALICE, status="Active"),
            inputs(BOB, user_name="Bob", status="Active"),
            inputs(CI),
            inputs(CI, status="Inactive", allow=["recentlyUsed"], reason="INC-7"),
        ):
            assert host.check(given).failures == []
        assert sandbox.actions()["UpdateAccessKey"] == 0

    def test_a_guard_may_be_turned_off(self, start: Start) -> None:
        """`keyswitch:guards` counts for single resources, too."""
        host = start(keyswitch__guards='{"recentlyUsed": "off"}')
        assert host.check(inputs(CI, status="Inactive")).failures == []

    def test_a_warning_is_said(self, host: Host) -> None:
        """A guard at `warn` stops nothing, but the user reads of it."""
        assert host.check(inputs(BOB, status="Inactive")).failures == []
        assert "Bob is left without any active access key" in host.said()

    def test_an_ignored_status_asks_no_guard(self, host: Host, sandbox: Sandbox) -> None:
        """Once adopted, a key whose status is ignored is never written, so no guard may stop the run."""
        given = inputs(CI, status="Inactive", ignore_status=True)
        assert host.check(given, olds=inputs(CI, status="Inactive", ignore_status=True)).failures == []
