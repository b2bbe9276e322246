"""The rules that every file of the repository keeps: names, sizes, docstrings, and what tests import.

The layers are rules of import-linter, in pyproject.toml; tests/program/test_documented.py has the one on Pulumi's SDK.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

import keyswitch

PACKAGE = Path(keyswitch.__path__[0])
TESTS = Path(__file__).parents[1]
REPOSITORY = TESTS.parent
BENCH = TESTS / "bench"
"""A program with tests of its own, which import it."""

PRODUCT = sorted(
    [
        *PACKAGE.rglob("*.py"),
        *(REPOSITORY / "scripts").glob("*.py"),
        *(REPOSITORY / ".github").rglob("*.py"),
        REPOSITORY / "__main__.py",
    ]
)
MODULES = [*PRODUCT, *sorted(TESTS.rglob("*.py"))]

MOST_LINES = 250
LONGER: dict[str, str] = {}
"""The files of the package that may be longer, each with its reason."""

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}

SAME_LINES = 6


def test_there_are_files_to_look_at() -> None:
    """The rules below look at the whole package and at all tests."""
    assert len(PRODUCT) > 60
    assert len(MODULES) - len(PRODUCT) > 100


def test_no_product_file_is_long() -> None:
    """A file is about three screens; the exceptions are named with a reason, and go when they are needed no more."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in PRODUCT}
    longer = {path for path, lines in lengths.items() if lines > MOST_LINES}
    assert {str(path) for path in longer} == {str(PACKAGE / name) for name in LONGER}


def test_no_module_has_a_name_that_says_nothing() -> None:
    """A module, or a folder of modules, is called by its one purpose."""
    parts = {part for path in MODULES for part in path.relative_to(REPOSITORY).with_suffix("").parts}
    assert parts & SAY_NOTHING == set()


def test_every_module_says_what_it_is_for() -> None:
    """The docstring is there, and is a sentence."""
    assert [str(path) for path in MODULES if not is_a_sentence(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_every_test_states_its_promise() -> None:
    """Whoever sees a test fail reads in its docstring what no longer holds."""
    assert [
        f"{path.name}: {node.name}"
        for path in sorted(TESTS.rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not is_a_sentence(node)
    ] == []


def is_a_sentence(node: ast.Module | ast.FunctionDef) -> bool:
    """Whether the docstring's first paragraph is more than a word, and ends like a sentence."""
    first, *_ = (ast.get_docstring(node) or "").split("\n\n")
    return " " in first and first.endswith((".", "?", "!"))


@pytest.mark.parametrize(
    ("code", "is_one"),
    [
        ("x = 1", False),
        ('"""Words."""', False),
        ('"""Some words"""', False),
        ('"""Some words."""', True),
        ('"""Some words,\nand more.\n\nDetails: none"""', True),
    ],
)
def test_what_counts_as_a_sentence(code: str, is_one: bool) -> None:
    """More than one word, with a full stop."""
    assert is_a_sentence(ast.parse(code)) is is_one


def blocks(paths: Iterable[Path]) -> dict[tuple[str, ...], str]:
    """Every run of lines that say something, without indentation and comments, and a file in which it stands."""
    found = {}
    for path in paths:
        stripped = (line.split("  #")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
        lines = [line for line in stripped if re.search(r"\w", line) and not line.startswith(("#", "from ", "import "))]
        found.update({tuple(lines[at : at + SAME_LINES]): path.name for at in range(len(lines) - SAME_LINES + 1)})
    return found


def test_the_two_adapters_share_no_text() -> None:
    """What both `resources/` and `cli/` do is done once, below them; no six lines of code stand in both."""
    resources, cli = (blocks((PACKAGE / name).glob("*.py")) for name in ("resources", "cli"))
    assert min(len(resources), len(cli)) > 200
    assert [(resources[block], cli[block], *block) for block in resources.keys() & cli.keys()] == []


def test_what_counts_as_the_same_text(tmp_path: Path) -> None:
    """Six lines; neither indentation nor comments, blank lines or brackets make them differ."""
    one, other, short = (tmp_path / f"{name}.py" for name in ("one", "other", "short"))
    lines = [f"x{n} = {n}" for n in range(SAME_LINES)]
    one.write_text("\n".join(lines), encoding="utf-8")
    other.write_text("if x:\n" + "".join(f"    {line}  # why\n\n    )\n" for line in lines), encoding="utf-8")
    short.write_text("\n".join(lines[1:]), encoding="utf-8")
    assert blocks([one]).keys() & blocks([other]).keys() == {tuple(lines)}
    assert blocks([one]).keys() & blocks([short]).keys() == set()


def imports_of_tests(code: str) -> Iterator[str]:
    """The modules under tests/ that some code imports, but for those of tests/support."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            modules = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [f"{'.' * node.level}{node.module or ''}"]
        else:
            continue
        yield from (m for m in modules if m.startswith(("tests", ".")) and not f"{m}.".startswith("tests.support."))


def test_tests_import_from_tests_support_only() -> None:
    """What two tests share has a module of its own; no test module depends on another one, or on a conftest."""
    files = [path for path in sorted(TESTS.rglob("*.py")) if BENCH not in path.parents]
    assert len(files) > 80
    found = {str(path): list(imports_of_tests(path.read_text(encoding="utf-8"))) for path in files}
    assert {path: modules for path, modules in found.items() if modules} == {}


@pytest.mark.parametrize(
    ("code", "modules"),
    [
        ("from tests.engine.test_lifecycle import ALICE", ["tests.engine.test_lifecycle"]),
        ("from tests.provider.conftest import Start", ["tests.provider.conftest"]),
        ("import tests.unit.conftest", ["tests.unit.conftest"]),
        ("from .conftest import Start", [".conftest"]),
        ("from tests import conftest", ["tests"]),
        ("from tests.support.seeded import ALICE", []),
        ("import pytest", []),
    ],
)
def test_what_counts_as_an_import_of_a_test(code: str, modules: list[str]) -> None:
    """Every way of importing a test module is found."""
    assert list(imports_of_tests(code)) == modules
