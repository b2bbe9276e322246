"""A run that is handed one key after the other: what it remembers, asks once, writes, says and refuses."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import (
    AccessDenied,
    AccessKeyNotFound,
    EntryFailed,
    GuardRefused,
    NotAttempted,
    Throttled,
    WrongAccount,
    WrongOwner,
)
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.access_key.record import Recorded
from keyswitch.switching.adapter import Connected
from keyswitch.switching.memory import FRESH_SECONDS, Failed, Seen, Upcoming
from keyswitch.switching.run import Run
from tests.support.examples import ACCOUNT, ALICES, NEW, NOW, OLD, ROLE, key, many
from tests.support.fake_gateway import LittleIam

ELSEWHERE = "999999999999"
LENIENT = GuardPolicy(dict.fromkeys(GuardName, Level.OFF))
ONLY_MANY = GuardPolicy({**LENIENT.levels, GuardName.TOO_MANY_AT_ONCE: Level.WARN})


class Heard:
    """A voice that is written down."""

    def __init__(self):
        self.warnings, self.left, self.missing, self.done = [], [], [], []
        self.switched = []

    def warn(self, finding):
        self.warnings.append(str(finding.guard))

    def switched_meanwhile(self, live, declared):
        self.switched.append((live.access_key_id, live.status, str(declared)))

    def left_alone(self, access_key_id):
        self.left.append(access_key_id)

    def gone(self, access_key_id):
        self.missing.append(access_key_id)

    def removed(self, change, plan):
        assert change in plan.changes
        self.done.append((change.access_key_id, str(change.target)))


@pytest.fixture
def heard():
    return Heard()


@pytest.fixture
def iam():
    return LittleIam(key(OLD), key(NEW), key(ALICES, "alice", status="Inactive"), caller=ROLE)


@pytest.fixture
def run(iam, heard):
    return Run(lambda: Connected(iam, ACCOUNT, LENIENT), heard, lambda: NOW)


def off(access_key_id=OLD, user_name="bob", **more):
    return Desired(access_key_id, user_name, Status.INACTIVE, **more)


def on(access_key_id=ALICES, user_name="alice"):
    return Desired(access_key_id, user_name, Status.ACTIVE)


def seen(access_key_id=OLD, user_name="bob", status="Active", upcoming=(), at=None):
    return Seen(key(access_key_id, user_name, status=status), ACCOUNT, at, upcoming)


def record(desired, owner="bob", status="Active", at_adoption="Active", account=ACCOUNT):
    return Recorded(desired, status, owner, account, at_adoption)


class TestDeclare:
    """What is noted, and what is looked up, when a key is declared."""

    def test_a_key_that_was_seen_is_not_looked_up(self, heard):
        """Not even a connection is made."""
        run = Run(lambda: pytest.fail("it connects"), heard)
        assert run.declare(off(), OLD, seen()) == []

    def test_a_key_that_was_not_seen_is_looked_up_and_guarded(self, iam, heard):
        """So a preview fails as the update would, in the words of a program."""
        run = Run(lambda: Connected(iam), heard, lambda: NOW)
        iam._uses = {OLD: replace(iam.last_used(OLD), date=NOW, service_name="s3", region="us-east-1")}
        with pytest.raises(GuardRefused, match=r"recentlyUsed(.|\n)*AccessKeyStatus"):
            run.declare(off(), OLD, None)
        assert iam.journal == []

    def test_the_same_key_under_two_names_is_a_problem_that_names_both(self, run):
        """Checked twice under one name, it is none."""
        assert run.declare(off(), "a", seen()) == []
        assert run.declare(off(), "a", seen()) == []
        (problem,) = run.declare(off(), "b", seen())
        assert "as a and as b" in problem.text

    def test_keys_that_were_declared_before_count_as_switched(self, iam, heard):
        """Bob's second key leaves him without any."""
        run = Run(lambda: Connected(iam, None, GuardPolicy()), heard, lambda: NOW)
        run.declare(off(OLD), OLD, None)
        assert heard.warnings == []
        run.declare(off(NEW), NEW, None)
        assert heard.warnings == ["lastActiveKey"]

    @pytest.mark.parametrize(("in_state", "warnings"), [(0, ["tooManyAtOnce"]), (100, [])])
    def test_too_many_deactivations_are_warned_of_once(self, heard, in_state, warnings):
        """All keys that are declared so far count, or those of the state if they are more."""
        keys = many(12)
        run = Run(lambda: Connected(LittleIam(*keys, caller=ROLE), None, ONLY_MANY), heard, lambda: NOW)
        for each in keys:
            assert run.declare(off(each.access_key_id, each.user_name), each.access_key_id, None, in_state) == []
        assert heard.warnings == warnings

    def test_too_many_deactivations_are_refused_where_they_block(self, heard):
        """From the tenth on, and nothing is written."""
        keys, strict = (
            many(10),
            replace(ONLY_MANY, levels={**ONLY_MANY.levels, GuardName.TOO_MANY_AT_ONCE: Level.BLOCK}),
        )
        iam = LittleIam(*keys, caller=ROLE)
        run = Run(lambda: Connected(iam, None, strict), heard, lambda: NOW)
        for each in keys[:9]:
            run.declare(off(each.access_key_id, each.user_name), each.access_key_id, None)
        with pytest.raises(GuardRefused, match="10 of 10 keys declared so far"):
            run.declare(off(keys[9].access_key_id, keys[9].user_name), keys[9].access_key_id, None)
        assert iam.journal == []

    def test_another_account_than_declared_is_refused(self, iam, heard):
        """Before a key is looked up."""
        run = Run(lambda: Connected(iam, ELSEWHERE), heard)
        with pytest.raises(WrongAccount):
            run.declare(off(), OLD, None)
        assert iam.calls == []

    def test_a_wrong_owner_is_refused(self, run):
        """As in a plan."""
        with pytest.raises(WrongOwner):
            run.declare(off(user_name="alice"), OLD, None)


class TestFirstSeen:
    """How a key counts as seen."""

    def test_what_was_announced_counts(self, run, iam):
        """However the key is by now."""
        run.declare(off(), OLD, seen(status="Inactive"))
        assert run.first_seen(record(off())).status == "Inactive"
        assert iam.calls == []

    def test_a_user_is_listed_once_in_a_run(self, run, iam):
        """However many threads ask about however many keys."""
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda n: run.first_seen(record(off((OLD, NEW)[n % 2]))), range(16)))
        assert iam.count("access_keys") == {"bob": 1}

    def test_a_key_that_is_gone_is_an_error(self, run, iam):
        """It names the key and the way on."""
        iam.deleted_outside(OLD)
        with pytest.raises(AccessKeyNotFound, match=f"{OLD} is gone from AWS.*Remove it"):
            run.first_seen(record(off()))

    def test_a_state_of_another_account_is_refused_whether_the_key_was_seen_or_not(self, run):
        """The account of what was seen is compared, too."""
        for announced in (False, True):
            if announced:
                run.declare(off(), OLD, seen())
            with pytest.raises(WrongAccount, match=ELSEWHERE):
                run.first_seen(record(off(), account=ELSEWHERE))


class TestLookUp:
    """Whether a key is there, and whose it is by now."""

    def test_a_renamed_user_is_followed(self, run, iam):
        """The key is found where it is."""
        iam.renamed_outside("bob", "robert")
        assert run.look_up(record(off())).user_name == "robert"

    @pytest.mark.parametrize("kept", [True, False], ids=["the user is there", "the user is gone"])
    def test_gone_is_none(self, iam, heard, kept):
        """AWS lists the user without the key, or knows no such user."""
        iam.deleted_outside(OLD)
        if not kept:
            iam.deleted_outside(NEW)
            iam._users = {"alice"}
        assert Run(lambda: Connected(iam), heard).look_up(record(off())) is None

    @pytest.mark.parametrize("error", [Throttled("slow"), AccessDenied("no", action="iam:ListAccessKeys")], ids=repr)
    def test_what_cannot_be_looked_up_is_not_gone(self, run, iam, error):
        """A resource never leaves a state because of a missing permission."""
        iam.failures = {("access_keys", "bob"): error, ("last_used", OLD): error}
        with pytest.raises(type(error)):
            run.look_up(record(off()))

    def test_only_root_sees_the_keys_of_root(self, run):
        """Others are told so, not that it is gone."""
        with pytest.raises(WrongOwner, match="root"):
            run.look_up(record(Desired(OLD, root=True), owner=None))


class TestSwitch:
    """What is written."""

    def test_a_write_that_was_announced_is_done_and_read_back(self, run, iam):
        """The key, its account, and the status it had before."""
        run.declare(off(), OLD, seen())
        done = run.switch(off(), ACCOUNT)
        assert (done.key.status, done.account_id, done.status_at_adoption) == ("Inactive", ACCOUNT, "Active")
        assert iam.journal == [(OLD, Status.INACTIVE)]

    def test_what_was_not_announced_is_not_done(self, run, iam):
        """Somebody switched the key on since; the next run will show it."""
        run.declare(off(), OLD, seen(status="Inactive"))
        assert run.switch(off(), ACCOUNT).key.status == "Inactive"
        assert iam.calls == []

    def test_what_was_never_seen_is_looked_up(self, run, iam):
        """An update without a check before, as an engine may ask for."""
        assert run.switch(off(), None).key.status == "Inactive"

    def test_guards_are_asked_again_at_the_write(self, iam, heard):
        """The key was used since the preview."""
        run = Run(lambda: Connected(iam, None, GuardPolicy()), heard, lambda: NOW)
        run.declare(off(), OLD, seen())
        iam._uses = {OLD: replace(iam.last_used(OLD), date=NOW, service_name="s3", region="us-east-1")}
        with pytest.raises(GuardRefused, match="among the keys"):
            run.switch(off(), ACCOUNT)
        assert iam.journal == []

    @pytest.mark.parametrize(
        ("age", "looks_again"),
        [(0, False), (FRESH_SECONDS, False), (FRESH_SECONDS + 0.1, True), (-0.1, True)],
        ids=["at once", "fresh", "old", "of another clock"],
    )
    def test_a_plan_of_the_last_seconds_is_carried_out_as_it_is(self, run, iam, age, looks_again):
        """It looked at the whole, and asked the guards about it; the write is read back as ever."""
        run.declare(off(), OLD, seen(at=NOW - timedelta(seconds=age)))
        assert run.switch(off(), ACCOUNT).key.status == "Inactive"
        before = [name for name, _ in iam.calls[: iam.calls.index(("set_status", OLD))]]
        assert sorted(before) == (["access_keys", "last_used"] if looks_again else [])
        assert iam.calls[-1] == ("access_keys", "bob")

    def test_a_plan_is_good_for_one_write(self, run, iam):
        """After it the key is looked at, and is as wanted already."""
        run.declare(off(), OLD, seen(at=NOW))
        run.switch(off(), ACCOUNT)
        assert run.switch(off(), ACCOUNT).key.status == "Inactive"
        assert iam.journal == [(OLD, Status.INACTIVE)]

    def test_a_fresh_plan_of_another_account_is_refused(self, heard):
        """The process that writes may have other credentials than the one that planned."""
        elsewhere = LittleIam(key(OLD), caller=replace(ROLE, account=ELSEWHERE))
        run = Run(lambda: Connected(elsewhere, None, LENIENT), heard, lambda: NOW)
        run.declare(off(), OLD, seen(at=NOW))
        with pytest.raises(WrongAccount, match=ACCOUNT):
            run.switch(off(), None)
        assert elsewhere.calls == []

    def test_upcoming_keys_are_looked_up_ahead(self, run, iam):
        """Their user's keys, and for a deactivation the last use."""
        run.declare(off(), OLD, seen(upcoming=[Upcoming(ALICES, "alice", True)]))
        run.switch(off(), ACCOUNT)
        run._connected()[1]._pool.shutdown()
        assert iam.count("access_keys")["alice"] == 1
        assert iam.count("last_used")[ALICES] == 1

    def test_a_users_keys_are_looked_up_anew_after_a_write(self, run, iam):
        """What is in the cache is from before it."""
        run.first_seen(record(off()))
        run.declare(off(), OLD, seen())
        run.switch(off(), ACCOUNT)
        assert run.look_up(record(off())).status == "Inactive"

    @pytest.mark.parametrize("status", ["Active", "Inactive"], ids=["a write", "nothing to write"])
    def test_another_account_than_the_states_is_refused(self, run, iam, status):
        """Nothing is written."""
        run.declare(off(), OLD, seen(status=status))
        with pytest.raises(WrongAccount, match=ELSEWHERE):
            run.switch(off(), ELSEWHERE)
        assert iam.journal == []


class TestSwitchedMeanwhile:
    """Somebody switches a key during a long run, which had announced nothing for it."""

    @pytest.fixture
    def late(self, iam, heard):
        """A run that began FRESH_SECONDS ago, and a bit; it announced nothing for bob's old key."""
        times = iter([NOW])
        later = NOW + timedelta(seconds=FRESH_SECONDS + 0.1)
        run = Run(lambda: Connected(iam, ACCOUNT, LENIENT), heard, lambda: next(times, later))
        run.declare(off(), OLD, seen(status="Inactive"))
        return run

    def test_it_is_said(self, late, iam, heard):
        """And nothing is written: it was not announced."""
        assert late.switch(off(), ACCOUNT).key.status == "Inactive"
        assert heard.switched == [(OLD, "Active", "Inactive")]
        assert iam.journal == []

    def test_a_key_that_is_as_declared_is_none(self, late, iam, heard):
        """It was only looked at again, once for all keys of the user."""
        iam.switched_outside(OLD, "Inactive")
        late.declare(on(NEW, "bob"), NEW, seen(NEW))
        late.switch(off(), ACCOUNT)
        late.switch(on(NEW, "bob"), ACCOUNT)
        assert heard.switched == []
        assert iam.calls == [("access_keys", "bob")]

    def test_a_key_that_is_only_observed_is_not_looked_at(self, late, iam, heard):
        """Nothing is declared of it."""
        late.switch(replace(off(), status=None), ACCOUNT)
        assert (iam.calls, heard.switched) == ([], [])


class TestRemove:
    """A key that is no longer declared."""

    def test_by_default_it_is_left_alone(self, heard):
        """AWS is not even connected to."""
        Run(lambda: pytest.fail("it connects"), heard).remove(record(off()))
        assert heard.left == [OLD]

    @pytest.mark.parametrize(
        ("on_removal", "at_adoption", "status"),
        [(OnRemoval.DEACTIVATE, "Active", "Inactive"), (OnRemoval.RESTORE, "Inactive", "Inactive")],
    )
    def test_what_was_declared_is_done(self, run, iam, heard, on_removal, at_adoption, status):
        """And said."""
        run.remove(record(off(on_removal=on_removal), at_adoption=at_adoption))
        assert iam.journal == [(OLD, Status(status))]
        assert heard.done == [(OLD, status)]

    def test_a_renamed_owner_is_followed(self, run, iam):
        """The key is found where it is."""
        iam.renamed_outside("bob", "robert")
        run.remove(record(off(on_removal=OnRemoval.DEACTIVATE)))
        assert iam.journal == [(OLD, Status.INACTIVE)]

    def test_gone_is_said(self, run, iam, heard):
        """There is nothing to do."""
        iam.deleted_outside(OLD)
        run.remove(record(off(on_removal=OnRemoval.DEACTIVATE)))
        assert (iam.journal, heard.missing) == ([], [OLD])

    def test_a_key_that_is_declared_under_another_name_is_left_alone(self, run, iam, heard):
        """It was only renamed in the program."""
        run.declare(off(), "new-name", seen())
        run.remove(record(off(on_removal=OnRemoval.DEACTIVATE)))
        assert (iam.calls, heard.left, heard.done) == ([], [], [])

    @pytest.mark.parametrize("account", [ACCOUNT, ELSEWHERE], ids=["declared", "recorded"])
    def test_another_account_is_refused(self, iam, heard, account):
        """Than the declared one, than the state's."""
        run = Run(lambda: Connected(iam, ELSEWHERE, LENIENT), heard)
        with pytest.raises(WrongAccount):
            run.remove(record(off(on_removal=OnRemoval.DEACTIVATE), account=account))
        assert iam.journal == []

    def test_it_is_not_deactivated_where_the_users_activation_failed(self, run, iam):
        """The user would be left without a key."""
        iam.switched_outside(NEW, "Inactive")
        iam.failures = {("set_status", NEW): AccessDenied("no", action="iam:UpdateAccessKey")}
        run.declare(on(NEW, "bob"), NEW, seen(NEW, status="Inactive"))
        with pytest.raises(AccessDenied):
            run.switch(on(NEW, "bob"), ACCOUNT)
        with pytest.raises(NotAttempted, match=NEW):
            run.remove(record(off(on_removal=OnRemoval.DEACTIVATE)))
        assert iam.journal == []


class TestFailed:
    """An entry that failed when the whole change was looked at."""

    def test_it_is_not_looked_up_and_nothing_is_written_for_it(self, heard):
        """Not even if AWS would let it by now: it was not announced."""
        run = Run(lambda: pytest.fail("it connects"), heard)
        assert run.declare(off(), OLD, Failed(("there is no such key",))) == []
        assert run.has_failed(OLD)
        with pytest.raises(EntryFailed, match="there is no such key"):
            run.switch(off(), ACCOUNT)

    def test_a_user_whose_activation_failed_keeps_the_other_key(self, run, iam):
        """Also where the key was never seen."""
        run.declare(on(NEW, "bob"), NEW, Failed(("it may not be looked up",)))
        with pytest.raises(EntryFailed):
            run.switch(on(NEW, "bob"), ACCOUNT)
        with pytest.raises(NotAttempted, match=NEW):
            run.remove(record(off(on_removal=OnRemoval.DEACTIVATE)))
        assert iam.journal == []


class TestAdoption:
    """The status at adoption belongs to the key, not to the resource."""

    def test_the_first_switch_remembers_the_status_before_it(self, run):
        """That is what a later restore goes back to."""
        run.declare(off(), OLD, seen())
        assert run.switch(off(), None).status_at_adoption == "Active"

    @pytest.mark.parametrize("live", ["Active", "Inactive"], ids=["a write", "nothing to write"])
    def test_what_the_state_remembers_counts_more(self, iam, heard, live):
        """A resource that replaces another one goes on with its memory."""
        run = Run(lambda: Connected(iam, None, LENIENT), heard)
        run.remember(OLD, "Expired")
        run.declare(off(), OLD, seen(status=live))
        assert run.switch(off(), None).status_at_adoption == "Expired"


def test_it_connects_once_however_many_threads_begin(iam, heard):
    """And only when AWS is first asked."""
    connections, together = [], threading.Barrier(4)

    def connect():
        connections.append(1)
        return Connected(iam, None, LENIENT)

    run = Run(connect, heard)
    assert connections == []

    def look(n):
        together.wait(10)
        return run.look_up(record(off((OLD, NEW)[n % 2])))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(look, range(4)))
    assert connections == [1]
