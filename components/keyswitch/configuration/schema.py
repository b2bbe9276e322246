"""The JSON Schema of a stack file, for completion and checking in an editor. Made from the models, never by hand."""

import json
from typing import Any

from keyswitch.access_key.model import Status
from keyswitch.configuration.entry import Entry
from keyswitch.configuration.stack import Keyswitch


def document() -> dict[str, Any]:
    """The schema of `Pulumi.<stack>.yaml`, as far as keyswitch reads it; other settings are let through."""
    settings = Keyswitch.model_json_schema(by_alias=True)
    entry = Entry.model_json_schema(by_alias=True)
    fields = entry["properties"]
    statuses = [status.value for status in Status]
    fields["status"] = {"enum": statuses, "description": fields["status"]["description"]}
    fields["userName"] = {
        "type": "string",
        "pattern": "^[A-Za-z0-9_+=,.@-]{1,128}$",
        "description": fields["userName"]["description"],
    }
    definitions = {**settings.pop("$defs", {}), **entry.pop("$defs", {}), "Entry": entry}
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
    properties["keyswitch:keys"] = {
        "type": "object",
        "description": properties["keyswitch:keys"]["description"],
        "propertyNames": {"pattern": "^[A-Za-z0-9_]{16,128}$"},
        "additionalProperties": {"oneOf": [{"enum": statuses}, {"$ref": "#/$defs/Entry"}]},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A stack of keyswitch",
        "type": "object",
        "properties": {
            "config": {
                "type": "object",
                "required": ["keyswitch:keys"],
                "properties": properties,
                "patternProperties": {f"^keyswitch:(?!({'|'.join(settings['properties'])})$)": False},
            }
        },
        "$defs": definitions,
    }


if __name__ == "__main__":
    print(json.dumps(document(), indent=2, ensure_ascii=False))
