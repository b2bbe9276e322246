"""Serves the provider to the engine. Every use of what Pulumi's SDK does not document for providers is here.

The SDK has the class of the service and a `main` (pulumi/provider/experimental/server.py). This module adds:

- Errors arrive as their text. The SDK would add frames of its own code.
- The engine reads a key before it compares it, because the provider asks for that with `refresh_before_update`. The SDK
  never sets the field. Without it, drift shows only as a changed key, without its line, unless `--refresh` is given.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import grpc.aio
from pulumi.provider.experimental.server import ProviderServicer
from pulumi.runtime._grpc_settings import _GRPC_CHANNEL_OPTIONS
from pulumi.runtime.proto import provider_pb2_grpc

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.shown import lines
from keyswitch.plugin.provider import AT_ONCE, KeyswitchProvider
from keyswitch.plugin.schema import VERSION
from keyswitch.resources import diagnostics
from keyswitch.resources.garbage import look_for_cycles_less_often
from keyswitch.resources.sdk import silence_debug_messages

_Call = Callable[[Any, Any, Any], Awaitable[Any]]


def _answering(call: _Call, *, read_before_update: bool = False) -> _Call:
    """Answer a call of the engine; an error with its text, which is all that the engine shows."""

    async def answer(self: Any, request: Any, context: Any) -> Any:  # noqa: ANN401  (messages of the protocol)
        try:
            answered = await call(self, request, context)
        except Exception as error:  # any, or the SDK would show its frames
            await context.abort(grpc.StatusCode.UNKNOWN, _text(error.__context__ or error))
            raise  # not reached: abort raises
        if read_before_update and hasattr(answered, "refresh_before_update"):
            answered.refresh_before_update = True
        return answered

    return answer


def _text(error: BaseException) -> str:
    """Return the text of an error. One that is not ours is a bug, and is named by its class."""
    if os.environ.get("KEYSWITCH_DEBUG") and isinstance(error, Exception):
        diagnostics.say_traceback(error)
    text = str(error) if isinstance(error, KeyswitchError) else f"{type(error).__name__}: {error}"
    return lines(text.split("\n"))


class Servicer(ProviderServicer):
    """The service, with errors as their text."""

    CheckConfig = _answering(ProviderServicer.CheckConfig)
    Configure = _answering(ProviderServicer.Configure)
    Invoke = _answering(ProviderServicer.Invoke)
    Construct = _answering(ProviderServicer.Construct)  # type: ignore[assignment]  # only this one is annotated
    Check = _answering(ProviderServicer.Check)
    Diff = _answering(ProviderServicer.Diff)
    Create = _answering(ProviderServicer.Create, read_before_update=True)
    Update = _answering(ProviderServicer.Update, read_before_update=True)
    Read = _answering(ProviderServicer.Read, read_before_update=True)
    Delete = _answering(ProviderServicer.Delete)


def main() -> None:
    """Serve until the engine ends the process. The engine passes its address, and reads the port from the output."""
    look_for_cycles_less_often()
    if not os.environ.get("KEYSWITCH_DEBUG"):
        silence_debug_messages()
    addresses = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    try:
        asyncio.run(_serve(addresses[-1] if addresses else ""))
    except KeyboardInterrupt:
        sys.exit(130)


async def _serve(engine: str) -> None:
    # The SDK registers each key of a component in a thread of the loop, which waits until the key is switched. By
    # default there are six such threads on two CPUs.
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(AT_ONCE, thread_name_prefix="keyswitch-sdk"))
    server = grpc.aio.server(options=_GRPC_CHANNEL_OPTIONS)
    servicer = Servicer([], VERSION, KeyswitchProvider(), engine)
    provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.wait_for_termination()
