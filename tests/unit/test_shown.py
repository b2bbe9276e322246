"""The gate: whatever passes it is one line that is read and nothing else, and says what it says."""

import ast
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import keyswitch
from keyswitch.access_key.shown import AT_MOST, brief, is_visible, line, lines, shown, visible
from tests.support.hostile import PAYLOADS, SECRET, harm

_texts = st.text(st.characters() | st.sampled_from("\n\r\x1b<{%}>#[:v \u2028\u202e\udc80"), max_size=60)


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_no_payload_passes(text):
    """Neither as it is nor behind something of ours."""
    assert harm(line(text)) == []
    assert harm(line(f"  error: {text}")) == []
    assert not is_visible(text) or SECRET in text or len(text) > AT_MOST


@given(_texts)
@example("<{%<{%x")
@example("##[##vso[")
@example("   :::")
def test_any_text_becomes_a_line_that_does_nothing(text):
    """And a line that passed once passes unchanged, so nobody has to know whether a text has passed already."""
    passed = line(text)
    assert harm(passed) == []
    assert line(passed) == passed
    assert is_visible(passed)


@pytest.mark.parametrize(
    "text",
    [
        "bob AKIAIOSFODNN7EXAMPLE: Active → Inactive, 400 d old; OPS-1234 moved to OIDC",
        "  … and 3 others",
        "ünï 漢字 ☃ ⚠️ 🔑",
        "a::b # [c] <d> {%e%} C:\\f",
        "arn:aws:sts::123456789012:assumed-role/switch/keyswitch",
    ],
)
def test_an_ordinary_line_is_left_as_it_is(text):
    """Escapes are for what needs them."""
    assert line(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[2K", r"\x1b[2K"),
        ("\u202e\u2028", r"\u202e\u2028"),
        ("\udc80", r"\udc80"),
        ("\U000e0041", r"\U000e0041"),
        ("\u3164", r"\u3164"),
        ("<{%red%}>", r"\x3c{%red%}>"),
        ("##vso[a] ###[b]", r"\x23#vso[a] #\x23#[b]"),
        ("  ::warning::x", r"  \x3a:warning::x"),
    ],
)
def test_an_escape_is_seen(text, expected):
    """As Python writes it, so that everybody sees which character it was."""
    assert line(text) == expected


def test_a_long_text_is_cut_with_its_length():
    """The beginning says what it is about, the end how much is missing; a secret never loses just its end."""
    assert line("a" * 12_345) == "a" * 1_979 + "… (12,345 characters)"
    assert len(line("a" * 12_345)) == AT_MOST
    assert brief("a" * 300, 300) == "a" * 300
    for before in range(260, 300):
        assert "wJalr" not in line(f"{'a' * before} {SECRET}", 300)
        assert "wJalr" not in brief(f"{'a' * before} {SECRET}", 300)


def test_several_lines_are_as_many_as_they_are():
    """No text adds a line."""
    assert lines(["a", "b\nc", "::d"]) == "a\nb\\nc\n\\x3a:d"


def test_another_language_has_its_own_escapes():
    """Such as YAML, of which people copy lines."""
    assert visible("<{%\n", lambda char: f"[{ord(char)}]") == "[60]{%[10]"


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_quoted_value_does_nothing(text):
    """It is quoted as YAML writes it."""
    assert harm(shown(text)) == []
    assert harm(shown(Path(text))) == []


_SINKS = {
    "access/component.py": {"warn"},
    "cli/output.py": {"echo"},
    "resources/diagnostics.py": {"print", "info", "warn", "error"},
    "configuration/schema.py": {"print"},  # our own texts
    "configuration/reference.py": {"print"},
    "plugin/schema.py": {"print"},
    "plugin/server.py": {"write"},  # the port, for the engine
}
"""The modules that print or log, and by which calls."""


def test_nothing_is_shown_but_through_the_modules_that_pass_the_gate():
    """Whoever prints or logs elsewhere goes past the gate."""
    package = Path(keyswitch.__file__).parent
    beside = [
        f"{path.relative_to(package)}:{call.lineno}: {name}"
        for path in sorted(package.rglob("*.py"))
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and (name := _sink(call.func))
        and name not in _SINKS.get(path.relative_to(package).as_posix(), ())
    ]
    assert beside == []


def _sink(function):
    """The name of a function that prints or logs."""
    called = ast.unparse(function)
    if called == "print" or called in ("typer.echo", "typer.secho", "sys.stdout.write", "sys.stderr.write"):
        return called.rpartition(".")[2]
    logs = ("pulumi.log.", "logging.", "warnings.", "traceback.print")
    return called.rpartition(".")[2] if called.startswith(logs) else None
