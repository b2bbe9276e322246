"""Sets up a scenario (its sandbox, its signer's credentials, its stack file), and reads texts about it.

What must come of a scenario is said by the table.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3

from keyswitch.sandbox.faults import Fault
from keyswitch.sandbox.seed import ACCOUNT, SeededRole, plant
from keyswitch.sandbox.server import Sandbox
from keyswitch.sandbox.world import World
from tests.support.scenarios.scenario import (
    HOP,
    LAST,
    MANY,
    OTHER_ACCOUNT,
    OWN,
    RECENT,
    SWITCH,
    SWITCH_ELSEWHERE,
    Findings,
    Scenario,
)

_QUARANTINE = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3"
_ROLES = tuple(SeededRole(role) for role in (SWITCH, HOP, SWITCH_ELSEWHERE))
_MFA = {"SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/phone", "TokenCode": "123456"}  # without it IAM is out of reach
_FOUND = re.compile(rf"(warning: )?\S+ (\w{{16,128}}): .*\[({OWN}|{RECENT}|{LAST})\]$", re.MULTILINE)
_TOO_MANY = re.compile(rf"(warning: )?this change deactivates .*\[{MANY}\]$", re.MULTILINE)
_WRITE = re.compile(r"\S+ (\w{16,128}): \w+ → (Active|Inactive)\b")


@dataclass(frozen=True)
class Stage:
    """A scenario's sandbox, and the environment of a run by the scenario's signer."""

    sandbox: Sandbox
    environment: Mapping[str, str]
    before: Mapping[str, str]

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was written."""
        return self.sandbox.statuses() == self.before and self.sandbox.actions()["UpdateAccessKey"] == 0


@contextmanager
def staged(scenario: Scenario) -> Iterator[Stage]:
    """Start a sandbox that holds the scenario; it ends with the block."""
    with Sandbox([*scenario.there, *_ROLES], world=World(last_used_delay=scenario.seen_after)) as sandbox:
        plant(scenario.elsewhere, OTHER_ACCOUNT)
        for user_name in scenario.quarantined:
            _client("iam", sandbox.environment).attach_user_policy(UserName=user_name, PolicyArn=_QUARANTINE)
        environment = {**sandbox.environment, **_credentials(scenario, sandbox), "AWS_MAX_ATTEMPTS": "2"}
        sandbox.faults += [Fault(**fault) for fault in scenario.faults]
        yield Stage(sandbox, environment, sandbox.statuses())


def _credentials(scenario: Scenario, sandbox: Sandbox) -> dict[str, str]:
    """The signer's credentials, as variables."""
    signer = scenario.signer
    long_term = {**sandbox.environment, "AWS_ACCESS_KEY_ID": signer.access_key_id}
    if signer.handed:
        sts = _client("sts", long_term)
        given = sts.assume_role(RoleArn=signer.handed, RoleSessionName="elsewhere")["Credentials"]
    elif signer.is_session:
        given = _client("sts", long_term).get_session_token(**_MFA)["Credentials"]
    else:
        return {"AWS_ACCESS_KEY_ID": signer.access_key_id}
    return {
        "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
        "AWS_SESSION_TOKEN": given["SessionToken"],
    }


def _client(service: str, environment: Mapping[str, str]) -> Any:
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=environment["AWS_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )


def stack_file_text(scenario: Scenario) -> str:
    """The scenario's stack file, a line for each key at its end; JSON is YAML."""
    *settings, (_, keys) = scenario.config.items()
    lines = [f"  {name}: {_yaml(value)}" for name, value in settings]
    entries = [f"    {_yaml(key_id)}: {_yaml(value)}" for key_id, value in keys.items()]
    return "\n".join(["config:", *lines, "  keyswitch:keys:" if entries else "  keyswitch:keys: {}", *entries])


def _yaml(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def pasted(text: str, lines: Sequence[str], settings: Sequence[str] = ()) -> str:
    """The stack file with these lines in place of the entries of the same keys, and of the same settings."""
    keys = {f'    "{line.rstrip(":").strip(chr(34))}":' for line in lines if not line.startswith(" ")}
    replaced = (*keys, *(f"  {line}" for line in settings if not line.startswith(" ")))
    head, *kept = [line for line in text.splitlines() if not line.startswith(tuple(replaced))]
    return "\n".join([head, *(f"  {line}" for line in settings), *kept, *(f"    {line}" for line in lines)])


def announced_writes(output: str) -> dict[str, str]:
    """The changes that a text announces, by access key ID."""
    return {key_id: "activate" if to == "Active" else "deactivate" for key_id, to in _WRITE.findall(output)}


def digest_of(scenario: Scenario) -> str:
    """The digest of what a scenario may write, made from the table alone."""
    role = scenario.signer.handed or next(reversed(scenario.signer.roles), "")
    account = role.split(":")[4] if role else ACCOUNT
    before = {key.access_key_id: key.status for key in (*scenario.there, *scenario.elsewhere)}
    refused = {key_id for key_id, _ in scenario.refused}
    moves = [
        [key_id, before[key_id], "Active" if action == "activate" else "Inactive"]
        for key_id, action in sorted(scenario.writes.items())
        if key_id not in refused
    ]
    form = json.dumps(["access key changes 1", account, moves], separators=(",", ":"))
    return hashlib.sha256(form.encode()).hexdigest()


def told_findings(output: str, *, warnings: bool) -> Findings:
    """The warnings, or the refusals, that a text tells: which key, which guard."""
    of_keys = {(key_id, guard) for warning, key_id, guard in _FOUND.findall(output) if bool(warning) is warnings}
    of_the_whole = {(None, MANY) for warning in _TOO_MANY.findall(output) if bool(warning) is warnings}
    return frozenset(of_keys | of_the_whole)
