"""The operations on service-specific credentials, which moto does not have, as AWS's recorded answers show them."""

import secrets
import string
from collections.abc import Mapping
from typing import Any

from keyswitch.sandbox.wire import Refusal
from keyswitch.sandbox.world import Principal, World, owner

_Result = Mapping[str, object] | None

_SERVICES = ("cassandra.amazonaws.com", "codecommit.amazonaws.com")
"""The services whose answers are recorded; AWS has more."""

_AT_MOST = 2
"""IAM's quota for each user and service
(https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateServiceSpecificCredential.html)."""

_LETTERS = string.ascii_uppercase + string.digits


def create(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: CreateServiceSpecificCredential; its answer is the only one with the password."""
    user, service = _user(signer, given), given["ServiceName"]
    _check_service(service)
    if sum(credential["ServiceName"] == service for credential in _all(user)) >= _AT_MOST:
        message = f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {_AT_MOST}"
        raise Refusal("LimitExceeded", 409, message)
    identity = "ACCA" + "".join(secrets.choice(_LETTERS) for _ in range(17))
    first = not any(credential["ServiceName"] == service for credential in _all(user))
    credential = {
        "CreateDate": signer.account.now(),
        "ServiceName": service,
        "ServiceUserName": f"{user.name}{'' if first else '+1'}-at-{signer.account.account_id}",
        "ServiceSpecificCredentialId": identity,
        "UserName": user.name,
        "Status": "Active",
    }
    _all(user).append(credential)
    return _with_password(credential)


def listed(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: ListServiceSpecificCredentials; never with a password. It comes whole, without IsTruncated."""
    if "ServiceName" in given:
        _check_service(given["ServiceName"])
    of_root = owner(signer, given) is None
    members = [] if of_root else _all(_user(signer, given))
    of_service = given.get("ServiceName")
    return {"ServiceSpecificCredentials": [c for c in members if of_service in (None, c["ServiceName"])]}


def update(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UpdateServiceSpecificCredential, which changes the status."""
    _one(signer, given)["Status"] = given["Status"]
    return None


def reset(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: ResetServiceSpecificCredential, which hands out a new password and keeps the status."""
    return _with_password(_one(signer, given))


def delete(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: DeleteServiceSpecificCredential."""
    _all(_user(signer, given)).remove(_one(signer, given))
    return None


def _user(signer: Principal, given: Mapping[str, str]) -> Any:  # noqa: ANN401  (moto's types do not hold)
    return signer.account.user(owner(signer, given) or "")


def _all(user: Any) -> list[dict[str, object]]:  # noqa: ANN401
    found: list[dict[str, object]] = user.__dict__.setdefault("service_specific_credentials", [])
    return found


def _one(signer: Principal, given: Mapping[str, str]) -> dict[str, object]:
    identity = given["ServiceSpecificCredentialId"]
    for credential in _all(_user(signer, given)):
        if credential["ServiceSpecificCredentialId"] == identity:
            return credential
    raise Refusal("NoSuchEntity", 404, f"No such credential {identity} exists")


def _check_service(service: str) -> None:
    if service not in _SERVICES:
        message = f"No such service {service} is supported for Service Specific Credentials"
        raise Refusal("NoSuchEntity", 404, message)


def _with_password(credential: Mapping[str, object]) -> _Result:
    return {"ServiceSpecificCredential": {**credential, "ServicePassword": secrets.token_urlsafe(24)}}
