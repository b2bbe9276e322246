"""`keyswitch apply`: it asks, it writes, it says what became of each key."""

import json
import re
import signal
from collections.abc import Callable

import pytest

from keyswitch.iam.connection import CONCURRENCY
from keyswitch.sandbox.faults import DELAY
from keyswitch.sandbox.seed import SeededKey
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import COMMAND, EXAMPLE, WANTED, LoadedRun, Run, StackFile, Start
from tests.support.terminal import on_a_terminal
from tests.support.waiting import PATIENCE, eventually

RESULT_FIELDS = {
    "version",
    "account",
    "caller",
    "digest",
    "changes",
    "warnings",
    "refusals",
    "notes",
    "errors",
    "undeclared",
    "results",
}

CTRL_C = "\x03"
Answered = Callable[..., tuple[int, str]]


def test_it_switches_and_a_second_run_writes_nothing(sandbox: Sandbox, run: Run, example: str) -> None:
    """Exit code 0 both times; the first run tells each key, the second asks only."""
    first = run("apply", "--file", example, "--yes")
    assert (first.returncode, first.stderr) == (0, "")
    assert sandbox.statuses() == WANTED
    told = [line for line in first.stdout.splitlines() if line.startswith("done: ")]
    assert sorted(told) == [
        "done: Bob AKIAI44QH8DHBEXAMPLE: Inactive → Active",
        "done: Bob AKIAIOSFODNN7EXAMPLE: Active → Inactive; OPS-1234 moved to his second key",
        "done: alice AKIAALICEOLDEXAMPLE2: Active → Inactive",
    ]
    sandbox.journal.clear()
    second = run("apply", "--file", example, "--yes")
    assert (second.returncode, second.stderr) == (0, "")
    assert "UpdateAccessKey" not in sandbox.actions()
    assert second.stdout.splitlines()[-1] == "5 access keys: 5 unchanged"


def test_without_a_terminal_nobody_is_asked_and_nothing_is_written(sandbox: Sandbox, run: Run, example: str) -> None:
    """Exit code 1; a script has to say --yes."""
    done = run("apply", "--file", example)
    assert done.returncode == 1
    assert "--yes" in done.stderr
    assert "UpdateAccessKey" not in sandbox.actions()


def test_a_refused_plan_is_not_applied(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """A guard stops the whole, also with --yes: the harmless key beside it is not switched either."""
    path = stack_file(EXAMPLE.replace("AKIACIDEPLOYEXAMPLE1: {}", "AKIACIDEPLOYEXAMPLE1: Inactive"))
    done = run("apply", "--file", path, "--yes")
    assert done.returncode == 1
    assert "allow: [recentlyUsed]" in done.stderr
    assert "UpdateAccessKey" not in sandbox.actions()


def test_what_is_not_refused_is_done_on_request(sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
    """--keep-going: the refused key stays, with the reason; all else is done. Exit code 1."""
    path = stack_file(EXAMPLE.replace("AKIACIDEPLOYEXAMPLE1: {}", "AKIACIDEPLOYEXAMPLE1: Inactive"))
    done = run("apply", "--file", path, "--yes", "--keep-going")
    assert done.returncode == 1
    assert "allow: [recentlyUsed]" in done.stderr
    assert sandbox.statuses() == WANTED
    assert done.stdout.count("done: ") == 3


@pytest.mark.parametrize("owner", ["", "userName: ci-deploy, "], ids=["owner left out", "owner named"])
def test_a_key_that_is_gone_holds_back_no_other(sandbox: Sandbox, run: Run, stack_file: StackFile, owner: str) -> None:
    """A leaked key beside it is switched off; exit code 1, and the advice is to remove the entry."""
    entry = f"    AKIADELETEDBYOWNER01: {{{owner}status: Inactive}}\n"
    done = run("apply", "--file", stack_file(EXAMPLE + entry), "--yes", "--json")
    assert done.returncode == 1
    document = json.loads(done.stdout)
    assert [error["type"] for error in document["errors"]] == ["AccessKeyNotFound"]
    assert "remove the entry if the key was deleted" in document["errors"][0]["message"]
    assert sandbox.statuses() == WANTED


def test_one_key_that_fails_is_named_and_the_others_are_done(sandbox: Sandbox, run: Run, example: str) -> None:
    """Exit code 1; the error is about the one key, the others are as declared."""
    sandbox.faults.append(
        Fault("UpdateAccessKey", "AccessDenied", 403, "not authorized", times=None, about="AKIAALICEOLDEXAMPLE2")
    )
    done = run("apply", "--file", example, "--yes")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: iam:UpdateAccessKey for AKIAALICEOLDEXAMPLE2 of user alice was denied")
    assert done.stdout.count("done: ") == 2
    assert sandbox.statuses() == {**WANTED, "AKIAALICEOLDEXAMPLE2": "Active"}


class TestJson:
    """The document that scripts read."""

    def test_its_fields_are_these(self, sandbox: Sandbox, run: Run, example: str) -> None:
        """The plan's fields, and a result for each key that was to be written."""
        done = run("apply", "--file", example, "--yes", "--json")
        document = json.loads(done.stdout)
        assert (done.returncode, done.stderr) == (0, "")
        assert document.keys() == RESULT_FIELDS
        assert document["results"] == [
            {"accessKeyId": "AKIAALICEOLDEXAMPLE2", "status": "Inactive", "error": None},
            {"accessKeyId": "AKIAI44QH8DHBEXAMPLE", "status": "Active", "error": None},
            {"accessKeyId": "AKIAIOSFODNN7EXAMPLE", "status": "Inactive", "error": None},
        ]

    def test_nothing_to_do_has_the_same_fields(self, sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
        """A script that reads `results` finds it, empty."""
        path = stack_file("config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Active\n")
        done = run("apply", "--file", path, "--yes", "--json")
        assert done.returncode == 0
        document = json.loads(done.stdout)
        assert document.keys() == RESULT_FIELDS
        assert document["results"] == []

    def test_a_failed_write_is_told_with_type_and_message(self, sandbox: Sandbox, run: Run, example: str) -> None:
        """Exit code 1; the key that failed has an error and no status."""
        sandbox.faults.append(
            Fault("UpdateAccessKey", "AccessDenied", 403, "no", times=None, about="AKIAALICEOLDEXAMPLE2")
        )
        done = run("apply", "--file", example, "--yes", "--json")
        failed, *others = json.loads(done.stdout)["results"]
        assert done.returncode == 1
        assert (failed["accessKeyId"], failed["status"]) == ("AKIAALICEOLDEXAMPLE2", None)
        assert failed["error"].keys() == {"type", "message"}
        assert failed["error"]["type"] == "AccessDenied"
        assert [o["error"] for o in others] == [None, None]

    def test_without_yes_it_is_a_wrong_use(self, sandbox: Sandbox, run: Run, example: str) -> None:
        """Nobody can be asked in a document: exit code 1 with the usage, and AWS is not even asked."""
        done = run("apply", "--file", example, "--json")
        assert (done.returncode, done.stdout) == (1, "")
        assert "Usage:" in done.stderr
        assert "--yes" in done.stderr
        assert sandbox.journal == []


class TestQuestion:
    """On a terminal it shows the plan and asks."""

    @pytest.fixture
    def answered(self) -> Answered:
        """Run a command on a terminal of its own and answer once; its exit code and all that was on the screen."""

        def once(answer: str, *arguments: str, meanwhile: Callable[[], object] = lambda: None) -> tuple[int, str]:
            with on_a_terminal([*COMMAND, *arguments]) as terminal:
                terminal.wait_for("[y/N]: ")
                meanwhile()
                if answer == CTRL_C:
                    terminal.interrupt()
                else:
                    terminal.press(answer)
                return terminal.wait(), terminal.screen

        return once

    def test_no_writes_nothing(self, sandbox: Sandbox, answered: Answered, example: str) -> None:
        """The plan was on the screen; exit code 1."""
        code, screen = answered("n\n", "apply", "--file", example)
        assert code == 1
        assert "Bob AKIAI44QH8DHBEXAMPLE: Inactive → Active" in screen
        assert "UpdateAccessKey" not in sandbox.actions()

    def test_no_answer_is_no(self, sandbox: Sandbox, answered: Answered, example: str) -> None:
        """Return alone writes nothing."""
        code, _ = answered("\n", "apply", "--file", example)
        assert code == 1
        assert "UpdateAccessKey" not in sandbox.actions()

    def test_yes_does_it(self, sandbox: Sandbox, answered: Answered, example: str) -> None:
        """Exit code 0, and AWS is as declared."""
        code, screen = answered("y\n", "apply", "--file", example)
        assert code == 0
        assert screen.count("done: ") == 3
        assert sandbox.statuses() == WANTED

    def test_yes_is_to_the_plan_that_was_shown(self, sandbox: Sandbox, answered: Answered, example: str) -> None:
        """If AWS moves while the question stands, the new plan is shown and nothing is written."""
        code, screen = answered(
            "y\n",
            "apply",
            "--file",
            example,
            meanwhile=lambda: sandbox.set_status("AKIAALICEDEVEXAMPLE1", "Inactive"),
        )
        assert code == 1
        assert "AWS has changed in the meantime" in screen
        assert "alice AKIAALICEDEVEXAMPLE1: Inactive → Active" in screen
        assert "UpdateAccessKey" not in sandbox.actions()

    def test_nothing_to_do_is_not_asked(self, sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
        """Without a change there is no question, so no terminal is needed."""
        path = stack_file("config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Active\n")
        assert run("apply", "--file", path).returncode == 0

    def test_an_interrupted_question_writes_nothing(self, sandbox: Sandbox, answered: Answered, example: str) -> None:
        """Ctrl-C at the question: exit code 130."""
        code, _ = answered(CTRL_C, "apply", "--file", example)
        assert code == 130
        assert "UpdateAccessKey" not in sandbox.actions()


class TestInterruption:
    """Ctrl-C in the middle of the writes."""

    KEYS = tuple(SeededKey(f"AKIAINTERRUPTED{n:05}", f"user-{n:03}") for n in range(4 * CONCURRENCY))

    @pytest.fixture
    def iam(self) -> Sandbox:
        """More users than are switched at once, in an IAM that takes its time."""
        slow = Fault("UpdateAccessKey", DELAY, seconds=1.0, times=None)  # four rounds of writes take 4 s at least
        return Sandbox(self.KEYS, latency=0.05, faults=[slow])

    @pytest.fixture
    def path(self, stack_file: StackFile) -> str:
        """All of them are to be deactivated."""
        entries = "".join(f"    {k.access_key_id}: {{userName: {k.user_name}, status: Inactive}}\n" for k in self.KEYS)
        return stack_file(f"config:\n  keyswitch:keys:\n{entries}")

    def test_it_says_how_far_it_came_and_the_next_run_does_the_rest(
        self, sandbox: Sandbox, start: Start, run: Run, path: str
    ) -> None:
        """Exit code 130; what is said to be done is done, and at most what was under way beside it.

        The second run does the rest, and no more.
        """
        process = start("apply", "--file", path, "--yes")
        eventually(lambda: sandbox.actions()["UpdateAccessKey"] > 0)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 130
        assert "Traceback" not in said
        done = sum(status == "Inactive" for status in sandbox.statuses().values())
        assert 0 < done < len(self.KEYS)

        sandbox.latency = 0.0
        sandbox.faults.clear()
        sandbox.journal.clear()
        assert run("apply", "--file", path, "--yes").returncode == 0
        assert set(sandbox.statuses().values()) == {"Inactive"}
        assert sandbox.actions()["UpdateAccessKey"] == len(self.KEYS) - done
        told = re.search(
            rf"interrupted: (\d+) of {len(self.KEYS)} changes are done; not done, or not confirmed: ", said
        )
        assert told, said
        assert int(told[1]) <= done <= int(told[1]) + CONCURRENCY


class TestReviewed:
    """It applies the change that was reviewed, and no other."""

    def test_it_is_applied_and_may_be_repeated(self, sandbox: Sandbox, loaded: LoadedRun, example: str) -> None:
        """With the digest that the plan printed; afterwards there is nothing to do, which needs no other digest."""
        digest = json.loads(loaded("plan", "--file", example, "--json").stdout)["digest"]
        for _ in range(2):
            done = loaded("apply", "--file", example, "--yes", "--reviewed", digest[:16])
            assert (done.returncode, done.stderr) == (0, "")
        assert sandbox.actions()["UpdateAccessKey"] == 3

    def test_another_change_is_refused(self, sandbox: Sandbox, loaded: LoadedRun, example: str) -> None:
        """AWS has changed since: nothing is written, today's change and both digests are shown."""
        digest = json.loads(loaded("plan", "--file", example, "--json").stdout)["digest"]
        sandbox.set_status("AKIAALICEOLDEXAMPLE2", "Inactive")
        done = loaded("apply", "--file", example, "--yes", "--keep-going", "--reviewed", digest)
        assert done.returncode == 1
        assert f"error: this is not the change that was reviewed: {digest[:16]} was reviewed" in done.stderr
        assert "Bob AKIAIOSFODNN7EXAMPLE: Active → Inactive" in done.stdout
        assert "UpdateAccessKey" not in sandbox.actions()

    def test_the_variable_holds_it_too(
        self, sandbox: Sandbox, run: Run, example: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An empty one, from a workflow that found no digest, is refused before AWS is asked."""
        monkeypatch.setenv("KEYSWITCH_REVIEWED", "")
        done = run("apply", "--file", example, "--yes", "--json")
        assert done.returncode == 1
        (error,) = json.loads(done.stdout)["errors"]
        assert error["message"].startswith("the configuration is not valid: KEYSWITCH_REVIEWED: '' is not the digest")
        assert sandbox.journal == []
