"""Whether the values that Pulumi hands over come from the stack's own files, which then know their lines."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyswitch.configuration.json_text import as_objects
from keyswitch.configuration.project import manifest, project_settings
from keyswitch.configuration.source import Written, is_secure, read


def sources(path: Path, project: Path, config: Mapping[str, Any]) -> tuple[Written | None, list[Written]]:
    """The stack's own file and its project, if these values come from there: they know the line numbers.

    Pulumi may have been given another file (--config-file) or single values (-c); then the line numbers
    of these would mislead.
    """
    file = read(path, project=str(manifest(project).get("name") or ""))
    of_project = project_settings(project, file.config)
    if not _is_source(file, config):
        return None, []
    return file, [of_project] if _is_source(of_project, config) else []


def _is_source(written: Written, config: Mapping[str, Any]) -> bool:
    unclear = {problem.field.partition(".")[0] for problem in written.problems}
    ours = {n: v for n, v in written.config.items() if n.startswith("keyswitch:") and n not in unclear}
    values, used = as_objects(ours)[0], as_objects({n: v for n, v in config.items() if n in ours})[0]
    return all(name in used and _same(value, used[name], written.environments) for name, value in values.items())


def _same(written: object, used: object, merged: bool) -> bool:
    """Whether a value is the one that was written; an encrypted one cannot be told from any other.

    Args:
        written: as it stands in the file.
        used: as Pulumi hands it over.
        merged: whether maps may have got more entries, from an environment.
    """
    if is_secure(written):
        return True
    if isinstance(written, Mapping) and isinstance(used, Mapping):
        if not merged and written.keys() != used.keys():
            return False
        return all(name in used and _same(value, used[name], merged) for name, value in written.items())
    if isinstance(written, list) and isinstance(used, list) and len(written) == len(used):
        return all(_same(*pair, merged) for pair in zip(written, used, strict=True))
    return written == used
