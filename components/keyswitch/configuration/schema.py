"""The JSON Schemas of a stack file and of a keys file, for completion and checking in an editor.

Made from the models, never by hand.
"""

import json
import sys
from typing import Any

from keyswitch.access_key.model import Status
from keyswitch.configuration.entry import Entry
from keyswitch.configuration.stack import Keyswitch


def stack() -> dict[str, Any]:
    """The schema of `Pulumi.<stack>.yaml`, as far as keyswitch reads it; other settings are let through."""
    settings = Keyswitch.model_json_schema(by_alias=True)
    properties: dict[str, Any] = {f"keyswitch:{name}": value for name, value in settings["properties"].items()}
    properties["keyswitch:account"] = {
        "type": "string",
        "pattern": "^[0-9]{12}$",
        "description": properties["keyswitch:account"]["description"],
    }
    properties["keyswitch:recentUse"] = {
        "type": "string",
        "pattern": "^[0-9]{1,5}[mhd]$",
        "default": "24h",
        "description": properties["keyswitch:recentUse"]["description"],
    }
    properties["keyswitch:keys"] = {"description": properties["keyswitch:keys"]["description"], **_KEYS}
    properties["keyswitch:keysFile"] = {
        "type": "string",
        "description": properties["keyswitch:keysFile"]["description"],
    }
    config = {
        "type": "object",
        "oneOf": [{"required": ["keyswitch:keys"]}, {"required": ["keyswitch:keysFile"]}],
        "properties": properties,
        "patternProperties": {f"^keyswitch:(?!({'|'.join(settings['properties'])})$)": False},
    }
    return {
        "$schema": _DIALECT,
        "title": "A stack of keyswitch",
        "type": "object",
        "properties": {"config": config},
        "$defs": {**settings["$defs"], **_definitions()},
    }


def keys() -> dict[str, Any]:
    """The schema of a keys file."""
    return {"$schema": _DIALECT, "title": "The access keys of a stack of keyswitch", **_KEYS, "$defs": _definitions()}


_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_STATUSES = [status.value for status in Status]
_KEYS = {
    "type": "object",
    "propertyNames": {"pattern": "^[A-Za-z0-9_]{16,128}$"},
    "additionalProperties": {"oneOf": [{"enum": _STATUSES}, {"$ref": "#/$defs/Entry"}]},
}


def _definitions() -> dict[str, Any]:
    entry = Entry.model_json_schema(by_alias=True)
    fields = entry["properties"]
    fields["status"] = {"enum": _STATUSES, "description": fields["status"]["description"]}
    fields["userName"] = {
        "type": "string",
        "pattern": "^[A-Za-z0-9_+=,.@-]{1,128}$",
        "description": fields["userName"]["description"],
    }
    return {**entry.pop("$defs", {}), "Entry": entry}


if __name__ == "__main__":
    print(json.dumps({"stack": stack, "keys": keys}[sys.argv[1]](), indent=2, ensure_ascii=False))
