"""The component `AccessKeys`: everything the stack's configuration declares, checked and observed as a whole."""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pulumi
from pulumi.output import UNKNOWN
from pulumi.runtime import invoke_async
from pulumi.runtime.config import CONFIG, get_config_env
from pulumi.runtime.settings import SETTINGS
from pulumi.runtime.sync_await import _sync_await

from keyswitch.access_key.change import Change, prerequisites
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, combined
from keyswitch.configuration.backend import keeps_state_in_files
from keyswitch.configuration.load import settings
from keyswitch.configuration.source import Written, manifest, read, stack_file
from keyswitch.configuration.stack import Settings, namespace
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.resources.state import StackState, read_state
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching import document
from keyswitch.switching.plan import Plan, plan
from keyswitch.switching.prefetch import AHEAD


class AccessKeys(pulumi.ComponentResource):
    """All access keys of a stack's configuration, one `AccessKeyStatus` each, named by access key ID.

    Before anything is registered the whole configuration is checked, every key is looked up in AWS and every
    guard is asked; all problems come in one message, and then nothing is registered at all.

    Attributes:
        keys: the children, by access key ID.
        statuses: the status of each key, by access key ID.
        summary: what the last update that changed something has changed, as data (see `switching/document.py`);
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
            stack = _settings()
            with ThreadPoolExecutor(max_workers=1) as beside:
                gateway = beside.submit(_signed_in, stack)
                before = read_state()
                _wake_provider()
            planned = _plan(gateway.result(), stack, before)
        except KeyswitchError as error:
            raise pulumi.RunError(str(error)) from error
        if planned.errors:
            if told := planned.lines():
                pulumi.log.info("\n".join(told))
            raise pulumi.RunError(combined(planned.errors))
        super().__init__("keyswitch:index:AccessKeys", resource_name, None, opts)
        self.summary = pulumi.Output.from_input(_summary(planned, before))
        *told, total = planned.lines()
        told += _advice(planned)
        if told:
            pulumi.log.info("\n".join(told), resource=self)
        pulumi.log.info(total, resource=self)  # apart: the last message stands in the component's own row
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

        async def register() -> None:
            for n, change in enumerate(ordered):
                if n >= _AT_ONCE:
                    with suppress(Exception):  # the SDK keeps it, and raises it when the program has ended
                        await keys[ordered[n - _AT_ONCE].access_key_id].urn.future()
                waits_for = [keys[key_id] for key_id in first.get(change.access_key_id, ())]
                with _without_stack_traces():  # nothing else runs meanwhile
                    keys[change.access_key_id] = _resource(
                        change,
                        {"account_id": planned.caller.account, "ahead": ahead.get(change.access_key_id)},
                        pulumi.ResourceOptions(parent=self, depends_on=waits_for),
                    )

        _sync_await(register())  # once: each time, the SDK lets the event loop's list grow by what was begun before
        return keys


_AT_ONCE = 64
"""How many keys are declared ahead of their registration: far more than the engine takes on at once, and few enough
that what they hold meanwhile (some 30 kB each) does not count. So registering begins with the first ones, too."""


def _ahead(writes: Sequence[Change]) -> dict[str, list[list[Any]]]:
    """With which key the provider is told of which others that come later, so that it can look at them ahead."""
    told = [[c.access_key_id, c.observed.user_name or "", c.is_deactivation] for c in writes]
    return {c.access_key_id: told[i + AHEAD : i + AHEAD + 1] if i else told[: AHEAD + 1] for i, c in enumerate(writes)}


@contextmanager
def _without_stack_traces() -> Iterator[None]:
    """Register without telling from where: it is here, always, and would be more than half of the state of a key."""
    before = getattr(sys, "tracebacklimit", None)
    sys.tracebacklimit = 1
    try:
        yield
    finally:
        if before is None:
            del sys.tracebacklimit
        else:
            sys.tracebacklimit = before


def _resource(change: Change, seen: Mapping[str, Any], opts: pulumi.ResourceOptions) -> AccessKeyStatus:
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
        _observed={"status": observed.status, "owner": observed.user_name, **{k: v for k, v in seen.items() if v}},
    )


def _wake_provider() -> None:
    """Have Pulumi start the provider's process while this one looks at AWS: it would wait for the first resource.

    It knows no functions, so the answer is an error that nobody waits for: the request is only seen off.
    """

    async def call() -> None:
        with suppress(Exception):
            await invoke_async("pulumi-python:keyswitch:wake", {})

    _sync_await(asyncio.wait([asyncio.ensure_future(call())], timeout=0.02))


def _advice(planned: Plan) -> list[str]:
    """Say which settings would make the update much faster, where they are not set and would."""
    changing = sum(change.is_write or change.is_record_only for change in planned.changes)
    settings = faster_with(changing, len(planned.changes))
    if _CHECKPOINTS in settings and (os.environ.get(_CHECKPOINTS) or not keeps_state_in_files(manifest(Path()))):
        del settings[_CHECKPOINTS]
    if _PARALLEL in settings and not 0 < (SETTINGS.parallel or 0) < AHEAD:
        del settings[_PARALLEL]
    if not settings:
        return []
    how = " and ".join(f"{name}={value}" for name, value in settings.items())
    return [f"advice: with {how} an update of {changing} keys is much faster; that is safe here"]


def faster_with(changing: int, keys: int) -> dict[str, str]:
    """The settings with which Pulumi would spend at least a quarter less time on an update.

    A state in files is written as a whole, twice, for every key that changes. And Pulumi writes four keys at once for
    each CPU (pkg/cmd/pulumi/operations/up.go, `defaultParallel`), though they only wait for AWS.

    Args:
        changing: how many keys change.
        keys: how many there are.

    Returns:
        Environment variables and their values.
    """
    checkpoints = changing >= _SOME and changing * keys >= _MANY**2
    return {
        **({_CHECKPOINTS: "true"} if checkpoints else {}),
        **({_PARALLEL: str(AHEAD)} if changing >= _MANY else {}),
    }


_CHECKPOINTS, _PARALLEL = "PULUMI_SKIP_CHECKPOINTS", "PULUMI_PARALLEL"

_MANY, _SOME = 200, 30
"""How many changes are many where those are all the keys, and how many however many keys there are: the checkpoints of
a change take 0.1 ms for each key of the state, all the rest of an update some 7 ms for each (docs/performance.md)."""


def _summary(planned: Plan, before: StackState | None) -> Any:  # noqa: ANN401  (an output, whatever it holds)
    """What has changed, last time something did.

    A saved plan is held to the outputs of its preview, too, and what they tell of AWS may move: so they are left open.
    """
    if not planned.changes_something:
        return before.summary if before and before.summary else document.summary(planned)
    return UNKNOWN if pulumi.runtime.is_dry_run() else document.summary(planned)


def _signed_in(stack: Settings) -> Gateway:
    gateway = Gateway(connect(stack.connection))
    gateway.caller()
    return gateway


def _plan(gateway: Gateway, stack: Settings, before: StackState | None) -> Plan:
    return plan(gateway, stack.wanted, stack.account, stack.policy, before.keys if before else None, _tell)


def _tell(what: str, done: int, of: int) -> None:
    """Say what a long observation is doing; shown while it lasts, and then gone."""
    if of >= _LONG and done % (of // 10) == 0:
        pulumi.log.info(f"{what}: {done} of {of}", ephemeral=True)


_LONG = 100
"""From how many calls on an observation is long: a second at worst, and growing."""


def _settings() -> Settings:
    config: dict[str, Any] = {**get_config_env(), **CONFIG.get()}
    path = stack_file(Path(), pulumi.get_stack())
    return settings(config, _written(path, config), path.parent)


def _written(path: Path, config: Mapping[str, Any]) -> Written | None:
    """The file the configuration was written in, if it can be found: it knows the line numbers.

    Pulumi may have been given another file (--config-file) or single values (-c); then the line numbers
    of this one would mislead.
    """
    if not path.is_file():
        return None
    try:
        file = read(path)
    except InvalidConfiguration:
        return None  # Pulumi has read it, so it is another file that counts
    used = namespace(config, "keyswitch")
    written = namespace(file.config, "keyswitch")
    return file if all(used.get(name) == value for name, value in written.items()) else None
