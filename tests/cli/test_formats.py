"""`keyswitch plan --format`: the same plan for people, for scripts and for a pull request."""

import re

import pytest

from keyswitch.sandbox.server import Sandbox
from keyswitch.telling.markdown import MARKER
from tests.support.command import EXAMPLE, LoadedRun, Run, StackFile

SWAP = EXAMPLE.replace("moved to his second key", "@security | see <http://x>")


def test_json_is_json_however_it_is_asked_for(sandbox: Sandbox, loaded: LoadedRun, example: str) -> None:
    """`--json` is `--format json`, to the byte, and wins over another format."""
    done = [loaded("plan", "-f", example, *form) for form in (("--json",), ("--format", "json"))]
    done.append(loaded("plan", "-f", example, "--format", "markdown", "--json"))
    assert len({(d.returncode, d.stdout, d.stderr) for d in done}) == 1
    assert done[0].returncode == 2
    assert done[0].stdout.startswith("{")


def test_text_is_the_default(sandbox: Sandbox, loaded: LoadedRun, example: str) -> None:
    """Without a format, and with `text`, the same lines."""
    plain, text = loaded("plan", "-f", example), loaded("plan", "-f", example, "--format", "text")
    assert (plain.returncode, plain.stdout) == (text.returncode, text.stdout)


def test_a_format_that_does_not_exist(sandbox: Sandbox, loaded: LoadedRun, example: str) -> None:
    """The three that do are told; exit code 1, and AWS is not asked."""
    done = loaded("plan", "-f", example, "--format", "yaml")
    assert done.returncode == 1
    assert all(form in done.stderr for form in ("text", "json", "markdown"))
    assert sandbox.journal == []


class TestMarkdown:
    """A comment on a pull request."""

    def test_a_plan(self, sandbox: Sandbox, run: Run, stack_file: StackFile) -> None:
        """A marker to find it again, what changes as a table, notes; exit code 2; no reason breaks out of its cell."""
        done = run("plan", "--file", stack_file(SWAP), "--format", "markdown")
        assert (done.returncode, done.stderr) == (2, "")
        marker, headline, total, digest, *rest = done.stdout.split("\n\n")
        assert (found := re.fullmatch(rf"{MARKER}\n<!-- keyswitch digest ([0-9a-f]{{64}}) -->", marker))
        assert headline == "### keyswitch would change 3 access keys of account 123456789012"
        assert total == "5 access keys: 1 to activate, 2 to deactivate, 2 unchanged."
        assert digest == f"Digest of this change: `{found[1][:16]}`"
        rows = rest[0].splitlines()
        assert len(rows) == 5
        assert rows[3].startswith("| Bob | `AKIAIOSFODNN7EXAMPLE` | Active\u00a0→\u00a0Inactive | 400\u00a0d |")
        assert rows[3].count(" | ") == rows[0].count(" | ")
        assert "@security" not in done.stdout
        assert "http://x" not in done.stdout
        assert "**Notes**" in rest
        assert "<details><summary>1 key only observed</summary>" in rest

    def test_a_refused_plan(self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
        """Exit code 1; why, and the lines to paste, stand in the comment and nowhere else."""
        path = stack_file("config:\n  keyswitch:keys:\n    AKIACIDEPLOYEXAMPLE1: Inactive\n")
        done = loaded("plan", "--file", path, "--format", "markdown")
        assert (done.returncode, done.stderr) == (1, "")
        assert "### ⛔ keyswitch refuses this change of account 123456789012" in done.stdout
        assert "- ⛔ ci-deploy AKIACIDEPLOYEXAMPLE1: last used 40 min ago" in done.stdout
        assert (
            "```yaml\nAKIACIDEPLOYEXAMPLE1:\n  status: Inactive\n"
            "  reason: write here why it may be cut off\n  allow: [recentlyUsed]\n```"
        ) in done.stdout

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            pytest.param(
                "config:\n  keyswitch:keys:\n    short: Inactive\n    AKIAIOSFODNN7EXAMPLE: off\n",
                ["yaml:3: ", "'short'", "yaml:4: ", "'off'"],
                id="invalid",
            ),
            pytest.param("config: [", ["is not YAML"], id="no YAML"),
            pytest.param(
                'config:\n  keyswitch:account: "999999999999"\n  keyswitch:keys: {}\n',
                ["999999999999"],
                id="another account",
            ),
        ],
    )
    def test_no_plan(
        self, sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile, text: str, said: list[str]
    ) -> None:
        """Exit code 1; the comment says why, so that nobody has to look into the log of the job."""
        done = loaded("plan", "--file", stack_file(text), "--format", "markdown")
        assert (done.returncode, done.stderr) == (1, "")
        assert done.stdout.startswith(f"{MARKER}\n\n### keyswitch: no plan\n\n- ⛔ ")
        assert [words for words in said if words not in done.stdout.replace("\\", "")] == []
