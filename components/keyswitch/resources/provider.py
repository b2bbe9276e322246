"""The dynamic provider: what Pulumi calls for one access key. It decides nothing itself.

Its import path and class name stand in every user's state (`__provider` is a pickle that names them), so
they never change without a shim at the old place. It holds no state of its own when it is pickled.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, wraps
from typing import Any, NoReturn, ParamSpec, TypeVar

from pulumi import contains_unknowns
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from keyswitch.access_key.change import Change, decide, remember
from keyswitch.access_key.errors import KeyswitchError, Problem
from keyswitch.access_key.guards import Finding
from keyswitch.access_key.model import access_key_id_problem
from keyswitch.access_key.record import Record
from keyswitch.access_key.shown import line
from keyswitch.configuration.entry import entry_problems, parse_entry
from keyswitch.configuration.load import run_settings
from keyswitch.configuration.stack import RUN_SETTINGS
from keyswitch.resources import diagnostics
from keyswitch.resources.properties import (
    DECLARED_AS,
    ENTRY,
    INPUTS,
    OBSERVED,
    enforced,
    present,
    recorded,
    seen_by_program,
    stored,
    wanted,
)
from keyswitch.resources.sdk import serve_with
from keyswitch.switching.plan import Plan
from keyswitch.switching.prefetch import AHEAD
from keyswitch.switching.run import Connected, Run
from keyswitch.telling.text import change_line, warning_line

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _one_line_errors(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let an error reach the user as its message alone, and nothing end the process.

    A SystemExit or KeyboardInterrupt in here would leave the engine waiting for ever.
    """

    @wraps(method)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except KeyswitchError as error:
            _fail(type(error).__name__, str(error))
        except (SystemExit, KeyboardInterrupt):
            _fail("Interrupted", "the run was interrupted; repeat it, it continues where it stopped")

    return guarded


def _fail(name: str, message: str) -> NoReturn:
    # The servicer prints whatever is raised as a traceback; a built-in class without frames is one line.
    raise type(name, (Exception,), {"__module__": "builtins"})(message) from None


class AccessKeyStatusProvider(ResourceProvider):
    """Reconciles the status of one access key at a time; one instance serves a whole run, in several threads."""

    serialize_as_secret_always = False

    @_one_line_errors
    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's settings. Connects to nothing yet."""
        if not os.environ.get("KEYSWITCH_DEBUG"):
            sys.tracebacklimit = 0
        serve_with(AHEAD)
        config = {name: req.config.get(name) for name in RUN_SETTINGS}
        self._run = Run(partial(_connect, present(config)), _Voice())

    @_one_line_errors
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Check the inputs, unknown ones excepted, and whether the key is there as declared."""
        seen, name = news.pop(OBSERVED, None), news.pop(DECLARED_AS, news.get("access_key_id"))
        inputs = present(news)
        unknown = {key for key, value in inputs.items() if contains_unknowns(value)}
        fields = {key: inputs[key] for key in ENTRY if key in inputs and key not in unknown}
        if unknown:
            problems = entry_problems({**fields, "reason": "not known yet"} if "reason" in unknown else fields)
            if "access_key_id" not in unknown and (problem := access_key_id_problem(inputs.get("access_key_id"))):
                problems.append(Problem(problem, "access_key_id"))
        else:
            desired, problems = parse_entry(inputs.get("access_key_id"), fields)
            if desired is not None:
                told = seen_by_program(desired.access_key_id, seen) if seen is not None else None
                problems += self._run.declare(enforced(inputs) if _olds else desired, name, told)
        return CheckResult(inputs, [CheckFailure(line(p.field), line(p.text)) for p in problems])

    @_one_line_errors
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is wanted with what is live, so that drift is found without a refresh."""
        if contains_unknowns(_news):
            return DiffResult(changes=True)
        if _news["access_key_id"] != _olds["access_key_id"]:
            return DiffResult(changes=True, replaces=["access_key_id"], delete_before_replace=False)
        before = recorded(_olds)
        live = self._run.first_seen(before)
        if _news.get("ignore_status"):
            before = replace(before, desired=replace(before.desired, status=None), status=live.status)
        change = remember(decide(enforced(_news), live), before)
        ignored_else = bool(_news.get("ignore_status")) != bool(_olds.get("ignore_status"))
        return DiffResult(changes=change.record is not Record.SAME or ignored_else)

    @_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt a key: it must be there; its status is changed only if it differs, and remembered."""
        before, after, account = self._run.switch(wanted(props), None)
        return CreateResult(after.access_key_id, stored(props, after, account, before.status))

    @_one_line_errors
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the status, if it differs from the live one."""
        _, after, account = self._run.switch(enforced(_news), _olds.get("account_id"))
        return UpdateResult(stored(_news, after, account, _olds.get("status_at_adoption")))

    @_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live status; gone only if AWS lists the user's keys without it, or knows no such user."""
        live = self._run.look_up(recorded(props))
        if live is None:
            return ReadResult("", {})
        outputs = {**present(props), "status": live.status, "owner": live.user_name}
        inputs = {name: props[name] for name in INPUTS if props.get(name) is not None}
        if props.get("declared_status") is None:
            inputs.pop("status", None)
        else:
            inputs["status"] = live.status
        return ReadResult(id_, present(outputs), inputs)

    @_one_line_errors
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do what `on_removal` says; by default nothing is even asked of AWS."""
        self._run.remove(recorded(_props))


class _Voice:
    """Says things beside the resource: the engine shows what the provider writes to standard error."""

    def warn(self, finding: Finding) -> None:
        """Say a warning."""
        diagnostics.say(warning_line(finding))

    def left_alone(self, access_key_id: str) -> None:
        """Say that a key stays as it is."""
        diagnostics.say(f"{access_key_id} is no longer declared; the key itself stays as it is in AWS")

    def gone(self, access_key_id: str) -> None:
        """Say that a key is gone."""
        diagnostics.say(f"{access_key_id} is gone from AWS already")

    def removed(self, change: Change, plan: Plan) -> None:
        """Say what was done to a key that is no longer declared."""
        diagnostics.say(change_line(change, plan))


def _connect(config: Mapping[str, Any]) -> Connected:
    # AWS's library is loaded here: a preview of what the program has looked at does without it.
    from keyswitch.iam.gateway import Gateway
    from keyswitch.iam.session import connect

    settings = run_settings(config)
    return Connected(Gateway(connect(settings.connection)), settings.account, settings.policy)
