"""keyswitch without the engine: `keyswitch plan`, `keyswitch apply` and `keyswitch discover`."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from keyswitch.sandbox.seed import ACCOUNT
from tests.bench.measure import Command, Usage
from tests.bench.peers.peer import Peer
from tests.bench.work import WORKS, Keys, Work


class Commands(Peer):
    """The commands have no state, so they cannot do the works that adopt keys."""

    name, title = "keyswitch", "keyswitch plan, apply"
    works = frozenset(work.name for work in WORKS if not work.adopting)

    def __init__(self) -> None:
        self._file = Path()

    def prepare(self, keys: Keys, folder: Path) -> None:
        self._file = folder / "Pulumi.bench.yaml"

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        if work.discovering:
            self._file.unlink(missing_ok=True)
            command = [sys.executable, "-m", "keyswitch", "discover", "--file", str(self._file)]
            return Command(command, self._file.parent, environment)
        owners = keys.owners()
        declared = {key: {"userName": owners[key], "status": status} for key, status in work.declared(keys).items()}
        config = {"aws:region": "us-east-1", "keyswitch:account": ACCOUNT, "keyswitch:keys": declared}
        self._file.write_text(json.dumps({"config": config}, indent=2), encoding="utf-8")  # JSON is YAML
        arguments = ["apply", "--yes"] if work.carried_out else ["plan"]
        command = [sys.executable, "-m", "keyswitch", *arguments, "--file", str(self._file)]
        return Command(command, self._file.parent, environment)

    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        expected = 2 if work.changes(keys) and not work.carried_out else 0
        if work.discovering and self._file.read_text(encoding="utf-8").count("userName:") != keys.size + 1:
            return "not every key has an entry"  # the operator's is one more
        return None if done.code == expected else f"exit code {done.code}, not {expected}"
