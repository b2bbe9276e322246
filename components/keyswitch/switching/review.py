"""Holds a run to the change that was reviewed. Asks nothing of AWS."""

import os
from collections.abc import Mapping
from dataclasses import replace

from keyswitch.access_key.digest import SHORT, VARIABLE, digest_problem, is_same
from keyswitch.access_key.errors import InvalidConfiguration, NotReviewed, Problem
from keyswitch.switching.planned import Plan


def reviewed_digest(option: str | None = None, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return the digest that the run is held to; None: to none.

    An empty digest is an error. A workflow that failed to find the digest must not apply everything.

    Args:
        option: the digest of the command line, which precedes the environment variable.
        environment: the environment variables.

    Raises:
        InvalidConfiguration: it is no digest.
    """
    value, where = (environment.get(VARIABLE), VARIABLE) if option is None else (option, "--reviewed")
    if value is not None and (problem := digest_problem(value)):
        raise InvalidConfiguration([Problem(problem, where=where)])
    return value


def held_to(plan: Plan, reviewed: str | None) -> Plan:
    """Return the plan, with an error if it is another change than the reviewed one.

    A plan that writes nothing passes, so that an update can be repeated after it has succeeded.
    """
    if reviewed is None or not plan.permitted or is_same(reviewed, plan.digest):
        return plan
    account, today = plan.caller.account, plan.digest[:SHORT]
    error = NotReviewed(
        f"this is not the change that was reviewed: {reviewed.lower()[:SHORT]} was reviewed, today's change of account "
        f"{account} is {today}",
        "Review today's change, then apply it with its own digest; nothing was changed",
    )
    return replace(plan, unreviewed=error)
