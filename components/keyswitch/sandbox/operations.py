"""Which operations the sandbox answers itself, because AWS answers them otherwise than moto; all others are moto's.

The docstring of each names what it corrects, as tests/sandbox/test_behaviour.py does.
"""

from collections.abc import Callable, Mapping

from keyswitch.sandbox import access_keys, service_credentials, sessions, users
from keyswitch.sandbox.wire import Entries
from keyswitch.sandbox.world import Principal, World

_Result = Mapping[str, object] | None


def _generate_credential_report(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: GenerateCredentialReport (its states, a new one at most every four hours)."""
    return signer.account.report.generate()


def _get_credential_report(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: GetCredentialReport errors, report content (root row, Z dates, staleness)."""
    return signer.account.report.latest()


def _get_account_summary(_: World, signer: Principal, __: Mapping[str, str]) -> _Result:
    """Corrects: account summary (root's keys)."""
    summary = dict(signer.account.backend.account_summary.summary_map)
    summary["AccountAccessKeysPresent"] = int(bool(signer.account.keys(None)))
    return {"SummaryMap": Entries({**summary, "AccountPasswordPresent": 1})}


OPERATIONS: Mapping[tuple[str, str], Callable[[World, Principal, Mapping[str, str]], _Result]] = {
    ("iam", "UpdateAccessKey"): access_keys.update_access_key,
    ("iam", "ListAccessKeys"): access_keys.list_access_keys,
    ("iam", "GetAccessKeyLastUsed"): access_keys.get_access_key_last_used,
    ("iam", "CreateAccessKey"): access_keys.create_access_key,
    ("iam", "DeleteAccessKey"): access_keys.delete_access_key,
    ("iam", "CreateUser"): users.create_user,
    ("iam", "GetUser"): users.get_user,
    ("iam", "ListUsers"): users.list_users,
    ("iam", "UpdateUser"): users.update_user,
    ("iam", "DeleteUser"): users.delete_user,
    ("iam", "RemoveUserFromGroup"): users.remove_user_from_group,
    ("iam", "PutUserPermissionsBoundary"): users.put_permissions_boundary,
    ("iam", "DeleteUserPermissionsBoundary"): users.delete_permissions_boundary,
    ("iam", "ListVirtualMFADevices"): users.list_virtual_mfa_devices,
    ("iam", "CreateServiceSpecificCredential"): service_credentials.create,
    ("iam", "ListServiceSpecificCredentials"): service_credentials.listed,
    ("iam", "UpdateServiceSpecificCredential"): service_credentials.update,
    ("iam", "ResetServiceSpecificCredential"): service_credentials.reset,
    ("iam", "DeleteServiceSpecificCredential"): service_credentials.delete,
    ("iam", "CreateLoginProfile"): users.create_login_profile,
    ("iam", "GetLoginProfile"): users.get_login_profile,
    ("iam", "UpdateLoginProfile"): users.update_login_profile,
    ("iam", "DeleteLoginProfile"): users.delete_login_profile,
    ("iam", "GenerateCredentialReport"): _generate_credential_report,
    ("iam", "GetCredentialReport"): _get_credential_report,
    ("iam", "GetAccountSummary"): _get_account_summary,
    ("sts", "GetCallerIdentity"): sessions.get_caller_identity,
    ("sts", "GetAccessKeyInfo"): sessions.get_access_key_info,
    ("sts", "AssumeRole"): sessions.assume_role,
    ("sts", "GetSessionToken"): sessions.get_session_token,
    ("sts", "GetFederationToken"): sessions.get_federation_token,
}
"""By service and action."""

UNSIGNED: Mapping[tuple[str, str], Callable[[World, Mapping[str, str]], _Result]] = {
    ("sts", "AssumeRoleWithWebIdentity"): sessions.assume_role_with_web_identity,
    ("sts", "AssumeRoleWithSAML"): sessions.assume_role_with_saml,
}
"""Those that nobody signs."""
