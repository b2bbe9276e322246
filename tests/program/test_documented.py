"""No module but `resources/sdk.py` and `plugin/server.py` uses what Pulumi's SDK does not document.

Documented is what the SDK lists in `__all__` of the packages that its reference describes; and what it calls the
experimental interface of providers, for the real provider.
"""

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

import keyswitch

PACKAGE = Path(keyswitch.__path__[0])
HOMES = {PACKAGE / "resources" / "sdk.py", PACKAGE / "plugin" / "server.py"}

DOCUMENTED = {
    **{name: set(import_module(name).__all__) for name in ("pulumi", "pulumi.dynamic", "pulumi.runtime")},
    "pulumi.log": {"debug", "info", "warn", "error"},
    "pulumi.provider.experimental": {"provider"},
    **{
        name: {public for public in vars(import_module(name)) if public[0] != "_"}
        for name in ("pulumi.provider.experimental.provider", "pulumi.provider.experimental.property_value")
    },
}


def undocumented(code: str) -> Iterator[str]:
    """The uses of what the SDK does not document."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Import):
            yield from (f"import {a.name}" for a in node.names if _is_pulumi(a.name) and a.name not in DOCUMENTED)
        elif isinstance(node, ast.ImportFrom) and _is_pulumi(node.module or ""):
            known = DOCUMENTED.get(node.module or "", set())
            yield from (f"from {node.module} import {a.name}" for a in node.names if a.name not in known)
        elif isinstance(node, ast.Attribute):
            of, _, name = ast.unparse(node).rpartition(".")
            module = of if of in DOCUMENTED else None
            if module and (name not in DOCUMENTED[module] | _submodules(module) or isinstance(node.ctx, ast.Store)):
                yield f"{of}.{name}"
        elif isinstance(node, ast.Constant) and str(node.value).startswith(("pulumi.runtime.", "pulumi:pulumi:")):
            yield repr(node.value)


def private(code: str) -> Iterator[str]:
    """The private attributes of anything but the object itself; `os._exit` only has the looks of one."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Attribute) and re.match("_[^_]", node.attr):
            yield from {ast.unparse(node)} - {f"self.{node.attr}", f"cls.{node.attr}", "os._exit"}


def _is_pulumi(module: str) -> bool:
    return module == "pulumi" or module.startswith("pulumi.")


def _submodules(module: str) -> set[str]:
    return {name.rpartition(".")[2] for name in DOCUMENTED if name.rpartition(".")[0] == module}


def test_the_product_uses_what_is_documented() -> None:
    """Everywhere but in the modules that say what each exception gains."""
    files = sorted(set(PACKAGE.rglob("*.py")) - HOMES)
    assert len(files) > 40
    assert {str(path): list(undocumented(path.read_text(encoding="utf-8"))) for path in files} == {
        str(path): [] for path in files
    }


def test_the_pulumi_edge_reaches_into_no_object() -> None:
    """A private attribute of an object of the SDK is no more documented than a private name."""
    edges = (PACKAGE / "resources", PACKAGE / "plugin")
    files = sorted({path for edge in edges for path in edge.glob("*.py")} - HOMES)
    found = {path.name: list(private(path.read_text(encoding="utf-8"))) for path in files}
    assert {name: uses for name, uses in found.items() if uses} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pulumi.runtime.settings",
        "import pulumi.automation",
        "from pulumi.runtime.config import CONFIG",
        "from pulumi.output import Unknown",
        "from pulumi.dynamic.dynamic import PROVIDER_KEY",
        "from pulumi.runtime import settings",
        "from pulumi.dynamic import _serialize",
        "import pulumi\npulumi.runtime.settings.SETTINGS",
        "import pulumi\npulumi.output.Unknown",
        "import pulumi\npulumi.log.debug = print",
        "invoke('pulumi:pulumi:readStackResourceOutputs', {})",
        "import_module('pulumi.runtime.settings')",
    ],
)
def test_what_it_finds(code: str) -> None:
    """One use of what is not documented is enough."""
    assert list(undocumented(code)), code


@pytest.mark.parametrize(
    "code",
    [
        "import pulumi\npulumi.Output.from_input(pulumi.UNKNOWN)",
        "import pulumi\npulumi.log.info('done')\npulumi.runtime.is_dry_run()",
        "from pulumi.dynamic import Resource, ResourceProvider",
        "from pulumi import contains_unknowns",
        "from pulumi.runtime import invoke",
        "import pulumi_aws",
    ],
)
def test_what_it_lets_pass(code: str) -> None:
    """The documented names, however they are reached."""
    assert list(undocumented(code)) == []


def test_what_counts_as_private() -> None:
    """Of another object; not of the object itself, and not what Python calls by two underscores."""
    assert list(private("self._run.x\nself.__class__\npool._max_workers\npulumi.Output._x")) == [
        "pool._max_workers",
        "pulumi.Output._x",
    ]
