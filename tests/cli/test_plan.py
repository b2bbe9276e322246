"""`keyswitch plan`: what would change, as text and as JSON, and its exit codes."""

import json
import subprocess
from pathlib import Path

import pytest

from keyswitch.access_key.notes import REVOKE_SESSIONS
from keyswitch.sandbox.server import Sandbox
from tests.support.command import COMMAND, EXAMPLE, Run, StackFile

PLAN_FIELDS = {
    "version", "account", "caller", "digest", "changes", "warnings", "refusals", "notes", "errors", "undeclared",
}  # fmt: skip
CHANGE_FIELDS = {
    "accessKeyId", "userName", "status", "wanted", "action", "record", "drift", "createDate", "lastUsed", "reason",
}  # fmt: skip
RECENTLY_USED = "config:\n  keyswitch:keys:\n    AKIACIDEPLOYEXAMPLE1: Inactive\n"
AS_IT_IS = "config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Active\n    AKIACIDEPLOYEXAMPLE1: {}\n"


def test_something_would_change(sandbox: Sandbox, run: Run, example: str) -> None:
    """Exit code 2, a line for each change, what else to know, a total; nothing is written, nor said on stderr."""
    done = run("plan", "--file", example)
    assert (done.returncode, done.stderr) == (2, "")
    assert done.stdout.splitlines() == [
        "Bob AKIAI44QH8DHBEXAMPLE: Inactive → Active, 30 d old, never used",
        "Bob AKIAIOSFODNN7EXAMPLE: Active → Inactive, 400 d old, last used 95 d ago by s3 from us-east-1; "
        "OPS-1234 moved to his second key",
        "alice AKIAALICEOLDEXAMPLE2: Active → Inactive, 700 d old, last used 210 d ago by s3 from us-east-1",
        "ci-deploy AKIACIDEPLOYEXAMPLE1: Active (only observed), 60 d old",
        f"note: sessions made with a deactivated key stay valid until they expire; to revoke them: {REVOKE_SESSIONS}",
        "note: 1 key older than 90 days stays Active: alice AKIAALICEDEVEXAMPLE1 (120 d)",
        "digest of this change: 016a105e960b1ed3",
        "5 access keys: 1 to activate, 2 to deactivate, 2 unchanged",
    ]
    assert "UpdateAccessKey" not in sandbox.actions()


def test_nothing_would_change(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """Exit code 0, and the total says so."""
    done = run("plan", "--file", stack_file(AS_IT_IS))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "2 access keys: 2 unchanged"


def test_a_guard_refuses(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """Exit code 1; what it saw, why it matters and what would let it pass are on stderr, the plan on stdout."""
    done = run("plan", "--file", stack_file(RECENTLY_USED))
    assert done.returncode == 1
    assert "AKIACIDEPLOYEXAMPLE1: Active → Inactive" in done.stdout
    refusal, how, *remedy = done.stderr.splitlines()
    assert refusal.startswith("error: ci-deploy AKIACIDEPLOYEXAMPLE1: last used 40 min ago")
    assert refusal.endswith("a use within 24h means that something still signs with it [recentlyUsed]")
    assert how == "To do it all the same, write among the keys:"
    assert remedy == [
        "    AKIACIDEPLOYEXAMPLE1:",
        "      status: Inactive",
        "      reason: write here why it may be cut off",
        "      allow: [recentlyUsed]",
    ]


def test_a_warning_does_not_stop_it(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """A guard at level warn is told among the changes; the exit code stays 2."""
    done = run("plan", "--file", stack_file("config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Inactive\n"))
    assert done.returncode == 2
    assert "warning: Bob AKIAIOSFODNN7EXAMPLE: Bob is left without any active access key" in done.stdout


class TestJson:
    """The document that scripts read."""

    def test_its_fields_are_these(self, sandbox: Sandbox, run: Run, example: str) -> None:
        """The names are a promise: a field that goes, or is called otherwise, breaks somebody's script."""
        done = run("plan", "--file", example, "--json")
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (2, "")
        assert document.keys() == PLAN_FIELDS
        assert all(change.keys() == CHANGE_FIELDS for change in document["changes"])
        assert (document["version"], document["account"]) == (1, "123456789012")
        assert document["caller"] == "arn:aws:iam::123456789012:user/operator"
        assert [(c["accessKeyId"], c["action"], c["status"], c["wanted"]) for c in document["changes"]] == [
            ("AKIAI44QH8DHBEXAMPLE", "activate", "Inactive", "Active"),
            ("AKIAIOSFODNN7EXAMPLE", "deactivate", "Active", "Inactive"),
            ("AKIAALICEDEVEXAMPLE1", "none", "Active", "Active"),
            ("AKIAALICEOLDEXAMPLE2", "deactivate", "Active", "Inactive"),
            ("AKIACIDEPLOYEXAMPLE1", "observe", "Active", None),
        ]
        assert [c["userName"] for c in document["changes"]] == ["Bob", "Bob", "alice", "alice", "ci-deploy"]
        assert document["changes"][1]["reason"] == "OPS-1234 moved to his second key"
        assert document["changes"][1]["lastUsed"].keys() == {"date", "serviceName", "region"}
        assert document["changes"][0]["lastUsed"] == {"date": None, "serviceName": None, "region": None}, "never used"
        assert {(c["record"], c["drift"]) for c in document["changes"]} == {("unknown", False)}, "no state is at hand"
        assert [note.keys() for note in document["notes"]] == [{"kind", "accessKeyIds", "message"}] * 2
        assert [(note["kind"], note["accessKeyIds"]) for note in document["notes"]] == [
            ("sessionsOutlive", ["AKIAIOSFODNN7EXAMPLE", "AKIAALICEOLDEXAMPLE2"]),
            ("oldKey", ["AKIAALICEDEVEXAMPLE1"]),
        ]
        assert (document["warnings"], document["refusals"], document["errors"]) == ([], [], [])

    @pytest.mark.parametrize("zone", ["UTC", "America/New_York"])
    def test_its_dates_are_in_utc(
        self, sandbox: Sandbox, run: Run, example: str, monkeypatch: pytest.MonkeyPatch, zone: str
    ) -> None:
        """Whatever the clock on the wall of this machine says."""
        monkeypatch.setenv("TZ", zone)
        changes = json.loads(run("plan", "--file", example, "--json").stdout)["changes"]
        used = [c["lastUsed"]["date"] for c in changes if c["lastUsed"]]
        dates = [*(c["createDate"] for c in changes), *filter(None, used)]
        assert len(dates) == 9, "five keys, one of them never used"
        assert all(date.endswith("+00:00") for date in dates)

    def test_warnings_have_a_guard_a_key_and_a_message(self, sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
        """So that a script can tell them apart."""
        path = stack_file("config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Inactive\n")
        (warning,) = json.loads(run("plan", "-f", path, "--json").stdout)["warnings"]
        assert warning.keys() == {"guard", "accessKeyId", "accessKeyIds", "message"}
        assert (warning["guard"], warning["accessKeyId"]) == ("lastActiveKey", "AKIAIOSFODNN7EXAMPLE")
        assert warning["accessKeyIds"] == ["AKIAIOSFODNN7EXAMPLE"]

    def test_a_refused_plan_is_still_a_plan(self, sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
        """Exit code 1, with the same fields; the error has a type, a message and the lines that let it pass."""
        done = run("plan", "--file", stack_file(RECENTLY_USED), "--json")
        document = json.loads(done.stdout)
        assert done.returncode == 1
        assert document.keys() == PLAN_FIELDS
        (error,) = document["errors"]
        assert error.keys() == {"type", "message", "configuration"}
        assert error["type"] == "GuardRefused"
        assert error["configuration"][-1] == "  allow: [recentlyUsed]"
        (refusal,) = document["refusals"]
        assert refusal.keys() == {"guard", "accessKeyId", "accessKeyIds", "message"}
        assert (refusal["guard"], refusal["accessKeyId"]) == ("recentlyUsed", "AKIACIDEPLOYEXAMPLE1")
        assert refusal["message"] in error["message"]

    @pytest.mark.parametrize(
        ("text", "error"),
        [
            pytest.param("config:\n  keyswitch:keys:\n    short: Inactive\n", "InvalidConfiguration", id="invalid"),
            pytest.param(
                'config:\n  keyswitch:account: "999999999999"\n  keyswitch:keys: {}\n', "WrongAccount", id="account"
            ),
            pytest.param("config: [", "InvalidConfiguration", id="no YAML"),
        ],
    )
    def test_a_failure_is_a_document_too(
        self, sandbox: Sandbox, run: Run, stack_file: StackFile, text: str, error: str
    ) -> None:
        """Exit code 1; whoever parses stdout never has to look at stderr."""
        done = run("plan", "--file", stack_file(text), "--json")
        document = json.loads(done.stdout)
        assert done.returncode == 1
        assert [e["type"] for e in document["errors"]] == [error]
        assert document["version"] == 1
        assert {name: document[name] for name in ("changes", "warnings", "refusals", "notes")} == {
            "changes": [],
            "warnings": [],
            "refusals": [],
            "notes": [],
        }


class TestStack:
    """`--stack` finds the file as Pulumi does."""

    @pytest.mark.parametrize(
        ("manifest", "folder"),
        [
            ("name: x\nruntime: python\nstackConfigDir: stacks\n", "stacks"),
            ("name: x\nruntime: python\n", "."),
            ("", "."),
        ],
        ids=["stackConfigDir", "beside Pulumi.yaml", "no Pulumi.yaml"],
    )
    def test_a_stack_is_found_where_pulumi_keeps_it(
        self, sandbox: Sandbox, run: Run, tmp_path: Path, manifest: str, folder: str
    ) -> None:
        """In the folder that Pulumi.yaml names, or beside it."""
        if manifest:
            (tmp_path / "Pulumi.yaml").write_text(manifest)
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "Pulumi.prod.yaml").write_text(EXAMPLE)
        done = run("plan", "--stack", "prod", cwd=tmp_path)
        assert done.returncode == 2
        assert "5 access keys" in done.stdout

    def test_a_stack_that_is_not_there_is_named_by_its_path(self, sandbox: Sandbox, run: Run, tmp_path: Path) -> None:
        """The user sees which file was looked for."""
        (tmp_path / "Pulumi.yaml").write_text("name: x\nruntime: python\nstackConfigDir: stacks\n")
        done = run("plan", "--stack", "porduction", cwd=tmp_path)
        assert done.returncode == 1
        assert "stacks/Pulumi.porduction.yaml" in done.stderr
        assert sandbox.journal == []


class TestSettingsFromPulumi:
    """--config takes what `pulumi config --json --show-secrets` prints: encrypted values, environments and all."""

    def printed(self, keys: object, secret: bool = False) -> str:
        value = json.dumps(keys)
        return json.dumps({"keyswitch:keys": {"value": value, "objectValue": keys, "secret": secret}})

    @pytest.mark.parametrize("status", ["Active", "Inactive"])
    def test_it_replaces_the_file(self, sandbox: Sandbox, tmp_path: Path, status: str) -> None:
        """From standard input, and from a file; the exit code says whether something would change."""
        text = self.printed({"AKIAIOSFODNN7EXAMPLE": status})
        (tmp_path / "config.json").write_text(text, encoding="utf-8")
        for source in ("-", str(tmp_path / "config.json")):
            done = subprocess.run(
                [*COMMAND, "plan", "--config", source],
                input=text,
                capture_output=True,
                text=True,
                check=False,
                timeout=60,
            )
            assert (done.returncode, done.stderr) == (2 if status == "Inactive" else 0, "")

    def test_an_encrypted_entry_is_refused(self, run: Run, tmp_path: Path) -> None:
        """It would be shown in every review."""
        (tmp_path / "config.json").write_text(self.printed({}, secret=True), encoding="utf-8")
        done = run("plan", "--config", str(tmp_path / "config.json"))
        assert done.returncode == 1
        assert "keyswitch:keys: is encrypted, but keyswitch shows it in every review" in done.stderr

    def test_it_excludes_a_file(self, run: Run, tmp_path: Path) -> None:
        """Two sources would leave open which one counts."""
        (tmp_path / "config.json").write_text("{}", encoding="utf-8")
        done = run("plan", "--config", str(tmp_path / "config.json"), "--file", "x.yaml")
        assert done.returncode == 1
        assert "not both" in " ".join(done.stderr.split())


@pytest.mark.parametrize("folder", ["", "infra/deep"], ids=["root", "sub-folder"])
@pytest.mark.parametrize("stack", ["dev", "acme/keys/dev"])
def test_a_stack_of_the_project_around_the_working_directory(
    sandbox: Sandbox, run: Run, tmp_path: Path, folder: str, stack: str
) -> None:
    """As Pulumi finds it; lines are named relative to the working directory."""
    (tmp_path / "infra" / "deep").mkdir(parents=True)
    (tmp_path / "stacks").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: keys\nstackConfigDir: stacks\n")
    file = tmp_path / "stacks" / "Pulumi.dev.yaml"
    file.write_text(AS_IT_IS)
    assert run("plan", "--stack", stack, cwd=tmp_path / folder).returncode == 0
    file.write_text(AS_IT_IS.replace("Active", "active"))
    done = run("plan", "--stack", stack, cwd=tmp_path / folder)
    assert done.returncode == 1
    assert f"{'../../' if folder else ''}stacks/Pulumi.dev.yaml:3: " in done.stderr


def test_piped_settings_of_the_project_around_the_working_directory(sandbox: Sandbox, tmp_path: Path) -> None:
    """With `--config -` the stack names the file of the lines, also from a sub-folder."""
    (tmp_path / "infra").mkdir()
    (tmp_path / "Pulumi.yaml").write_text("name: keys\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  keyswitch:recentUse: soon\n  keyswitch:keys: {}\n")
    piped = {"keyswitch:recentUse": {"value": "soon"}, "keyswitch:keys": {"value": "{}", "objectValue": {}}}
    done = subprocess.run(
        [*COMMAND, "plan", "--config", "-", "--stack", "acme/keys/dev"],
        cwd=tmp_path / "infra", input=json.dumps(piped), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "../Pulumi.dev.yaml:2: " in done.stderr
