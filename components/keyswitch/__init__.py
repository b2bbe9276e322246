"""An on/off switch for AWS IAM access keys that lives in Git. Importing the package loads neither Pulumi nor AWS."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from keyswitch.access_key.errors import KeyswitchError
    from keyswitch.iam.operation import update_access_key
    from keyswitch.resources.component import AccessKeys
    from keyswitch.resources.status import AccessKeyStatus

__all__ = ["AccessKeyStatus", "AccessKeys", "KeyswitchError", "update_access_key"]

_HOMES = {
    "AccessKeyStatus": "keyswitch.resources.status",
    "AccessKeys": "keyswitch.resources.component",
    "KeyswitchError": "keyswitch.access_key.errors",
    "update_access_key": "keyswitch.iam.operation",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401  (the public names have different types)
    """Load a public name at its first use, because the command line must not load pulumi."""
    from importlib import import_module

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
