"""What importing loads: the domain nothing, the command line no Pulumi, and every public name is there."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import keyswitch
from keyswitch import access_key

HEAVY = {"boto3", "botocore", "jinja2", "moto", "pulumi", "pulumi_aws", "pydantic", "rich", "typer", "yaml"}


def _loaded(code: str) -> set[str]:
    """The top-level modules that a clean process has loaded by some code, beyond those it starts with."""
    script = (
        f"import json, sys\nbefore = set(sys.modules)\n{code}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in json.loads(done.stdout)}


def test_importing_keyswitch_loads_nothing_heavy():
    """The package itself is a list of names."""
    assert _loaded("import keyswitch") & HEAVY == set()


def test_the_domain_loads_nothing_but_the_standard_library():
    """Any other adapter can use it as it is."""
    modules = sorted(path.stem for path in Path(access_key.__path__[0]).glob("*.py") if path.stem != "__init__")
    assert {"change", "guards", "model"} <= set(modules)
    code = "\n".join(f"import keyswitch.access_key.{module}" for module in modules)
    assert _loaded(code) - sys.stdlib_module_names == {"keyswitch"}


_COMMAND_OR_FILE = re.compile(r"\b(keyswitch|pulumi) [a-z]|\.(ya?ml|json)\b", re.IGNORECASE)


def test_no_message_of_the_domain_names_a_command_or_a_file():
    """It does not know which adapter it serves; commands are named where a plan is put into words."""
    named = [
        (path.name, node.value)
        for path in Path(access_key.__path__[0]).glob("*.py")
        for node in ast.walk(_without_docstrings(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _COMMAND_OR_FILE.search(node.value)
    ]
    assert named == []


def _without_docstrings(path: Path) -> ast.Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
            node.body = [each for each in node.body if not _is_a_text(each)] or [ast.Pass()]
    return tree


def _is_a_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def test_the_public_names_are_sorted_and_all_there():
    """Each can be loaded from where it says; this loads Pulumi, so it happens in a process of its own."""
    assert sorted(keyswitch.__all__) == keyswitch.__all__
    assert "pulumi" in _loaded("import keyswitch\nfor name in keyswitch.__all__: assert getattr(keyswitch, name)")


def test_a_name_that_is_not_public_is_not_there():
    """A slip is an AttributeError that names it, as in any module."""
    with pytest.raises(AttributeError, match="AccessKeyz"):
        _ = keyswitch.AccessKeyz
