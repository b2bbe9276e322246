"""The component: what it registers, in which order, and what it says."""

import asyncio
import gc
import json
import sys
import time
from collections.abc import Mapping
from threading import Event
from typing import Any, ClassVar

import pulumi
import pytest
from pulumi.runtime.sync_await import _sync_await

from keyswitch.access_key.notes import REVOKE_SESSIONS
from keyswitch.iam.connection import Connection
from keyswitch.iam.session import Clients, connect
from keyswitch.resources import early
from keyswitch.resources.component import AccessKeys
from keyswitch.resources.properties import ENTRY
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.sandbox.seed import ACCOUNT, OPERATOR_KEY, generated
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.left_state import left
from tests.support.mocked_engine import MockedEngine, known
from tests.support.persisted import ACCESS_KEY_STATUS, ACCESS_KEYS, PROVIDER
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING

pytestmark = pytest.mark.usefixtures("project")


def declaring(keys: Mapping[str, Any], **settings: str) -> dict[str, str]:
    """A configuration as Pulumi hands it to a program: objects as JSON text; settings as `keyswitch__account`."""
    return {
        "keyswitch:keys": json.dumps(keys),
        **{name.replace("__", ":"): value for name, value in settings.items()},
    }


class TestWhatIsRegistered:
    """Types, names, parents and inputs: all of it stands in users' states."""

    def test_types_names_and_parents(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """One component, and below it one resource for each key, named by its ID."""
        engine.run(AccessKeys, declaring({BOB: "Active", CI: {}}))
        assert [(r.type, r.name, r.parent) for r in sorted(engine.registered.values(), key=lambda r: r.name)] == [
            (ACCESS_KEY_STATUS, CI, "access-keys"),
            (ACCESS_KEY_STATUS, BOB, "access-keys"),
            (ACCESS_KEYS, "access-keys", "keyswitch-test"),
        ]

    def test_another_name(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The component takes a name and options like any other; the keys keep theirs."""

        def program() -> None:
            AccessKeys("mine", pulumi.ResourceOptions(parent=AccessKeys("yours")))

        engine.run(program, declaring({}))
        assert {name: r.parent for name, r in engine.registered.items()} == {
            "yours": "keyswitch-test",
            "mine": "yours",
        }

    def test_writes_come_first(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """AWS is written to while the others are registered."""
        engine.run(AccessKeys, declaring({ALICE: "Active", BOBS_SECOND: "Active", CI: {}}))
        assert list(engine.access_keys) == [BOBS_SECOND, ALICE, CI]

    def test_the_inputs_of_each_child(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What was declared, in Python's spelling, and what was seen; what was left out is not there."""
        engine.run(
            AccessKeys,
            declaring(
                {
                    BOB: {"userName": "Bob", "status": "Inactive", "reason": "OPS-1", "onRemoval": "restore"},
                    CI: {"status": "Inactive", "allow": ["recentlyUsed", "lastActiveKey"], "reason": "INC-7"},
                    ALICE: {},
                }
            ),
        )
        told = {"__provider": PROVIDER, "on_removal": "leave"}
        for key in engine.access_keys.values():
            key.inputs["observed"] = json.loads(key.inputs["observed"])
            assert key.inputs.pop("create_date") < "2027", "policy packs read it, and the owner"
            key.inputs["observed"].pop("ahead", None)  # a hint, which others are to be written; never stored either
            signed = [key.inputs["observed"].pop(name, None) for name in ("signer", "at")]
            if key.inputs.get("status") == "Inactive":
                assert signed[0] == [OPERATOR_KEY, f"arn:aws:iam::{ACCOUNT}:user/operator"]
                assert 0 <= time.time() - signed[1] < 60
            else:
                assert signed == [None, None], "only a write needs them"
            checked = key.inputs["observed"].pop("checked")
            assert checked == {name: key.inputs[name] for name in ("access_key_id", *ENTRY) if name in key.inputs}
        assert {name: key.inputs for name, key in engine.access_keys.items()} == {
            BOB: {
                **told,
                "access_key_id": BOB,
                "user_name": "Bob",
                "status": "Inactive",
                "reason": "OPS-1",
                "on_removal": "restore",
                "owner": "Bob",
                "observed": {"status": "Active", "owner": "Bob", "account_id": ACCOUNT},
            },
            CI: {
                **told,
                "access_key_id": CI,
                "status": "Inactive",
                "allow": ["lastActiveKey", "recentlyUsed"],
                "reason": "INC-7",
                "owner": "ci-deploy",
                "observed": {"status": "Active", "owner": "ci-deploy", "account_id": ACCOUNT},
            },
            ALICE: {
                **told,
                "access_key_id": ALICE,
                "owner": "alice",
                "observed": {"status": "Active", "owner": "alice", "account_id": ACCOUNT},
            },
        }

    def test_no_input_is_a_secret(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A state of access key IDs and statuses is readable; nothing in it needs encryption."""
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert "4dabf18193072939515e22adb298388d" not in str(engine.registered)

    @pytest.mark.parametrize("preview", [True, False], ids=["preview", "update"])
    def test_the_program_writes_nothing(self, engine: MockedEngine, sandbox: Sandbox, preview: bool) -> None:
        """Whatever is declared, the program only looks; it is the provider that writes."""
        engine.run(AccessKeys, declaring({BOB: "Inactive", BOBS_SECOND: "Active"}), preview=preview)
        assert set(sandbox.actions()) == {
            "GetCallerIdentity",
            "ListAccessKeys",
            "GetAccessKeyLastUsed",
            "ListPolicies",
        }
        assert len(engine.access_keys) == 2


class TestTheProvidersProcess:
    """Pulumi starts it when it is first asked for something: at the first resource, or before."""

    def test_it_starts_while_the_program_looks_at_aws(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is asked before AWS is, so that its start costs no time of its own."""
        awake: list[bool] = []

        def connected(to: Connection) -> Clients:
            awake.append(engine.provider_was_asked.wait(10))
            return connect(to)

        monkeypatch.setattr("keyswitch.iam.session.connect", connected)
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert awake == [True]

    def test_it_starts_once_the_state_is_read(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The engine starts one provider after the other: the other way round the state would wait for this one."""
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert engine.asked == ["pulumi:pulumi:readStackResourceOutputs", "pulumi-python:keyswitch:wake"]

    def test_the_run_signs_in_while_the_state_is_read(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Neither needs the other."""
        signing_in = Event()

        def connected(to: Connection) -> Clients:
            signing_in.set()
            return connect(to)

        def read() -> early.Resources:
            together.append(signing_in.wait(10))
            return stored()

        together, stored = list[bool](), early.stored
        monkeypatch.setattr("keyswitch.iam.session.connect", connected)
        monkeypatch.setattr("keyswitch.resources.early.stored", read)
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        assert together == [True]

    def test_its_answer_is_no_answer_and_disturbs_nobody(
        self, engine: MockedEngine, sandbox: Sandbox, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It knows no function and says so with an error, of which nobody hears."""
        engine.run(AccessKeys, declaring({BOB: "Active"}))
        gc.collect()  # asyncio tells of an error that nobody has taken when it throws it away
        assert caplog.messages == []
        assert set(engine.access_keys) == {BOB}
        assert {level for level, _ in engine.said} == {"INFO"}


class TestMany:
    """What is declared ahead of its registration waits in the memory of the program."""

    @pytest.fixture
    def iam(self) -> Sandbox:
        """An account of a hundred and fifty keys."""
        return Sandbox(generated(75, 2))

    @pytest.fixture
    def ahead(self, engine: MockedEngine, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """How many were declared and not registered, whenever another one is declared."""
        ahead: list[int] = []

        def declare(*arguments: Any, **more: Any) -> AccessKeyStatus:
            ahead.append(len(ahead) - (len(engine.registered) - 1))  # the component is one of them
            return AccessKeyStatus(*arguments, **more)

        monkeypatch.setattr("keyswitch.resources.registration.AccessKeyStatus", declare)
        return ahead

    def test_few_are_declared_ahead_of_their_registration(
        self, engine: MockedEngine, sandbox: Sandbox, ahead: list[int]
    ) -> None:
        """As many as an engine may take on at once, however many there are; all of them in the end."""
        engine.run(AccessKeys, declaring(dict.fromkeys(sandbox.statuses(), "Active")))
        assert set(engine.access_keys) == set(sandbox.statuses())
        assert len(ahead) == 150
        assert 48 <= max(ahead) <= 64

    def test_the_event_loop_is_entered_once_for_all_of_them(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Each time the SDK lets its list of what is ready grow by what is: with thousands of keys, to minutes."""
        entered = []

        def enter(awaited: Any) -> Any:
            entered.append(awaited)
            return _sync_await(awaited)

        monkeypatch.setattr("pulumi.runtime.sync_await._sync_await", enter)
        engine.run(AccessKeys, declaring(dict.fromkeys(sandbox.statuses(), "Active")))
        assert len(entered) == 2, "once to wake the provider, once for the keys"

    def test_only_they_are_registered_without_a_stack_trace(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """What else a program does while they are being registered keeps its own."""
        limited: list[bool] = []

        async def something_else() -> None:
            while len(engine.registered) < 150:
                limited.append(hasattr(sys, "tracebacklimit"))
                await asyncio.sleep(0)

        def program() -> None:
            other = asyncio.ensure_future(something_else())
            AccessKeys()
            other.cancel()

        engine.run(program, declaring(dict.fromkeys(sandbox.statuses(), "Active")))
        assert len(limited) > 1
        assert not any(limited)

    @pytest.mark.parametrize("failing", [0, 20], ids=["the first", "another"])
    def test_one_that_cannot_be_registered_does_not_hold_up_the_others(
        self, engine: MockedEngine, sandbox: Sandbox, ahead: list[int], failing: int
    ) -> None:
        """Its error comes out when the program has ended."""
        engine.refusing = sorted(sandbox.statuses())[failing]
        with pytest.raises(Exception, match="it is refused"):
            engine.run(AccessKeys, declaring(dict.fromkeys(sandbox.statuses(), "Active")))
        assert len(ahead) == 150


class TestOrder:
    """A user is never without a working key in between."""

    def test_deactivations_wait_for_activations_of_the_same_user(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Bob's old key depends on his new one; Alice's has nothing to wait for."""
        engine.run(AccessKeys, declaring({BOB: "Inactive", ALICES_OLD: "Inactive", BOBS_SECOND: "Active"}))
        assert {name: key.depends_on for name, key in engine.access_keys.items()} == {
            BOB: (BOBS_SECOND,),
            BOBS_SECOND: (),
            ALICES_OLD: (),
        }

    def test_the_key_of_the_run_itself_waits_for_everything(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Nothing is left undone for want of credentials; what is not written it does not wait for."""
        allowed = {"status": "Inactive", "reason": "moved to SSO", "allow": ["ownCredentials"]}
        keys = {OPERATOR_KEY: allowed, BOB: "Inactive", ALICES_OLD: "Inactive", BOBS_SECOND: "Active", CI: {}}
        engine.run(AccessKeys, declaring(keys))
        assert list(engine.access_keys)[-1] == OPERATOR_KEY
        assert set(engine.access_keys[OPERATOR_KEY].depends_on) == {BOB, BOBS_SECOND, ALICES_OLD}

    def test_what_does_not_change_waits_for_nothing(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Once both are as declared, neither depends on the other."""
        sandbox.set_status(BOB, "Inactive")
        sandbox.set_status(BOBS_SECOND, "Active")
        engine.run(AccessKeys, declaring({BOB: "Inactive", BOBS_SECOND: "Active"}))
        assert {key.depends_on for key in engine.access_keys.values()} == {()}


class TestWhatIsSaid:
    """The summary."""

    def test_every_line_once(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Whose key, from what to what, age, last use and reason; warnings; notes; the sums. Each is said once."""
        engine.run(AccessKeys, declaring({BOB: {"status": "Inactive", "reason": "OPS-1"}, CI: {}}))
        assert engine.lines() == [
            f"Bob {BOB}: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1; OPS-1",
            f"ci-deploy {CI}: Active (only observed), 60 d old",
            f"warning: Bob {BOB}: Bob is left without any active access key; "
            "whatever signs as this user loses access [lastActiveKey]",
            "note: sessions made with a deactivated key stay valid until they expire; "
            f"to revoke them: {REVOKE_SESSIONS}",
            "digest of this change: 1cc0410c5edfcca2",
            "2 access keys: 1 to deactivate, 1 state only",
        ]
        assert {level for level, _ in engine.said} == {"INFO"}

    def test_the_sums_close_it(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The last message is the sums alone, as it is what Pulumi shows beside the component."""
        engine.run(AccessKeys, declaring({BOB: "Inactive", BOBS_SECOND: "Active"}))
        assert engine.said[-1] == ("INFO", "2 access keys: 1 to activate, 1 to deactivate")


class TestOutputs:
    """What other code can build on."""

    def test_statuses(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The status of each key by its ID, and the summary: as attributes, and as the component's outputs."""
        made: list[AccessKeys] = []
        engine.run(lambda: made.append(AccessKeys()), declaring({BOB: "Inactive", CI: {}}))
        assert engine.outputs["access-keys"] == {
            "statuses": {BOB: "Inactive", CI: "Active"},
            "summary": known(made[0].summary),
        }
        assert known(made[0].statuses) == {BOB: "Inactive", CI: "Active"}
        assert set(made[0].keys) == {BOB, CI}

    def test_of_no_keys(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """An empty map declares nothing, and that is said."""
        engine.run(AccessKeys, declaring({}))
        assert engine.outputs["access-keys"] == {
            "statuses": {},
            "summary": {"counts": {}, "changes": {}, "warnings": [], "notes": []},
        }
        assert engine.access_keys == {}
        assert engine.lines() == ["no access keys are declared"]


class TestRefused:
    """All problems at once, and nothing registered."""

    def refused(self, engine: MockedEngine, config: Mapping[str, str]) -> str:
        with pytest.raises(pulumi.RunError) as error:
            engine.run(AccessKeys, config, preview=True)
        assert engine.registered == {}
        assert {level for level, _ in engine.said} <= {"INFO"}
        return str(error.value)

    def test_nothing_at_all_is_registered(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Not even the component: a refused update leaves no trace in the state."""
        self.refused(engine, declaring({BOB: "inactive"}))
        assert engine.registered == {}
        assert engine.said == []

    def test_keys_that_are_missing(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A configuration without `keyswitch:keys` is a mistake, unlike an empty map."""
        said = self.refused(engine, {"aws:region": "us-east-1"})
        assert "keyswitch:keys: is missing: list the access keys (an empty map {} declares none)" in said
        assert sandbox.journal == []

    def test_everything_wrong_with_the_configuration(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Each problem has its own line, and AWS is not asked."""
        said = self.refused(
            engine,
            declaring(
                {BOB: "inactive", "AKIASHORT": "Active", CI: {"stauts": "Active"}},
                keyswitch__account="123",
                keyswitch__recentUse="soon",
                aws__accessKey="AKIAOTHEREXAMPLE0000",
            ),
        )
        headline, *problems = said.splitlines()
        assert headline == "the configuration is not valid, 6 problems:"
        for words in (
            "did you mean Inactive?",
            "'AKIASHORT'",
            "did you mean status?",
            "'123'",
            "'soon'",
            "aws:accessKey",
        ):
            assert sum(words in problem for problem in problems) == 1, words
        assert sandbox.journal == []

    def test_everything_aws_and_the_guards_say(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """An unknown key, a wrong owner and a key in use come together."""
        said = self.refused(
            engine,
            declaring({MISSING: "Active", BOB: {"userName": "alice"}, CI: "Inactive", ALICE: "Active"}),
        )
        headline, first, second, third, how, *remedy = said.splitlines()
        assert headline == "3 problems:"
        for words in (f"no access key {MISSING}", f"{BOB} belongs to user Bob", f"ci-deploy {CI}: last used"):
            assert sum(words in line for line in (first, second, third)) == 1, words
        assert how == "To do it all the same, write among the keys:"
        assert remedy == [
            f"    {CI}:",
            "      status: Inactive",
            "      reason: write here why it may be cut off",
            "      allow: [recentlyUsed]",
        ]
        assert any(line.startswith(f"ci-deploy {CI}: Active → Inactive, 60 d old") for line in engine.lines()), "told"

    def test_where_nothing_is_found_nothing_is_told(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The reason stands alone: no empty line before it."""
        self.refused(engine, declaring({MISSING: "Active"}))
        assert engine.said == []

    def test_another_account(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The account is compared before any key is looked at."""
        said = self.refused(engine, declaring({BOB: "Active"}, keyswitch__account="210987654321"))
        assert said.startswith("The credentials belong to account 123456789012")
        assert sandbox.actions() == {"GetCallerIdentity": 1}

    def test_a_list_that_is_denied(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """A missing permission is named."""
        sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, "not authorized", times=None))
        said = self.refused(engine, declaring({BOB: {"userName": "Bob", "status": "Active"}}))
        assert "Grant iam:ListAccessKeys" in said


@pytest.mark.parametrize("project", ["keyswitch", "my-keys", "aws"], ids="project {}".format)
def test_the_namespace_is_keyswitch(engine: MockedEngine, sandbox: Sandbox, project: str) -> None:
    """The settings are `keyswitch:…` whatever the project is called; the project's own are not looked at."""
    config = {**declaring({BOB: "Active"}), "my-keys:keys": '{"AKIASHORT": "on"}'}
    engine.run(AccessKeys, config, project=project)
    assert set(engine.access_keys) == {BOB}


def test_settings_reach_aws(engine: MockedEngine, sandbox: Sandbox) -> None:
    """`aws:assumeRole` of the stack decides who signs."""
    role = json.dumps({"roleArn": f"arn:aws:iam::{ACCOUNT}:role/keyswitch"})
    engine.run(AccessKeys, declaring({BOB: "Active"}, aws__assumeRole=role))
    assert {r.signer[:4] for r in sandbox.journal if r.action == "ListAccessKeys"} == {"ASIA"}


class TestOneBadEntry:
    """An update does what it can; the entry that cannot be carried out fails by itself."""

    GONE: ClassVar = {MISSING: "Inactive", ALICE: "Inactive"}

    def test_it_holds_back_no_other(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """The others travel with what was seen of them, the bad one with the reason, after all writes."""
        engine.run(AccessKeys, declaring(self.GONE))
        assert set(engine.access_keys) == {MISSING, ALICE}
        observed = {key_id: json.loads(key.inputs["observed"]) for key_id, key in engine.access_keys.items()}
        assert observed[ALICE]["status"] == "Active"
        assert f"no access key {MISSING}" in observed[MISSING]["failed"][0]
        assert engine.access_keys[MISSING].depends_on == (ALICE,)

    def test_it_may_be_the_only_one(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Its resource says why."""
        engine.run(AccessKeys, declaring({MISSING: "Inactive"}))
        assert set(engine.access_keys) == {MISSING}
        assert engine.said[-1] == ("INFO", "no entry can be carried out")

    def test_all_are_named_before_anything_is_written(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Pulumi stops after the first resource that fails, so the component names all of them."""
        engine.run(AccessKeys, declaring({MISSING: "Inactive", BOB: {"userName": "alice"}, ALICE: "Inactive"}))
        failing = [told for told in engine.lines() if told.startswith("fails: ")]
        assert [MISSING in failing[0], BOB in failing[1], len(failing)] == [True, True, 2]

    def test_a_preview_shows_it_and_fails(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """With all others that fail; nothing is registered."""
        with pytest.raises(pulumi.RunError, match=MISSING):
            engine.run(AccessKeys, declaring(self.GONE), preview=True)
        assert engine.registered == {}

    def test_what_has_to_wait_for_it_depends_on_it(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Bob's new key does not exist, so his old one stays: Pulumi does not update what depends on a failure."""
        keys = {MISSING: {"userName": "Bob", "status": "Active"}, BOB: {"userName": "Bob", "status": "Inactive"}}
        engine.run(AccessKeys, declaring(keys))
        assert engine.access_keys[BOB].depends_on == (MISSING,)
        assert engine.access_keys[MISSING].depends_on == ()

    @pytest.mark.parametrize("goes_on", ["", "false", "1", "true", "TRUE"])
    def test_a_refusal_stops_an_update_unless_it_is_to_go_on(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, goes_on: str
    ) -> None:
        """PULUMI_CONTINUE_ON_ERROR means here what it means to Pulumi: what is refused fails, all else is done."""
        monkeypatch.setenv("PULUMI_CONTINUE_ON_ERROR", goes_on)
        config = declaring({CI: "Inactive", ALICE: "Inactive"})
        if goes_on.lower() in ("1", "true"):
            engine.run(AccessKeys, config)
            failed = json.loads(engine.access_keys[CI].inputs["observed"])["failed"]
            assert "[recentlyUsed]" in failed[0]
            assert json.loads(engine.access_keys[ALICE].inputs["observed"])["status"] == "Active"
        else:
            with pytest.raises(pulumi.RunError, match="recentlyUsed"):
                engine.run(AccessKeys, config)
            assert engine.registered == {}

    def test_too_many_removals_stop_an_update_even_if_it_is_to_go_on(
        self, engine: MockedEngine, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The provider judges each removal alone, so it would carry out all of them."""
        monkeypatch.setenv("PULUMI_CONTINUE_ON_ERROR", "true")
        engine.recorded = left(ALICES_OLD, "Active", on_removal="deactivate")
        one = {"keyswitch__guards": '{"tooManyAtOnce": "block"}', "keyswitch__tooManyAtOnce": '{"count": 1}'}
        with pytest.raises(pulumi.RunError, match="tooManyAtOnce"):
            engine.run(AccessKeys, declaring({BOB: "Active"}, **one))
        assert engine.registered == {}


class TestUndeclared:
    """A preview looks for keys that no entry names; an update does not, so they hold up no containment."""

    DECLARED: ClassVar = {BOB: "Inactive", BOBS_SECOND: "Active"}

    def test_a_preview_lists_them(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """In the words of `keyswitch plan`; one ListUsers, and no user twice."""
        engine.run(AccessKeys, declaring(self.DECLARED, keyswitch__undeclared="warn"), preview=True)
        told = "\n".join(engine.lines())
        assert f"warning: alice {ALICE}: Active, 120 d old, last used 3 d ago by ec2 from us-east-1; no entry" in told
        listed = [r.parameters.get("UserName") for r in sandbox.journal if r.action == "ListAccessKeys"]
        assert sandbox.actions()["ListUsers"] == 1
        assert len(listed) == len(set(listed)) == 4

    def test_a_preview_fails_where_they_are_refused(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Nothing is registered; the message has the entries."""
        config = declaring(self.DECLARED, keyswitch__undeclared="block")
        with pytest.raises(pulumi.RunError, match="4 access keys of the account are declared nowhere") as error:
            engine.run(AccessKeys, config, preview=True)
        assert f"    {ALICE}:\n      userName: alice\n      status: Active" in str(error.value)
        assert engine.registered == {}

    def test_an_update_does_not_ask(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """All keys are registered, and nobody lists the account."""
        engine.run(AccessKeys, declaring(self.DECLARED, keyswitch__undeclared="block"))
        assert {BOB, BOBS_SECOND} <= engine.registered.keys()
        assert sandbox.actions()["ListUsers"] == 0
