"""Texts made to hang or exhaust the reader: each is refused in one line, soon, and without much memory."""

import time
import tracemalloc

import pytest

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.configuration.load import settings_from_file
from tests.support.examples import OLD

KEYS = "config:\n  keyswitch:keys:\n"
LAUGHS = "".join(f"    a{i}: &a{i} {{{', '.join(f'k{j}: *a{i - 1}' for j in range(9))}}}\n" for i in range(1, 9))


def settled(tmp_path, text):
    """Read a stack file with this text; its problems, None if there are none."""
    path = tmp_path / "f"
    path.write_text(text)
    started = time.process_time()
    try:
        settings_from_file(path)
    except InvalidConfiguration as error:
        return error
    finally:
        assert time.process_time() - started < 2
    return None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("config: " + "[" * 60_000, id="open brackets"),
        pytest.param("config: " + "{a: " * 60_000, id="open maps"),
        pytest.param("config:\n  - " + "- " * 60_000, id="lists in lists"),
        pytest.param("config:\n" + "".join(f"{' ' * n}a:\n" for n in range(1, 1500)), id="maps in maps"),
        pytest.param(f"{KEYS}    a0: &a0 {{x: 1}}\n{LAUGHS}", id="aliases of aliases"),
        pytest.param(f"{KEYS}    a: &a [*a]\n", id="an alias to itself"),
        pytest.param("config: &a\n  <<: *a\n", id="a map that takes itself in"),
        pytest.param(
            f"{KEYS}    a: &a {{{', '.join(f'k{n}: 1' for n in range(5000))}}}\n    b: {{<<: [{'*a, ' * 5000}]}}\n",
            id="a map that takes in another many times",
        ),
        pytest.param("[" + "[]," * 1_000_000, id="many values"),
        pytest.param(KEYS + "".join(f"    AKIAEXAMPLE{n:09}: Active\n" for n in range(20_001)), id="many entries"),
        pytest.param("".join(f"%TAG !a{n}! x\n" for n in range(100_000)) + "---\n", id="directives"),
        pytest.param(f"{KEYS}    ? {'A' * 2_000_000}\n    : Active\n", id="a long key"),
        pytest.param("#" * 5_000_000, id="a large file"),
        pytest.param(f"config:\n  keyswitch:account: 0x{'f' * 4300}\n  keyswitch:keys: {{}}\n", id="many digits"),
        pytest.param(f"config:\n  keyswitch:account: {'9' * 4400}\n  keyswitch:keys: {{}}\n", id="decimal digits"),
        pytest.param(f"config:\n  keyswitch:keys: '{'[' * 60_000}'\n", id="brackets in JSON text"),
        pytest.param(f"{KEYS}    {OLD}: !!bool foo\n", id="a tag that does not fit"),
        pytest.param(
            f'config:\n  keyswitch:keys: \'{{"{OLD}": {{"reason": "\\ud83c"}}}}\'\n', id="half a character in JSON text"
        ),
    ],
)
def test_it_is_one_problem_with_file_and_line(tmp_path, text):
    """No traceback, no hang."""
    (problem,) = settled(tmp_path, text).problems
    assert problem.where.startswith(f"{tmp_path.as_posix()}/f")
    assert "\n" not in str(problem)
    assert len(str(problem)) < 400


def test_what_is_composed_before_it_is_refused_takes_little_memory(tmp_path):
    """The limits hold while the tree grows."""
    tracemalloc.start()
    try:
        settled(tmp_path, "[" + "[]," * 1_000_000)
        assert tracemalloc.get_traced_memory()[1] < 100_000_000
    finally:
        tracemalloc.stop()


def test_aliases_outside_of_the_settings_are_no_concern(tmp_path):
    """What nobody reads, nobody expands."""
    assert settled(tmp_path, f"config: {{keyswitch:keys: {{}}}}\nx:\n    a0: &a0 {{x: 1}}\n{LAUGHS}") is None


def test_a_whole_account_is_read(tmp_path):
    """10,000 access keys with all of their fields."""
    entry = "{userName: user, status: Inactive, reason: OPS-1234 moved to OIDC, onRemoval: restore}"
    assert settled(tmp_path, KEYS + "".join(f"    AKIAEXAMPLE{n:09}: {entry}\n" for n in range(10_000))) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"{KEYS}    {OLD}:\n" + "".join(f"      f{n}: x\n" for n in range(10_000)), id="fields"),
        pytest.param("config:\n" + "".join(f"  keyswitch:f{n}: x\n" for n in range(9_999)), id="settings"),
        pytest.param(KEYS + "".join(f"    AKIAEXAMPLE{n:09}: off\n" for n in range(10_000)), id="statuses"),
    ],
)
def test_a_flood_of_problems_is_cut(tmp_path, text):
    """The first 50 are told, the others counted; the time grows with their number, not with its square."""
    error = settled(tmp_path, text)
    assert len(error.problems) == 10_000
    headline, *told = str(error).splitlines()
    assert headline.endswith("not valid, 10000 problems:")
    assert len(told) == 51
    assert told[-1] == "  - and 9950 more"
    assert error.lines[-1] == "and 9950 more"


def test_fifty_problems_are_told_in_full():
    """Nothing is left out, and nothing counted."""
    error = InvalidConfiguration(Problem("x", str(n)) for n in range(50))
    assert error.lines[-1] == "49: x"
