"""The operations on access keys, as AWS answers them."""

from collections.abc import Mapping

from keyswitch.sandbox.page import page
from keyswitch.sandbox.wire import Refusal, timestamp
from keyswitch.sandbox.world import Principal, World, owner

_Result = Mapping[str, object] | None


def update_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: update succeeds, missing key, key of another user, invalid Status, UserName omitted, propagation."""
    not_quarantined(signer, "iam:UpdateAccessKey")
    key = signer.account.key(given["AccessKeyId"], owner(signer, given))
    signer.account.set_status(key, given["Status"])
    return None


def list_access_keys(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: ListAccessKeys (IsTruncated, Marker, MaxItems), CreateDate, UserName omitted, root signs."""
    members = [
        {
            "UserName": key.user_name,
            "AccessKeyId": key.access_key_id,
            "Status": signer.account.status(key),
            "CreateDate": timestamp(key.create_date),
        }
        for key in signer.account.keys(owner(signer, given))
    ]
    return page("AccessKeyMetadata", members, given)


def get_access_key_last_used(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: GetAccessKeyLastUsed of an unknown or foreign key, never used, last-used freshness."""
    key = signer.account.backend.access_keys.get(given["AccessKeyId"])
    if key is None:
        raise Refusal(
            "AccessDenied",
            403,
            f"User: {signer.arn} is not authorized to perform iam:GetAccessKeyLastUsed on resource: "
            f"access key {given['AccessKeyId']}",
        )
    use = signer.account.last_use(key)
    date, service, region = use or (None, "N/A", "N/A")
    return {
        "UserName": key.user_name,
        "AccessKeyLastUsed": {"LastUsedDate": date, "ServiceName": service, "Region": region},
    }


def create_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: third key (Inactive ones count), CreateDate in whole seconds, quarantine."""
    not_quarantined(signer, "iam:CreateAccessKey")
    user_name = owner(signer, given)
    if user_name is None:
        raise Refusal("AccessDenied", 403, "The sandbox makes no keys for the root user")
    key = signer.account.create_key(user_name)
    return {
        "AccessKey": {
            "UserName": user_name,
            "AccessKeyId": key.access_key_id,
            "Status": key.status,
            "SecretAccessKey": key.secret_access_key,
            "CreateDate": timestamp(key.create_date),
        }
    }


def delete_access_key(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UserName omitted, quarantine; an active key may be deleted."""
    not_quarantined(signer, "iam:DeleteAccessKey")
    signer.account.delete_key(signer.account.key(given["AccessKeyId"], owner(signer, given)))
    return None


def not_quarantined(signer: Principal, action: str) -> None:
    """AWS's quarantine denies a user its own key management and sessions; administrators are not concerned.

    Raises:
        Refusal: AccessDenied.
    """
    if signer.user_name is not None and signer.account.is_quarantined(signer.user_name):
        raise Refusal(
            "AccessDenied",
            403,
            f"User: {signer.arn} is not authorized to perform: {action} on resource: user "
            f"{signer.user_name} with an explicit deny in an identity-based policy",
        )
