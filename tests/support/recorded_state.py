"""States of stacks as version 0.1 left them, with dynamic resources, for the engine to import."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.support.engine import STACK
from tests.support.persisted import ACCESS_KEY_STATUS, ACCESS_KEYS

RECORDED = Path(__file__).parents[1] / "provider" / "recorded" / "state-0.1.json"
KEYS: Sequence[dict[str, Any]] = json.loads(RECORDED.read_text(encoding="utf-8"))
"""Four keys with their types, IDs, inputs and outputs."""

_ROOT = f"urn:pulumi:{STACK}::keys::pulumi:pulumi:Stack::keys-{STACK}"
_COMPONENT = f"urn:pulumi:{STACK}::keys::{ACCESS_KEYS}::access-keys"
_PROVIDER = f"urn:pulumi:{STACK}::keys::pulumi:providers:pulumi-python::default"
_PROVIDER_ID = "c6b6f0a3-0d8e-4a0c-9d9e-4b1c6ad2b0a1"


def state_of_0_1(exported: str, *, in_component: bool = True) -> str:
    """The state of a stack with the recorded keys.

    Args:
        exported: what `pulumi stack export` prints for the empty stack, which has its encryption.
        in_component: whether `AccessKeys` declared the keys; otherwise the program did.
    """
    state = json.loads(exported)
    root = {"urn": _ROOT, "custom": False, "type": "pulumi:pulumi:Stack"}
    component = {"urn": _COMPONENT, "custom": False, "type": ACCESS_KEYS, "parent": _ROOT}
    provider = {
        "urn": _PROVIDER,
        "custom": True,
        "id": _PROVIDER_ID,
        "type": "pulumi:providers:pulumi-python",
    }
    parent, types = (_COMPONENT, f"{ACCESS_KEYS}$") if in_component else (_ROOT, "")
    keys = [
        {
            **key,
            "urn": f"urn:pulumi:{STACK}::keys::{types}{ACCESS_KEY_STATUS}::{key['id']}",
            "custom": True,
            "parent": parent,
            "provider": f"{_PROVIDER}::{_PROVIDER_ID}",
        }
        for key in KEYS
    ]
    state["deployment"]["resources"] = [root, *([component] if in_component else []), provider, *keys]
    return json.dumps(state)
