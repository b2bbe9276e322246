"""What is installed was locked before: every version, with the hashes of its files, for every Python and platform."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.shown import blocks

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

REPOSITORY = Path(__file__).parents[2]
MANIFEST = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
BUILD = MANIFEST["build-system"]["requires"]
GROUPS = MANIFEST["dependency-groups"]
RUN = MANIFEST["project"]["dependencies"]
SANDBOX = MANIFEST["project"]["optional-dependencies"]["sandbox"]

DECLARED = {
    "requirements.txt": RUN,
    "requirements-hashed.txt": [*RUN, *BUILD],
    "requirements-dev.txt": [*RUN, *SANDBOX, *GROUPS["dev"], *BUILD],
    "requirements-bench.txt": GROUPS["bench"],
    "plugin/requirements.txt": GROUPS["plugin"],
    "policy/requirements.txt": GROUPS["policy"],
}
HASHED = sorted(set(DECLARED) - {"requirements.txt"})
WORLDS = [
    {**default_environment(), "python_version": python, "python_full_version": f"{python}.0", **platform}
    for python in ("3.10", "3.11", "3.12", "3.13", "3.14", "3.15")
    for platform in (
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux"},
        {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin"},
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows"},
    )
]
WORKFLOWS = sorted(
    path
    for folder in (".ci", ".github")
    for path in (REPOSITORY / folder).rglob("*")
    if path.is_file() and path.suffix != ".pyc"
)


def _entries(name: str) -> list[str]:
    """The requirements of a lock file, each on one line with its hashes; without comments and the project itself."""
    text = (REPOSITORY / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#") and line != "-e ."]


def _pins(name: str) -> list[Requirement]:
    return [Requirement(entry.partition(" --hash")[0]) for entry in _entries(name)]


def _versions(name: str) -> set[str]:
    return {str(pin) for pin in _pins(name)}


def _applicable(pins: list[Requirement], world: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The name and version of each pin that pip takes in a world."""
    for pin in pins:
        if pin.marker is None or pin.marker.evaluate(world):
            (exactly,) = pin.specifier
            assert exactly.operator == "==", pin
            yield canonicalize_name(pin.name), exactly.version


@pytest.mark.parametrize("name", HASHED)
def test_every_package_has_its_hashes(name: str) -> None:
    """With `--require-hashes`, which `make` uses, pip takes nothing else."""
    for entry in _entries(name):
        assert re.search(r" --hash=sha256:[0-9a-f]{64}\b", entry), entry


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_a_lock_names_no_place(name: str) -> None:
    """Which index serves the packages is the machine's choice; the hashes say whether they are the right ones."""
    text = (REPOSITORY / name).read_text(encoding="utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host| @ ", text)


@pytest.mark.parametrize("name", sorted(DECLARED))
def test_what_is_declared_is_locked_everywhere(name: str) -> None:
    """On every Python and platform: one version a package, within the bounds of pyproject.toml."""
    pins, declared = _pins(name), [Requirement(line) for line in DECLARED[name]]
    for world in WORLDS:
        applicable = list(_applicable(pins, world))
        locked = dict(applicable)
        assert len(locked) == len(applicable), "a package is locked twice"
        for wanted in declared:
            if wanted.marker is None or wanted.marker.evaluate(world):
                assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), f"make lock: {wanted}"


def test_what_pulumi_installs_is_what_the_hashes_are_of() -> None:
    """requirements.txt, where pip allows no hashes beside `-e .`, has the versions of requirements-hashed.txt."""
    build = {canonicalize_name(Requirement(line).name) for line in BUILD}
    backend = {str(pin) for pin in _pins("requirements-hashed.txt") if canonicalize_name(pin.name) in build}
    assert len(backend) == len(BUILD)
    assert _versions("requirements.txt") == _versions("requirements-hashed.txt") - backend
    assert (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()[-1] == "-e ."


def test_what_is_tested_is_what_users_install() -> None:
    """Development, tests and users have the same versions of the same packages."""
    assert _versions("requirements-hashed.txt") <= _versions("requirements-dev.txt")
    names = {pin.name for pin in _pins("requirements-dev.txt")}
    shared = {str(pin) for pin in _pins("requirements-bench.txt") if pin.name in names}
    assert shared <= _versions("requirements-dev.txt")


def test_the_build_backend_is_locked() -> None:
    """The group that is locked is what `[build-system]` asks for."""
    assert GROUPS["build"] == BUILD


def test_make_installs_nothing_without_hashes() -> None:
    """Each of its commands takes a lock file with hashes, or the project itself without dependencies."""
    command = ["make", "--dry-run", "--always-make", "test", "bench"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert len(installed := _installations(done.stdout)) == 6
    assert not [line for line in installed if not _is_locked(line)]


def test_ci_installs_nothing_without_hashes() -> None:
    """Neither does a workflow."""
    for path in WORKFLOWS:
        assert not [line for line in _installations(path.read_text(encoding="utf-8")) if not _is_locked(line)], path


def test_the_shown_installation_takes_hashes() -> None:
    """SECURITY.md shows how to make the environment before Pulumi does."""
    shown = _installations("\n".join(blocks("SECURITY.md", "console")))
    assert len(shown) == 2
    assert all(map(_is_locked, shown))


@pytest.mark.parametrize(
    "line",
    [
        "pip install keyswitch",
        "pip install -r requirements.txt",
        "python -m pip --quiet install --require-hashes -r requirements-dev.txt",
        "uv pip install --only-binary :all: -r requirements-dev.txt",
        "pip install --no-deps -e .",
    ],
)
def test_a_loose_installation_is_noticed(line: str) -> None:
    """Also one that would only build something without hashes."""
    assert _installations(line) == [line]
    assert not _is_locked(line)


def _installations(commands: str) -> list[str]:
    return re.findall(r"^.*\bpip3?\b.*\binstall\b.*$", commands, re.MULTILINE)


def _is_locked(line: str) -> bool:
    """Whether everything is checked. Source distributions and isolated builds fetch what has no hashes."""
    return "--require-hashes --only-binary :all: -r" in line or "--no-deps --no-build-isolation" in line
