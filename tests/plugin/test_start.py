"""The plugin's process without what it needs says what to do. Pulumi shows the output of a plugin that ends early."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pulumi_cli import REPOSITORY

MAIN = REPOSITORY / "plugin" / "__main__.py"


def started(*preparation: str, main: Path = MAIN) -> subprocess.CompletedProcess[str]:
    """Run the plugin without any installed package, after these statements."""
    code = ";".join(["import runpy, sys", *preparation, f"runpy.run_path({str(main)!r}, run_name='__main__')"])
    return subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=False)


def copied(folder: Path) -> Path:
    """Copy the plugin into a folder; returns the copy."""
    main = folder / "plugin" / "__main__.py"
    main.parent.mkdir()
    return Path(shutil.copy(MAIN, main))


def test_without_its_packages() -> None:
    """It names the first missing package and the command that installs all."""
    run = started()
    assert run.returncode == 1
    assert "A package of the keyswitch plugin is missing or does not fit: No module named 'grpc'." in run.stderr
    command = run.stderr.splitlines()[-1]
    assert command == f'  "{sys.executable}" -m pip install --require-hashes -r "{MAIN.parent / "requirements.txt"}"'
    assert "Traceback" not in run.stderr


def test_with_an_old_python() -> None:
    """Pulumi may have made the virtual environment with a Python that keyswitch does not run on."""
    run = started("sys.version_info = (3, 9, 18)", "sys.version = '3.9.18 (main)'")
    assert run.returncode == 1
    assert "needs Python 3.10 or newer" in run.stderr
    assert "is 3.9.18.\n" in run.stderr
    assert f"Remove {MAIN.parent / '.venv'}, put a newer python3 first on PATH" in run.stderr


def test_without_its_repository(tmp_path: Path) -> None:
    """Somebody copied the folder of the plugin alone."""
    main = copied(tmp_path)
    run = started(main=main)
    assert run.returncode == 1
    assert run.stderr.startswith(f"There is no folder components beside {main.parent}: ")


@pytest.mark.parametrize("name", ["keyswitch.plugin.gone", None], ids=["a module of keyswitch", "no name"])
def test_a_bug_stays_one(tmp_path: Path, name: str | None) -> None:
    """An error in keyswitch itself is not blamed on the installation."""
    package = tmp_path / "components" / "keyswitch" / "plugin"
    package.mkdir(parents=True)
    (package / "server.py").write_text(f"raise ImportError('broken', name={name!r})\n", encoding="utf-8")
    run = started(main=copied(tmp_path))
    assert "ImportError: broken" in run.stderr
    assert "requirements.txt" not in run.stderr
