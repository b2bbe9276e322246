"""Advises Pulumi settings that make a large update faster. Sets none of them."""

import os
from pathlib import Path

from keyswitch.configuration.backend import keeps_state_in_files
from keyswitch.configuration.project import manifest
from keyswitch.resources import sdk
from keyswitch.switching.planned import Plan
from keyswitch.switching.prefetch import AHEAD


def advice(planned: Plan) -> list[str]:
    """Advise the settings that would make this update much faster and are not set yet.

    Returns:
        A list with one line, or an empty list.
    """
    changing = sum(change.is_write or change.is_record_only for change in planned.changes)
    settings = faster_with(changing, len(planned.changes))
    if _CHECKPOINTS in settings and (os.environ.get(_CHECKPOINTS) or not keeps_state_in_files(manifest(Path()))):
        del settings[_CHECKPOINTS]
    if _PARALLEL in settings and not 0 < (sdk.operations_at_once() or 0) < AHEAD:
        del settings[_PARALLEL]
    if not settings:
        return []
    how = " and ".join(f"{name}={value}" for name, value in settings.items())
    return [f"advice: with {how} an update of {changing} keys is much faster; that is safe here"]


def faster_with(changing: int, keys: int) -> dict[str, str]:
    """Return the settings that shorten an update by at least a quarter.

    A file backend writes the whole state twice for every key that changes. Pulumi writes only four keys at once per CPU
    (pkg/cmd/pulumi/operations/up.go, `defaultParallel`), although each write mostly waits for AWS.

    Args:
        changing: the number of keys that change.
        keys: the number of all keys.

    Returns:
        Environment variables and their values.
    """
    checkpoints = changing >= _SOME and changing * keys >= _MANY**2
    return {
        **({_CHECKPOINTS: "true"} if checkpoints else {}),
        **({_PARALLEL: str(AHEAD)} if changing >= _MANY else {}),
    }


_CHECKPOINTS, _PARALLEL = "PULUMI_SKIP_CHECKPOINTS", "PULUMI_PARALLEL"

_MANY, _SOME = 200, 30
"""The advice on checkpoints needs at least `_SOME` changes, and as much work as `_MANY` changes among `_MANY` keys.

Writing the checkpoints of one change takes 0.1 ms for each key in the state. The rest of an update takes about 7 ms for
each key (docs/performance.md).
"""
