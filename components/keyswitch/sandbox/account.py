"""One account: its users and keys as moto stores them, and how AWS lets them be seen.

moto's backend is the store. What is added is time: a status that is not yet seen everywhere, a use that is
not yet recorded; and the root user, whom moto does not know.
"""

from datetime import datetime, timedelta, timezone
from typing import Any

from moto.iam.models import AWSManagedPolicy, iam_backends
from moto.iam.utils import generate_access_key_id_from_account_id

from keyswitch.sandbox.clock import Clock
from keyswitch.sandbox.report import CredentialReport
from keyswitch.sandbox.trail import EventHistory
from keyswitch.sandbox.wire import Refusal

KEYS_PER_USER = 2
"""IAM's quota (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""

RECORDED_EVERY = timedelta(minutes=15)
"""A use within this time of the last recorded one is not recorded."""

_QUARANTINE = "AWSCompromisedKeyQuarantine"
"""How the names of AWS's own quarantine policies begin, those of later versions, too."""

_QUARANTINES = tuple(f"{_QUARANTINE}{version}" for version in ("", "V2", "V3", "V4"))
"""Those that there are; one is attached to a user whose key was found in public."""

_QUARANTINE_POLICY = {
    "CreateDate": "2020-08-11T18:04:10+00:00",
    "UpdateDate": "2026-03-01T00:00:00+00:00",
    "DefaultVersionId": "v1",
    "Path": "/",
    "Document": {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Deny", "Action": "iam:*AccessKey", "Resource": "*"}],
    },
}


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
        self.created = datetime(2020, 1, 1, tzinfo=timezone.utc)
        self.report = CredentialReport(self, clock)
        self.history = EventHistory(account_id, clock)
        for name in _QUARANTINES:
            policy = AWSManagedPolicy.from_data(name, account_id, "us-east-1", _QUARANTINE_POLICY)
            self.backend.managed_policies.setdefault(policy.arn, policy)

    def now(self) -> datetime:
        """The present, in whole seconds."""
        return self._clock.now().replace(microsecond=0)

    def user(self, user_name: str) -> Any:  # noqa: ANN401  (moto's types do not hold)
        """The user.

        Raises:
            Refusal: NoSuchEntity.
        """
        user = self.backend.users.get(user_name)
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
        key.create_date = self.now().replace(tzinfo=None)
        self.backend.access_keys[key.access_key_id] = key
        return key

    def delete_key(self, key: Any) -> None:  # noqa: ANN401
        """Delete a key; an active one, too."""
        if key.user_name is not None:
            self.user(key.user_name).access_keys.remove(key)
        del self.backend.access_keys[key.access_key_id]

    def create_user(self, user_name: str, path: str, tags: list[dict[str, str]]) -> Any:  # noqa: ANN401
        """Create a user.

        Raises:
            Refusal: EntityAlreadyExists.
        """
        self._check_free(user_name)
        user = self.backend.create_user("us-east-1", user_name, path, tags)
        user.id = user_id(self.account_id)
        user.create_date = self.now().replace(tzinfo=None)
        return user

    def delete_user(self, user_name: str) -> None:
        """Delete a user who has nothing any more.

        Raises:
            Refusal: DeleteConflict.
        """
        user = self.user(user_name)
        in_the_way = (
            (user.access_keys, "delete access keys first"),
            (user.managed_policies, "detach all policies first"),
            (user.policies, "delete policies first"),
            (user.password, "delete login profile first"),
            (user.group_list, "remove users from group first"),
            (user.mfa_devices, "delete MFA device first"),
            (user.signing_certificates, "delete signing certificates first"),
            (user.ssh_public_keys, "delete SSH public keys first"),
            (getattr(user, "service_specific_credentials", ()), "remove referenced objects first"),
        )
        for things, remedy in in_the_way:
            if things:
                raise Refusal("DeleteConflict", 409, f"Cannot delete entity, must {remedy}.")
        self.backend.delete_user(user_name)

    def update_user(self, user_name: str, new_user_name: str, new_path: str | None = None) -> None:
        """Rename or move a user; what the user has follows.

        Raises:
            Refusal: NoSuchEntity, EntityAlreadyExists.
        """
        user = self.user(user_name)
        if new_user_name.lower() != user_name.lower():
            self._check_free(new_user_name)
        tags, old_arn = user.tags or [], user.arn
        self.backend.update_user(user_name, new_path, new_user_name)
        self.backend.tagger.delete_all_tags_for_resource(old_arn)
        self.backend.tagger.tag_resource(user.arn, tags)
        for thing in (*user.access_keys, *user.ssh_public_keys, *user.signing_certificates.values()):
            thing.user_name = new_user_name
        for credential in getattr(user, "service_specific_credentials", ()):
            credential["UserName"] = new_user_name

    def _check_free(self, user_name: str) -> None:
        """Names are unique without regard to case."""
        if any(name.lower() == user_name.lower() for name in self.backend.users):
            raise Refusal("EntityAlreadyExists", 409, f"User with name {user_name} already exists.")

    def is_quarantined(self, user_name: str) -> bool:
        """Whether AWS has put the user under its quarantine policy, of any version."""
        policies = self.user(user_name).managed_policies.values()
        return any(policy.name.startswith(_QUARANTINE) for policy in policies)


def user_id(account_id: str) -> str:
    """A new user's ID in AWS's form, which holds the account."""
    return str(generate_access_key_id_from_account_id(account_id, prefix="AIDA", total_length=21))
