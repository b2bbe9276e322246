"""A page of a list, as `MaxItems` and `Marker` ask for it."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from keyswitch.sandbox.wire import Refusal


def page(name: str, items: Sequence[Any], given: Mapping[str, str]) -> dict[str, object]:
    """The page that a request asks for, under the list's name, with IsTruncated and Marker.

    Raises:
        Refusal: ValidationError: the marker is none that was handed out.
    """
    begin = _read(given["Marker"]) if "Marker" in given else 0
    end = begin + int(given.get("MaxItems", "100"))
    truncated = end < len(items)
    marker = base64.b64encode(f"from:{end}".encode()).decode() if truncated else None
    return {name: list(items[begin:end]), "IsTruncated": truncated, "Marker": marker}


def _read(marker: str) -> int:
    try:
        label, _, number = base64.b64decode(marker).partition(b":")
        if label == b"from":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    raise Refusal("ValidationError", 400, "Invalid Marker.")
