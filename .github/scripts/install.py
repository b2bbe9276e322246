"""Installs keyswitch into .venv, which the project uses, too: only wheels, each with the hash in the lock file."""

import subprocess
import sys
from pathlib import Path

COMMANDS = (
    "-m pip install --quiet --require-hashes --only-binary :all: -r requirements-hashed.txt",
    "-m pip install --quiet --no-deps --no-build-isolation --editable .",
)


def main() -> None:
    """Make the environment; the first command that fails ends the step."""
    subprocess.run([sys.executable, "-m", "venv", ".venv"], check=True)
    for command in COMMANDS:
        subprocess.run([Path(".venv", "bin", "python"), *command.split()], check=True)


if __name__ == "__main__":
    main()
