"""The process as such: one-line errors, many calls at once, interrupts, no memory, no secret."""

import json
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest

from keyswitch.access_key.model import AccessKey, Status
from keyswitch.resources.voice import Voice
from keyswitch.sandbox.faults import TRUNCATE
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.provider_process import DEADLINE, Host, Refused, Start, provider, update_request
from tests.support.provider_states import OWNERS, SWITCHED, inputs, recorded, seen
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING
from tests.support.waiting import eventually


def test_a_program_in_a_folder_of_its_own(sandbox: Sandbox, tmp_path: Path) -> None:
    """With `main: infra/` the process starts there; the project is above it, with the state that a guard protects."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: x\nmain: infra/\nbackend: {url: 's3://our-state?profile=state'}\n")
    profiles = tmp_path / "credentials"
    profiles.write_text(f"[state]\naws_access_key_id = {ALICES_OLD}\naws_secret_access_key = none\n")
    environment = {**sandbox.environment, "AWS_SHARED_CREDENTIALS_FILE": str(profiles)}
    refused = pytest.raises(Refused, match=r"Pulumi reads its state \(s3://our-state\) with this key")
    with provider(tmp_path / "infra", environment) as host, refused:
        host.create(inputs(ALICES_OLD, status="Inactive"))


class TestErrors:
    """What the user reads when something goes wrong."""

    def test_each_is_one_line(self, host: Host, sandbox: Sandbox) -> None:
        """Its name, what happened, to which key, what to do: no traceback, no path, no second line.

        Only a refusal has more lines: those that let it pass, to be copied.
        """
        sandbox.faults += [
            Fault("UpdateAccessKey", "AccessDenied", 403, "no", about=ALICES_OLD),
            Fault("UpdateAccessKey", "LimitExceeded", 409, "no", about=BOB),
        ]
        missing, bobs = inputs(MISSING, status="Active"), inputs(BOB, status="Inactive")
        calls = {
            "AccessKeyNotFound": [
                lambda: host.check(missing),
                lambda: host.diff(recorded(missing), missing),
                lambda: host.create(missing),
                lambda: host.update(recorded(missing), missing),
            ],
            "GuardRefused": [
                lambda: host.create(inputs(CI, status="Inactive")),
                lambda: host.delete(recorded(inputs(CI, status="Active", on_removal="deactivate"))),
            ],
            "WrongOwner": [lambda: host.read(recorded(inputs(root=True), owner=None))],
            "AccessDenied": [lambda: host.create(inputs(ALICES_OLD, status="Inactive"))],
            "LimitExceeded": [lambda: host.update(recorded(bobs), bobs)],
        }
        for name, refused in calls.items():
            for call in refused:
                remedy = r"\nTo do it all the same, [^\n]+:(\n    [^\n]+)+" if name == "GuardRefused" else ""
                with pytest.raises(Refused, match=rf"\A{name}: [^\n]+{remedy}\Z"):
                    call()

    def test_missing_credentials_are_one_line(self, offline: Host) -> None:
        """Whichever call needs them first says what to do."""
        with pytest.raises(Refused, match=r"\AIamUnavailable: There are no AWS credentials\. Set AWS_PROFILE [^\n]+\Z"):
            offline.create(inputs("AKIANOBODYHASSEENIT1", status="Active"))

    def test_a_bug_is_one_line_too(self, offline: Host) -> None:
        """What is no error of ours still names itself, without frames."""
        with pytest.raises(Refused, match=r"\AKeyError: 'account_id'\Z"):
            offline.check({**inputs(status="Active"), "observed": '{"status": "Active"}'})

    def test_a_traceback_on_request(self, start: Start) -> None:
        """KEYSWITCH_DEBUG=1 shows where it happened."""
        host = start({"KEYSWITCH_DEBUG": "1"})
        with pytest.raises(Refused, match=rf"(?s)\ATraceback .*provider\.py.*\nAccessKeyNotFound: .*{MISSING}"):
            host.create(inputs(MISSING, status="Active"))

    def test_botocores_own_error_on_request(self, start: Start, sandbox: Sandbox) -> None:
        """With KEYSWITCH_DEBUG=1 the chain begins with what botocore raised, and where."""
        sandbox.faults.append(Fault("UpdateAccessKey", "AccessDenied", 403, "why not"))
        host = start({"KEYSWITCH_DEBUG": "1"})
        chain = (
            r"(?s)\ATraceback .*botocore/client\.py.*\nbotocore\.exceptions\.ClientError: .*why not"
            r".*direct cause.*\nkeyswitch\.access_key\.errors\.AccessDenied: .*direct cause.*\nAccessDenied: .*why not"
        )
        with pytest.raises(Refused, match=chain):
            host.create(inputs(BOB, status="Inactive"))

    def test_a_truncated_session_shows_no_secret(self, start: Start, sandbox: Sandbox) -> None:
        """Not even to who asks for the chain: the cause that would quote the answer is cut off."""
        sandbox.faults.append(Fault("AssumeRole", TRUNCATE, times=None))
        role = json.dumps({"roleArn": "arn:aws:iam::123456789012:role/deployer"})
        host = start({"KEYSWITCH_DEBUG": "1"}, aws__assumeRole=role)
        with pytest.raises(Refused, match="got no readable answer of AWS") as refused:
            host.create(inputs(BOB, status="Inactive"))
        assert sandbox.world.issued
        for issued in sandbox.world.issued:
            for secret in (issued["SecretAccessKey"], issued["SessionToken"]):
                assert secret not in f"{refused.value} {host.said()}"


class TestManyAtOnce:
    """One process serves a whole run, in several threads."""

    def test_ten_calls(self, host: Host, sandbox: Sandbox) -> None:
        """Ten calls at once succeed, each about its own key."""
        sandbox.latency = 0.02
        keys = [BOB, BOBS_SECOND, ALICE, ALICES_OLD, CI] * 2
        with ThreadPoolExecutor(10) as pool:
            created = list(pool.map(lambda key_id: host.create(inputs(key_id, status="Active")), keys))
        assert [known.id for known in created] == keys
        assert [known.outputs["owner"] for known in created] == [OWNERS[key_id] for key_id in keys]
        assert set(sandbox.statuses().values()) == {"Active"}
        assert sandbox.actions()["GetCallerIdentity"] == 1

    def test_reads_list_each_user_once(self, host: Host, sandbox: Sandbox) -> None:
        """A refresh of all keys costs one ListAccessKeys a user, also when the reads come together."""
        sandbox.latency = 0.02
        keys = [BOB, BOBS_SECOND, ALICE, ALICES_OLD, CI]
        with ThreadPoolExecutor(10) as pool:
            read = list(pool.map(lambda key_id: host.read(recorded(inputs(key_id))), keys * 2))
        assert [known.id for known in read] == keys * 2
        listed = Counter(r.parameters["UserName"] for r in sandbox.journal if r.action == "ListAccessKeys")
        assert listed == {"Bob": 1, "alice": 1, "ci-deploy": 1}

    def test_one_failure_is_one_failure(self, host: Host) -> None:
        """A key that is refused beside others does not touch them."""
        outcomes = []
        with ThreadPoolExecutor(3) as pool:
            for done in [pool.submit(host.create, inputs(key_id)) for key_id in (ALICE, MISSING, BOB)]:
                outcomes.append(type(done.exception()))
        assert outcomes == [type(None), Refused, type(None)]


class TestInterrupted:
    """The process is stopped while it works; whoever repeats the run gets what is declared."""

    def test_in_the_middle_of_a_write(self, start: Start, sandbox: Sandbox) -> None:
        """The call fails at once, the engine records nothing, and the same update in a new process completes."""
        olds, news = recorded(inputs(status="Active")), inputs(status="Inactive", user_name="Bob")
        host = start()
        sandbox.latency = 0.3
        under_way = host.stub.Update.future(update_request(olds, news), timeout=DEADLINE)
        eventually(lambda: sandbox.actions()["UpdateAccessKey"] == 1)
        host.process.send_signal(signal.SIGINT)
        assert isinstance(under_way.exception(timeout=DEADLINE), grpc.RpcError)
        sandbox.latency = 0.0
        assert start().update(olds, news) == recorded(news)
        assert sandbox.statuses()[BOB] == "Inactive"

    def test_by_force_after_a_write(self, start: Start, sandbox: Sandbox) -> None:
        """The key is switched but nobody heard of it: the repeated update records it and does not write again."""
        olds, news = recorded(inputs(status="Active")), inputs(status="Inactive", user_name="Bob")
        host = start()
        sandbox.latency = 0.1
        under_way = host.stub.Update.future(update_request(olds, news), timeout=DEADLINE)
        eventually(lambda: sandbox.statuses()[BOB] == "Inactive")
        host.process.kill()
        assert isinstance(under_way.exception(timeout=DEADLINE), grpc.RpcError)
        sandbox.latency = 0.0
        assert start().update(olds, news) == recorded(news)
        assert sandbox.actions()["UpdateAccessKey"] == 1

    def test_a_lost_answer(self, host: Host, sandbox: Sandbox) -> None:
        """The connection breaks after the write: AWS is asked, and the update succeeds."""
        sandbox.faults.append(Fault("UpdateAccessKey", "", after=True, times=2))
        news = inputs(status="Inactive")
        assert host.update(recorded(inputs(status="Active")), news) == recorded(news, last_switched_date=SWITCHED)


class TestNoMemory:
    """Everything that outlives a process stands in the state."""

    def test_a_new_process_looks_anew(self, start: Start, sandbox: Sandbox) -> None:
        """What one process saw, the next one does not believe."""
        given = inputs(status="Active")
        first = start()
        first.check({**given, "observed": seen(status="Active")})
        assert not first.diff(recorded(given), given).changes
        sandbox.set_status(BOB, "Inactive")
        assert not first.diff(recorded(given), given).changes, "within a run the first look counts"
        assert start().diff(recorded(given), given).changes

    def test_a_new_process_knows_no_declaration(self, start: Start, sandbox: Sandbox) -> None:
        """A key that only an earlier run declared is removed as its entry said."""
        given = inputs(status="Active", on_removal="deactivate")
        start().check({**given, "observed": seen(status="Active")})
        start().delete(recorded(given))
        assert sandbox.statuses()[BOB] == "Inactive"


def test_no_secret_is_said(start: Start, sandbox: Sandbox) -> None:
    """The secret access key is in no answer, no error and no line of a whole life, with tracebacks shown.

    The host asserts it of every other test, too.
    """
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    host = start({"AWS_SECRET_ACCESS_KEY": secret, "KEYSWITCH_DEBUG": "1"})
    given = inputs(status="Inactive", on_removal="restore")
    checked = host.check(given)
    created = host.create(checked.inputs)
    answers = [checked, created, host.diff(created.outputs, given), host.update(created.outputs, inputs())]
    answers.append(host.read(created.outputs, given))
    sandbox.faults.append(Fault("ListAccessKeys", "SignatureDoesNotMatch", 403, "The signature does not match"))
    with pytest.raises(Refused) as refused:
        host.create(inputs(ALICE, user_name="alice"))
    host.delete(created.outputs)
    assert secret not in f"{answers} {refused.value} {host.said()}"
    assert {request.signer for request in sandbox.journal} == {"AKIARZPUZDIKOPERATOR"}


def test_a_key_that_somebody_switched_during_the_run_is_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """It says what the key is, what was declared, and what to do. A name cannot start a line of its own."""
    Voice().switched_meanwhile(AccessKey(BOB, "Bob\nerror: x", "Active"), Status.INACTIVE)
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith("warning: Bob")
    assert said.endswith(
        f" {BOB} is Active, not Inactive: somebody switched it during this run, which announced no change; run again"
    )
