"""One account: its users and keys as moto stores them, and how AWS lets them be seen.

moto's backend is the store. What is added is time: a status that is not yet seen everywhere, a use that is
not yet recorded, a credential report that is hours old; and the root user, whom moto does not know.
"""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

from moto.iam.models import AWSManagedPolicy, iam_backends

from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.wire import Refusal

KEYS_PER_USER = 2
"""IAM's quota (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

RECORDED_EVERY = timedelta(minutes=15)
"""A use within this time of the last recorded one is not recorded."""

REPORT_TAKES = timedelta(seconds=2)
REPORT_LASTS = timedelta(hours=4)

QUARANTINE_POLICIES = tuple(f"AWSCompromisedKeyQuarantine{version}" for version in ("", "V2", "V3"))
"""AWS's own; attached to a user whose key was found in public."""

_QUARANTINE = {
    "CreateDate": "2020-08-11T18:04:10+00:00",
    "UpdateDate": "2026-03-01T00:00:00+00:00",
    "DefaultVersionId": "v1",
    "Path": "/",
    "Document": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:*AccessKey", "Resource": "*"}],
    },
}

_REPORT_COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated",
    "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip


class Account:
    """One account, as an IAM that is eventually consistent shows it.

    Args:
        account_id: 12 digits.
        clock: the sandbox's time.
        propagation: how long a status change takes to be seen.
        last_used_delay: how long a recorded use takes to be seen.
    """

    def __init__(self, account_id: str, clock: Clock, propagation: timedelta, last_used_delay: timedelta) -> None:
        self.account_id = account_id
        self.backend = iam_backends[account_id]["aws"]
        self._clock = clock
        self._propagation = propagation
        self._last_used_delay = last_used_delay
        self._report: tuple[datetime, str] | None = None
        for name in QUARANTINE_POLICIES:
            policy = AWSManagedPolicy.from_data(name, account_id, "us-east-1", _QUARANTINE)
            self.backend.managed_policies.setdefault(policy.arn, policy)

    def user(self, user_name: str) -> Any:  # noqa: ANN401  (moto's types do not hold)
        """The user.

        Raises:
            Refusal: NoSuchEntity.
        """
        user = next((user for user in self.backend.users.values() if user.name == user_name), None)
        if user is None:
            raise Refusal("NoSuchEntity", 404, f"The user with name {user_name} cannot be found.")
        return user

    def keys(self, user_name: str | None) -> list[Any]:
        """The keys of a user, or of root (None)."""
        if user_name is None:
            return [key for key in self.backend.access_keys.values() if key.user_name is None]
        return list(self.user(user_name).access_keys)

    def key(self, access_key_id: str, user_name: str | None) -> Any:  # noqa: ANN401
        """One key of a user, looked up inside that user.

        Raises:
            Refusal: NoSuchEntity.
        """
        key = next((key for key in self.keys(user_name) if key.access_key_id == access_key_id), None)
        if key is None:
            raise Refusal("NoSuchEntity", 404, f"The Access Key with id {access_key_id} cannot be found.")
        return key

    def status(self, key: Any) -> str:  # noqa: ANN401
        """The status as it is seen now: the old one until a change has propagated."""
        old, seen_from = getattr(key, "changing", (None, None))
        return str(old) if seen_from is not None and self._clock.now() < seen_from else str(key.status)

    def set_status(self, key: Any, status: str) -> None:  # noqa: ANN401
        """Change the status; it is seen after the propagation time. Repeating it puts nothing off."""
        if key.status == status:
            return
        key.changing = (self.status(key), self._clock.now() + self._propagation)
        key.status = status

    def used(self, key: Any, service: str, region: str) -> None:  # noqa: ANN401
        """Take note that a key signed a request."""
        uses = key.__dict__.setdefault("uses", [])
        now = self._clock.now()
        if not uses or now - uses[-1][0] >= RECORDED_EVERY:
            key.uses = [*uses[-1:], (now, service, region)]

    def last_use(self, key: Any) -> tuple[datetime, str, str] | None:  # noqa: ANN401
        """The last use as it is seen now."""
        seen = self._clock.now() - self._last_used_delay
        return next((use for use in reversed(getattr(key, "uses", [])) if use[0] <= seen), None)

    def create_key(self, user_name: str) -> Any:  # noqa: ANN401
        """Create a key for a user.

        Raises:
            Refusal: LimitExceeded, also when some of the keys are Inactive.
        """
        user = self.user(user_name)
        if len(user.access_keys) >= KEYS_PER_USER:
            message = f"Cannot exceed quota for AccessKeysPerUser: {KEYS_PER_USER}"
            raise Refusal("LimitExceeded", 409, message)
        key = user.create_access_key(prefix="AKIA")
        self.backend.access_keys[key.access_key_id] = key
        return key

    def delete_key(self, key: Any) -> None:  # noqa: ANN401
        """Delete a key; an active one, too."""
        if key.user_name is not None:
            self.user(key.user_name).access_keys.remove(key)
        del self.backend.access_keys[key.access_key_id]

    def delete_user(self, user_name: str) -> None:
        """Delete a user without keys.

        Raises:
            Refusal: DeleteConflict while there are keys.
        """
        if self.user(user_name).access_keys:
            raise Refusal("DeleteConflict", 409, "Cannot delete entity, must delete access keys first.")
        self.backend.delete_user(user_name)

    def rename_user(self, user_name: str, new_user_name: str) -> None:
        """Rename a user; the keys follow."""
        self.user(user_name)
        self.backend.update_user(user_name, new_user_name=new_user_name)
        for key in self.user(new_user_name).access_keys:
            key.user_name = new_user_name

    def is_quarantined(self, user_name: str) -> bool:
        """Whether AWS has put the user under its quarantine policy, of any version."""
        return any("AWSCompromisedKeyQuarantine" in arn for arn in self.user(user_name).managed_policies)

    def generate_report(self) -> dict[str, str]:
        """Start a credential report, or say how far the last one is. A new one is made every four hours at most."""
        now = self._clock.now()
        if self._report is not None and now - self._report[0] < REPORT_LASTS:
            return {"State": "INPROGRESS" if now - self._report[0] < REPORT_TAKES else "COMPLETE"}
        self._report = (now, "\n".join(self._report_rows()))
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}

    def report(self) -> dict[str, object]:
        """The last credential report, as it was when it was made.

        Raises:
            Refusal: ReportNotPresent, ReportInProgress or ReportExpired.
        """
        if self._report is None:
            raise Refusal("ReportNotPresent", 410, "No report exists")
        made, content = self._report
        age = self._clock.now() - made
        if age < REPORT_TAKES:
            raise Refusal("ReportInProgress", 404, "Unknown")
        if age >= REPORT_LASTS:
            raise Refusal("ReportExpired", 410, "The most recent credential report has expired")
        encoded = base64.b64encode(content.encode()).decode()
        return {"Content": encoded, "ReportFormat": "text/csv", "GeneratedTime": made + REPORT_TAKES}

    def _report_rows(self) -> Iterator[str]:
        yield ",".join(_REPORT_COLUMNS)
        arn = f"arn:aws:iam::{self.account_id}:root"
        yield self._report_row("<root_account>", arn, datetime(2020, 1, 1, tzinfo=timezone.utc), self.keys(None))
        for user in sorted(self.backend.users.values(), key=lambda user: user.name.lower()):
            created = user.create_date.replace(tzinfo=timezone.utc)
            yield self._report_row(user.name, user.arn, created, user.access_keys)

    def _report_row(self, name: str, arn: str, created: datetime, keys: list[Any]) -> str:
        cells = [name, arn, _stamp(created), "not_supported" if name == "<root_account>" else "false"]
        cells += ["no_information" if name == "<root_account>" else "N/A", "N/A", "N/A", "false"]
        # Slots stand in ascending order of the key IDs in recorded reports, not of their creation.
        slots: list[Any] = [*sorted(keys, key=lambda key: str(key.access_key_id)), None, None][:KEYS_PER_USER]
        for key in slots:
            if key is None:
                cells += ["false", "N/A", "N/A", "N/A", "N/A"]
                continue
            use = self.last_use(key)
            seen = [_stamp(use[0]), use[2], use[1]] if use else ["N/A", "N/A", "N/A"]
            active = str(self.status(key) == "Active").lower()
            cells += [active, _stamp(key.create_date.replace(tzinfo=timezone.utc)), *seen]
        return ",".join([*cells, "false", "N/A", "false", "N/A"])


def _stamp(date: datetime) -> str:
    return f"{date:%Y-%m-%dT%H:%M:%SZ}"
