"""The dynamic provider: what Pulumi calls for one access key. It decides nothing itself.

Its import path and class name stand in every user's state (`__provider` is a pickle that names them), so
they never change without a shim at the old place. It holds no state of its own when it is pickled.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import wraps
from threading import Lock, current_thread
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

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
from pulumi.output import Unknown

from keyswitch.access_key.change import Change, announced, decide, decide_removal, remember
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import AccessKeyNotFound, KeyswitchError, Problem
from keyswitch.access_key.guards import refusal
from keyswitch.access_key.model import AccessKey, Status, access_key_id_problem
from keyswitch.access_key.policy import Level
from keyswitch.access_key.record import Record, Recorded
from keyswitch.access_key.summary import change_line
from keyswitch.configuration.entry import entry_problems, parse_entry
from keyswitch.configuration.load import run_settings
from keyswitch.configuration.stack import RUN_SETTINGS, Settings
from keyswitch.resources.properties import (
    DECLARED_AS,
    ENTRY,
    INPUTS,
    OBSERVED,
    enforced,
    present,
    recorded,
    stored,
    wanted,
)
from keyswitch.switching.execution import execute, not_attempted
from keyswitch.switching.observation import Observation, observe
from keyswitch.switching.plan import Plan, plan_changes, require_recorded_account
from keyswitch.switching.prefetch import AHEAD, Prefetch

if TYPE_CHECKING:
    from keyswitch.iam.gateway import Gateway

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
            _fail(type(error).__name__, str(error), error)
        except (SystemExit, KeyboardInterrupt) as interrupt:
            _fail("Interrupted", "the run was interrupted; repeat it, it continues where it stopped", interrupt)

    return guarded


def _fail(name: str, message: str, cause: BaseException) -> NoReturn:
    # The servicer prints whatever is raised as a traceback; a built-in class without frames and cause is one line.
    failure = type(name, (Exception,), {"__module__": "builtins"})(message)
    raise failure from cause if os.environ.get("KEYSWITCH_DEBUG") else None


class AccessKeyStatusProvider(ResourceProvider):
    """Reconciles the status of one access key at a time; one instance serves a whole run, in several threads."""

    serialize_as_secret_always = False

    @_one_line_errors
    def configure(self, req: ConfigureRequest) -> None:
        """Take the stack's settings. Connects to nothing yet."""
        if not os.environ.get("KEYSWITCH_DEBUG"):
            sys.tracebacklimit = 0
        _serve_with(AHEAD)
        config = {name: req.config.get(name) for name in RUN_SETTINGS}
        self._run = _Run({name: value for name, value in config.items() if value is not None})

    @_one_line_errors
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Check the inputs, unknown ones excepted, and whether the key is there as declared."""
        seen, name = json.loads(news.pop(OBSERVED, "null")), news.pop(DECLARED_AS, news.get("access_key_id"))
        inputs = present(news)
        unknown = {key for key, value in inputs.items() if isinstance(value, Unknown)}
        fields = {key: inputs[key] for key in ENTRY if key in inputs and key not in unknown}
        if unknown:
            problems = entry_problems({**fields, "reason": "not known yet"} if "reason" in unknown else fields)
            if "access_key_id" not in unknown and (problem := access_key_id_problem(inputs.get("access_key_id"))):
                problems.append(Problem(problem, "access_key_id"))
        else:
            desired, problems = parse_entry(inputs.get("access_key_id"), fields)
            if desired is not None:
                problems += self._run.declare(enforced(inputs) if _olds else desired, name, seen)
        return CheckResult(inputs, [CheckFailure(p.field, p.text) for p in problems])

    @_one_line_errors
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is wanted with what is live, so that drift is found without a refresh."""
        if any(isinstance(value, Unknown) for value in _news.values()):
            return DiffResult(changes=True)
        if _news["access_key_id"] != _olds["access_key_id"]:
            return DiffResult(changes=True, replaces=["access_key_id"], delete_before_replace=False)
        before = recorded(_olds)
        live = self._run.live(before)
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
        live = self._run.look(recorded(props))
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


class _Run:
    """One engine run: the settings, the connection, and what has been seen so far. Thread-safe."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._lock = Lock()
        self._connection: tuple[Gateway, Settings, Prefetch] | None = None
        self._declared: dict[str, str] = {}
        self._live: dict[str, AccessKey] = {}
        self._accounts: dict[str, str] = {}
        self._alone: dict[str, Change] = {}
        self._not_activated: dict[str | None, str] = {}
        self._ahead: dict[str, Sequence[tuple[str, str, bool]]] = {}
        self._listings: dict[str | None, tuple[AccessKey, ...] | None] = {}
        self._listing_locks: dict[str | None, Lock] = {}

    def declare(self, desired: Desired, name: str, seen: Mapping[str, Any] | None) -> list[Problem]:
        """Take note that the program declares a key under a name, and of what it saw of it.

        Where it did not look, the key is looked at here and the guards are asked, so that a preview fails
        for the same reasons as the update would. What was declared before counts as done.
        """
        key_id = desired.access_key_id
        first = self._declared.setdefault(key_id, name)
        if first != name:
            return [Problem(f"{key_id} is declared twice, as {first} and as {name}: keep one", "access_key_id")]
        if seen is not None:
            self._live[key_id] = AccessKey(key_id, seen.get("owner"), seen["status"])
            self._accounts[key_id] = seen["account_id"]
            self._ahead[key_id] = seen.get("ahead") or ()
            return []
        observation = self._observe(desired, None)
        change = decide(desired, observation.keys[key_id])
        self._alone[key_id] = change
        _warn(self._plan(change, self._as_declared(observation)))
        return []

    def _as_declared(self, observation: Observation) -> Observation:
        """What was seen, with the keys that the program has declared so far as they will be."""
        keys_by_user = {
            user: tuple(
                replace(key, status=self._alone[key.access_key_id].resulting_status)
                if key.access_key_id in self._alone
                else key
                for key in keys
            )
            for user, keys in observation.keys_by_user.items()
        }
        return replace(observation, keys_by_user=keys_by_user)

    def live(self, before: Recorded) -> AccessKey:
        """The key as it was first seen in this run; whose it should be is not the question here.

        Raises:
            WrongAccount: the state was made in another account.
            AccessKeyNotFound: it is gone.
        """
        key_id = before.desired.access_key_id
        if key_id not in self._live:
            found = self.look(before)
            if found is None:
                raise AccessKeyNotFound(
                    f"The access key {key_id} is gone from AWS",
                    "Remove it from the program; pulumi refresh drops it from the state",
                )
            self._live[key_id] = found
            self._accounts[key_id] = self._connected()[0].caller().account
        self._require_same_account(before.account_id, self._accounts[key_id])
        return self._live[key_id]

    def look(self, before: Recorded) -> AccessKey | None:
        """The key as it is now, also where its user was renamed; None if it is gone."""
        gateway, _, _ = self._connected()
        caller = gateway.caller()
        require_recorded_account(before.account_id, caller)
        key_id = before.desired.access_key_id
        if before.desired.root and not caller.is_root:
            return self._observe(before.desired, before.account_id).keys[key_id]  # raises, and says why
        listing = self._listing(before.owner)
        if listing is None and before.owner is not None:
            owner = gateway.owner(key_id)
            listing = self._listing(owner) if owner else None
        return next((key for key in listing or () if key.access_key_id == key_id), None)

    def switch(self, desired: Desired, account: str | None) -> tuple[AccessKey, AccessKey, str]:
        """Bring a key to its wanted status; looks again and asks the guards again, as the world may have moved.

        A key that this run has looked at is only written if a write was announced then.

        Returns:
            The key before, the key after, and the account it is in.
        """
        seen = self._live.get(desired.access_key_id)
        first = announced(desired, seen) if seen is not None else None
        if seen is not None and first is None:
            self._require_same_account(account, self._accounts[desired.access_key_id])
            return seen, seen, self._accounts[desired.access_key_id]
        prefetch = self._connected()[2]
        if first is not None:
            prefetch.begin(first.observed.user_name, first.access_key_id if first.is_deactivation else None)
        for key_id, owner, is_deactivation in self._ahead.get(desired.access_key_id, ()):
            prefetch.begin(owner or None, key_id if is_deactivation else None)
        try:
            observation = self._observe(desired, account)
            change = decide(desired, observation.keys[desired.access_key_id])
            self._plan(change, observation)
            return change.observed, self._execute(change), observation.caller.account
        except KeyswitchError:
            if desired.status is Status.ACTIVE and seen is not None:
                self._not_activated[seen.user_name] = desired.access_key_id
            raise

    def remove(self, before: Recorded) -> None:
        """Do what is to happen to a key that is no longer declared.

        A key that the same run declares under another name was only renamed, and is left alone.
        """
        key_id, on_removal = before.desired.access_key_id, before.desired.on_removal
        if key_id in self._declared:
            return
        if on_removal is OnRemoval.LEAVE:
            _tell(f"{key_id} is no longer declared; the key itself stays as it is in AWS")
            return
        there = self.look(before)
        if there is None:
            _tell(f"{key_id} is gone from AWS already")
            return
        observation = self._observe(replace(before.desired, user_name=there.user_name), before.account_id)
        change = decide_removal(before, observation.keys[key_id])
        if change.is_deactivation and change.observed.user_name in self._not_activated:
            raise not_attempted(change, [self._not_activated[change.observed.user_name]])
        planned = self._plan(change, observation)
        self._execute(change)
        _warn(planned)
        _tell(change_line(change, planned.told))

    def _execute(self, change: Change) -> AccessKey:
        gateway, _, prefetch = self._connected()
        try:
            return execute(gateway, change)
        finally:
            prefetch.forget(change.observed.user_name)

    def _plan(self, change: Change, observation: Observation) -> Plan:
        """Ask the guards; what they forbid is raised."""
        _, settings, prefetch = self._connected()
        planned = plan_changes(prefetch, [change], observation, settings.policy)
        if refused := refusal(planned.findings, in_program=change.access_key_id in self._alone):
            raise refused
        return planned

    def _observe(self, desired: Desired, account: str | None) -> Observation:
        gateway, settings, prefetch = self._connected()
        key_id = desired.access_key_id
        require_recorded_account(account, gateway.caller())
        seen = self._live.get(key_id)
        owners = {key_id: seen.user_name} if seen is not None and seen.user_name else {}
        observation = observe(prefetch, [desired], settings.account, owners)
        if observation.problems:
            raise observation.problems[key_id]
        self._live.setdefault(key_id, observation.keys[key_id])
        self._accounts[key_id] = observation.caller.account
        return observation

    def _require_same_account(self, made_in: str | None, account: str) -> None:
        if made_in is not None and made_in != account:
            require_recorded_account(made_in, self._connected()[0].caller())

    def _listing(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """A user's keys, asked once in a run however many threads want them."""
        with self._lock:
            lock = self._listing_locks.setdefault(user_name, Lock())
        with lock:
            if user_name not in self._listings:
                self._listings[user_name] = self._connected()[0].access_keys(user_name)
            return self._listings[user_name]

    def _connected(self) -> tuple["Gateway", Settings, Prefetch]:
        with self._lock:
            if self._connection is None:
                # AWS's library is loaded here: a preview of what the program has looked at does without it.
                from keyswitch.iam.gateway import Gateway
                from keyswitch.iam.session import connect

                settings = run_settings(self._config)
                gateway = Gateway(connect(settings.connection))
                self._connection = gateway, settings, Prefetch(gateway)
            return self._connection


def _serve_with(threads: int) -> None:
    """Let the servicer answer more than four requests at once: most of the time they wait for AWS.

    It runs its methods in a pool of four (sdk/python/lib/pulumi/dynamic/__main__.py), to which this thread belongs.
    """
    arguments = getattr(current_thread(), "_args", None) or ()
    pool = arguments[0]() if arguments and callable(arguments[0]) else None
    if isinstance(pool, ThreadPoolExecutor):
        pool._max_workers = max(pool._max_workers, threads)


def _warn(planned: Plan) -> None:
    for finding in planned.findings:
        if finding.level is Level.WARN:
            _tell(f"warning: {finding} [{finding.guard}]")


def _tell(message: str) -> None:
    """Say something beside the resource: the engine shows what the provider writes to standard error."""
    print(message, file=sys.stderr, flush=True)
