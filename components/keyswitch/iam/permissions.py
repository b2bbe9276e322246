"""The permissions that each method of the gateway needs. Policies are derived from this table; it grants nothing."""

PERMISSIONS = {
    "caller": ("sts:GetCallerIdentity",),
    "access_keys": ("iam:ListAccessKeys",),
    "last_used": ("iam:GetAccessKeyLastUsed",),
    "set_status": ("iam:UpdateAccessKey",),
    "quarantined": ("iam:ListPolicies", "iam:ListEntitiesForPolicy"),
    "users": ("iam:ListUsers",),
    "user": ("iam:GetUser",),
    "tags": ("iam:ListUserTags",),
    "root_has_keys": ("iam:GetAccountSummary",),
    "credential_report": ("iam:GenerateCredentialReport", "iam:GetCredentialReport"),
    "trail": ("cloudtrail:LookupEvents",),
}
"""The permissions by method, of `Gateway` and of `Directory`. `sts:GetCallerIdentity` is granted to everybody.

Without those of `quarantined`, `root_has_keys` and `credential_report` everything works: a quarantine and root's keys
are not told, and each last use is looked up by itself.
"""
