"""The controls of the CIS AWS Foundations Benchmark that rules support, by the version of the benchmark."""

import os
from collections.abc import Mapping

from pulumi_policy import PolicyComplianceFramework

VERSIONS = ("3", "4", "5", "6", "7")

_VARIABLE = "KEYSWITCH_CIS"
"""The environment variable that selects the version; the newest without it."""

NO_ROOT_KEY = {"3": "1.4", "4": "1.4", "5": "1.3", "6": "2.3", "7": "2.4"}
ONE_ACTIVE_KEY = {"3": "1.13", "4": "1.13", "5": "1.12", "6": "2.12"}
ROTATED = {"3": "1.14", "4": "1.14", "5": "1.13", "6": "2.13", "7": "2.12"}


def version() -> str:
    """Return the selected version.

    Raises:
        ValueError: there is no such version.
    """
    selected = os.environ.get(_VARIABLE) or VERSIONS[-1]
    if selected not in VERSIONS:
        raise ValueError(f"{_VARIABLE} is not a version of CIS AWS Foundations: write one of {', '.join(VERSIONS)}")
    return selected


def framework(control: Mapping[str, str]) -> PolicyComplianceFramework | None:
    """Return the control in the selected version; None if that version has no such control."""
    selected = version()
    if selected not in control:
        return None
    return PolicyComplianceFramework("CIS AWS Foundations Benchmark", f"{selected}.0.0", control[selected])


def tags(control: Mapping[str, str]) -> list[str]:
    """Return a tag for each version that has the control: `CIS-v5-1.3`."""
    return [f"CIS-v{each}-{number}" for each, number in control.items()]
