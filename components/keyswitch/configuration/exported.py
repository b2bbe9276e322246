"""Reads from an exported state when a stack deactivated its keys: from the output of `pulumi stack export`.

Nothing else of the state is used. It holds no secret of an access key.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.model import Status

SIZE = 64 * 1024 * 1024
"""The most bytes of an exported state: 6,400 for each of 10,000 keys."""

_TYPES = ("pulumi-python:dynamic/keyswitch:AccessKeyStatus", "keyswitch:index:AccessKeyStatus")
"""The types of the resource: of the dynamic one and of the one of the real provider."""


def deactivated(file: BinaryIO, name: str) -> dict[str, datetime]:
    """Return when a stack deactivated the keys that it left Inactive, by access key ID.

    Args:
        file: the exported state.
        name: how it is called in messages.

    Raises:
        InvalidConfiguration: it is no exported state.
    """
    content = file.read(SIZE + 1)
    try:
        resources = json.loads(content[:SIZE])["deployment"]["resources"]
        return dict(_dates(resources))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        said = "is no state: write one with  pulumi stack export --file state.json"
        raise InvalidConfiguration([Problem(said, where=name)]) from None


def _dates(resources: list[dict[str, Any]]) -> Iterator[tuple[str, datetime]]:
    for resource in resources:
        outputs = resource.get("outputs") or {}
        date = outputs.get("last_switched_date")
        if resource.get("type") in _TYPES and date and outputs.get("status") == Status.INACTIVE.value:
            yield outputs["access_key_id"], datetime.fromisoformat(date)
