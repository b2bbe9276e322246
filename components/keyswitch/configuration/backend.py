"""Finds the credentials with which Pulumi itself signs: for state in S3 and for secrets in AWS KMS. Never uses them.

They can differ from the credentials of the run, because of `?profile=` in the URL, or because `aws:profile` is set and
Pulumi uses the environment. Deactivating their key locks everybody out of the stack.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.files import text_of
from keyswitch.configuration.json_text import decoded
from keyswitch.iam.connection import Dependence


def dependences(manifest: Mapping[str, Any], secrets_provider: str | None) -> tuple[Dependence, ...]:
    """Return what Pulumi signs for, each with its profile.

    Args:
        manifest: the content of the project's Pulumi.yaml.
        secrets_provider: the stack file's `secretsprovider`, if it is known.
    """
    found = []
    state = _backend(manifest)
    if state.startswith("s3://"):
        found.append(Dependence(_profile(state), f"Pulumi reads its state ({_shown(state)}) with {{}}"))
    if (secrets_provider or "").startswith("awskms://"):
        shown = _shown(str(secrets_provider))
        found.append(Dependence(_profile(str(secrets_provider)), f"Pulumi decrypts its secrets ({shown}) with {{}}"))
    return tuple(found)


def keeps_state_in_files(manifest: Mapping[str, Any]) -> bool:
    """Whether the backend keeps the state in a file, on a disk or in a bucket, and writes it as a whole each time."""
    url = _backend(manifest)
    return bool(url) and not url.startswith(("https://", "http://"))


def _backend(manifest: Mapping[str, Any]) -> str:
    """Return the URL of the backend: from the environment, else the project, else the one that `pulumi login` stored.

    (https://www.pulumi.com/docs/iac/concepts/state-and-backends/)
    """
    if url := os.environ.get("PULUMI_BACKEND_URL"):
        return url
    declared = manifest.get("backend")
    if isinstance(declared, Mapping) and declared.get("url"):
        return str(declared["url"])
    try:
        home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
        kept = decoded(text_of(home / "credentials.json", "credentials.json"))
        return str(kept.get("current") or "")
    except (InvalidConfiguration, ValueError, AttributeError, RuntimeError):  # (the last: nobody knows a home)
        return ""


def _profile(url: str) -> str | None:
    return next(iter(parse_qs(url.partition("?")[2].partition("#")[0]).get("profile", ())), None)


def _shown(url: str) -> str:
    return url.partition("?")[0].replace("{", "").replace("}", "")
