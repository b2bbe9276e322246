"""The pytest fixture for users' own tests, as docs/sandbox.md shows it."""

import re
import subprocess
import sys
from pathlib import Path

DOCUMENTATION = Path(__file__).parent.parent.parent / "docs" / "sandbox.md"


def test_the_documented_test_passes(tmp_path):
    """The first Python block of the page is a test that passes."""
    example = re.findall(r"```python\n(.*?)```", DOCUMENTATION.read_text(encoding="utf-8"), re.DOTALL)[0]
    (tmp_path / "test_example.py").write_text(example)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
