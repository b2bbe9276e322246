"""With which credentials Pulumi itself signs: for its state in S3, for its secrets in AWS KMS.

They need not be those of the run (`?profile=` in the URL, or the environment where `aws:profile` is set), and
switching their key off locks everybody out of the stack.
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
    """Say what Pulumi signs for, and with which profile.

    Args:
        manifest: the project's Pulumi.yaml.
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
    """Whether the state is a file, on a disk or in a bucket, that is written as a whole; not so in Pulumi Cloud."""
    url = _backend(manifest)
    return bool(url) and not url.startswith(("https://", "http://"))


def _backend(manifest: Mapping[str, Any]) -> str:
    """The URL of the state: the environment's, the project's, else the one `pulumi login` has kept.

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
