"""The component `AccessKeys`: everything the stack's configuration declares, checked and observed as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, combined
from keyswitch.configuration.load import settings
from keyswitch.configuration.source import StackFile, read, stack_file
from keyswitch.configuration.stack import Settings, namespace
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.resources.history import history
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching import document
from keyswitch.switching.plan import Plan, plan


class AccessKeys(pulumi.ComponentResource):
    """All access keys of a stack's configuration, one `AccessKeyStatus` each, named by access key ID.

    Before anything is registered the whole configuration is checked, every key is looked up in AWS and every
    guard is asked; all problems come in one message, and then nothing is registered at all.

    Attributes:
        keys: the children, by access key ID.
        statuses: the status of each key, by access key ID.
        summary: what this run changes, and what is to be known of it, as data (see `switching/document.py`).
    """

    keys: Mapping[str, AccessKeyStatus]
    statuses: pulumi.Output[dict[str, str]]
    summary: Mapping[str, Any]

    def __init__(self, resource_name: str = "access-keys", opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare everything in `keyswitch:keys`.

        Args:
            resource_name: the logical name of the component.
            opts: as for any component.

        Raises:
            pulumi.RunError: with every problem of the configuration, or everything that forbids the change.
        """
        try:
            planned = _plan(_settings())
        except KeyswitchError as error:
            raise pulumi.RunError(str(error)) from None
        if planned.errors:
            raise pulumi.RunError(combined(planned.errors))
        super().__init__("keyswitch:index:AccessKeys", resource_name, None, opts)
        self.summary = document.summary(planned)
        *told, total = planned.lines()
        if told:
            pulumi.log.info("\n".join(told), resource=self)
        pulumi.log.info(total, resource=self)  # apart: the last message stands in the component's own row
        self.keys = self._registered(planned)
        statuses: Mapping[str, Any] = {key_id: self.keys[key_id].status for key_id in sorted(self.keys)}
        self.statuses = pulumi.Output.from_input(dict(statuses))
        self.register_outputs({"statuses": self.statuses})

    def _registered(self, planned: Plan) -> dict[str, AccessKeyStatus]:
        """Register the children, activations first, so that a deactivation can wait for them."""
        first = prerequisites(planned.declared)
        keys: dict[str, AccessKeyStatus] = {}
        for change in sorted(planned.declared, key=lambda c: c.access_key_id in first):
            waits_for = [keys[key_id] for key_id in first.get(change.access_key_id, ())]
            keys[change.access_key_id] = _resource(
                change, planned.caller.account, pulumi.ResourceOptions(parent=self, depends_on=waits_for)
            )
        return keys


def _resource(change: Change, account: str, opts: pulumi.ResourceOptions) -> AccessKeyStatus:
    desired, observed = change.desired, change.observed
    return AccessKeyStatus(
        desired.access_key_id,
        access_key_id=desired.access_key_id,
        user_name=desired.user_name,
        root=desired.root,
        status=desired.status.value if desired.status else None,
        reason=desired.reason,
        on_removal=desired.on_removal.value,
        allow=[guard.value for guard in desired.allow],
        opts=opts,
        _observed={"status": observed.status, "owner": observed.user_name, "account_id": account},
    )


def _plan(stack: Settings) -> Plan:
    return plan(Gateway(connect(stack.connection)), stack.wanted, stack.account, stack.policy, history())


def _settings() -> Settings:
    config: dict[str, Any] = {**get_config_env(), **CONFIG.get()}
    return settings(config, _stack_file(config))


def _stack_file(config: Mapping[str, Any]) -> StackFile | None:
    """The file the configuration was written in, if it can be found: it knows the line numbers.

    Pulumi may have been given another file (--config-file) or single values (-c); then the line numbers
    of this one would mislead.
    """
    project = Path.cwd()
    path = stack_file(project, pulumi.get_stack())
    if not path.is_file():
        return None
    try:
        file = read(path, path.relative_to(project).as_posix())
    except InvalidConfiguration:
        return None  # Pulumi has read it, so it is another file that counts
    used = namespace(config, "keyswitch")
    written = namespace(file.config, "keyswitch")
    return file if all(used.get(name) == value for name, value in written.items()) else None
