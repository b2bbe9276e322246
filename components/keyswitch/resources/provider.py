"""The dynamic provider: what Pulumi calls for one access key. It decides nothing itself.

Its import path and class name stand in every user's state (`__provider` is a pickle that names them), so
they never change without a shim at the old place. It holds no state of its own when it is pickled.
"""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from threading import Lock
from typing import Any, NoReturn, ParamSpec, TypeVar

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

from keyswitch.access_key.change import Change, decide, decide_removal
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import (
    AccessKeyNotFound,
    InvalidConfiguration,
    KeyswitchError,
    Problem,
    WrongAccount,
)
from keyswitch.access_key.model import AccessKey, access_key_id_problem
from keyswitch.access_key.summary import change_line
from keyswitch.configuration.entry import entry_problems, parse_entry
from keyswitch.configuration.stack import RUN_SETTINGS, Settings, parse_run
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.switching.execution import execute
from keyswitch.switching.observation import Observation, observe
from keyswitch.switching.plan import Plan, plan_changes

_P = ParamSpec("_P")
_R = TypeVar("_R")

INPUTS = ("access_key_id", "user_name", "root", "status", "reason", "on_removal", "allow", "ignore_status")
"""The properties a program sets; they are stored."""

OUTPUTS = ("owner", "account_id", "status_at_adoption", "declared_status")
"""The properties the provider adds, beside the live `status`; they are stored."""

DECLARED_AS = "declared_as"
"""The logical name, by which a key that is declared twice is told from one that is checked twice. Never stored."""

OBSERVED = "observed"
"""What the program saw of the key: status, owner, account_id. Spares the provider the same look; never stored."""

_ENTRY = ("user_name", "root", "status", "reason", "on_removal", "allow")


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
        config = {name: req.config.get(name) for name in RUN_SETTINGS}
        self._run = _Run({name: value for name, value in config.items() if value is not None})

    @_one_line_errors
    def check(self, _olds: dict[str, Any], news: dict[str, Any]) -> CheckResult:
        """Check the inputs, unknown ones excepted, and whether the key is there as declared."""
        seen, name = news.pop(OBSERVED, None), news.pop(DECLARED_AS, "")
        inputs = _present(news)
        unknown = {key for key, value in inputs.items() if isinstance(value, Unknown)}
        fields = {key: inputs[key] for key in _ENTRY if key in inputs and key not in unknown}
        if unknown:
            problems = entry_problems({**fields, "reason": "not known yet"} if "reason" in unknown else fields)
            if "access_key_id" not in unknown and (problem := access_key_id_problem(inputs.get("access_key_id"))):
                problems.append(Problem(problem, "access_key_id"))
        else:
            desired, problems = parse_entry(inputs.get("access_key_id"), fields)
            if desired is not None:
                problems += self._run.declare(_enforced(inputs) if _olds else desired, name, seen)
        return CheckResult(inputs, [CheckFailure(p.field, p.text) for p in problems])

    @_one_line_errors
    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Compare what is wanted with what is live, so that drift is found without a refresh."""
        if any(isinstance(value, Unknown) for value in _news.values()):
            return DiffResult(changes=True)
        if _news["access_key_id"] != _olds["access_key_id"]:
            return DiffResult(changes=True, replaces=["access_key_id"], delete_before_replace=False)
        desired = _enforced(_news)
        live = self._run.live(_recorded(_olds), _olds.get("account_id"))
        recorded = _outputs(_news, live.status, live, _olds)
        compared = {*INPUTS, *OUTPUTS}
        if _news.get("ignore_status"):
            compared -= {"status", "declared_status"}
        moved = any(recorded.get(name) != _olds.get(name) for name in compared)
        return DiffResult(changes=moved or decide(desired, live).is_write)

    @_one_line_errors
    def create(self, props: dict[str, Any]) -> CreateResult:
        """Adopt a key: it must be there; its status is changed only if it differs, and remembered."""
        before, after, account = self._run.switch(_wanted(props), None)
        recorded = {"account_id": account, "status_at_adoption": before.status}
        return CreateResult(after.access_key_id, _outputs(props, after.status, after, recorded))

    @_one_line_errors
    def update(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Set the status, if it differs from the live one."""
        _, after, _account = self._run.switch(_enforced(_news), _olds.get("account_id"))
        return UpdateResult(_outputs(_news, after.status, after, _olds))

    @_one_line_errors
    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        """Read the live status; gone only if AWS lists the user's keys without it, or knows no such user."""
        live = self._run.look(_recorded(props), props.get("account_id"))
        if live is None:
            return ReadResult("", {})
        outputs = {**_present(props), "status": live.status, "owner": live.user_name}
        inputs = {name: props[name] for name in INPUTS if props.get(name) is not None}
        if props.get("declared_status") is None:
            inputs.pop("status", None)
        else:
            inputs["status"] = live.status
        return ReadResult(id_, _present(outputs), inputs)

    @_one_line_errors
    def delete(self, _id: str, _props: dict[str, Any]) -> None:
        """Do what `on_removal` says; by default nothing is even asked of AWS."""
        self._run.remove(_recorded(_props), _props)


class _Run:
    """One engine run: the settings, the connection, and what has been seen so far. Thread-safe."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self._config = config
        self._lock = Lock()
        self._connection: tuple[Gateway, Settings] | None = None
        self._declared: dict[str, str] = {}
        self._live: dict[str, AccessKey] = {}
        self._accounts: dict[str, str] = {}
        self._listings: dict[str | None, tuple[AccessKey, ...] | None] = {}
        self._listing_locks: dict[str | None, Lock] = {}

    def declare(self, desired: Desired, name: str, seen: Mapping[str, Any] | None) -> list[Problem]:
        """Take note that the program declares a key under a name, and of what it saw of it.

        Where it did not look, the key is looked at here and the guards are asked, so that a preview fails
        for the same reasons as the update would.
        """
        key_id = desired.access_key_id
        first = self._declared.setdefault(key_id, name)
        if first != name:
            return [Problem(f"{key_id} is declared twice, as {first} and as {name}: keep one", "access_key_id")]
        if seen is not None:
            self._live[key_id] = AccessKey(key_id, seen.get("owner"), seen["status"])
            self._accounts[key_id] = seen["account_id"]
        else:
            observation = self._observe(desired, None)
            _warn(self._plan(decide(desired, observation.keys[key_id]), observation))
        return []

    def live(self, recorded: Desired, account: str | None) -> AccessKey:
        """The key as it was first seen in this run; whose it should be is not the question here.

        Raises:
            WrongAccount: the state was made in another account.
            AccessKeyNotFound: it is gone.
        """
        key_id = recorded.access_key_id
        if key_id not in self._live:
            found = self.look(recorded, account)
            if found is None:
                raise AccessKeyNotFound(
                    f"The access key {key_id} is gone from AWS",
                    "Remove it from the program; pulumi refresh drops it from the state",
                )
            self._live[key_id] = found
            self._accounts[key_id] = self._connected()[0].caller().account
        _require_same(account, self._accounts[key_id])
        return self._live[key_id]

    def look(self, recorded: Desired, account: str | None) -> AccessKey | None:
        """The key as it is now, also where its user was renamed; None if it is gone."""
        gateway, _ = self._connected()
        caller = gateway.caller()
        _require_same(account, caller.account, caller.arn)
        if recorded.root and not caller.is_root:
            return self._observe(recorded, account).keys[recorded.access_key_id]  # raises, and says why
        listing = self._listing(recorded.user_name)
        if listing is None and recorded.user_name is not None:
            owner = gateway.owner(recorded.access_key_id)
            listing = self._listing(owner) if owner else None
        return next((key for key in listing or () if key.access_key_id == recorded.access_key_id), None)

    def switch(self, desired: Desired, account: str | None) -> tuple[AccessKey, AccessKey, str]:
        """Bring a key to its wanted status; looks again and asks the guards again, as the world may have moved.

        Returns:
            The key before, the key after, and the account it is in.
        """
        gateway, _ = self._connected()
        observation = self._observe(desired, account)
        before = observation.keys[desired.access_key_id]
        change = decide(desired, before)
        self._plan(change, observation)
        after = execute(gateway, change)
        return before, after, observation.caller.account

    def remove(self, recorded: Desired, props: Mapping[str, Any]) -> None:
        """Do what is to happen to a key that is no longer declared.

        A key that the same run declares under another name was only renamed, and is left alone.
        """
        key_id, before = recorded.access_key_id, props.get("status_at_adoption")
        if key_id in self._declared:
            return
        if recorded.on_removal is OnRemoval.LEAVE:
            _tell(f"{key_id} is no longer declared; the key itself stays as it is in AWS")
            return
        account = props.get("account_id")
        there = self.look(recorded, account)
        if there is None:
            _tell(f"{key_id} is gone from AWS already")
            return
        observation = self._observe(replace(recorded, user_name=there.user_name), account)
        live = observation.keys[key_id]
        change = decide_removal(recorded, live, before)
        told = f"{key_id} is no longer declared ({recorded.on_removal})"
        if change.is_write:
            planned = self._plan(change, observation)
            execute(self._connected()[0], change)
            _warn(planned)
            _tell(f"{told}: {change_line(change, planned.last_used.get(key_id), planned.at)}")
        else:
            _tell(f"{told}: it is {live.status} already")

    def _plan(self, change: Change, observation: Observation) -> Plan:
        """Ask the guards; what they forbid is raised."""
        gateway, settings = self._connected()
        planned = plan_changes(gateway, [change], observation, settings.policy)
        if planned.errors:
            raise planned.errors[0]  # of one change there is one: the refusal with all its findings
        return planned

    def _observe(self, desired: Desired, account: str | None) -> Observation:
        gateway, settings = self._connected()
        caller = gateway.caller()
        _require_same(account, caller.account, caller.arn)
        observation = observe(gateway, [desired], settings.account)
        if observation.problems:
            raise observation.problems[0]
        key = observation.keys[desired.access_key_id]
        self._live.setdefault(key.access_key_id, key)
        self._accounts[key.access_key_id] = observation.caller.account
        return observation

    def _listing(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """A user's keys, asked once in a run however many threads want them."""
        with self._lock:
            lock = self._listing_locks.setdefault(user_name, Lock())
        with lock:
            if user_name not in self._listings:
                self._listings[user_name] = self._connected()[0].access_keys(user_name)
            return self._listings[user_name]

    def _connected(self) -> tuple[Gateway, Settings]:
        with self._lock:
            if self._connection is None:
                settings = parse_run(self._config)
                self._connection = Gateway(connect(settings.connection)), settings
            return self._connection


def _require_same(recorded: str | None, account: str, arn: str = "") -> None:
    if recorded is not None and recorded != account:
        who = f" ({arn})" if arn else ""
        raise WrongAccount(
            f"The state of this stack was made in account {recorded}, but the credentials belong to {account}{who}",
            f"Choose credentials of account {recorded}, or use a stack of its own for {account}",
        )


def _wanted(news: Mapping[str, Any]) -> Desired:
    """What checked inputs want."""
    desired, problems = parse_entry(
        news.get("access_key_id"), {name: news[name] for name in _ENTRY if news.get(name) is not None}
    )
    if desired is None:
        raise InvalidConfiguration(problems)
    return desired


def _enforced(news: Mapping[str, Any]) -> Desired:
    """What checked inputs want of a key that is taken over already: its status only if it is not ignored."""
    desired = _wanted(news)
    return replace(desired, status=None) if news.get("ignore_status") else desired


def _recorded(olds: Mapping[str, Any]) -> Desired:
    """What stored outputs wanted; their `status` is the live one and their owner the one AWS named."""
    wanted = {**olds, "status": olds.get("declared_status"), "user_name": olds.get("owner")}
    return _wanted(wanted)


def _outputs(news: Mapping[str, Any], status: str, live: AccessKey, recorded: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is stored for a key: its inputs, and what is known of it."""
    inputs = {name: news.get(name) for name in INPUTS}
    return _present(
        {
            **inputs,
            "status": status,
            "declared_status": inputs["status"],
            "owner": live.user_name,
            "account_id": recorded.get("account_id"),
            "status_at_adoption": recorded.get("status_at_adoption"),
        }
    )


def _present(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in properties.items() if value is not None}


def _warn(planned: Plan) -> None:
    for finding in planned.findings:
        _tell(f"warning: {finding} [{finding.guard}]")


def _tell(message: str) -> None:
    """Say something beside the resource: the engine shows what the provider writes to standard error."""
    print(message, file=sys.stderr, flush=True)
