"""Generates the JSON Schemas of a stack file and of a keys file, for completion and checks in an editor.

The schemas derive from the models. This module only places them in the structure of the files.
"""

import json
import sys
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from keyswitch.configuration.aws import Aws
from keyswitch.configuration.keyswitch import Keys, Keyswitch


def stack() -> dict[str, Any]:
    """Return the schema of the settings that keyswitch reads in `Pulumi.<stack>.yaml`. It accepts all others."""
    _, schema = models_json_schema([(Keyswitch, "validation"), (Aws, "validation")], schema_generator=_Generator)
    definitions = schema["$defs"]
    own = definitions.pop("Keyswitch")["properties"]
    aws = definitions.pop("Aws")["properties"]
    config = {
        "type": "object",
        "oneOf": [{"required": ["keyswitch:keys"]}, {"required": ["keyswitch:keysFile"]}],
        "properties": {
            **{f"keyswitch:{name}": value for name, value in own.items()},
            **{f"aws:{name}": value for name, value in aws.items()},
        },
        "patternProperties": {f"^keyswitch:(?!({'|'.join(own)})$)": False},
    }
    return {
        "$schema": _DIALECT,
        "title": "A stack of keyswitch",
        "type": "object",
        "properties": {"config": config},
        "$defs": definitions,
    }


def keys() -> dict[str, Any]:
    """Return the schema of a keys file."""
    schema = TypeAdapter(Keys).json_schema(schema_generator=_Generator)
    return {"$schema": _DIALECT, "title": "The access keys of a stack of keyswitch", **schema}


_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Omits titles that repeat names, and empty defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401  (a union of all pydantic schemas)
        return False

    def default_schema(self, schema: Any) -> dict[str, Any]:  # noqa: ANN401
        made = super().default_schema(schema)
        if not made.get("default"):
            made.pop("default", None)
        return made


if __name__ == "__main__":
    print(json.dumps({"stack": stack, "keys": keys}[sys.argv[1]](), indent=2, ensure_ascii=False))
