"""The component `keyswitch:index:AccessKeys`: declares each key of a change that was judged. Asks nothing of AWS.

The engine asks the provider to construct it, so that a program of any language can have it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pulumi

from keyswitch.access_key.change import Change
from keyswitch.plugin.schema import COMPONENT, DYNAMIC, RESOURCE
from keyswitch.resources import diagnostics, sdk
from keyswitch.resources.failing import failing_lines, in_order
from keyswitch.switching.planned import Plan
from keyswitch.telling.text import plan_lines


class AccessKeys(pulumi.ComponentResource):
    """All keys of a change that was judged as a whole, each as a child that is named by its access key ID.

    Attributes:
        keys: the children, by access key ID.
    """

    keys: Mapping[str, pulumi.CustomResource]

    def __init__(
        self, resource_name: str, planned: Plan, entries: Sequence[Mapping[str, Any]], opts: pulumi.ResourceOptions
    ) -> None:
        """Declare the keys of a plan. Those whose entries fail come last.

        Args:
            resource_name: the logical name.
            planned: the plan of all entries.
            entries: the inputs of each key, as the program gives them.
            opts: as the engine hands them over.
        """
        super().__init__(COMPONENT, resource_name, None, opts)
        *lines, total = plan_lines(planned) or ["no entry can be carried out"]
        lines += failing_lines(planned)
        if lines:
            diagnostics.info(lines, self)
        diagnostics.info([total], self)  # on its own: Pulumi shows the last message in the component's row
        given = {entry["access_key_id"]: entry for entry in entries}
        ordered, first = in_order(replace(planned, changes=_mixed(planned.changes)))
        keys: dict[str, pulumi.CustomResource] = {}
        for key_id in (change.access_key_id for change in ordered):
            options = pulumi.ResourceOptions(
                parent=self,
                depends_on=[keys[other] for other in first.get(key_id, ())],
                aliases=[pulumi.Alias(type_=DYNAMIC)],  # generated SDKs give it, but this is none
            )
            with sdk.without_stack_traces():  # no other code runs in this block
                keys[key_id] = pulumi.CustomResource(RESOURCE, key_id, dict(given[key_id]), options)
        self.keys = keys
        self.register_outputs({"statuses": statuses(planned)})


def _mixed(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Sort changes so that those of one user are far apart.

    Before each preview the engine reads a few neighbours in the state at a time. All keys of a user come with one call,
    so that neighbours of different users need as many calls at once.
    """
    seen: Counter[str | None] = Counter()
    places = []
    for change in changes:
        seen[change.observed.user_name] += 1
        places.append((seen[change.observed.user_name], change))
    return tuple(change for _, change in sorted(places, key=lambda place: place[0]))


def statuses(planned: Plan) -> dict[str, str]:
    """Return the status of each declared key after the change, by access key ID."""
    return {change.access_key_id: change.resulting_status for change in planned.declared}
