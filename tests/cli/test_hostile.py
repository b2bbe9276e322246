"""What the commands print, with hostile arguments, files and answers of AWS: it is read and nothing else."""

from pathlib import Path

import pytest

from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.command import EXAMPLE, LoadedRun, StackFile
from tests.support.hostile import PAYLOADS, SECRET, harm

ARGUMENTS = {name: text[:100] for name, text in PAYLOADS.items()}
IN_XML = {name: text for name, text in PAYLOADS.items() if not set(text) & set("\x1b\x07\r\n\ud800\udc80\x85\x9b")}
ACCOUNT = 'config:\n  keyswitch:account: "123456789012"\n'


@pytest.mark.parametrize("text", ARGUMENTS.values(), ids=ARGUMENTS)
@pytest.mark.parametrize(
    "command",
    [
        (...,),
        ("plan", ...),
        ("plan", "--stack", ...),
        ("plan", "--file", ...),
        ("plan", "--format", ...),
        ("apply", "--yes", "--json", "--file", ...),
        ("plan", "--format", "markdown", "--file", ...),
        ("sandbox", "--port", ...),
        ("sandbox", "--inventory", ...),
        ("sandbox", "exec", "--", ...),
    ],
    ids=lambda command: " ".join("…" if part is ... else part for part in command),
)
def test_an_argument_is_only_read(loaded: LoadedRun, command: tuple[str, ...], text: str) -> None:
    """Wherever it is repeated: in the usage, as the name of a file, of a stack, of a command."""
    given = f"--{text}" if command == ("plan", ...) else text
    done = loaded(*(given if part is ... else part for part in command))
    assert done.returncode == 1
    assert done.stdout + done.stderr
    assert harm(done.stdout + done.stderr, "\u200b\u00a0" if "markdown" in command else "") == []


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize("text", IN_XML.values(), ids=IN_XML)
def test_a_message_of_aws_is_only_read(sandbox: Sandbox, loaded: LoadedRun, example: str, text: str, form: str) -> None:
    """In every format."""
    sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, text, times=None))
    done = loaded("plan", "--file", example, "--format", form)
    assert done.returncode == 1
    assert harm(done.stdout + done.stderr, "\u200b\u00a0" if form == "markdown" else "") == []


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param(
            ACCOUNT + "  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE: Inactive\n"
            '    AKIAALICEOLDEXAMPLE2: {status: Inactive, reason: "OPS-9\\e[s\\e[1A\\e[2K\\e[u"}\n',
            [":5: keyswitch:keys.AKIAALICEOLDEXAMPLE2.reason: ", r"OPS-9\x1b[s\x1b[1A\x1b[2K\x1b[u"],
            id="hidden lines",
        ),
        pytest.param(
            ACCOUNT + "  keyswitch:keys:\n"
            '    AKIAALICEOLDEXAMPLE2: {status: Inactive, reason: "ticket <{%bogus%}> see OPS-1"}\n',
            [":4: keyswitch:keys.AKIAALICEOLDEXAMPLE2.reason: ", r"ticket \x3c{%bogus%}> see OPS-1"],
            id="a colour directive",
        ),
        pytest.param(
            "config:\n  keyswitch:keys:\n    AKIAIOSFODNN7EXAMPLE:\n"
            '      status: Active\n      "x\\n::set-output name=a": 1\n'
            '  "keyswitch:\\n::add-mask::x": 1\n',
            [r":5: keyswitch:keys.AKIAIOSFODNN7EXAMPLE.x\n::set-output name=a: ", r":6: keyswitch:\n::add-mask::x: "],
            id="names with lines",
        ),
        pytest.param(
            ACCOUNT + "  keyswitch:keys:\n"
            f'    AKIAALICEOLDEXAMPLE2: {{status: Inactive, reason: "rotated, the new secret is {SECRET}"}}\n',
            [":4: keyswitch:keys.AKIAALICEOLDEXAMPLE2.reason: contains what looks like a secret access key"],
            id="a secret in a reason",
        ),
    ],
)
def test_a_hostile_file_is_refused_with_its_lines(
    sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile, text: str, said: list[str], form: str
) -> None:
    """AWS is not asked, and what is told of the file is only read, in every format."""
    done = loaded("plan", "--file", stack_file(text), "--format", form)
    printed = done.stdout + done.stderr
    assert done.returncode == 1
    assert harm(printed, "\u200b\u00a0" if form == "markdown" else "") == []
    if form == "text":
        assert all(each in printed for each in said), printed
    assert sandbox.journal == []


def test_a_hostile_file_name_is_shown_escaped(sandbox: Sandbox, loaded: LoadedRun, tmp_path: Path) -> None:
    """The name of a file that is there stands before every problem."""
    path = tmp_path / "a\n::error::\x1b[2K.yaml"
    path.write_text(EXAMPLE.replace("Inactive", "inactive"), encoding="utf-8")
    done = loaded("plan", "--file", str(path))
    assert harm(done.stdout + done.stderr) == []
    assert r"a\n::error::\x1b[2K.yaml:8: " in done.stderr
