"""What is asked of IAM and STS, and answered in the words of the domain. It decides nothing.

A look-up that finds nothing answers None; only a write raises for it.
"""

from threading import Lock
from typing import Any

from keyswitch.access_key.errors import AccessDenied, KeyswitchError
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from keyswitch.iam.codes import NoSuchEntity
from keyswitch.iam.connection import CONCURRENCY
from keyswitch.iam.errors import translated
from keyswitch.iam.operation import update_access_key
from keyswitch.iam.permissions import PERMISSIONS
from keyswitch.iam.session import Clients

_QUARANTINE = "AWSCompromisedKeyQuarantine"
"""How the names of the policies begin that AWS attaches to a user one of whose keys it found in public; a version
follows (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSCompromisedKeyQuarantineV3.html)."""


MOST_IN_A_PAGE = 1000
"""How many items IAM returns at once, at most."""


class Gateway:
    """One account's access keys, as one caller sees them. Thread-safe."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients
        self._caller: Caller | None = None
        self._lock = Lock()

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once: there is a connection for each."""
        return CONCURRENCY

    @property
    def presumed_account(self) -> str | None:
        """The account of the signing key, as far as that can be told without asking. It proves nothing."""
        return self._clients.presumed_account

    def caller(self) -> Caller:
        """Who signs; asked once.

        Raises:
            IamUnavailable: the credentials are not accepted, or AWS cannot be reached.
        """
        with self._lock:
            if self._caller is None:
                with translated("sts:GetCallerIdentity", "of this run"):
                    answer = self._clients.sts.get_caller_identity()
                self._caller = Caller(
                    account=answer["Account"],
                    arn=answer["Arn"],
                    access_key_id=self._clients.access_key_id,
                    source_access_key_id=self._clients.source_access_key_id,
                    source_arn=self._source_arn(),
                    others=self._clients.others,
                )
            return self._caller

    def _source_arn(self) -> str | None:
        """Whose session assumed the first role; a long-term key says enough by itself."""
        if self._clients.source_sts is None:
            return None
        try:
            with translated("sts:GetCallerIdentity", "of the credentials that assume the role"):
                return self._clients.source_sts.get_caller_identity()["Arn"]
        except KeyswitchError:
            return None

    def access_keys(self, user_name: str | None) -> tuple[AccessKey, ...] | None:
        """All keys of a user, or of the root user that signs (None); None if there is no such user.

        Raises:
            AccessDenied, Throttled, IamUnavailable: as their names say.
        """
        if self._caller is not None or user_name is None:
            return self._listed(user_name, self._named(user_name))
        try:
            return self._listed(user_name, user_name)  # without waiting for the caller
        except AccessDenied:
            if self._named(user_name) is not None:
                raise
            return self._listed(user_name, None)

    def _listed(self, user_name: str | None, named: str | None) -> tuple[AccessKey, ...] | None:
        subject = f"of user {user_name}" if user_name else "of the root user"
        try:
            with translated("iam:ListAccessKeys", subject):
                whose: dict[str, Any] = {"UserName": named} if named else {}
                answer = self._clients.iam.list_access_keys(**whose)
                listed = answer["AccessKeyMetadata"]
                while answer.get("IsTruncated"):  # hardly ever: a paginator would cost more than the call itself
                    answer = self._clients.iam.list_access_keys(**whose, Marker=answer["Marker"])
                    listed += answer["AccessKeyMetadata"]
        except NoSuchEntity:
            return None
        return tuple(
            AccessKey(item["AccessKeyId"], user_name, item["Status"], item.get("CreateDate")) for item in listed
        )

    def last_used(self, access_key_id: str) -> LastUsed | None:
        """The last recorded use and the owner of a key.

        AWS answers AccessDenied both for a key that is not in this account and for a missing permission,
        even to administrators; nothing tells the two apart, so both are "not known".

        Returns:
            None when AWS does not say.

        Raises:
            Throttled, IamUnavailable: as their names say.
        """
        try:
            with translated("iam:GetAccessKeyLastUsed", f"for {access_key_id}"):
                answer = self._clients.iam.get_access_key_last_used(AccessKeyId=access_key_id)
        except NoSuchEntity:
            return None
        except AccessDenied as error:
            if error.action not in PERMISSIONS["last_used"]:  # such as the role's, which could not be renewed
                raise
            return None
        used = answer["AccessKeyLastUsed"]
        date = used.get("LastUsedDate")
        return LastUsed(
            user_name=answer.get("UserName"),
            date=date,
            service_name=used["ServiceName"] if date else None,
            region=used["Region"] if date else None,
        )

    def quarantined(self) -> dict[str, str]:
        """The users whom AWS has quarantined for a leaked key, and by which policy; as far as the caller may see.

        One call lists which of AWS's policies are attached to anybody, so that later versions are seen, too; only
        where a quarantine is among them, another asks to whom.
        """
        found: dict[str, str] = {}
        try:
            for name, arn in self._attached_quarantines():
                with translated("iam:ListEntitiesForPolicy", f"for {name}"):
                    pages = self._clients.iam.get_paginator("list_entities_for_policy").paginate(
                        PolicyArn=arn, EntityFilter="User"
                    )
                    found |= {user["UserName"]: name for page in pages for user in page.get("PolicyUsers", ())}
        except KeyswitchError:
            return found
        return found

    def _attached_quarantines(self) -> list[tuple[str, str]]:
        """Name and ARN of each quarantine policy that is attached, the latest version last."""
        with translated("iam:ListPolicies", "of AWS"):
            pages = self._clients.iam.get_paginator("list_policies").paginate(
                Scope="AWS",
                OnlyAttached=True,
                PolicyUsageFilter="PermissionsPolicy",
                PaginationConfig={"PageSize": MOST_IN_A_PAGE},
            )
            policies = [policy for page in pages for policy in page.get("Policies", ())]
        found = [(policy["PolicyName"], policy["Arn"]) for policy in policies]
        return sorted((q for q in found if q[0].startswith(_QUARANTINE)), key=lambda q: (len(q[0]), q[0]))

    def set_status(self, access_key_id: str, status: Status, user_name: str | None) -> None:
        """Write the status of a key of a user, or of the root user that signs (None).

        Raises:
            KeyswitchError: as `update_access_key` does.
        """
        update_access_key(
            access_key_id=access_key_id,
            status="Active" if status is Status.ACTIVE else "Inactive",
            user_name=self._named(user_name),
            client=self._clients.iam,
        )

    def _named(self, user_name: str | None) -> str | None:
        """The user a request must name; None where AWS takes the signer's own anyway."""
        if user_name is None:
            return None
        caller = self.caller()
        return None if caller.signs_with_own_key and caller.user_name == user_name else user_name
