"""`keyswitch report` as a process: every format and exit code, and accounts of all kinds."""

import csv
import io
import json
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from jsonschema import Draft202012Validator

from keyswitch.access_key.benchmark import BENCHMARKS
from keyswitch.cli.report import ASKS, Cis
from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.sandbox.seed import EXAMPLE, OPERATOR_KEY, SeededKey, SeededUser
from keyswitch.sandbox.server import Fault, Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.command import COMMAND, LoadedRun, StackFile
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING
from tests.support.terminal import on_a_terminal

DECLARED = f"""
config:
  keyswitch:account: "123456789012"
  keyswitch:keys:
    {BOB}: {{userName: Bob, status: Inactive, reason: OPS-1234 moved, allow: [recentlyUsed]}}
    {ALICE}: {{userName: alice, status: Active}}
    {CI}: {{userName: ci-deploy}}
"""
ALL = [ALICE, ALICES_OLD, BOBS_SECOND, BOB, CI, OPERATOR_KEY]
SCHEMA = json.loads((REPOSITORY / "schema" / "report.schema.json").read_text(encoding="utf-8"))
MANY = [SeededKey(f"AKIA{n:016d}", f"user-{n // 2}", age=timedelta(days=1 + n)) for n in range(120)]
ROOTS = "AKIAROOTROOTROOTROOT"


def denied(action: str, about: str | None = None) -> Fault:
    """AWS denies an action, or only about a user."""
    return Fault(action, "AccessDenied", 403, "no", times=None, about=about)


def gone(action: str, about: str) -> Fault:
    """A user or a key was deleted after it was listed."""
    return Fault(action, "NoSuchEntity", 404, "no", times=None, about=about)


def table(text: str) -> list[str]:
    """The keys in the table of a report in text, in order."""
    return re.findall(r"^\S+ +(AKIA\w+) ", text, re.MULTILINE)


def keys(text: str) -> list[str]:
    """The keys of a report in JSON, in order; it is as the schema says."""
    document = json.loads(text)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(document)] == []
    return [key["accessKeyId"] for key in document["keys"]]


class TestFormats:
    """What is printed, and what is written."""

    def test_text_names_each_key_once_with_what_was_found(
        self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile
    ) -> None:
        """And what it was compared with, what would mend it, and how old the facts are."""
        path = stack_file(DECLARED)
        done = loaded("report", "--file", path)
        assert (done.returncode, done.stderr) == (0, "")
        assert table(done.stdout) == ALL
        assert "6 access keys of 4 users: 5 Active, 1 Inactive" in done.stdout
        assert f"compared with {path}" in done.stdout
        assert f"Bob {BOB}: it is Active and declared Inactive" in done.stdout
        assert f"Bob {BOB}: may pass recentlyUsed; OPS-1234 moved" in done.stdout
        assert "for up to 4 hours" in done.stdout

    def test_without_a_stack_nothing_is_compared(self, sandbox: Sandbox, loaded: LoadedRun) -> None:
        """It says so; findings are those of the benchmark."""
        done = loaded("report", "--cis", "5.0")
        assert done.returncode == 0
        assert "note: no stack was compared" in done.stdout
        assert f"(CIS 5.0, 1.11): 2 findings\n  alice {ALICES_OLD}" in done.stdout

    def test_a_terminal_of_80_columns_is_wide_enough(self, sandbox: Sandbox) -> None:
        """No line of the table is broken by the terminal, and no key ID is broken at all."""
        with on_a_terminal(["env", "COLUMNS=80", *COMMAND, "report"]) as terminal:
            assert terminal.wait() == 0
        lines = terminal.screen.replace("\r", "").splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith("Owner"))
        end = next(number for number, line in enumerate(lines) if number > start and not line.strip())
        assert max(map(len, lines[start:end])) <= 80
        assert sum(key_id in line for line in lines[start:end] for key_id in ALL) == len(ALL)

    def test_json_is_as_its_schema_says(self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
        """On standard output, or in a file."""
        path = stack_file(DECLARED)
        done = loaded("report", "--file", path, "--format", "json")
        assert keys(done.stdout) == ALL
        output = Path(path).with_name("report.json")
        assert loaded("report", "--file", path, "--format", "json", "--output", str(output)).returncode == 0
        assert keys(output.read_text(encoding="utf-8")) == ALL

    def test_csv_has_a_line_a_key(self, sandbox: Sandbox, loaded: LoadedRun) -> None:
        """For a spreadsheet."""
        done = loaded("report", "--format", "csv")
        assert [line["access_key_id"] for line in csv.DictReader(io.StringIO(done.stdout))] == ALL

    def test_html_is_written_to_a_file(self, sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path) -> None:
        """One that opens from disk."""
        done = loaded("report", "--format", "html", "--output", str(tmp_path / "report.html"))
        assert (done.returncode, done.stdout) == (0, f"{tmp_path}/report.html: 6 access keys, 5 findings\n")
        assert (tmp_path / "report.html").read_text(encoding="utf-8").startswith("<!DOCTYPE html>")

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["--format", "html"], "name a file for the page"),
            (["--output", "report.txt"], "text is for the terminal"),
            (["--declared"], "name the stack that declares the keys"),
            (["--cis", "8.0"], "8.0"),
            (["--delete-after", "soon"], "'soon' is not a span of time"),
            (["--format", "csv", "--output", os.devnull], "is no regular file"),
        ],
    )
    def test_wrong_use_is_an_error(self, loaded: LoadedRun, arguments: list[str], said: str) -> None:
        """Exit code 1, before anything is asked of AWS."""
        done = loaded("report", *arguments)
        assert done.returncode == 1
        assert said in " ".join(done.stderr.replace("│", " ").split())

    @pytest.mark.parametrize("folder", ["nowhere", "."])
    def test_a_file_that_cannot_be_written_is_an_error(
        self, sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path, folder: str
    ) -> None:
        """Exit code 1 and one line; a file that is there is replaced as a whole."""
        output = tmp_path / folder / "report.csv"
        (tmp_path / "report.csv").write_text("old", encoding="utf-8")
        done = loaded("report", "--format", "csv", "--output", str(output))
        assert done.returncode == (1 if folder == "nowhere" else 0)
        assert ("cannot be written" in done.stderr) is (folder == "nowhere")
        assert ((tmp_path / "report.csv").read_text(encoding="utf-8") == "old") is (folder == "nowhere")
        assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]

    def test_every_version_of_the_benchmark_can_be_chosen(self) -> None:
        """And no other."""
        assert [cis.value for cis in Cis] == list(BENCHMARKS)


@pytest.mark.parametrize(("severity", "code"), [("high", 0), ("medium", 2), ("low", 2)])
def test_a_scheduler_is_told_by_the_exit_code(sandbox: Sandbox, loaded: LoadedRun, severity: str, code: int) -> None:
    """2 for a finding of this severity or a worse one, after the report."""
    done = loaded("report", "--fail-on", severity)
    assert done.returncode == code
    assert table(done.stdout) == ALL


def test_only_declared_keys(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """If every entry names its owner, only those users are asked for."""
    path = stack_file(DECLARED)
    assert keys(loaded("report", "--file", path, "--declared", "--format", "json").stdout) == [ALICE, BOB, CI]
    assert (sandbox.actions()["ListUsers"], sandbox.actions()["GetUser"]) == (0, 3)
    some = f"config:\n  keyswitch:keys:\n    {BOB}: Active\n    {CI}: {{userName: ci-deploy}}\n    {MISSING}: Active\n"
    done = loaded("report", "--file", stack_file(some), "--declared", "--format", "json")
    assert keys(done.stdout) == [BOB, CI]
    assert ["gone", MISSING] in [[f["rule"], f["accessKeyId"]] for f in json.loads(done.stdout)["findings"]]


def test_the_owner_tag_is_shown(sandbox: Sandbox, loaded: LoadedRun) -> None:
    """Where a user has it."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.tag_user(UserName="alice", Tags=[{"Key": "team", "Value": "payments"}])
    done = loaded("report", "--owner-tag", "team", "--format", "json")
    tags = {key["userName"]: key["ownerTag"] for key in json.loads(done.stdout)["keys"]}
    assert tags == {"alice": "payments", "Bob": None, "ci-deploy": None, "operator": None}


def test_a_deactivation_is_dated_by_cloudtrail(sandbox: Sandbox, loaded: LoadedRun) -> None:
    """It is asked once, if a key is Inactive, and only what it says is known."""
    iam = boto3.client("iam", region_name="us-east-1")
    iam.update_access_key(UserName="Bob", AccessKeyId=BOB, Status="Inactive")
    done = loaded("report", "--format", "json", "--delete-after", "0h")
    found = {key["accessKeyId"]: key for key in json.loads(done.stdout)["keys"]}
    assert found[BOB]["deactivatedAt"] is not None
    assert (found[BOB]["readyToDelete"], found[BOBS_SECOND]["readyToDelete"]) == (True, None)
    assert sandbox.actions()["LookupEvents"] == 1
    sandbox.set_status(BOB, "Active")
    sandbox.set_status(BOBS_SECOND, "Active")
    assert loaded("report").returncode == 0
    assert sandbox.actions()["LookupEvents"] == 1


def test_a_deactivation_before_cloudtrail_is_dated_by_the_stack(
    sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path
) -> None:
    """An exported state knows when the stack deactivated the key, however long ago."""
    outputs = {"access_key_id": BOBS_SECOND, "status": "Inactive", "last_switched_date": "2026-01-02T03:04:05+00:00"}
    resource = {"type": "pulumi-python:dynamic/keyswitch:AccessKeyStatus", "outputs": outputs}
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"version": 3, "deployment": {"resources": [resource]}}), encoding="utf-8")
    document = json.loads(loaded("report", "--state", str(state), "--format", "json").stdout)
    (key,) = (key for key in document["keys"] if key["accessKeyId"] == BOBS_SECOND)
    assert (key["deactivatedAt"][:19], key["readyToDelete"]) == ("2026-01-02T03:04:05", True)


def test_it_asks_for_what_it_declares_and_for_nothing_else(
    sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile
) -> None:
    """With every option that asks for more; the credential report is asked for in larger accounts."""
    path = stack_file(DECLARED)
    for arguments in (["--owner-tag", "team"], ["--declared"]):
        assert loaded("report", "--file", path, *arguments).returncode == 0
    services = {"GetCallerIdentity": "sts", "LookupEvents": "cloudtrail"}
    asked = {f"{services.get(r.action, 'iam')}:{r.action}" for r in sandbox.journal}
    declared = {permission for method in ASKS for permission in PERMISSIONS[method]}
    assert asked == declared - set(PERMISSIONS["credential_report"])


class TestAccounts:
    """Accounts of all kinds, and what AWS may refuse."""

    @pytest.fixture
    def iam(self, request: pytest.FixtureRequest) -> Sandbox:
        """A sandbox with what a test asks for."""
        return Sandbox(getattr(request, "param", EXAMPLE))

    @pytest.mark.parametrize(
        ("iam", "expected"),
        [
            pytest.param([], [], id="empty"),
            pytest.param([SeededUser("bob")], [], id="a user without keys"),
            pytest.param([SeededKey(BOB, "bob")], [BOB], id="one user"),
            pytest.param([SeededKey(BOB, "bob"), SeededKey(CI, "bob")], [CI, BOB], id="two keys"),
            pytest.param([SeededKey(key_id, "bob") for key_id in (BOB, CI, ALICE)], [ALICE, BOB, CI], id="three keys"),
            pytest.param([SeededKey(BOB, "a+=,.@-_B")], [BOB], id="odd names"),
        ],
        indirect=["iam"],
    )  # fmt: skip
    def test_each_key_is_named_once(self, sandbox: Sandbox, loaded: LoadedRun, expected: list[str]) -> None:
        """The operator's own key is there in any case."""
        done = loaded("report", "--format", "json")
        assert done.returncode == 0
        assert sorted(keys(done.stdout)) == sorted([*expected, OPERATOR_KEY])
        assert loaded("report").returncode == 0

    @pytest.mark.parametrize("iam", [[*EXAMPLE, SeededKey(ROOTS, None)]], indirect=True)
    def test_keys_of_the_root_user_are_found_but_their_ids_only_by_root(
        self, sandbox: Sandbox, loaded: LoadedRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In both cases the report says so, and a scheduler fails on it."""
        done = loaded("report", "--fail-on", "high")
        assert done.returncode == 2
        assert "root (ID not known): there is at least one" in done.stdout
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", ROOTS)
        seen = loaded("report", "--format", "json")
        assert keys(seen.stdout) == [ROOTS, *ALL]
        assert json.loads(seen.stdout)["findings"][0]["accessKeyId"] == ROOTS

    @pytest.mark.parametrize("iam", [MANY], indirect=True)
    def test_a_larger_account_is_read_from_the_credential_report(
        self, sandbox: Sandbox, loaded: LoadedRun, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Fewer calls than keys, and it says how old the facts are. Where it may not be had, each use is looked up."""
        sandbox.world.clock.advance(timedelta(hours=1))
        done = loaded("report", "--format", "json")
        assert len(keys(done.stdout)) == 121
        assert json.loads(done.stdout)["usesFrom"] is not None
        assert len(sandbox.journal) <= 121 / 100 + 61 + 5 + 3, "and some while the report is being made"
        sandbox.journal.clear()
        sandbox.faults.append(Fault("GenerateCredentialReport", "AccessDenied", 403, "no", times=None))
        denied = loaded("report", "--format", "json")
        assert json.loads(denied.stdout)["usesFrom"] is None
        assert sandbox.actions()["GetAccessKeyLastUsed"] == 121
        assert keys(denied.stdout) == keys(done.stdout)

    @pytest.mark.parametrize(
        ("fault", "code", "missing", "said"),
        [
            pytest.param(denied("ListUsers"), 1, ALL, "iam:ListUsers", id="users denied"),
            pytest.param(denied("ListAccessKeys", "Bob"), 1, [BOB, BOBS_SECOND], "Bob", id="keys of a user denied"),
            pytest.param(gone("ListAccessKeys", "alice"), 0, [ALICE, ALICES_OLD], "", id="user gone meanwhile"),
            pytest.param(denied("GetAccessKeyLastUsed"), 0, [], "use of 6 keys is not known", id="uses denied"),
            pytest.param(gone("GetAccessKeyLastUsed", BOB), 0, [], "1 key is not known", id="key gone meanwhile"),
            pytest.param(denied("GetAccountSummary"), 0, [], "root user has keys is not known", id="summary denied"),
            pytest.param(denied("LookupEvents"), 0, [], "keys are Inactive is not known: cloud", id="trail denied"),
            pytest.param(denied("ListUserTags"), 0, [], "the tags of 4 users are not known", id="tags denied"),
            pytest.param(Fault("ListAccessKeys", "Throttling", 400, "Rate exceeded"), 0, [], "", id="throttled"),
        ],
    )
    def test_what_aws_refuses_is_said(
        self, sandbox: Sandbox, loaded: LoadedRun, fault: Fault, code: int, missing: Sequence[str], said: str
    ) -> None:
        """A report from which keys may be missing fails; one that only knows less does not."""
        sandbox.faults.append(fault)
        done = loaded("report", "--owner-tag", "team")
        assert done.returncode == code
        assert table(done.stdout) == [key_id for key_id in ALL if key_id not in missing]
        assert said in done.stdout + done.stderr

    def test_another_account_is_refused(self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
        """Before anything else is asked; JSON says it as a document."""
        path = stack_file(DECLARED.replace("123456789012", "210987654321"))
        done = loaded("report", "--file", path, "--format", "json")
        assert done.returncode == 1
        assert json.loads(done.stdout)["errors"][0]["type"] == "WrongAccount"
        assert set(sandbox.actions()) == {"GetCallerIdentity"}
