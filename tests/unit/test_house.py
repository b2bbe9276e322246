"""The rules that every file of the repository keeps: what tests may import."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
BENCH = TESTS / "bench"
"""A program with tests of its own, which import it."""


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
