"""The credential report of an account: made in two seconds, valid for four hours, stale from the first moment."""

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.wire import Refusal, timestamp

if TYPE_CHECKING:
    from keyswitch.sandbox.account import Account

_TAKES = timedelta(seconds=2)
_LASTS = timedelta(hours=4)
_SLOTS = 2

_COLUMNS = (
    "user", "arn", "user_creation_time", "password_enabled", "password_last_used", "password_last_changed",
    "password_next_rotation", "mfa_active", "access_key_1_active", "access_key_1_last_rotated",
    "access_key_1_last_used_date", "access_key_1_last_used_region", "access_key_1_last_used_service",
    "access_key_2_active", "access_key_2_last_rotated", "access_key_2_last_used_date",
    "access_key_2_last_used_region", "access_key_2_last_used_service", "cert_1_active", "cert_1_last_rotated",
    "cert_2_active", "cert_2_last_rotated",
)  # fmt: skip


class CredentialReport:
    """The reports of one account.

    Args:
        account: whose.
        clock: the sandbox's time.
    """

    def __init__(self, account: "Account", clock: Clock) -> None:
        self._account, self._clock = account, clock
        self._made: tuple[datetime, str] | None = None

    def generate(self) -> dict[str, object]:
        """Start a report, or say how far the last one is. A new one is made every four hours at most."""
        now = self._clock.now()
        if self._made is not None and now - self._made[0] < _LASTS:
            return {"State": "INPROGRESS" if now - self._made[0] < _TAKES else "COMPLETE"}
        self._made = (now, "\n".join(self._rows()))
        return {"State": "STARTED", "Description": "No report exists. Starting a new report generation task"}

    def latest(self) -> dict[str, object]:
        """The last report, as it was when it was made.

        Raises:
            Refusal: ReportNotPresent, ReportInProgress or ReportExpired.
        """
        if self._made is None:
            raise Refusal("ReportNotPresent", 410, "")
        made, content = self._made
        age = self._clock.now() - made
        if age < _TAKES:
            raise Refusal("ReportInProgress", 404, "Unknown")
        if age >= _LASTS:
            raise Refusal("ReportExpired", 410, "The most recent credential report has expired")
        encoded = base64.b64encode(content.encode()).decode()
        return {"Content": encoded, "ReportFormat": "text/csv", "GeneratedTime": made + _TAKES}

    def _rows(self) -> Iterator[str]:
        yield ",".join(_COLUMNS)
        arn = f"arn:aws:iam::{self._account.account_id}:root"
        root = ["<root_account>", arn, timestamp(self._account.created), "not_supported", "no_information"]
        yield self._row([*root, "N/A", "N/A", "false"], self._account.keys(None), [])
        for user in sorted(self._account.backend.users.values(), key=lambda user: user.name.lower()):
            cells = [user.name, user.arn, timestamp(user.create_date), *self._password(user)]
            certificates = list(user.signing_certificates.values())
            yield self._row([*cells, _yes(bool(user.mfa_devices))], user.access_keys, certificates)

    def _password(self, user: Any) -> list[str]:  # noqa: ANN401  (moto's types do not hold)
        """Whether there is a password, when it was used, when it was changed, when it must be changed."""
        if not user.password:
            return ["false", "N/A", "N/A", "N/A"]
        changed: datetime = user.password_last_changed
        policy = self._account.backend.account_password_policy
        age = policy.max_password_age if policy else None
        due = timestamp(changed + timedelta(days=age)) if age else "N/A"
        used = timestamp(user.password_last_used) if user.password_last_used else "no_information"
        return ["true", used, timestamp(changed), due]

    def _row(self, cells: list[str], keys: list[Any], certificates: list[Any]) -> str:
        # Slots stand in ascending order of the key IDs in recorded reports, not of their creation.
        slots: list[Any] = [*sorted(keys, key=lambda key: str(key.access_key_id)), None, None][:_SLOTS]
        for key in slots:
            if key is None:
                cells += ["false", "N/A", "N/A", "N/A", "N/A"]
                continue
            use = self._account.last_use(key)
            seen = [timestamp(use[0]), use[2], use[1]] if use else ["N/A", "N/A", "N/A"]
            cells += [_yes(self._account.status(key) == "Active"), timestamp(key.create_date), *seen]
        for certificate in [*certificates, None, None][:_SLOTS]:
            rotated = timestamp(certificate.upload_date) if certificate else "N/A"
            cells += [_yes(certificate is not None and certificate.status == "Active"), rotated]
        return ",".join(cells)


def _yes(value: bool) -> str:
    return str(value).lower()
