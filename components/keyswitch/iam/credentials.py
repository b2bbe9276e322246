"""Whose credentials botocore finds: which profile or variable they come from, and which access key is behind them."""

import base64
import os
import re
import sys
from collections.abc import Mapping
from typing import Any

import botocore.session
from botocore.credentials import Credentials

from keyswitch.access_key.errors import IamUnavailable
from keyswitch.iam.sdk import is_assumed, is_long_term


def long_term_key_id(session: botocore.session.Session) -> str | None:
    """The access key behind a session's credentials: its own, or the one with which the profile's roles are assumed.

    No role is assumed for it. Where neither the environment nor a profile holds credentials, botocore looks for
    them where a container or an instance gets its own, which is a request to their metadata service.
    None where there is no such key: single sign-on, an instance, a web identity.
    (https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-role.html)
    """
    credentials = session.get_credentials()
    if credentials is None:
        return None
    if not is_assumed(credentials):
        return credentials.access_key if is_long_term(credentials) else None
    roles, source = _assumed(session)
    if source is None:
        is_environment = _profiles(session)[roles[-1]].get("credential_source") == "Environment"
        return os.environ.get("AWS_ACCESS_KEY_ID") if is_environment else None
    if key_id := _profiles(session).get(source, {}).get("aws_access_key_id"):
        return str(key_id)
    behind = botocore.session.Session(profile=source).get_credentials()
    return behind.access_key if behind is not None and is_long_term(behind) else None


def presumed_account(credentials: Credentials) -> str | None:
    """The account of credentials, as far as that can be told without asking; None: it cannot.

    botocore knows it of roles, single sign-on and some profiles. Otherwise the access key ID holds it: since 2019 the
    account number stands behind the first four letters, in base 32. AWS does not document that
    (https://medium.com/@TalBeerySec/a-short-note-on-aws-key-id-f88cc4317489), so this proves nothing.
    """
    frozen = credentials.get_frozen_credentials()
    if known := getattr(frozen, "account_id", None):
        return str(known)
    try:
        held = base64.b32decode((frozen.access_key or "")[4:])[:6]
    except ValueError:
        return None
    return f"{int.from_bytes(held, 'big') >> 7 & 0xFF_FFFF_FFFF:012d}" if held else None


def require_no_code(session: botocore.session.Session) -> None:
    """Raise if a role of the profile needs an MFA code and there is no terminal to ask for it.

    botocore would ask all the same, and wait for an answer that nobody gives.

    Raises:
        IamUnavailable: it names the profile.
    """
    if sys.stdin is not None and sys.stdin.isatty():
        return
    for name in _assumed(session)[0]:
        if _profiles(session)[name].get("mfa_serial"):
            raise IamUnavailable(
                f"Profile {name} needs an MFA code (mfa_serial), and there is no terminal to ask for it",
                "Assume its role beforehand and hand on the session (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, "
                "AWS_SESSION_TOKEN), or use a role without MFA",
            )


def source_of(session: botocore.session.Session) -> str:
    """Names the profile or the variables where botocore looks for credentials, in its order; asks nobody."""
    try:
        profile = session.profile
        is_chosen = session.instance_variables().get("profile") is not None
        profiles = _profiles(session)
    except Exception:  # the files cannot be read, which is the error to be told
        return "the AWS configuration files"
    if os.environ.get("AWS_ACCESS_KEY_ID") and not is_chosen:
        return "the environment (AWS_ACCESS_KEY_ID)"
    name = profile or "default"
    found = profiles.get(name, {})
    if "role_arn" in found and "web_identity_token_file" not in found:
        source = _assumed(session)[1]
        behind = f" over profile {source}{_way(profiles.get(source, {}))}" if source not in (None, name) else ""
        return f"profile {name}{_way(found)}{behind}"
    if os.environ.get("AWS_WEB_IDENTITY_TOKEN_FILE") and not is_chosen:
        return "AWS_WEB_IDENTITY_TOKEN_FILE"
    if _way(found) or profile:
        return f"profile {name}{_way(found)}"
    return next((variable for variable in _CONTAINER if os.environ.get(variable)), "the instance's metadata service")


_CONTAINER = ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI")

_WAYS = (
    "credential_source",
    "web_identity_token_file",
    "sso_session",
    "sso_start_url",
    "aws_access_key_id",
    "login_session",
    "credential_process",
    "role_arn",
)
"""The settings of a profile that say where its credentials come from."""


def _way(profile: Mapping[str, Any]) -> str:
    return next((f" ({setting})" for setting in _WAYS if profile.get(setting)), "")


def variable_of(text: str) -> str:
    """Names the variables whose value stands in a text; empty if none does."""
    return " and ".join(n for n in sorted(os.environ) if _is_setting(n) and _is_quoted(os.environ[n], text))


def setting_of(session: botocore.session.Session, text: str) -> str:
    """Names the settings of the profile whose value stands in a text; empty if none does."""
    try:
        settings = session.get_scoped_config()
    except Exception:  # the files cannot be read, which is the error to be told
        return ""
    names = [name for name, value in settings.items() if _is_quoted(value, text)]
    return f"{' and '.join(names)} of profile {session.profile or 'default'}" if names else ""


def _is_quoted(value: object, text: str) -> bool:
    value = str(value).strip()
    return len(value) > 1 and re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _is_setting(name: str) -> bool:
    return name.startswith("AWS_") and not re.search("SECRET|TOKEN$|ACCESS_KEY|PROFILE", name)


def _assumed(session: botocore.session.Session) -> tuple[list[str], str | None]:
    """The profiles whose roles are assumed, the outermost first, and the profile whose credentials assume the last.

    None where that is not a profile (credential_source). A profile's own key wins over its role where it is a source,
    and only there (botocore, AssumeRoleProvider).
    """
    profiles = _profiles(session)
    roles = [session.profile or "default"]
    while (source := profiles.get(roles[-1], {}).get("source_profile")) is not None:
        found = profiles.get(source, {})
        has_key = "aws_access_key_id" in found or "aws_secret_access_key" in found
        is_role = "role_arn" in found and "web_identity_token_file" not in found
        if source in roles or has_key or not is_role:
            return roles, source
        roles.append(source)
    return roles, None


def _profiles(session: botocore.session.Session) -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = session.full_config.get("profiles", {})
    return found
