"""The result of one stack in one job, as the job hands it to others in an artifact."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from api import Api, Failed

_DIGEST = re.compile(r"<!-- keyswitch plan -->\n<!-- keyswitch digest ([0-9a-f]{64}) -->\n")
_WRITES = re.compile(r"^Digest of this change: `[0-9a-f]{16}`$", re.MULTILINE)
_LARGEST = 20_000_000


@dataclass(frozen=True)
class Result:
    """What a job found out about a stack.

    Attributes:
        mode: preview, apply or drift.
        stack: its name.
        head: the commit that was reviewed or checked.
        code: 0: nothing would change; 2: something would; 1: it failed.
        plan: the plan as Markdown; empty if there is none.
        drift: the drift as Markdown; only of the mode drift.
        digest: the digest of the plan; empty if there is none. The texts in a plan are escaped, so none can forge it.
        writes: whether the plan would switch a key.
    """

    mode: str
    stack: str
    head: str
    code: int
    plan: str = ""
    drift: str = ""
    digest: str = field(init=False)
    writes: bool = field(init=False)

    def __post_init__(self) -> None:
        found = _DIGEST.match(self.plan)
        object.__setattr__(self, "digest", found[1] if found else "")
        object.__setattr__(self, "writes", bool(found and _WRITES.search(self.plan)))

    def write(self, folder: Path) -> None:
        """Write the result into the folder of the artifact."""
        (folder / "result.json").write_text(json.dumps({"version": 1, **asdict(self)}, indent=2), encoding="utf-8")


def read(text: str) -> Result:
    """Read a result. The digest is taken from the plan."""
    document = json.loads(text)
    names = ("mode", "stack", "head", "code", "plan", "drift")
    if document.get("version") != 1 or not all(isinstance(document.get(n), int if n == "code" else str) for n in names):
        raise Failed("the artifact is not a result of keyswitch, version 1")
    return Result(**{name: document[name] for name in names})


def artifact(mode: str, stack: str) -> str:
    """Return the name of the artifact. A stack's name may have slashes, which the name of an artifact may not."""
    return f"keyswitch-{mode}-{stack.replace('/', '.')}"


def results(api: Api, repository: str, run: int, mode: str) -> Iterator[Result]:
    """Yield the results of a run; of a stack that was run again, the newest."""
    newest: dict[str, dict[str, Any]] = {}
    for each in api.pages(f"/repos/{repository}/actions/runs/{run}/artifacts", "artifacts"):
        if each["name"].startswith(f"keyswitch-{mode}-") and not each["expired"]:
            known = newest.setdefault(each["name"], each)
            newest[each["name"]] = max(known, each, key=lambda one: one["id"])
    for name, each in sorted(newest.items()):
        result = read(_unpacked(api.download(f"/repos/{repository}/actions/artifacts/{each['id']}/zip")))
        if (result.mode, artifact(mode, result.stack)) != (mode, name):
            raise Failed(f"the artifact {name} has the result of another job: {result.mode} {result.stack}")
        yield result


def _unpacked(packed: bytes) -> str:
    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        if archive.getinfo("result.json").file_size > _LARGEST:
            raise Failed("the artifact is too large")
        return archive.read("result.json").decode()
