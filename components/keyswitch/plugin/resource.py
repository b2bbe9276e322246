"""The resource `keyswitch:index:AccessKeyStatus`: what each call of the engine does to one key. Makes no decisions.

The methods take and return plain values and may wait for AWS. The provider calls them in threads.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pulumi.provider.experimental.provider import PropertyDiff

from keyswitch.access_key.change import decide, remember
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import Problem
from keyswitch.access_key.model import Status
from keyswitch.access_key.record import Record
from keyswitch.plugin.differences import another_key, differences, failing, of_unknown
from keyswitch.plugin.inputs import read
from keyswitch.plugin.run import ProviderRun
from keyswitch.plugin.values import UNKNOWN, is_unknown
from keyswitch.resources.properties import (
    INPUTS,
    OUTPUTS,
    canonical,
    declared,
    last_switched_date,
    present,
    recorded,
    stored,
    wanted,
)
from keyswitch.switching.adapter import Switched

_Values = Mapping[str, Any]


@dataclass(frozen=True)
class Difference:
    """Whether anything changes, by property; and whether the resource has to be replaced."""

    changes: bool
    replaces: bool = False
    properties: Mapping[str, PropertyDiff] = field(default_factory=dict)


class AccessKeyResource:
    """The resource of one access key. Thread-safe, as the run is.

    Args:
        run: what this run has seen and declared so far.
    """

    def __init__(self, run: ProviderRun) -> None:
        self._run = run

    def check(self, urn: str, olds: _Values, news: _Values) -> tuple[dict[str, Any], list[Problem]]:
        """Check the known inputs. A key that is new to the stack is looked up, and its guards are asked.

        The engine does not say here which changes of a known key are to be ignored, so guards judge it in `update`.

        Returns:
            The inputs to store, and every problem.
        """
        inputs = {name: value for name, value in present(news).items() if name[:2] != "__" and name != "ignore_status"}
        desired, problems = read(inputs)
        if desired is not None:
            inputs = {**inputs, **canonical(inputs, desired)}
            problems += self._run.claim(desired, urn) if olds else self._run.judge(desired, urn)
        return inputs, problems

    def diff(self, olds: _Values, news: _Values, ignored: Collection[str]) -> Difference:
        """Compare the wanted status with the live one."""
        if is_unknown(news):
            found = of_unknown(olds, news)
            return Difference(bool(found), "access_key_id" in found, found)
        if news["access_key_id"] != olds["access_key_id"]:
            return Difference(True, True, another_key())
        before = recorded(olds)
        self._run.remember(news["access_key_id"], before.status_at_adoption)
        if self._run.has_failed(news["access_key_id"]):  # so that the engine asks for an update, which fails
            return Difference(True, properties=failing())
        live = self._run.first_seen(before)
        if _is_ignored(ignored):
            before = replace(before, desired=replace(before.desired, status=None), status=live.status)
        change = remember(decide(_enforced(news, ignored), live), before)
        if self._run.is_declared(change.access_key_id):  # otherwise the engine compares after a refresh
            self._run.expect(change)
        return Difference(change.record is not Record.SAME, properties=differences(change, olds, news))

    def create(self, inputs: _Values, *, preview: bool) -> tuple[str, dict[str, Any]]:
        """Adopt an existing key: record its status, and change it only if it differs.

        Returns:
            The ID and the outputs; in a preview those that are expected.
        """
        if is_unknown(inputs):
            return "", {**dict.fromkeys(OUTPUTS, UNKNOWN), "status": UNKNOWN, **inputs}
        desired = wanted(inputs)
        done = self._run.foresee(desired, None) if preview else self._run.switch(desired, None)
        return done.key.access_key_id, {**stored(inputs, done), **(_not_yet(done) if preview else {})}

    def update(
        self, urn: str, olds: _Values, news: _Values, ignored: Collection[str], *, preview: bool
    ) -> dict[str, Any]:
        """Set the status if it differs from the live one; in a preview ask the guards.

        Returns:
            The outputs; in a preview those that are expected.
        """
        if is_unknown(news):
            return {**{name: olds.get(name) for name in OUTPUTS}, "status": UNKNOWN, **news}
        desired, account_id = _enforced(news, ignored), olds.get("account_id")
        self._run.remember(desired.access_key_id, olds.get("status_at_adoption"))
        if preview:
            self._run.judge(desired, urn)
            done = self._run.foresee(desired, account_id)
        else:
            done = self._run.switch(desired, account_id)
        return {**stored(news, done, olds), **(_not_yet(done) if preview else {})}

    def read(self, olds: _Values, inputs: _Values) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Read the live status of a known key.

        Returns:
            The outputs and the inputs; None if the key is gone. That is so only if AWS lists the user's keys without
            it or has no such user.
        """
        live = self._run.look_up(recorded(olds))
        if live is None:
            return None
        seen = {"status": live.status, "owner": live.user_name, "last_switched_date": last_switched_date(olds, live)}
        outputs = {**present(olds), **seen}
        kept = {name: inputs[name] for name in INPUTS if inputs.get(name) is not None and name != "ignore_status"}
        if olds.get("declared_status") is not None:
            kept["status"] = live.status
        return present(outputs), kept

    def find(self, urn: str, access_key_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """Read a key that the stack does not know yet, for an import.

        Returns:
            The outputs and the inputs that declare the key as it is.

        Raises:
            KeyswitchError: there is no such key in this account, or it may not be looked up.
        """
        sought = wanted({"access_key_id": access_key_id})
        self._run.declare(sought, urn, seen=None)
        found = self._run.foresee(sought, None)
        is_declarable = found.key.status in {status.value for status in Status}
        desired = Desired(
            access_key_id,
            user_name=found.key.user_name,
            status=Status(found.key.status) if is_declarable else None,
            root=found.key.user_name is None,
        )
        inputs = {name: value for name, value in declared(desired).items() if name in _IMPORTED and value}
        return stored(inputs, found), inputs

    def delete(self, olds: _Values) -> None:
        """Leave, restore or deactivate the key as `on_removal` declares. The default, leave, makes no call."""
        self._run.remove(recorded(olds))


_IMPORTED = ("access_key_id", "user_name", "root", "status")
"""The inputs of an imported key: what identifies it, and its status."""


def _not_yet(done: Switched) -> dict[str, Any]:
    """Return what a preview cannot know of a key that the update will switch: when that will be."""
    return {"last_switched_date": UNKNOWN} if done.switched_date else {}


def _is_ignored(ignored: Collection[str]) -> bool:
    """Return whether changes of the status are ignored."""
    return not {"status", "*"}.isdisjoint(ignored)


def _enforced(inputs: _Values, ignored: Collection[str]) -> Desired:
    """Return the wanted state of a key that is already adopted, without a status if changes of it are ignored."""
    desired = wanted(inputs)
    return replace(desired, status=None) if _is_ignored(ignored) else desired
