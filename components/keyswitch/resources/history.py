"""What the last update left: read from the state of the running stack, so that a preview can tell what leaves it."""

from collections.abc import Mapping

import pulumi
from pulumi.runtime import invoke

from keyswitch.access_key.record import Recorded
from keyswitch.resources.properties import recorded

_CHILD = "keyswitch:index:AccessKeys$pulumi-python:dynamic/keyswitch:AccessKeyStatus::"
"""What the URN of a child of `AccessKeys` contains, followed by the access key ID."""


def history() -> Mapping[str, Recorded] | None:
    """The keys that `AccessKeys` declared in the last update, by access key ID.

    The engine's own function answers from the state it works with
    (pulumi/pulumi pkg/resource/deploy/builtins.go, `readStackResourceOutputs`).

    Returns:
        None where the state cannot be read; that is said, and everything works but the outlook on what leaves.
    """
    stack = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    try:
        answer = invoke("pulumi:pulumi:readStackResourceOutputs", {"stackName": stack}).value
    except Exception as error:  # whatever an engine or a backend raises here: the run does not depend on it
        pulumi.log.warn(f"the state of {stack} could not be read; keys that leave it are not told of: {error}")
        return None
    resources = (answer or {}).get("outputs") or {}
    return {
        urn.rpartition("::")[2]: recorded(resource["outputs"])
        for urn, resource in resources.items()
        if _CHILD in urn and resource.get("outputs")
    }
