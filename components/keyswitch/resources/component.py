"""The component `AccessKeys`: everything the stack's configuration declares, checked and observed as a whole."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.access_key.errors import KeyswitchError, combined
from keyswitch.configuration.stack import Settings
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.resources import diagnostics, sdk
from keyswitch.resources.advice import advice
from keyswitch.resources.properties import declared
from keyswitch.resources.settings import stack_settings
from keyswitch.resources.state import StackState, read_state
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching.plan import Plan, plan
from keyswitch.switching.prefetch import AHEAD
from keyswitch.telling.document import stack_summary
from keyswitch.telling.text import plan_lines


class AccessKeys(pulumi.ComponentResource):
    """All access keys of a stack's configuration, one `AccessKeyStatus` each, named by access key ID.

    Before anything is registered the whole configuration is checked, every key is looked up in AWS and every
    guard is asked; all problems come in one message, and then nothing is registered at all.

    Attributes:
        keys: the children, by access key ID.
        statuses: the status of each key, by access key ID.
        summary: what the last update that changed something has changed, as data (see `telling/document.py`);
            not known in a preview that would change something.
    """

    keys: Mapping[str, AccessKeyStatus]
    statuses: pulumi.Output[dict[str, str]]
    summary: pulumi.Output[Any]

    def __init__(self, resource_name: str = "access-keys", opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything in `keyswitch:keys`, or in the `keyswitch:keysFile`.

        Args:
            resource_name: the logical name of the component.
            opts: as for any component.

        Raises:
            pulumi.RunError: with every problem of the configuration, or everything that forbids the change.
        """
        try:
            stack = stack_settings()
            with ThreadPoolExecutor(max_workers=1) as beside:
                gateway = beside.submit(_signed_in, stack)
                before = read_state()
                sdk.wake_dynamic_provider()
            planned = _plan(gateway.result(), stack, before)
        except KeyswitchError as error:
            raise pulumi.RunError(str(error)) from None
        if planned.errors:
            if told := plan_lines(planned):
                diagnostics.info(told)
            raise pulumi.RunError(combined(planned.errors))
        super().__init__("keyswitch:index:AccessKeys", resource_name, None, opts)
        self.summary = pulumi.Output.from_input(_summary(planned, before))
        *told, total = plan_lines(planned)
        told += advice(planned)
        if told:
            diagnostics.info(told, self)
        diagnostics.info([total], self)  # apart: the last message stands in the component's own row
        self.keys = self._registered(planned)
        statuses: Mapping[str, Any] = {key_id: self.keys[key_id].status for key_id in sorted(self.keys)}
        self.statuses = pulumi.Output.from_input(dict(statuses))
        self.register_outputs({"statuses": self.statuses, "summary": self.summary})

    def _registered(self, planned: Plan) -> dict[str, AccessKeyStatus]:
        """Register the children, each after those it has to wait for, and not all at once."""
        first = prerequisites(planned.declared, planned.caller.depends_on)
        keys: dict[str, AccessKeyStatus] = {}
        ordered = sorted(planned.declared, key=lambda c: len(first.get(c.access_key_id, ())))
        ahead = _ahead([change for change in ordered if change.is_write])

        def register(change: Change) -> AccessKeyStatus:
            waits_for = [keys[key_id] for key_id in first.get(change.access_key_id, ())]
            with sdk.without_stack_traces():  # nothing else runs meanwhile
                key = keys[change.access_key_id] = _resource(
                    change,
                    {"account_id": planned.caller.account, "ahead": ahead.get(change.access_key_id)},
                    pulumi.ResourceOptions(parent=self, depends_on=waits_for),
                )
            return key

        sdk.register_in_turn(ordered, register, _AT_ONCE)
        return keys


_AT_ONCE = 64
"""How many keys are declared ahead of their registration: far more than the engine takes on at once, and few enough
that what they hold meanwhile (some 30 kB each) does not count. So registering begins with the first ones, too."""


def _ahead(writes: Sequence[Change]) -> dict[str, list[list[Any]]]:
    """With which key the provider is told of which others that come later, so that it can look at them ahead."""
    told = [[c.access_key_id, c.observed.user_name or "", c.is_deactivation] for c in writes]
    return {c.access_key_id: told[i + AHEAD : i + AHEAD + 1] if i else told[: AHEAD + 1] for i, c in enumerate(writes)}


def _resource(change: Change, seen: Mapping[str, Any], opts: pulumi.ResourceOptions) -> AccessKeyStatus:
    observed = change.observed
    return AccessKeyStatus(
        change.access_key_id,
        **declared(change.desired),
        opts=opts,
        _observed={"status": observed.status, "owner": observed.user_name, **{k: v for k, v in seen.items() if v}},
    )


def _summary(planned: Plan, before: StackState | None) -> Any:  # noqa: ANN401  (an output, whatever it holds)
    """What has changed, last time something did.

    A saved plan is held to the outputs of its preview, too, and what they tell of AWS may move: so they are left open.
    """
    if not planned.changes_something:
        return before.summary if before and before.summary else stack_summary(planned)
    return pulumi.UNKNOWN if pulumi.runtime.is_dry_run() else stack_summary(planned)


def _signed_in(stack: Settings) -> Gateway:
    gateway = Gateway(connect(stack.connection))
    gateway.caller()
    return gateway


def _plan(gateway: Gateway, stack: Settings, before: StackState | None) -> Plan:
    return plan(gateway, stack.wanted, stack.account, stack.policy, before.keys if before else None, progress=_tell)


def _tell(what: str, done: int, of: int) -> None:
    """Say what a long observation is doing; shown while it lasts, and then gone."""
    if of >= _LONG and done % (of // 10) == 0:
        diagnostics.info([f"{what}: {done} of {of}"], ephemeral=True)


_LONG = 100
"""From how many calls on an observation is long: a second at worst, and growing."""
