"""Service-specific credentials, as AWS's recorded answers show them, and permissions boundaries of users."""

import re

import pytest

from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import aws, raw

SERVICE = "codecommit.amazonaws.com"


def made(sandbox: Sandbox, service: str = SERVICE) -> dict[str, object]:
    """A new credential of Bob's."""
    answer = aws(sandbox).create_service_specific_credential(UserName="Bob", ServiceName=service)
    return dict(answer["ServiceSpecificCredential"])


def listed(sandbox: Sandbox, **given: str) -> list[dict[str, object]]:
    """Bob's credentials."""
    return list(aws(sandbox).list_service_specific_credentials(UserName="Bob", **given)["ServiceSpecificCredentials"])


@pytest.mark.parametrize("service", [SERVICE, "cassandra.amazonaws.com"])
def test_a_life(sandbox: Sandbox, service: str) -> None:
    """Only creation and reset show a password; a reset keeps the status."""
    created = made(sandbox, service)
    password, identity = created.pop("ServicePassword"), str(created["ServiceSpecificCredentialId"])
    assert re.fullmatch("ACCA[A-Z0-9]{17}", identity)
    assert (created["ServiceUserName"], created["Status"]) == (f"Bob-at-{ACCOUNT}", "Active")
    assert listed(sandbox) == listed(sandbox, ServiceName=service) == [created]
    iam = aws(sandbox)
    iam.update_service_specific_credential(UserName="Bob", ServiceSpecificCredentialId=identity, Status="Inactive")
    assert listed(sandbox) == [{**created, "Status": "Inactive"}]
    again = iam.reset_service_specific_credential(UserName="Bob", ServiceSpecificCredentialId=identity)
    renewed = again["ServiceSpecificCredential"]
    assert renewed.pop("ServicePassword") != password
    assert renewed == {**created, "Status": "Inactive"}
    iam.delete_service_specific_credential(UserName="Bob", ServiceSpecificCredentialId=identity)
    assert listed(sandbox) == []


def test_services_are_told_apart(sandbox: Sandbox) -> None:
    """A listing for a service has no others; two for each service are the most."""
    made(sandbox)
    assert listed(sandbox, ServiceName="cassandra.amazonaws.com") == []
    made(sandbox, "cassandra.amazonaws.com")
    assert made(sandbox)["ServiceUserName"] == f"Bob+1-at-{ACCOUNT}"
    answer = raw(sandbox, "CreateServiceSpecificCredential", UserName="Bob", ServiceName=SERVICE)
    assert (answer.status, answer.code) == (409, "LimitExceeded")


@pytest.mark.parametrize("service", ["lambda.amazonaws.com", "o3on3n3onosneo"])
@pytest.mark.parametrize("action", ["CreateServiceSpecificCredential", "ListServiceSpecificCredentials"])
def test_a_service_that_has_none(sandbox: Sandbox, action: str, service: str) -> None:
    """NoSuchEntity 404, in AWS's words."""
    answer = raw(sandbox, action, UserName="Bob", ServiceName=service)
    assert (answer.status, answer.code) == (404, "NoSuchEntity")
    assert answer.message == f"No such service {service} is supported for Service Specific Credentials"


@pytest.mark.parametrize("operation", ["Update", "Reset", "Delete"])
@pytest.mark.parametrize(
    ("user_name", "identity", "expected"),
    [
        ("nobody", None, (404, "NoSuchEntity", "The user with name nobody cannot be found.")),
        ("alice", None, (404, "NoSuchEntity", "No such credential {} exists")),
        ("Bob", "satisfiesregexbutstillinvalid", (404, "NoSuchEntity", "No such credential {} exists")),
        ("Bob", "totally-wrong-credential-id-with-hyphens", (400, "ValidationError", None)),
    ],
)
def test_one_that_is_not_there(
    sandbox: Sandbox, operation: str, user_name: str, identity: str | None, expected: tuple[int, str, str | None]
) -> None:
    """The user is looked up first, then the credential inside that user."""
    identity = identity or str(made(sandbox)["ServiceSpecificCredentialId"])
    given = {"UserName": user_name, "ServiceSpecificCredentialId": identity}
    status = {"Status": "Inactive"} if operation == "Update" else {}
    answer = raw(sandbox, f"{operation}ServiceSpecificCredential", **given, **status)
    assert (answer.status, answer.code) == expected[:2]
    if expected[2]:
        assert answer.message == expected[2].format(identity)


def test_it_is_in_the_way_of_a_deletion_and_follows_a_new_name(sandbox: Sandbox) -> None:
    """DeleteConflict 409, in AWS's words."""
    aws(sandbox).create_user(UserName="newcomer")
    aws(sandbox).create_service_specific_credential(UserName="newcomer", ServiceName=SERVICE)
    answer = raw(sandbox, "DeleteUser", UserName="newcomer")
    assert (answer.status, answer.code) == (409, "DeleteConflict")
    assert answer.message == "Cannot delete entity, must remove referenced objects first."
    aws(sandbox).update_user(UserName="newcomer", NewUserName="oldtimer")
    (found,) = aws(sandbox).list_service_specific_credentials(UserName="oldtimer")["ServiceSpecificCredentials"]
    assert found["UserName"] == "oldtimer"


def test_a_permissions_boundary_is_shown_until_it_is_removed(sandbox: Sandbox) -> None:
    """GetUser shows it, whether it came with the user or later."""
    iam, arn = aws(sandbox), "arn:aws:iam::aws:policy/ReadOnlyAccess"
    expected = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": arn}
    assert "PermissionsBoundary" not in iam.get_user(UserName="Bob")["User"]
    iam.put_user_permissions_boundary(UserName="Bob", PermissionsBoundary=arn)
    assert iam.get_user(UserName="Bob")["User"]["PermissionsBoundary"] == expected
    iam.delete_user_permissions_boundary(UserName="Bob")
    assert "PermissionsBoundary" not in iam.get_user(UserName="Bob")["User"]
    assert iam.create_user(UserName="newcomer", PermissionsBoundary=arn)["User"]["PermissionsBoundary"] == expected
    assert raw(sandbox, "PutUserPermissionsBoundary", UserName="nobody", PermissionsBoundary=arn).status == 404


def test_a_list_of_mfa_devices_shows_no_seed(sandbox: Sandbox) -> None:
    """Only the creation does; assigned devices and others can be listed by themselves."""
    iam = aws(sandbox)
    first, second = (
        iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"] for name in ("first", "second")
    )
    assert first["Base32StringSeed"]
    codes = {"AuthenticationCode1": "123456", "AuthenticationCode2": "234567"}
    iam.enable_mfa_device(UserName="Bob", SerialNumber=second["SerialNumber"], **codes)
    (assigned,) = iam.list_virtual_mfa_devices(AssignmentStatus="Assigned")["VirtualMFADevices"]
    assert assigned.keys() == {"SerialNumber", "EnableDate", "User"}
    assert (assigned["SerialNumber"], assigned["User"]["UserName"]) == (second["SerialNumber"], "Bob")
    (free,) = iam.list_virtual_mfa_devices(AssignmentStatus="Unassigned")["VirtualMFADevices"]
    assert free == {"SerialNumber": first["SerialNumber"]}
    assert len(iam.list_virtual_mfa_devices()["VirtualMFADevices"]) == 2
