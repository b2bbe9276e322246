"""What is asked of a whole account: its users, the credential report, who switched keys. It decides nothing.

Implements `switching.port.Account`.
"""

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from keyswitch.access_key.errors import IamUnavailable, KeyswitchError
from keyswitch.access_key.inventory import CredentialReport, User
from keyswitch.access_key.trail import Trail
from keyswitch.iam.codes import NoReport, NoSuchEntity
from keyswitch.iam.credential_report import parse_report
from keyswitch.iam.errors import translated
from keyswitch.iam.gateway import MOST_IN_A_PAGE, Gateway
from keyswitch.iam.session import Clients
from keyswitch.iam.trail import read_trail

REPORT_SECONDS = 60.0
"""How long a credential report is waited for. AWS makes one within seconds."""

_EVERY_SECONDS = 1.0


class Directory(Gateway):
    """One account's users and access keys, as one caller sees them. Thread-safe.

    Args:
        clients: sign the requests.
        wait: waits a number of seconds.
    """

    def __init__(self, clients: Clients, wait: Callable[[float], None] = time.sleep) -> None:
        super().__init__(clients)
        self._wait = wait

    def users(self, path_prefix: str = "/") -> tuple[User, ...]:
        """All users whose path begins with this, without their tags, which AWS does not list.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        with translated("iam:ListUsers", f"under {path_prefix}"):
            pages = self._clients.iam.get_paginator("list_users").paginate(
                PathPrefix=path_prefix, PaginationConfig={"PageSize": MOST_IN_A_PAGE}
            )
            return tuple(_user(user) for page in pages for user in page["Users"])

    def user(self, user_name: str) -> User | None:
        """One user with path and tags; None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        try:
            with translated("iam:GetUser", f"of user {user_name}"):
                user = self._clients.iam.get_user(UserName=user_name)["User"]
        except NoSuchEntity:
            return None
        return _user(user, _tags(user.get("Tags", ())))

    def tags(self, user_name: str) -> dict[str, str] | None:
        """The tags of a user; None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        try:
            with translated("iam:ListUserTags", f"of user {user_name}"):
                pages = self._clients.iam.get_paginator("list_user_tags").paginate(UserName=user_name)
                return _tags(tag for page in pages for tag in page["Tags"])
        except NoSuchEntity:
            return None

    def root_has_keys(self) -> bool | None:
        """Whether the root user has access keys; None if AWS does not say."""
        try:
            with translated("iam:GetAccountSummary", "of the account"):
                summary = self._clients.iam.get_account_summary()["SummaryMap"]
        except KeyswitchError:
            return None
        present = summary.get("AccountAccessKeysPresent")
        return None if present is None else present > 0

    def credential_report(self) -> CredentialReport | None:
        """The credential report. AWS makes a new one at most every four hours.

        Returns:
            None where it may not be had, or not within `REPORT_SECONDS`.
        """
        try:
            with translated("iam:GenerateCredentialReport", "of the account"):
                self._clients.iam.generate_credential_report()
            for _ in range(int(REPORT_SECONDS / _EVERY_SECONDS)):
                try:
                    with translated("iam:GetCredentialReport", "of the account"):
                        answer = self._clients.iam.get_credential_report()
                except NoReport:
                    self._wait(_EVERY_SECONDS)
                else:
                    return parse_report(answer["Content"], answer["GeneratedTime"])
        except KeyswitchError:
            return None
        return None

    def trail(self, now: datetime) -> Trail:
        """Who switched keys in the last 90 days, as CloudTrail recorded it.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        if self._clients.cloudtrail is None:
            raise IamUnavailable(
                "CloudTrail is not asked, because aws:endpoints names another IAM and no CloudTrail",
                "Add cloudtrail to aws:endpoints",
            )
        return read_trail(self._clients.cloudtrail(), now, sleep=self._wait)


def _user(answer: Mapping[str, Any], tags: Mapping[str, str] | None = None) -> User:
    return User(answer["UserName"], answer.get("Path", "/"), answer.get("CreateDate"), tags)


def _tags(answer: Any) -> dict[str, str]:  # noqa: ANN401  (lists and pages of boto3's own types)
    return {tag["Key"]: tag["Value"] for tag in answer}
