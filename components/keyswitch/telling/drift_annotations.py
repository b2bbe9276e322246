"""Words drift as annotations of GitHub Actions: one for each key, beside the entry that declares it."""

from collections.abc import Mapping

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.switching.drift import Drift
from keyswitch.telling.annotation import annotation
from keyswitch.telling.drift_text import gone_line, new_line, notes, switched_line


def drift_annotations(found: Drift, places: Mapping[str, str]) -> list[str]:
    """Return a workflow command for each key that differs, for each note and for each error.

    Args:
        found: the drift.
        places: the place of each entry (`stacks/Pulumi.dev.yaml:7`), by access key ID.
    """

    def of(access_key_id: str) -> str:
        return places.get(access_key_id, "")

    return [
        *(annotation("error", switched_line(s, found), of(s.change.access_key_id)) for s in found.switched),
        *(annotation("error", gone_line(g, found), of(g.change.access_key_id)) for g in found.gone),
        *(annotation("error", new_line(key, found)) for key in found.new),
        *(annotation("notice", note) for note in notes(found)),
        *(command for error in found.errors for command in drift_failure_annotations(error)),
    ]


def drift_failure_annotations(error: KeyswitchError) -> list[str]:
    """Return a workflow command for each line of an error."""
    return [annotation("error", each) for each in error.lines]
