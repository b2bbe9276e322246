"""The versions of the CIS AWS Foundations Benchmark, and their numbers for the controls of access keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum


class Control(str, Enum):
    """The controls of the benchmark that are about access keys; their numbers differ between versions."""

    NO_ROOT_KEY = "noRootKey"
    UNUSED = "unused"
    ONE_ACTIVE = "oneActive"
    ROTATED = "rotated"


UNUSED_FOR = timedelta(days=45)
"""An active key without a use in this time fails the control UNUSED."""

ROTATED_WITHIN = timedelta(days=90)
"""An active key that is older fails the control ROTATED."""


@dataclass(frozen=True)
class Benchmark:
    """One version of the benchmark.

    Attributes:
        version: such as `3.0`.
        numbers: the number of each control that this version has.
    """

    version: str
    numbers: Mapping[Control, str]

    def __str__(self) -> str:
        return f"CIS {self.version}"


def _benchmark(version: str, root: str, unused: str, one_active: str | None, rotated: str) -> Benchmark:
    numbers = {Control.NO_ROOT_KEY: root, Control.UNUSED: unused, Control.ROTATED: rotated}
    return Benchmark(version, {**numbers, Control.ONE_ACTIVE: one_active} if one_active else numbers)


BENCHMARKS: Mapping[str, Benchmark] = {
    benchmark.version: benchmark
    for benchmark in (
        _benchmark("3.0", "1.4", "1.12", "1.13", "1.14"),
        _benchmark("4.0", "1.4", "1.12", "1.13", "1.14"),
        _benchmark("5.0", "1.3", "1.11", "1.12", "1.13"),
        _benchmark("6.0", "2.3", "2.11", "2.12", "2.13"),
        _benchmark("7.0", "2.4", "2.11", None, "2.12"),
    )
}
"""The versions by number, the oldest first. Version 7.0 has no control for one active key a user."""
