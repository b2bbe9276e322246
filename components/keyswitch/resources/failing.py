"""Says which entries of a plan fail, and how an update carries out the others. Registers nothing.

Both components `AccessKeys` follow it, that of this repository's program and that of the real provider.
"""

import os
from collections.abc import Mapping, Sequence, Set
from graphlib import TopologicalSorter

import pulumi

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.access_key.policy import Level
from keyswitch.switching.planned import Plan


def goes_on(planned: Plan) -> bool:
    """Return whether to register keys although there are errors.

    A preview shows every error and fails. An update carries out all entries that do not fail, unless it is not the
    change that was reviewed. A refusal stops it, unless PULUMI_CONTINUE_ON_ERROR is set: Pulumi passes this variable
    to the program, but not the option --continue-on-error. Where too many keys are deactivated at once and some of
    them are removed, nothing goes on, because the provider judges each removal alone.
    """
    if pulumi.runtime.is_dry_run() or planned.unreviewed:
        return False
    too_many = [f for f in planned.findings if f.level is Level.BLOCK and f.access_key_id is None]
    if any(change.is_removal for f in too_many for change in f.changes):
        return False
    return planned.refusal is None or os.environ.get("PULUMI_CONTINUE_ON_ERROR", "").lower() in ("1", "true")


def failed(planned: Plan) -> dict[str, list[str]]:
    """Return the lines of the errors of entries that fail, by access key ID."""
    refusal = str(planned.refusal).split("\n")
    return {
        **{change.access_key_id: refusal for change in planned.refused if not change.is_removal},
        **{f.change.access_key_id: str(f.error).split("\n") for f in planned.failures if not f.change.is_removal},
    }


def failing_lines(planned: Plan) -> list[str]:
    """Return a line for each error of entries that fail.

    The component shows them before anything is written. Pulumi starts nothing after the first resource that fails, so
    it may show no other error.
    """
    return list(dict.fromkeys(f"fails: {line}" for error in planned.errors for line in error.lines))


def in_order(planned: Plan) -> tuple[list[Change], Mapping[str, tuple[str, ...]]]:
    """Return all declared keys, each after those it depends on; and the latter, by access key ID.

    Writes come first, so that AWS is written to while the other keys are still being registered. An entry that failed
    depends on all writes that do not depend on it, so that its failure comes last.
    """
    fails = failed(planned)
    declared = [*planned.declared, *(f.change for f in planned.failures if not f.change.is_removal)]
    first = {**prerequisites(declared, planned.caller.depends_on)}
    for key_id in fails:
        others = [c.access_key_id for c in planned.writes if c.access_key_id not in fails and not c.is_removal]
        first[key_id] = tuple(other for other in others if key_id not in first.get(other, ()))
    return _sorted(declared, first, {c.access_key_id for c in planned.writes} - fails.keys()), first


def _sorted(changes: Sequence[Change], first: Mapping[str, Sequence[str]], early: Set[str]) -> list[Change]:
    """Sort changes so that each comes after the changes it depends on, and those of the keys in `early` come early."""
    by_id = {change.access_key_id: change for change in changes}
    sorter = TopologicalSorter({key_id: first.get(key_id, ()) for key_id in by_id})
    sorter.prepare()
    ordered: list[Change] = []
    others: list[str] = []
    while sorter.is_active():
        ready = sorter.get_ready()
        now = [key_id for key_id in ready if key_id in early]
        others += [key_id for key_id in ready if key_id not in early]
        if not now:
            now, others = others, []
        ordered += [by_id[key_id] for key_id in now]
        sorter.done(*now)
    return ordered
