"""The endpoint `/_sandbox/` by which other processes see and steer the sandbox: JSON in, JSON out, with its token."""

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from keyswitch.sandbox.faults import Fault, TokenBucket

if TYPE_CHECKING:
    from keyswitch.sandbox.server import Sandbox

PATH = "/_sandbox/"
TOKEN_VARIABLE = "KEYSWITCH_SANDBOX_TOKEN"  # noqa: S105  (a variable's name)
"""The environment variable that holds the token, for `Authorization: Bearer …`."""


def administer(sandbox: "Sandbox", environ: Mapping[str, Any], problem: str | None) -> tuple[int, bytes]:
    """The status and the body of the answer; a problem with the sender is the answer."""
    if problem:
        return _answer(403, {"error": problem})
    offered = environ.get("HTTP_AUTHORIZATION", "").encode("latin-1", "replace")
    if not secrets.compare_digest(offered, f"Bearer {sandbox.token}".encode()):
        return _answer(401, {"error": f"it wants 'Authorization: Bearer …', with the token of {TOKEN_VARIABLE}"})
    what = (environ["REQUEST_METHOD"], environ["PATH_INFO"].removeprefix(PATH))
    try:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        if length < 0:
            raise ValueError("the length of the request is below 0")
        document = _done(sandbox, what, json.loads(environ["wsgi.input"].read(length) or b"{}"))
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        return _answer(400, {"error": str(error)})
    return _answer(404, {"error": "no such thing"}) if document is None else _answer(200, document)


def _done(sandbox: "Sandbox", what: tuple[str, str], given: Mapping[str, Any]) -> object:
    if what == ("GET", "journal"):
        return [{**asdict(r), "time": r.time.isoformat()} for r in list(sandbox.journal)]
    if what == ("GET", "statuses"):
        return sandbox.statuses()
    if what == ("POST", "faults"):
        sandbox.faults.append(Fault(**given))
        return {"faults": len(sandbox.faults)}
    if what == ("DELETE", "faults"):
        sandbox.faults.clear()
        return {"faults": 0}
    if what == ("POST", "clock"):
        sandbox.world.clock.advance(timedelta(seconds=float(given["advance"])))
        return {"now": sandbox.world.clock.now().isoformat()}
    if what == ("POST", "latency"):
        sandbox.latency = Fault("*", seconds=float(given["seconds"])).seconds
        return {"latency": sandbox.latency}
    if what == ("POST", "throttle"):
        rate = given["rate"]
        sandbox.throttle = TokenBucket(float(rate), int(given.get("burst", rate))) if rate else None
        return {"throttle": rate}
    return None


def _answer(status: int, document: object) -> tuple[int, bytes]:
    return status, json.dumps(document).encode()
