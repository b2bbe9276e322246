"""A folder with the packages of one lock file and no others, taken from this environment."""

import re
from importlib.metadata import distribution
from pathlib import Path


def packages_of(lock: Path, folder: Path) -> None:
    """Link the packages of the lock into a folder for PYTHONPATH, where pip finds them installed."""
    folder.mkdir()
    for name in [*re.findall(r"^([\w-]+)==", lock.read_text(encoding="utf-8"), re.MULTILINE), "setuptools"]:
        files = distribution(name).files or []
        for top in {file.parts[0] for file in files} - {"..", "__pycache__"}:
            link = folder / top
            if not link.exists():  # packages may share a folder, such as opentelemetry
                link.symlink_to(distribution(name).locate_file(top))
    metadata = folder / "wheel-0.dist-info" / "METADATA"  # Pulumi upgrades pip, setuptools and wheel first
    metadata.parent.mkdir()
    metadata.write_text("Metadata-Version: 2.1\nName: wheel\nVersion: 0\n", encoding="utf-8")
