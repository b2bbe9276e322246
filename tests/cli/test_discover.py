"""`keyswitch discover`: from an account to a stack file, on a table of accounts."""

import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import boto3
import pytest

from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.sandbox.seed import (
    EXAMPLE,
    OPERATOR_KEY,
    Seed,
    SeededAccount,
    SeededKey,
    SeededRole,
    SeededUser,
    generated,
)
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import COMMAND, LoadedRun, Start
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING
from tests.support.shown import blocks, difference
from tests.support.waiting import eventually

ALL = [ALICE, ALICES_OLD, BOBS_SECOND, BOB, CI, OPERATOR_KEY]
"""By user without case, then by ID."""

USERS = 2000
OTHER_ACCOUNT = "210987654321"
ROOTS = "AKIAROOTROOTROOTROOT"
ROLE = "arn:aws:iam::123456789012:role/keyswitch"
THREE = [SeededKey(f"AKIATHREETHREETHREE{n}", "three") for n in range(3)]
SIXTY = [SeededKey(f"AKIASIXTY{n:011}", f"user-{n:02}", last_used=timedelta(days=n)) for n in range(60)]
ODD = [
    SeededUser("+=,.@-_", "/a/b+c/"),
    *(SeededKey(f"AKIAODDODDODDODDODD{n}", name) for n, name in enumerate(("+=,.@-_", "on", "1234567890123456"))),
]


def denied(action: str, about: str | None = None) -> Fault:
    """AWS refuses an action, always."""
    return Fault(action, "AccessDenied", 403, "no", about=about, times=None)


@dataclass(frozen=True)
class Account:
    """An account and what may go wrong, and what is told of it.

    Attributes:
        seed: what the account has besides the operator.
        keys: how many keys are found.
        code: the exit code.
        said: what standard error says, in parts.
        faults: what goes wrong.
    """

    seed: Sequence[Seed]
    keys: int
    code: int = 0
    said: Sequence[str] = ()
    faults: Sequence[Fault] = ()


ACCOUNTS = {
    "empty": Account([], 1),
    "a user without keys": Account([SeededUser("alice")], 1, said=["1 access key of 2 users"]),
    "the example": Account(EXAMPLE, 6, said=["6 access keys of 4 users in account 123456789012"]),
    "three keys of a user": Account(THREE, 4),
    "root has keys": Account([SeededKey(ROOTS, None)], 1, said=["the root user has access keys"]),
    "odd names": Account(ODD, 4),
    "another account": Account([SeededAccount(OTHER_ACCOUNT), *EXAMPLE], 6, said=[f"in account {OTHER_ACCOUNT}"]),
    "uses are denied": Account(EXAMPLE, 6, faults=[denied("GetAccessKeyLastUsed")]),
    "a report": Account(SIXTY, 61, said=["credential report that was made just now"]),
    "a report is denied": Account(SIXTY, 61, faults=[denied("GenerateCredentialReport")]),
    "a report has expired": Account(
        SIXTY, 61, said=["credential report that was made"], faults=[Fault("GetCredentialReport", "ReportExpired", 410)]
    ),
    "the summary is denied": Account(
        EXAMPLE, 6, said=["does not say whether the root user"], faults=[denied("GetAccountSummary")]
    ),
    "a user's keys are denied": Account(
        EXAMPLE,
        4,
        code=1,
        said=["iam:ListAccessKeys of user Bob was denied", "which declared keys are gone is not known"],
        faults=[denied("ListAccessKeys", "Bob")],
    ),
    "a user vanishes": Account(
        EXAMPLE, 4, faults=[Fault("ListAccessKeys", "NoSuchEntity", 404, "gone", about="Bob", times=None)]
    ),
    "throttled": Account(EXAMPLE, 6, faults=[Fault("ListAccessKeys", "Throttling", times=1)]),
}


@pytest.fixture
def iam(request: pytest.FixtureRequest) -> Sandbox:
    """The account of the test; the example, unless it names another one."""
    account = getattr(request, "param", None)
    return Sandbox(account.seed if account else EXAMPLE, faults=list(account.faults) if account else [])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The path of a stack file that is not there yet."""
    return tmp_path / "Pulumi.prod.yaml"


def ids(text: str) -> list[str]:
    """The keys that have an entry, in order."""
    return re.findall(r"^ +(\w{16,128}):", text, re.MULTILINE)


@pytest.mark.parametrize("iam", ACCOUNTS.values(), ids=ACCOUNTS, indirect=True)
def test_a_plan_after_it_has_nothing_to_do(
    sandbox: Sandbox, loaded: LoadedRun, file: Path, request: pytest.FixtureRequest
) -> None:
    """Whatever can be seen of the account is declared as it is; nothing is written to AWS."""
    account: Account = request.node.callspec.params["iam"]
    done = loaded("discover", "--file", str(file))
    assert (done.returncode, len(ids(file.read_text()))) == (account.code, account.keys), done.stderr
    assert all(part in done.stderr for part in account.said), done.stderr
    sandbox.faults.clear()
    planned = loaded("plan", "--file", str(file), "--json")
    assert (planned.returncode, {change["action"] for change in json.loads(planned.stdout)["changes"]}) == (0, {"none"})
    assert sandbox.actions()["UpdateAccessKey"] == 0


@pytest.mark.parametrize(
    "fault",
    [denied("ListUsers"), Fault("GetCallerIdentity", "InvalidClientTokenId", 403, "no", times=None)],
    ids=["users", "credentials"],
)
def test_without_the_list_of_users_nothing_is_written(
    sandbox: Sandbox, loaded: LoadedRun, file: Path, fault: Fault
) -> None:
    """One line names what is missing."""
    sandbox.faults.append(fault)
    done = loaded("discover", "--file", str(file))
    assert (done.returncode, done.stdout) == (1, "")
    assert [line[:7] for line in done.stderr.splitlines()] == ["error: "]
    assert not file.exists()


@pytest.mark.parametrize(
    ("options", "action", "errors"),
    [(["--user", "Bob", "--user", "alice"], "GetUser", 2), (["--tag", "team=payments"], "ListUserTags", 4)],
    ids=["user", "tag"],
)
def test_users_who_may_not_be_looked_at_are_told(
    sandbox: Sandbox, loaded: LoadedRun, options: list[str], action: str, errors: int
) -> None:
    """Each by name, with the missing permission; nobody takes them for users without keys."""
    sandbox.faults.append(denied(action))
    done = loaded("discover", *options)
    assert (done.returncode, done.stdout) == (1, "{}\n")
    assert len(re.findall(rf"iam:{action} of user \S+ was denied", done.stderr)) == errors


def test_every_call_is_declared(sandbox: Sandbox, loaded: LoadedRun) -> None:
    """The methods of the gateway that it uses say which permissions it needs; none of them writes."""
    loaded("discover", "--tag", "team=payments")
    loaded("discover", "--user", "Bob")
    loaded("discover", "--json")
    used = {
        f"{'sts' if request.action == 'GetCallerIdentity' else 'iam'}:{request.action}" for request in sandbox.journal
    }
    methods = ("caller", "users", "user", "tags", "access_keys", "last_used", "root_has_keys")
    assert used == {permission for method in methods for permission in PERMISSIONS[method]}


class TestWithoutTarget:
    """Entries are printed."""

    def test_they_are_a_keys_file(self, sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path) -> None:
        """By user, with comments; standard output has nothing else."""
        done = loaded("discover")
        assert done.returncode == 0
        assert ids(done.stdout) == ALL
        assert done.stdout.startswith(
            f"    {ALICE}:  # 120 d old, last used 3 d ago by ec2\n      userName: alice\n      status: Active\n"
        )
        (tmp_path / "keys.yaml").write_text(done.stdout)
        stack = tmp_path / "Pulumi.x.yaml"
        stack.write_text("config:\n  keyswitch:keysFile: keys.yaml\n")
        assert loaded("plan", "--file", str(stack)).returncode == 0

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--user", "Bob", "--user", "ci-deploy"], [BOBS_SECOND, BOB, CI]),
            (["--status", "Inactive"], [BOBS_SECOND]),
            (["--unused-for", "90d"], [ALICES_OLD, BOB]),
            (["--unused-for", "30d"], [ALICES_OLD, BOBS_SECOND, BOB]),
            (["--older-than", "90d"], [ALICE, ALICES_OLD, BOB]),
            (["--older-than", "90d", "--user", "alice", "--unused-for", "1h"], [ALICE, ALICES_OLD]),
            (["--path-prefix", "/ci/"], [CI]),
            (["--tag", "team=payments"], [CI]),
            (["--tag", "team=payments", "--tag", "stage=prod"], []),
        ],
        ids=lambda value: " ".join(value) if value and value[0][0] == "-" else "",
    )
    def test_filters(self, sandbox: Sandbox, loaded: LoadedRun, options: list[str], expected: list[str]) -> None:
        """All of them must hold."""
        boto3.client("iam").update_user(UserName="ci-deploy", NewPath="/ci/")
        boto3.client("iam").tag_user(UserName="ci-deploy", Tags=[{"Key": "team", "Value": "payments"}])
        done = loaded("discover", "--no-comments", *options)
        assert (done.returncode, ids(done.stdout)) == (0, expected)
        assert "#" not in done.stdout

    def test_without_comments_uses_are_not_asked_for(self, sandbox: Sandbox, loaded: LoadedRun) -> None:
        """They cost a call a key."""
        assert loaded("discover", "--no-comments", "--observe", "--user", "Bob").stdout == (
            f"    {BOBS_SECOND}:\n      userName: Bob\n    {BOB}:\n      userName: Bob\n"
        )
        assert sandbox.actions()["GetAccessKeyLastUsed"] == 0

    @pytest.mark.parametrize("iam", [Account([SeededKey(ROOTS, None)], 0)], indirect=True)
    def test_root_declares_its_own_keys(
        self, sandbox: Sandbox, loaded: LoadedRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Only root can see their IDs."""
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOTS)
        done = loaded("discover", "--no-comments")
        assert f"    {ROOTS}:\n      status: Active\n      root: true\n" in done.stdout
        assert "root user has access keys" not in done.stderr

    def test_a_user_who_is_not_there(self, sandbox: Sandbox, loaded: LoadedRun) -> None:
        """Is an error of its own; the others are told."""
        done = loaded("discover", "--user", "bob", "--user", "alice")
        assert (done.returncode, ids(done.stdout)) == (1, [ALICE, ALICES_OLD])
        assert done.stderr.splitlines()[-1] == "error: There is no user bob in account 123456789012"

    def test_an_empty_account_is_an_empty_map(self, sandbox: Sandbox, loaded: LoadedRun) -> None:
        """So that the output is a keys file in any case."""
        assert loaded("discover", "--path-prefix", "/none/").stdout == "{}\n"


class TestFile:
    """A stack file gains what is missing."""

    def test_only_missing_keys_are_added(self, sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
        """What is declared stays as it is, whatever AWS shows; the second time nothing is written."""
        before = f"config:\n  keyswitch:keys:\n    # mine\n    {BOB}: Inactive  # off\n    {MISSING}: Active\n"
        file.write_text(before)
        done = loaded("discover", "--file", str(file), "--user", "Bob")
        added = f"    {BOBS_SECOND}:  # 30 d old, never used\n      userName: Bob\n      status: Inactive\n"
        assert file.read_text() == before + added
        assert done.stdout.splitlines() == [
            f"+ Bob {BOBS_SECOND}: Inactive, 30 d old, never used",
            f"{file.as_posix()}: 1 added, 0 removed, 2 kept",
        ]
        written = file.stat()
        again = loaded("discover", "--file", str(file), "--user", "Bob")
        assert (again.returncode, file.stat()) == (0, written)

    def test_a_gone_key_is_named_and_pruned(self, sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
        """Removed only on demand."""
        file.write_text(f"config:\n  keyswitch:keys:\n    {MISSING}: Active  # old\n    {BOB}: Active\n")
        done = loaded("discover", "--file", str(file), "--status", "Inactive")
        assert f"- {MISSING}: gone from AWS; --prune removes the entry" in done.stdout.splitlines()
        assert ids(file.read_text()) == [MISSING, BOB, BOBS_SECOND]
        done = loaded("discover", "--file", str(file), "--status", "Inactive", "--prune")
        assert (done.returncode, ids(file.read_text())) == (0, [BOB, BOBS_SECOND])
        assert f"- {MISSING}: gone from AWS; entry removed" in done.stdout.splitlines()
        assert done.stdout.splitlines()[-1].endswith(": 0 added, 1 removed, 2 kept")

    def test_nothing_is_pruned_while_a_user_cannot_be_seen(
        self, sandbox: Sandbox, loaded: LoadedRun, file: Path
    ) -> None:
        """The key may be that user's."""
        file.write_text(f"config:\n  keyswitch:keys:\n    {BOB}: Active\n")
        sandbox.faults.append(denied("ListAccessKeys", "Bob"))
        done = loaded("discover", "--file", str(file), "--prune")
        assert (done.returncode, ids(file.read_text())) == (1, [BOB, ALICE, ALICES_OLD, CI, OPERATOR_KEY])

    def test_the_stack_says_how_to_connect(self, sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
        """Its role, and its account, which must be the one."""
        file.write_text(f"config:\n  aws:assumeRole:\n    roleArn: {ROLE}\n")
        assert f"sts:AssumeRole for {ROLE} was denied" in loaded("discover", "--file", str(file)).stderr
        before = "config:\n  keyswitch:account: '999999999999'\n"
        file.write_text(before)
        done = loaded("discover", "--file", str(file))
        assert (done.returncode, file.read_text()) == (1, before)
        assert "not to 999999999999" in done.stderr

    def test_a_stack_by_name(
        self, sandbox: Sandbox, run: LoadedRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the folder of the project's stack files."""
        (tmp_path / "Pulumi.yaml").write_text("name: p\nruntime: python\nstackConfigDir: stacks\n")
        (tmp_path / "stacks").mkdir()
        monkeypatch.setenv("PYTHONPATH", os.getcwd())
        assert run("discover", "--stack", "prod", cwd=tmp_path).returncode == 0
        assert (
            (tmp_path / "stacks" / "Pulumi.prod.yaml")
            .read_text()
            .startswith('config:\n  keyswitch:account: "123456789012"\n  keyswitch:keys:\n')
        )
        assert run("plan", "--stack", "prod", cwd=tmp_path).returncode == 0

    def test_ctrl_c_leaves_the_file(self, sandbox: Sandbox, start: Start, file: Path) -> None:
        """Exit code 130, and one line that says so."""
        file.write_text("config: {}\n")
        sandbox.latency = 2.0
        process = start("discover", "--file", str(file))
        eventually(lambda: sandbox.journal)
        process.send_signal(2)
        _, err = process.communicate(timeout=30)
        assert (process.returncode, file.read_text()) == (130, "config: {}\n")
        assert err == "error: interrupted while observing AWS; no file was changed\n"


@pytest.mark.parametrize(
    "options",
    [
        ["--stack", "x", "--file", "y"],
        ["--prune"],
        ["--prune", "--json", "--file", "y"],
        ["--prune", "--file", "y", "--user", "Bob"],
        ["--prune", "--pulumi-import", "--file", "y"],
        ["--json", "--pulumi-import"],
        ["--tag", "team"],
        ["--unused-for", "soon"],
        ["--status", "Expired"],
    ],
    ids=" ".join,
)
def test_wrong_use(loaded: LoadedRun, options: list[str]) -> None:
    """Exit code 1; AWS is not asked."""
    done = loaded("discover", *options)
    assert (done.returncode, done.stdout) == (1, "")
    assert "Error: Invalid value" in done.stderr


def test_the_file_for_an_import_names_each_key_once(sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
    """For Pulumi's own command; no file is written."""
    done = loaded("discover", "--file", str(file), "--pulumi-import", "--user", "Bob")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "resources": [
            {"type": "keyswitch:index:AccessKeyStatus", "name": key_id, "id": key_id} for key_id in (BOBS_SECOND, BOB)
        ]
    }
    assert not file.exists()
    assert sandbox.actions()["GetAccessKeyLastUsed"] == 0


class TestInventory:
    """`--json` is what the sandbox reads."""

    @pytest.mark.parametrize(
        "iam",
        [
            Account(
                [
                    SeededAccount(OTHER_ACCOUNT),
                    SeededUser("ci", "/ci/", timedelta(days=1000), {"team": "payments"}),
                    SeededKey("AKIACICICICICICICI01", "ci", "Inactive", timedelta(days=50), timedelta(days=5), "sqs"),
                    *THREE,
                ],
                5,
            )
        ],
        indirect=True,
    )
    def test_a_copy_of_a_copy_is_the_same(self, sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path) -> None:
        """Account, users with path, date and tags, keys with date and last use."""
        first = json.loads(loaded("discover", "--json", "--path-prefix", "/").stdout)
        copy = tmp_path / "account.json"
        copy.write_text(json.dumps(first))
        command = ["sandbox", "--inventory", str(copy), "exec", "--", *COMMAND, "discover", "--json"]
        done = loaded(*command)
        assert done.returncode == 0, done.stderr
        second = json.loads(done.stdout)
        assert (first["account"], len(first["users"])) == (OTHER_ACCOUNT, 3)
        assert _undated(second) == _undated(first)
        (ci,) = [user for user in first["users"] if user["userName"] == "ci"]
        assert ci["path"] == "/ci/"
        assert ci["accessKeys"][0]["lastUsed"]["serviceName"] == "sqs"
        tagged = json.loads(loaded("discover", "--json", "--tag", "team=payments").stdout)
        assert [user["tags"] for user in tagged["users"]] == [{"team": "payments"}]

    @pytest.mark.parametrize("iam", [Account([SeededRole(ROLE), *EXAMPLE], 0)], indirect=True)
    def test_a_rehearsal_can_assume_the_roles_of_the_stack(
        self, sandbox: Sandbox, loaded: LoadedRun, file: Path
    ) -> None:
        """They are in the copy."""
        file.write_text(f"config:\n  aws:assumeRole:\n    roleArn: {ROLE}\n")
        done = loaded("discover", "--json", "--file", str(file))
        assert json.loads(done.stdout)["roles"] == [ROLE]

    def test_no_file_is_written(self, sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
        """The stack only says how to connect."""
        done = loaded("discover", "--json", "--file", str(file))
        assert (done.returncode, file.exists()) == (0, False)


def _undated(document: dict[str, object]) -> str:
    """The document without the time at which it was made, and with times to the minute: ages are what a copy keeps."""
    text = json.dumps({**document, "at": None})
    return re.sub(r"(T\d\d:\d\d):\d\d", r"\1", text)


class TestManyUsers:
    """Two thousand users, four thousand keys."""

    @pytest.fixture
    def iam(self) -> Sandbox:
        """Each has two keys; some were used."""
        return Sandbox(generated(USERS, 2))

    def test_the_report_spares_a_call_a_key(self, sandbox: Sandbox, loaded: LoadedRun, file: Path) -> None:
        """A listing a user, and a handful of calls besides; how old the report is is said."""
        sandbox.world.clock.advance(timedelta(hours=1))
        done = loaded("discover", "--file", str(file))
        assert done.returncode == 0, done.stderr
        assert len(ids(file.read_text())) == 2 * USERS + 1
        assert len(sandbox.journal) <= 2 * USERS / 100 + USERS + 5
        assert "note: last uses are from the credential report that was made" in done.stderr


def test_the_documentation_shows_what_is_printed(sandbox: Sandbox, run: LoadedRun, tmp_path: Path) -> None:
    """Its first commands, one after the other, and the file that they make."""
    shown, *_ = blocks("docs/discover.md", "console")
    (file,) = blocks("docs/discover.md", "yaml")
    for command in shown.removeprefix("$ keyswitch ").split("\n$ keyswitch "):
        line, _, output = command.partition("\n")
        done = run(*line.split(), cwd=tmp_path)
        assert not (wrong := difference(output, done.stdout + done.stderr)), wrong
    assert not (wrong := difference(file, (tmp_path / "Pulumi.prod.yaml").read_text())), wrong
