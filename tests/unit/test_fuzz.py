"""No configuration file hurts the reader, and the program and the command line agree about each.

`KEYSWITCH_FUZZ_CASES` sets how many projects are read (100,000 take about ten minutes).
"""

import json
import os
import resource
import signal
import time
from pathlib import Path
from random import Random

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.load import settings_from_file, settings_from_pulumi
from keyswitch.configuration.project import manifest, project_settings, stack_file
from keyswitch.configuration.source import read
from keyswitch.configuration.stack import Settings
from tests.support.mutations import files

CASES = int(os.environ.get("KEYSWITCH_FUZZ_CASES", "4000"))
BATCHES = 8


@pytest.fixture(autouse=True)
def _no_hang():
    """A reader that hangs is interrupted, so that the seed can be seen."""

    def interrupt(*_: object) -> None:
        raise TimeoutError("it hangs")

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


def _outcome(call, *arguments) -> Settings | list[str]:
    """The settings, or the problems; anything else that is raised is a fault."""
    try:
        return call(*arguments)
    except InvalidConfiguration as error:
        str(error).encode()  # it can be printed
        return [str(problem) for problem in error.problems]


def _handed_over(folder: Path) -> tuple[dict[str, str], bool] | None:
    """What Pulumi would hand to the program, and whether exactly that; None if it alone knows some values."""
    try:
        if stack_file(folder, "s") != folder / "Pulumi.s.yaml":
            return None
        file = read(folder / "Pulumi.s.yaml", project=str(manifest(folder).get("name") or ""))
        of_project = project_settings(folder, file.config)
    except InvalidConfiguration:
        return None
    values = {**of_project.config, **file.config}
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
    if file.environments or '"secure"' in json.dumps(values):
        return None
    return texts, not (file.problems or of_project.problems)


@pytest.mark.parametrize("batch", range(BATCHES))
def test_any_project_is_read_or_refused_and_by_both_alike(tmp_path, monkeypatch, batch):
    """No traceback, no hang over two seconds, no growth over 200 MB."""
    (tmp_path / "project").mkdir()
    folder = tmp_path / "project"
    monkeypatch.chdir(folder)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for seed in range(batch, CASES, BATCHES):
        made = files(Random(seed))
        (folder / "Pulumi.yaml").write_bytes(made.manifest)
        (folder / "Pulumi.s.yaml").write_bytes(made.stack)
        (folder / "keys.yaml").write_bytes(made.keys)
        (folder / "keys.json").write_bytes(made.keys_json)
        signal.alarm(30)
        started = time.process_time()
        try:
            alone = _outcome(settings_from_file, folder / "Pulumi.s.yaml")
            took = time.process_time() - started
            if handed_over := _handed_over(folder):
                config, exactly = handed_over
                program = _outcome(settings_from_pulumi, config, (), folder, "s")
                assert program == alone if exactly else isinstance(program, list)
        except BaseException:
            print(f"seed {seed}")
            raise
        assert took < 2, f"seed {seed}"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory < 200_000  # kB
