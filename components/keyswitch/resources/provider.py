"""The dynamic provider: the methods that Pulumi calls for one access key. Makes no decisions.

Its import path and class name are in every user's state, because `__provider` is a pickle that names them. They never
change without a shim at the old place. The pickled provider holds no state.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from pulumi import contains_unknowns
from pulumi.dynamic import (
    CheckFailure,
    CheckResult,
    Config,
    ConfigureRequest,
    CreateResult,
    DiffResult,
    ReadResult,
    ResourceProvider,
    UpdateResult,
)

from keyswitch.access_key.change import decide, remember
from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import KeyswitchError, Problem
from keyswitch.access_key.model import Signer, access_key_id_problem
from keyswitch.access_key.record import Record
from keyswitch.access_key.shown import line
from keyswitch.resources.garbage import look_for_cycles_less_often
from keyswitch.resources.properties import (
    DECLARED_AS,
    INPUTS,
    OBSERVED,
    canonical,
    enforced,
    given_of,
    known_by_program,
    last_switched_date,
    present,
    recorded,
    stored,
    wanted,
)
from keyswitch.resources.sdk import fail_with_message, hide_frames_of_errors, serve_with
from keyswitch.resources.voice import Voice
from keyswitch.switching.adapter import Connected
from keyswitch.switching.memory import Seen
from keyswitch.switching.prefetch import AHEAD
from keyswitch.switching.run import Run

_P = ParamSpec("_P")
_R = TypeVar("_R")


def _one_line_errors(method: Callable[_P, _R]) -> Callable[_P, _R]:
    """Reduce an error to its message, and let no exception end the process.

    The engine would wait for ever if a SystemExit or KeyboardInterrupt ended the process here.
    """

    @wraps(method)
    def guarded(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return method(*args, **kwargs)
        except KeyswitchError as error:
            fail_with_message(type(error).__name__, str(error), error)
        except (SystemExit, KeyboardInterrupt) as interrupt:
            message = "the run was interrupted; repeat it, it continues where it stopped"
            fail_with_message("Interrupted", message, interrupt)

    return guarded


class AccessKeyStatusProvider(ResourceProvider):
    """Sets the status of one access key per call. One instance serves a whole run, in several threads."""

    serialize_as_secret_always = False

    @_one_line_errors
    def configure(self, req: ConfigureRequest) -> None:
        """Store the stack's settings. Connects to nothing."""
        look_for_cycles_less_often()
        hide_frames_of_errors()
        serve_with(AHEAD)
        self._signer: Signer | None = None
        self._run = Run(lambda: _connect(req.config, self._signer), Voice())

    @_one_line_errors
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Check the known inputs; check that the key exists and has the declared owner."""
        key_id = news.get("access_key_id", "")
        known, name = known_by_program(key_id, news.pop(OBSERVED, None)), news.pop(DECLARED_AS, key_id)
        inputs = present(news)
        is_checked = known.checked == {"access_key_id": key_id, **given_of(inputs)}
        desired, problems = (wanted(inputs), []) if is_checked else _read(inputs)
        # A transformation has changed what was planned: then the plan does not count as a look before the write.
        seen = replace(known.seen, at=None) if isinstance(known.seen, Seen) and not is_checked else known.seen
        self._signer = known.signer or self._signer
        if desired is not None:
            inputs = {**inputs, **canonical(inputs, desired)}
            self._run.remember(desired.access_key_id, known.status_at_adoption)
            problems += self._run.declare(enforced(inputs) if _olds else desired, name, seen, known.keys)
        return CheckResult(inputs, [CheckFailure(line(p.field), line(p.text)) for p in problems])

    @_one_line_errors
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare the wanted status with the live one, which finds drift without a refresh."""
        if contains_unknowns(_news):
            return DiffResult(changes=True)
        if _news["access_key_id"] != _olds["access_key_id"]:
            return DiffResult(changes=True, replaces=["access_key_id"], delete_before_replace=False)
        if "__provider" not in _olds:  # the key moves here from the real provider, whose outputs cannot be read later
            return DiffResult(changes=True)
        before = recorded(_olds)
        self._run.remember(_olds["access_key_id"], before.status_at_adoption)
        if self._run.has_failed(_news["access_key_id"]):
            return DiffResult(changes=True)  # so that the engine asks for an update, which fails
        live = self._run.first_seen(before)
        if _news.get("ignore_status"):
            before = replace(before, desired=replace(before.desired, status=None), status=live.status)
        change = remember(decide(enforced(_news), live), before)
        ignored_else = bool(_news.get("ignore_status")) != bool(_olds.get("ignore_status"))
        return DiffResult(changes=change.record is not Record.SAME or ignored_else)

    @_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt an existing key: record its status, and change it only if it differs.

        A key that the stack has adopted before, under any name, keeps its recorded status at adoption.
        """
        done = self._run.switch(wanted(props), None)
        return CreateResult(done.key.access_key_id, stored(props, done))

    @_one_line_errors
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the status if it differs from the live one."""
        self._run.remember(_news["access_key_id"], _olds.get("status_at_adoption"))
        done = self._run.switch(enforced(_news), _olds.get("account_id"))
        return UpdateResult(stored(_news, done, _olds))

    @_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live status. The key is gone only if AWS lists the user's keys without it or has no such user."""
        live = self._run.look_up(recorded(props))
        if live is None:
            return ReadResult("", {})
        seen = {"status": live.status, "owner": live.user_name, "last_switched_date": last_switched_date(props, live)}
        outputs = {**present(props), **seen}
        inputs = {name: props[name] for name in INPUTS if props.get(name) is not None}
        if props.get("declared_status") is None:
            inputs.pop("status", None)
        else:
            inputs["status"] = live.status
        return ReadResult(id_, present(outputs), inputs)

    @_one_line_errors
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Leave, restore or deactivate the key as `on_removal` declares. The default, leave, makes no call."""
        self._run.remove(recorded(_props))


def _read(inputs: dict[str, Any]) -> tuple[Desired | None, list[Problem]]:
    """Return the wanted state that the inputs declare, or None where one is unknown or wrong; and every problem."""
    fields = given_of(inputs)
    # Importing here saves time: the program has checked the keys that `AccessKeys` declares.
    from keyswitch.configuration.entry import entry_problems, parse_entry

    unknown = {name for name, value in inputs.items() if contains_unknowns(value)}
    if not unknown:
        return parse_entry(inputs.get("access_key_id"), fields)
    fields = {name: value for name, value in fields.items() if name not in unknown}
    problems = entry_problems({**fields, "reason": "not known yet"} if "reason" in unknown else fields)
    if "access_key_id" not in unknown and (problem := access_key_id_problem(inputs.get("access_key_id"))):
        problems.append(Problem(problem, "access_key_id"))
    return None, problems


def _connect(config: Config, signer: Signer | None) -> Connected:
    # Importing here saves time: a preview of keys that the program has observed needs neither AWS nor settings.
    from keyswitch.configuration.load import run_settings
    from keyswitch.configuration.project import current
    from keyswitch.configuration.stack import RUN_SETTINGS
    from keyswitch.iam.gateway import Gateway
    from keyswitch.iam.session import connect

    settings = run_settings(present({name: config.get(name) for name in RUN_SETTINGS}), current())
    return Connected(Gateway(connect(settings.connection), signer), settings.account, settings.policy)
