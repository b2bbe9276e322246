"""The provider as Pulumi's SDK wants it: one coroutine for each call of the engine. Makes no calls itself.

Everything that can wait for AWS runs in threads, because a single event loop serves all calls.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from pulumi.provider.experimental import provider as sdk

from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Problem
from keyswitch.access_key.shown import line
from keyswitch.plugin import functions, settings
from keyswitch.plugin.component import AccessKeys, statuses
from keyswitch.plugin.inputs import unreviewable
from keyswitch.plugin.resource import AccessKeyResource
from keyswitch.plugin.run import ProviderRun
from keyswitch.plugin.schema import COMPONENT, RESOURCE, package_text
from keyswitch.plugin.values import as_secret_as, plain, wrapped
from keyswitch.resources.failing import failed, goes_on
from keyswitch.resources.voice import Voice
from keyswitch.switching.adapter import Connected

_T = TypeVar("_T")

AT_ONCE = 64
"""How many calls of the engine are handled at once. Most of them wait for AWS, which has a bound of its own."""


class Interrupted(KeyswitchError):
    """The process was interrupted during a call."""


class KeyswitchProvider(sdk.Provider):
    """Sets the status of one access key per call. One instance serves one provider resource for a whole run."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="keyswitch")
        self._run = ProviderRun(partial(_connect, {}), Voice())

    async def get_schema(self, request: sdk.GetSchemaRequest) -> sdk.GetSchemaResponse:
        """Return the schema of the package."""
        return sdk.GetSchemaResponse(package_text())

    async def check_config(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Check the settings of the provider, and keep those that it uses."""
        given = plain(request.new_inputs)
        kept = {name: value for name, value in request.new_inputs.items() if name in settings.used(given)}
        return sdk.CheckResponse(kept, _failures(await self._in_thread(settings.problems, given)))

    async def configure(self, request: sdk.ConfigureRequest) -> sdk.ConfigureResponse:
        """Store the settings. Connects to nothing."""
        self._run = ProviderRun(partial(_connect, settings.used(plain(request.args))), Voice())
        return sdk.ConfigureResponse(accept_secrets=True, supports_preview=True)

    async def invoke(self, request: sdk.InvokeRequest) -> sdk.InvokeResponse:
        """Call a function."""
        answer = await self._in_thread(functions.call, self._run, request.tok, plain(request.args))
        return sdk.InvokeResponse(wrapped(answer))

    async def construct(self, request: sdk.ConstructRequest) -> sdk.ConstructResponse:
        """Declare all keys of a program, after they were judged as one change.

        A preview fails with every error. An update carries out all entries that do not fail, as the component of this
        repository's program does.
        """
        if request.resource_type != COMPONENT:
            raise NotImplementedError(f"the package keyswitch has no component {line(request.resource_type)}")
        given = plain(request.inputs)
        if problems := unreviewable(request.inputs):
            raise InvalidConfiguration(problems)
        planned = await self._in_thread(functions.planned_together, self._run, given)
        if planned.errors and not goes_on(planned):
            raise functions.Refused(planned.errors)
        self._run.judged_together(planned, failed(planned))
        made = AccessKeys(request.name, planned, given.get("access_keys", ()), request.options)
        urn = await made.urn.future()
        return sdk.ConstructResponse(str(urn), wrapped({"statuses": statuses(planned)}), {})

    async def check(self, request: sdk.CheckRequest) -> sdk.CheckResponse:
        """Check the inputs of a key."""
        olds, news = plain(request.old_inputs), plain(request.new_inputs)
        inputs, problems = await self._in_thread(self._key(request).check, request.urn, olds, news)
        return sdk.CheckResponse(as_secret_as(request.new_inputs, inputs), _failures(problems))

    async def diff(self, request: sdk.DiffRequest) -> sdk.DiffResponse:
        """Compare a key with its declaration."""
        olds, news = plain(request.old_state), plain(request.new_inputs)
        found = await self._in_thread(self._key(request).diff, olds, news, request.ignore_changes)
        return sdk.DiffResponse(
            changes=found.changes,
            replaces=["access_key_id"] if found.replaces else [],
            diffs=list(found.properties),
            detailed_diff=dict(found.properties),
        )

    async def create(self, request: sdk.CreateRequest) -> sdk.CreateResponse:
        """Adopt a key."""
        adopt = partial(self._key(request).create, plain(request.properties), preview=request.preview)
        id_, outputs = await self._in_thread(adopt)
        return sdk.CreateResponse(id_, as_secret_as(request.properties, outputs))

    async def update(self, request: sdk.UpdateRequest) -> sdk.UpdateResponse:
        """Switch a key, or bring its record up to date."""
        olds, news = plain(request.olds), plain(request.news)
        switch = partial(self._key(request).update, preview=request.preview)
        outputs = await self._in_thread(switch, request.urn, olds, news, request.ignore_changes)
        return sdk.UpdateResponse(as_secret_as(request.news, outputs))

    async def read(self, request: sdk.ReadRequest) -> sdk.ReadResponse:
        """Read a key that the stack knows; or find one for an import, which sends nothing but the ID."""
        olds, inputs = plain(request.properties), plain(request.inputs)
        key = self._key(request)
        if not olds and not inputs:
            found = await self._in_thread(key.find, request.urn, request.resource_id)
        else:
            known = {"access_key_id": request.resource_id, **olds}
            if (again := await self._in_thread(key.read, known, inputs)) is None:
                return sdk.ReadResponse()
            found = again
        given = {**request.properties, **request.inputs}
        return sdk.ReadResponse(request.resource_id, as_secret_as(given, found[0]), as_secret_as(given, found[1]))

    async def delete(self, request: sdk.DeleteRequest) -> None:
        """Do what is to happen to a key that is no longer declared."""
        await self._in_thread(self._key(request).delete, plain(request.properties))

    def _key(self, request: Any) -> AccessKeyResource:  # noqa: ANN401  (the requests share no class)
        if request.type.rpartition("$")[2] != RESOURCE:
            raise NotImplementedError(f"the package keyswitch has no resource {line(request.type)}")
        return AccessKeyResource(self._run)

    async def _in_thread(self, ask: Callable[..., _T], *about: object) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, partial(_uninterrupted, ask, *about))


def _uninterrupted(ask: Callable[..., _T], *about: object) -> _T:
    """Return the answer. The engine would wait for ever if a SystemExit or KeyboardInterrupt ended the event loop."""
    try:
        return ask(*about)
    except (SystemExit, KeyboardInterrupt):
        raise Interrupted("the run was interrupted", "Repeat it, it continues where it stopped") from None


def _failures(problems: list[Problem]) -> list[sdk.CheckFailure]:
    """Return the failures without naming the properties to Pulumi, which would print their values."""
    return [sdk.CheckFailure("", str(problem)) for problem in problems]


def _connect(given: dict[str, Any]) -> Connected:
    # Importing here saves time: a provider that is only asked for its schema needs no AWS library.
    from keyswitch.iam.gateway import Gateway
    from keyswitch.iam.session import connect

    found = settings.settings(given)
    return Connected(Gateway(connect(found.connection)), found.account, found.policy)
