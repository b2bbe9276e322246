"""The component `AccessKeys`: checks, observes and registers all keys of a stack's configuration. Decides nothing."""

from collections.abc import Mapping
from typing import Any

import pulumi

from keyswitch.access_key.errors import KeyswitchError, combined
from keyswitch.access_key.undeclared import Watch
from keyswitch.configuration.stack import Settings
from keyswitch.resources import diagnostics, early
from keyswitch.resources.advice import advice
from keyswitch.resources.failing import failing_lines, goes_on
from keyswitch.resources.registration import registered
from keyswitch.resources.review import write_markdown
from keyswitch.resources.state import StackState, read_state
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.switching.review import held_to, reviewed_digest
from keyswitch.switching.undeclared import look_for_undeclared
from keyswitch.telling.document import stack_summary
from keyswitch.telling.text import plan_lines


class AccessKeys(pulumi.ComponentResource):
    """All access keys of a stack's configuration, one `AccessKeyStatus` each, named by access key ID.

    The component first checks the whole configuration, looks up every key in AWS and runs every guard. If it finds
    problems, it reports all of them in one message and registers nothing.

    Attributes:
        keys: the children, by access key ID.
        statuses: the status of each key, by access key ID.
        summary: the changes of the last update that changed something, as data (see `telling/document.py`).
            Unknown in a preview that would change something.
    """

    keys: Mapping[str, AccessKeyStatus]
    statuses: pulumi.Output[dict[str, str]]
    summary: pulumi.Output[Any]

    def __init__(self, resource_name: str = "access-keys", opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare every key in `keyswitch:keys` or in the `keyswitch:keysFile`.

        Args:
            resource_name: the logical name of the component.
            opts: as for any component.

        Raises:
            pulumi.RunError: the configuration is invalid or the change is refused; the message lists every problem.
        """
        try:
            reviewed = reviewed_digest()
            begun = early.begin()
            stack = begun.settings.result()
            before = read_state(begun.stored)
            planned = held_to(_plan(begun, stack, before), reviewed)
            write_markdown(planned)
        except KeyswitchError as error:
            write_markdown(error)
            raise pulumi.RunError(str(error)) from error
        if planned.errors and not goes_on(planned):
            if lines := plan_lines(planned):
                diagnostics.info(lines)
            raise pulumi.RunError(combined(planned.errors))
        super().__init__("keyswitch:index:AccessKeys", resource_name, None, opts)
        self.summary = pulumi.Output.from_input(_summary(planned, before))
        *lines, total = plan_lines(planned) or ["no entry can be carried out"]
        lines += [*failing_lines(planned), *advice(planned)]
        if lines:
            diagnostics.info(lines, self)
        diagnostics.info([total], self)  # on its own: Pulumi shows the last message in the component's row
        self.keys = registered(self, planned, before)
        statuses: Mapping[str, Any] = {key_id: self.keys[key_id].status for key_id in sorted(self.keys)}
        self.statuses = pulumi.Output.from_input(dict(statuses))
        self.register_outputs({"statuses": self.statuses, "summary": self.summary})


def _summary(planned: Plan, before: StackState | None) -> Any:  # noqa: ANN401  (an output holds any value)
    """Return the summary of the last update that changed something.

    A preview leaves the summary unknown. Pulumi compares the outputs of an update with those in a saved plan, and the
    summary contains facts that can change in between, such as the last use.
    """
    if not planned.changes_something:
        return before.summary if before and before.summary else stack_summary(planned)
    return pulumi.UNKNOWN if pulumi.runtime.is_dry_run() else stack_summary(planned)


def _plan(begun: early.Early, stack: Settings, before: StackState | None) -> Plan:
    """Observe and plan. Only a preview looks for undeclared keys: no such key may hold up a containment."""
    directory = begun.directory.result()
    watch = stack.watch if pulumi.runtime.is_dry_run() else Watch()
    return plan(
        directory,
        stack.wanted,
        stack.account,
        stack.policy,
        before.keys if before else None,
        undeclared=look_for_undeclared(directory, stack.wanted, watch, _report),
        progress=_report,
        caller=begun.caller,
    )


def _report(what: str, done: int, of: int) -> None:
    """Show the progress of a long observation. Pulumi removes the message when the observation ends."""
    if of >= _LONG and done % (of // 10) == 0:
        diagnostics.info([f"{what}: {done} of {of}"], ephemeral=True)


_LONG = 100
"""An observation of at least this many calls shows its progress: it can take a second or longer."""
