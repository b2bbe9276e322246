"""The operations on users and their passwords, as AWS answers them."""

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from keyswitch.sandbox.page import page
from keyswitch.sandbox.wire import Refusal
from keyswitch.sandbox.world import Principal, World, owner

_Result = Mapping[str, object] | None


def create_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: user IDs, dates, a name that is taken."""
    user = signer.account.create_user(given["UserName"], given.get("Path", "/"), list(_tags(given)))
    user.permissions_boundary = given.get("PermissionsBoundary")
    return {"User": _with_tags(user)}


def get_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: UserName omitted, root signs, dates."""
    user_name = owner(signer, given)
    if user_name is None:
        created = signer.account.created
        return {"User": {"Path": "/", "UserId": signer.user_id, "Arn": signer.arn, "CreateDate": created}}
    return {"User": _with_tags(signer.account.user(user_name))}


def list_users(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: Marker, MaxItems, dates."""
    users = signer.account.backend.users.values()
    found = [_described(user) for user in users if user.path.startswith(given.get("PathPrefix", "/"))]
    return page("Users", found, given)


def update_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: rename user (the keys follow), NewPath, a name that is taken."""
    user_name = given["UserName"]
    signer.account.update_user(user_name, given.get("NewUserName", user_name), given.get("NewPath"))
    return None


def delete_user(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: DeleteUser with keys, policies, a password, groups, MFA devices."""
    signer.account.delete_user(given["UserName"])
    return None


def remove_user_from_group(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: a user who is not in the group may be removed from it."""
    user = signer.account.user(given["UserName"])
    group = signer.account.backend.groups.get(given["GroupName"])
    if group is None:
        raise Refusal("NoSuchEntity", 404, f"The group with name {given['GroupName']} cannot be found.")
    group.users = [member for member in group.users if member is not user]
    return None


def put_permissions_boundary(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: PutUserPermissionsBoundary, which moto does not have. GetUser shows it."""
    signer.account.user(given["UserName"]).permissions_boundary = given["PermissionsBoundary"]
    return None


def delete_permissions_boundary(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: DeleteUserPermissionsBoundary, which moto does not have."""
    signer.account.user(given["UserName"]).permissions_boundary = None
    return None


def list_virtual_mfa_devices(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: ListVirtualMFADevices, without the seed and the QR code, which only the creation shows."""
    wanted = given.get("AssignmentStatus", "Any")
    devices = [
        {
            "SerialNumber": device.serial_number,
            "EnableDate": device.enable_date,
            "User": _described(device.user) if device.user else None,
        }
        for device in signer.account.backend.virtual_mfa_devices.values()
        if wanted == "Any" or (wanted == "Assigned") == (device.enable_date is not None)
    ]
    return page("VirtualMFADevices", devices, given)


def create_login_profile(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: report content (a user with a password)."""
    user = signer.account.user(owner(signer, given) or "")
    if user.password:
        raise Refusal("EntityAlreadyExists", 409, f"Login Profile for user {user.name} already exists.")
    user.password_created = signer.account.now()
    return _set_password(signer, user, given)


def get_login_profile(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: dates, messages."""
    return _login_profile(_with_password(signer, given))


def update_login_profile(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: report content (when the password was changed)."""
    _set_password(signer, _with_password(signer, given), given)
    return None


def delete_login_profile(_: World, signer: Principal, given: Mapping[str, str]) -> _Result:
    """Corrects: messages."""
    _with_password(signer, given).password = None
    return None


def _set_password(signer: Principal, user: Any, given: Mapping[str, str]) -> _Result:  # noqa: ANN401  (moto's)
    user.password = given.get("Password", user.password or "sandbox")
    user.password_last_changed = signer.account.now()
    reset = given.get("PasswordResetRequired", str(user.password_reset_required))
    user.password_reset_required = reset.lower() == "true"
    return _login_profile(user)


def _with_password(signer: Principal, given: Mapping[str, str]) -> Any:  # noqa: ANN401
    user = signer.account.user(owner(signer, given) or "")
    if not user.password:
        raise Refusal("NoSuchEntity", 404, f"Login Profile for User {user.name} cannot be found.")
    return user


def _login_profile(user: Any) -> Mapping[str, object]:  # noqa: ANN401
    return {
        "LoginProfile": {
            "UserName": user.name,
            "CreateDate": user.password_created,
            "PasswordResetRequired": user.password_reset_required,
        }
    }


def _described(user: Any) -> dict[str, object]:  # noqa: ANN401
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.id,
        "Arn": user.arn,
        "CreateDate": user.create_date,
        "PasswordLastUsed": user.password_last_used,
    }


def _with_tags(user: Any) -> dict[str, object]:  # noqa: ANN401
    boundary = getattr(user, "permissions_boundary", None)
    shown = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": boundary} if boundary else None
    return {**_described(user), "PermissionsBoundary": shown, "Tags": user.tags}


def _tags(given: Mapping[str, str]) -> Iterator[dict[str, str]]:
    for number in count(1):
        prefix = f"Tags.member.{number}"
        if f"{prefix}.Key" not in given:
            return
        yield {"Key": given[f"{prefix}.Key"], "Value": given.get(f"{prefix}.Value", "")}
