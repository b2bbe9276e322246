"""The advice on Pulumi's settings with which a large update would be much faster."""

import os
from pathlib import Path

from keyswitch.configuration.backend import keeps_state_in_files
from keyswitch.configuration.source import manifest
from keyswitch.resources import sdk
from keyswitch.switching.plan import Plan
from keyswitch.switching.prefetch import AHEAD


def advice(planned: Plan) -> list[str]:
    """Say which settings would make the update much faster, where they are not set and would.

    Returns:
        One line, or none.
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
    """Return the settings with which Pulumi would spend at least a quarter less time on an update.

    A state in files is written as a whole, twice, for every key that changes. And Pulumi writes four keys at once for
    each CPU (pkg/cmd/pulumi/operations/up.go, `defaultParallel`), though they only wait for AWS.

    Args:
        changing: how many keys change.
        keys: how many there are.

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
"""How many changes are many where those are all the keys, and how many however many keys there are: the checkpoints of
a change take 0.1 ms for each key of the state, all the rest of an update some 7 ms for each (docs/performance.md)."""
