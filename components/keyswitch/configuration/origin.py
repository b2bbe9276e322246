"""Finds the files that the values from Pulumi come from, for their line numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keyswitch.configuration.json_text import as_objects
from keyswitch.configuration.project import manifest, project_settings
from keyswitch.configuration.source import Written, is_secure, read


def sources(path: Path, project: Path, config: Mapping[str, Any]) -> tuple[Written | None, list[Written]]:
    """Return the stack file and Pulumi.yaml, if the configuration comes from them.

    The user can give Pulumi another file (--config-file) or single values (-c). The line numbers of the stack file
    would then be wrong.
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
    """Return whether a value is the one in the file. An encrypted value is equal to any other.

    Args:
        written: the value in the file.
        used: the value from Pulumi.
        merged: whether environments may have added entries to maps.
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
