"""The functions of the package: look up keys that a program asks about, or judge a whole change. None writes."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Problem, UserNotFound, combined
from keyswitch.access_key.model import AccessKey, LastUsed, access_key_id_problem, user_name_problem
from keyswitch.access_key.shown import line
from keyswitch.plugin.component import statuses
from keyswitch.plugin.inputs import read
from keyswitch.plugin.run import ProviderRun
from keyswitch.plugin.values import is_unknown
from keyswitch.resources.properties import present
from keyswitch.switching.plan import utc_now
from keyswitch.switching.planned import Plan
from keyswitch.telling.text import plan_lines

_Values = Mapping[str, Any]


class Refused(KeyswitchError):
    """A whole change that cannot be made as it is."""

    def __init__(self, errors: tuple[KeyswitchError, ...]) -> None:
        self._errors = errors
        super().__init__(errors[0].what)

    def __str__(self) -> str:
        return combined(self._errors)


def call(run: ProviderRun, token: str, arguments: _Values) -> dict[str, Any]:
    """Call a function of the package.

    Raises:
        KeyswitchError: an argument is not valid, or AWS does not answer.
    """
    if token not in _FUNCTIONS:
        raise NotImplementedError(f"the package keyswitch has no function {line(token)}")
    if is_unknown(arguments):
        raise InvalidConfiguration([Problem("an argument is not known yet", token)])
    return _FUNCTIONS[token](run, arguments)


def _access_key(run: ProviderRun, arguments: _Values) -> dict[str, Any]:
    key_id = arguments.get("access_key_id")
    if problem := access_key_id_problem(key_id):
        raise InvalidConfiguration([Problem(problem, "access_key_id")])
    key, used, account_id = run.find(str(key_id))
    return _described(key, used, account_id)


def _access_keys(run: ProviderRun, arguments: _Values) -> dict[str, Any]:
    user_name = arguments.get("user_name")
    if problem := user_name_problem(user_name):
        raise InvalidConfiguration([Problem(problem, "user_name")])
    found, account_id = run.keys_of(str(user_name))
    if found is None:
        raise UserNotFound(f"There is no IAM user {user_name} in account {account_id}", "Correct user_name")
    return {"access_keys": [_described(key, used, account_id) for key, used in found]}


def _described(key: AccessKey, used: LastUsed | None, account_id: str) -> dict[str, Any]:
    age = utc_now() - key.create_date if key.create_date else None
    return present(
        {
            "access_key_id": key.access_key_id,
            "status": key.status,
            "owner": key.user_name,
            "account_id": account_id,
            "create_date": _date(key.create_date),
            "age_days": age.days if age is not None else None,
            "last_used_date": _date(used.date) if used else None,
            "last_used_service": used.service_name if used else None,
            "last_used_region": used.region if used else None,
        }
    )


def _date(date: datetime | None) -> str | None:
    return date.isoformat() if date else None


def _check(run: ProviderRun, arguments: _Values) -> dict[str, Any]:
    planned = planned_together(run, arguments)
    if planned.errors:
        raise Refused(planned.errors)
    run.judged_together(planned, {})
    return {"statuses": statuses(planned), "lines": plan_lines(planned)}


def planned_together(run: ProviderRun, arguments: _Values) -> Plan:
    """Plan the change of all entries in `access_keys`, and judge it as a whole.

    Raises:
        InvalidConfiguration: entries are not valid.
    """
    wanted: list[Desired] = []
    problems: list[Problem] = []
    given = arguments.get("access_keys")
    for entry in given if isinstance(given, list) else ():
        desired, found = read(entry)
        problems += [Problem(problem.text, f"{entry.get('access_key_id')}.{problem.field}") for problem in found]
        wanted += [desired] if desired is not None else []
    counted = Counter(desired.access_key_id for desired in wanted)
    problems += [Problem("is declared twice: keep one", key_id) for key_id, times in counted.items() if times > 1]
    if problems:
        raise InvalidConfiguration(problems)
    return run.plan_together(wanted)


_FUNCTIONS: Mapping[str, Callable[[ProviderRun, _Values], dict[str, Any]]] = {
    "keyswitch:index:getAccessKey": _access_key,
    "keyswitch:index:getAccessKeys": _access_keys,
    "keyswitch:index:checkAccessKeys": _check,
}
