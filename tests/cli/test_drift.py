"""`keyswitch drift`: on a table of accounts, in every form, with who switched a key; it never writes."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml

from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.sandbox.seed import ACCOUNT, EXAMPLE, OPERATOR_KEY, Seed, SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.telling.drift_markdown import DRIFT_MARKER
from tests.support.command import LoadedRun, Run, StackFile
from tests.support.hostile import PAYLOADS, harm
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING

AS_IT_IS = {BOB: "Active", BOBS_SECOND: "Inactive", ALICE: "Active", ALICES_OLD: "Active", CI: {}}
"""The sandbox's example, declared as it is."""

ROOTS = "AKIAROOTEXAMPLE00001"
ODD = "AKIAODDNAMEEXAMPLE01"
THREE = tuple(SeededKey(f"AKIATHREEKEYSEXAMPL{n}", "three", age=timedelta(days=200)) for n in range(3))
DENIED = {"code": "AccessDenied", "http_status": 403, "times": None}
THROTTLED = {"code": "Throttling", "times": None}
WATCHED = {"undeclared": "warn"}


@dataclass(frozen=True)
class Situation:
    """An account with its configuration, and what must be told.

    Attributes:
        keys: `keyswitch:keys`.
        there: the seed.
        settings: other `keyswitch:` settings.
        faults: the fields of each `Fault`.
        signer: the key that signs.
        switched: which keys do not have their declared status.
        gone: which are gone.
        new: which are declared nowhere; None: they are not looked for.
        errors: the types of the errors.
        notes: a phrase of each note.
    """

    keys: Mapping[str, Any]
    there: tuple[Seed, ...] = EXAMPLE
    settings: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Mapping[str, Any], ...] = ()
    signer: str = OPERATOR_KEY
    switched: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] | None = None
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def code(self) -> int:
        """The exit code that belongs to it."""
        return 1 if self.errors else 2 if self.switched or self.gone or self.new else 0


SITUATIONS = {
    "an empty account": Situation({}, there=()),
    "an empty account, watched": Situation({}, there=(), settings=WATCHED, new=(OPERATOR_KEY,)),
    "everything is as declared": Situation(AS_IT_IS),
    "an observed key has no declared status": Situation({CI: {}}),
    "switched on by hand": Situation(
        {**AS_IT_IS, ALICES_OLD: "Inactive"}, switched=(ALICES_OLD,), notes=("no switch",)
    ),
    "switched off by hand": Situation(
        {**AS_IT_IS, BOBS_SECOND: "Active"}, switched=(BOBS_SECOND,), notes=("no switch",)
    ),
    "a deleted key": Situation({MISSING: "Active"}, gone=(MISSING,)),
    "a deleted key of a user": Situation({MISSING: {"userName": "Bob", "status": "Inactive"}}, gone=(MISSING,)),
    "a deleted user": Situation({MISSING: {"userName": "nobody", "status": "Active"}}, gone=(MISSING,)),
    "a renamed user": Situation({BOB: {"userName": "Robert"}}, errors=("WrongOwner",)),
    "new keys": Situation({BOB: {}, ALICE: {}}, settings=WATCHED, new=(ALICES_OLD, BOBS_SECOND, CI, OPERATOR_KEY)),
    "new keys where a review is to fail": Situation(
        {**AS_IT_IS}, settings={"undeclared": "block"}, new=(OPERATOR_KEY,)
    ),
    "no new keys": Situation({**AS_IT_IS, OPERATOR_KEY: {}}, settings=WATCHED, new=()),
    "new keys outside of what is watched": Situation(
        {}, settings={**WATCHED, "undeclaredUnder": {"pathPrefix": "/ci/"}}, new=()
    ),
    "three keys of a user": Situation(
        {THREE[0].access_key_id: "Inactive"},
        there=THREE,
        settings=WATCHED,
        switched=(THREE[0].access_key_id,),
        new=(OPERATOR_KEY, THREE[1].access_key_id, THREE[2].access_key_id),
        notes=("no switch",),
    ),
    "a user with an odd name": Situation(
        {ODD: {"userName": "+=,.@-", "status": "Inactive"}},
        there=(SeededKey(ODD, "+=,.@-"),),
        switched=(ODD,),
        notes=("no switch",),
    ),
    "root's key, root signs": Situation(
        {ROOTS: {"root": True, "status": "Inactive"}},
        there=(SeededKey(ROOTS, None),),
        signer=ROOTS,
        settings=WATCHED,
        switched=(ROOTS,),
        new=(OPERATOR_KEY,),
        notes=("no switch",),
    ),
    "root's key, somebody else signs": Situation(
        {ROOTS: {"root": True, "status": "Inactive"}}, there=(SeededKey(ROOTS, None),), errors=("WrongOwner",)
    ),
    "ListAccessKeys is denied": Situation(
        {BOB: {"userName": "Bob"}}, faults=({"action": "ListAccessKeys", **DENIED},), errors=("AccessDenied",)
    ),
    "the keys of one user are denied": Situation(
        {BOB: {"userName": "Bob"}, ALICES_OLD: {"userName": "alice", "status": "Inactive"}},
        faults=({"action": "ListAccessKeys", "about": "Bob", **DENIED},),
        switched=(ALICES_OLD,),
        errors=("AccessDenied",),
        notes=("no switch",),
    ),
    "GetAccessKeyLastUsed is denied": Situation(
        {BOB: {"userName": "Bob", "status": "Inactive"}},
        faults=({"action": "GetAccessKeyLastUsed", **DENIED},),
        switched=(BOB,),
        notes=("no switch",),
    ),
    "ListUsers is denied": Situation(
        AS_IT_IS, settings=WATCHED, faults=({"action": "ListUsers", **DENIED},), new=(), errors=("AccessDenied",)
    ),
    "LookupEvents is denied": Situation(
        {BOB: "Inactive"},
        faults=({"action": "LookupEvents", **DENIED, "code": "AccessDeniedException"},),
        switched=(BOB,),
        notes=("who switched keys is not known: cloudtrail:LookupEvents of the account was denied",),
    ),
    "ListPolicies is denied": Situation(
        {BOB: "Inactive"}, faults=({"action": "ListPolicies", **DENIED},), switched=(BOB,), notes=("no switch",)
    ),
    "everything is throttled for a while": Situation(
        {BOB: "Inactive"},
        faults=({"action": "*", "code": "Throttling", "times": 1},),
        switched=(BOB,),
        notes=("no switch",),
    ),
    "listing is throttled for good": Situation(
        {BOB: {"userName": "Bob"}}, faults=({"action": "ListAccessKeys", **THROTTLED},), errors=("Throttled",)
    ),
    "the credentials are not accepted": Situation(
        {BOB: "Inactive"}, signer="AKIANOBODYEXAMPLE123", errors=("CredentialsRefused",)
    ),
    "another account": Situation({BOB: "Inactive"}, settings={"account": "999999999999"}, errors=("WrongAccount",)),
}

Enter = Callable[..., Sandbox]


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Enter]:
    """Start a sandbox with the keys of a situation, and lead the environment to it."""
    running: list[Sandbox] = []

    def begun(there: tuple[Seed, ...] = EXAMPLE, signer: str = OPERATOR_KEY) -> Sandbox:
        sandbox = Sandbox(there).__enter__()
        running.append(sandbox)
        for name, value in {**sandbox.environment, "AWS_ACCESS_KEY_ID": signer}.items():
            monkeypatch.setenv(name, value)
        return sandbox

    yield begun
    for sandbox in running:
        sandbox.__exit__(None, None, None)


def text_of(keys: Mapping[str, Any], settings: Mapping[str, Any] = {}) -> str:
    """A stack file."""
    own = {f"keyswitch:{name}": value for name, value in settings.items()}
    return yaml.safe_dump({"config": {**own, "keyswitch:keys": dict(keys)}}, sort_keys=False)


def ids(document: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """The access key IDs in a list of the document."""
    return None if document[name] is None else tuple(each["accessKeyId"] for each in document[name])


METHODS = ("caller", "access_keys", "last_used", "quarantined", "users", "trail")
READS = {permission for method in METHODS for permission in PERMISSIONS[method]}
"""What drift may ask for: no permission to write is among it."""


@pytest.mark.parametrize("situation", SITUATIONS.values(), ids=SITUATIONS)
def test_drift_of_an_account(situation: Situation, enter: Enter, loaded: LoadedRun, stack_file: StackFile) -> None:
    """What differs, what could not be compared, and the exit code that says so. Nothing is written."""
    sandbox = enter(situation.there, situation.signer)
    sandbox.faults += [Fault(**fault) for fault in situation.faults]
    before = sandbox.statuses()
    done = loaded("drift", "--file", stack_file(text_of(situation.keys, situation.settings)), "--json")
    document = json.loads(done.stdout)
    assert ids(document, "switched") == situation.switched
    assert ids(document, "gone") == situation.gone
    assert ids(document, "new") == situation.new
    assert tuple(error["type"] for error in document["errors"]) == situation.errors
    told = dict(zip(situation.notes, document["notes"], strict=True))
    assert [phrase for phrase, note in told.items() if phrase not in note] == []
    assert (done.returncode, done.stderr) == (situation.code, "")
    assert sandbox.statuses() == before
    assert {action.split(":")[1] for action in READS} >= set(sandbox.actions())


def test_the_permissions_of_drift_are_all_used(enter: Enter, loaded: LoadedRun, stack_file: StackFile) -> None:
    """With drift of every kind and a quarantined user; LookupEvents is asked once, and only if a key was switched."""
    sandbox = enter()
    policy = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
    boto3.client("iam").attach_user_policy(UserName="Bob", PolicyArn=policy)
    sandbox.journal.clear()
    done = loaded("drift", "--file", stack_file(text_of({BOB: "Inactive", MISSING: "Active"}, WATCHED)))
    assert done.returncode == 2
    assert "AWSCompromisedKeyQuarantineV3" in done.stdout
    assert set(sandbox.actions()) == {action.split(":")[1] for action in READS}
    assert sandbox.actions()["LookupEvents"] == 1
    sandbox.journal.clear()
    assert loaded("drift", "--file", stack_file(text_of(AS_IT_IS))).returncode == 0
    assert set(sandbox.actions()) == {"GetCallerIdentity", "ListAccessKeys", "GetAccessKeyLastUsed"}


FIELDS = {
    *("version", "account", "caller", "at", "switched", "gone", "new", "refusals", "configuration", "notes", "errors"),
}
OF_A_SWITCH = {
    *("accessKeyId", "userName", "status", "declared", "reason", "createDate", "lastUsed", "since", "by"),
}
"""Scripts depend on these names: they are only ever added to."""


class TestWhoSwitchedIt:
    """A colleague switches a key by hand; CloudTrail knows it."""

    @pytest.fixture
    def told(self, enter: Enter, loaded: LoadedRun, stack_file: StackFile) -> Callable[..., str]:
        """Let a colleague activate a key that is declared Inactive; return what drift prints."""

        def tell(*options: str) -> str:
            sandbox = enter()
            iam = boto3.client("iam")
            for hours_ago, status in ((5, "Inactive"), (3, "Active")):
                iam.update_access_key(UserName="Bob", AccessKeyId=BOB, Status=status)
                at = datetime.now(timezone.utc) - timedelta(hours=hours_ago)
                sandbox.world.account(ACCOUNT).history.records[-1]["eventTime"] = f"{at:%Y-%m-%dT%H:%M:%SZ}"
            keys = {BOB: {"userName": "Bob", "status": "Inactive", "reason": "OPS-1234 moved"}}
            done = loaded("drift", "--file", stack_file(text_of(keys)), *options)
            assert done.returncode == 2, done.stderr
            return done.stdout

        return tell

    def test_in_text(self, told: Callable[..., str]) -> None:
        """One line for the key, the sums, and both ways on."""
        first, total, revert, *adopt = told().splitlines()
        assert first.startswith(f"Bob {BOB}: Active, declared Inactive, since 20")
        assert f"(3 h ago) by arn:aws:iam::{ACCOUNT}:user/operator from 127.0.0.1 with Boto3/" in first
        assert first.endswith("400 d old, last used 95 d ago by s3 from us-east-1; OPS-1234 moved")
        assert total == "1 declared access key: 1 switched"
        assert revert.startswith("To go back to what is declared: keyswitch apply --file ")
        assert adopt == [
            "To keep what is there, write among the keys:",
            f"    {BOB}:",
            "      userName: Bob",
            "      status: Active",
            "      reason: write here why it stays Active",
        ]

    def test_as_data(self, told: Callable[..., str]) -> None:
        """All that CloudTrail knows."""
        document = json.loads(told("--json"))
        assert set(document) == FIELDS
        (switched,) = document["switched"]
        assert set(switched) == OF_A_SWITCH
        assert switched["by"]["arn"] == f"arn:aws:iam::{ACCOUNT}:user/operator"
        assert switched["by"]["sourceIp"] == "127.0.0.1"
        assert "Boto3" in switched["by"]["userAgent"]
        assert (switched["status"], switched["declared"], switched["reason"]) == (
            "Active",
            "Inactive",
            "OPS-1234 moved",
        )

    def test_as_an_issue(self, told: Callable[..., str]) -> None:
        """With a marker, a table, the command that reverts and the lines that adopt."""
        text = told("--format", "markdown")
        assert text.startswith(
            f"{DRIFT_MARKER}\n\n### 1 access key of account {ACCOUNT} differs from the configuration"
        )
        row = next(line for line in text.splitlines() if BOB in line and line.startswith("|"))
        assert "| Inactive | Active |" in row
        assert f"arn:aws:iam::{ACCOUNT}:user/operator from 127.0.0.1" in row
        assert "```console\n$ keyswitch apply --file " in text
        assert f"```yaml\n{BOB}:\n  userName: Bob\n  status: Active\n" in text

    def test_as_annotations(self, told: Callable[..., str]) -> None:
        """Beside the entry in the stack file."""
        (command,) = told("--format", "github").splitlines()
        assert command.startswith("::error file=")
        assert "Pulumi.test.yaml,line=3,title=keyswitch::Bob " in command


def test_both_ways_on_end_the_drift(enter: Enter, loaded: LoadedRun, stack_file: StackFile) -> None:
    """The lines of configuration, pasted, or the command, run as they are printed: drift exits with 0 after each."""
    enter()
    declared = {BOB: {"userName": "Bob", "status": "Inactive"}, BOBS_SECOND: {"status": "Active", "reason": "new"}}
    file = stack_file(text_of(declared, WATCHED))
    printed = loaded("drift", "--file", file).stdout
    _, _, pasted = printed.partition("write among the keys:\n")
    adopted = yaml.safe_load(pasted)
    assert loaded("drift", "--file", stack_file(text_of({**declared, **adopted}, WATCHED))).returncode == 0
    file = stack_file(text_of(declared))
    command = next(line for line in printed.splitlines() if line.startswith("To go back")).partition(": keyswitch ")[2]
    assert loaded(*shlex.split(command), "--yes").returncode == 0
    assert loaded("drift", "--file", file).returncode == 0


def test_a_configuration_from_pulumi_is_applied_from_there(enter: Enter, loaded: LoadedRun, tmp_path: Path) -> None:
    """The command that reverts reads the same configuration."""
    enter()
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"keyswitch:keys": {"value": json.dumps({BOB: "Inactive"})}}), encoding="utf-8")
    done = loaded("drift", "--config", str(config))
    assert done.returncode == 2, done.stderr
    assert "To go back to what is declared: keyswitch apply --config -" in done.stdout.splitlines()


def test_what_a_guard_refuses_to_go_back_to_is_said(enter: Enter, loaded: LoadedRun, stack_file: StackFile) -> None:
    """A key that was switched on by hand and is in use: applying would be refused."""
    enter()
    done = loaded("drift", "--file", stack_file(text_of({CI: "Inactive"})))
    assert done.returncode == 2
    assert f"  a guard refuses that: ci-deploy {CI}: last used" in done.stdout
    markdown = loaded("drift", "--file", stack_file(text_of({CI: "Inactive"})), "--format", "markdown").stdout
    assert "- ⛔ a guard refuses that: ci-deploy" in markdown


@pytest.mark.parametrize(
    ("form", "first"),
    [
        ("text", "error: The credentials belong to account"),
        ("markdown", DRIFT_MARKER),
        ("github", "::error title=keyswitch::The credentials belong to account"),
        ("json", "{"),
    ],
)
def test_a_failure_has_the_same_form(
    form: str, first: str, enter: Enter, loaded: LoadedRun, stack_file: StackFile
) -> None:
    """Whoever reads the output finds why nothing was compared."""
    enter()
    done = loaded("drift", "--file", stack_file(text_of({}, {"account": "999999999999"})), "--format", form)
    assert done.returncode == 1
    assert (done.stdout or done.stderr).startswith(first)
    if form == "json":
        known = set(json.loads(loaded("drift", "--file", stack_file(text_of({})), "--json").stdout))
        assert known - set(json.loads(done.stdout)) == {"account", "caller", "at"}


def test_it_runs_as_a_process(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """A real start, without drift: one line, exit code 0."""
    done = run("drift", "--file", stack_file(text_of(AS_IT_IS)))
    assert (done.returncode, done.stdout, done.stderr) == (0, "5 declared access keys: 5 as declared\n", "")


@pytest.mark.parametrize("payload", ["hides lines", "GitHub's command", "Azure's command", "Pulumi's markup", "bidi"])
def test_what_cloudtrail_says_is_only_read(
    payload: str, enter: Enter, loaded: LoadedRun, stack_file: StackFile
) -> None:
    """Whoever calls UpdateAccessKey chooses the name of the program: it must do nothing to those who read it."""
    sandbox = enter()
    iam = boto3.client("iam")
    iam.update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Active")
    record = sandbox.world.account(ACCOUNT).history.records[-1]
    record["userAgent"] = record["sourceIPAddress"] = record["userIdentity"]["arn"] = PAYLOADS[payload]
    for form in ("text", "markdown", "github"):
        done = loaded("drift", "--file", stack_file(text_of({BOB: "Inactive"})), "--format", form)
        assert done.returncode == 2
        lines = done.stdout.splitlines()
        if form == "github":
            lines = [line.partition("title=keyswitch::")[2] for line in lines]
        assert harm("\n".join(lines), "\u200b\u00a0" if form == "markdown" else "") == [], form
