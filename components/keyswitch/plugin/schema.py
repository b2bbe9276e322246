"""Generates the schema of the package for Pulumi, from which it makes SDKs for every language.

Names, descriptions and accepted words derive from the models. This module only places them in Pulumi's structure
(https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/).
"""

import json
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any

from keyswitch.access_key.desired import ENTRY_FIELDS, OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName, Level
from keyswitch.configuration.aws import AssumedRole, Aws, Endpoints
from keyswitch.configuration.keyswitch import Keyswitch
from keyswitch.plugin.descriptions import (
    COMPONENT_TEXT,
    ENUMS,
    EXAMPLES,
    FOUND,
    FUNCTIONS,
    OUTPUTS,
    PACKAGE,
    PROVIDER,
    RESOURCE_TEXT,
)
from keyswitch.plugin.settings import OFFERED, SETTINGS

RESOURCE = "keyswitch:index:AccessKeyStatus"
COMPONENT = "keyswitch:index:AccessKeys"
DYNAMIC = "pulumi-python:dynamic/keyswitch:AccessKeyStatus"
"""The type of the dynamic resource. Its resources move to this package in place."""

VERSION = "0.1.0"
"""The version of keyswitch. The plugin runs from the repository, where keyswitch is not installed."""

_LANGUAGES = {
    "python": {"packageName": "pulumi_keyswitch", "pyproject": {"enabled": True}, "respectSchemaVersion": True},
    "nodejs": {"packageName": "@pulumi/keyswitch", "respectSchemaVersion": True},
    "go": {
        "importBasePath": "example.com/pulumi-keyswitch/sdk/go/keyswitch",
        "respectSchemaVersion": True,
        "generateResourceContainerTypes": True,
    },
}
"""How SDKs are made. Their names are given: for a plugin from Git, Pulumi would derive them from the organization in
the address, and no program would run with both the plugin in a folder and the same plugin from Git."""

_TEXT = {"type": "string"}
_TRUTH = {"type": "boolean"}


def package() -> dict[str, Any]:
    """Return the schema of the package."""
    return {
        "name": "keyswitch",
        "displayName": "keyswitch",
        "version": VERSION,
        "description": PACKAGE,
        "keywords": ["aws", "iam", "security", "kind/native", "category/cloud"],
        "license": "Apache-2.0",
        "language": _LANGUAGES,
        "config": {"variables": _settings()},
        "provider": {"description": PROVIDER, "inputProperties": _settings()},
        "types": _types(),
        "resources": {
            RESOURCE: {
                "description": f"{RESOURCE_TEXT}\n\n{EXAMPLES}",
                "properties": {**_inputs(), **_outputs()},
                "required": ["access_key_id", "status", "account_id", "status_at_adoption"],
                "inputProperties": {
                    **_inputs(),
                    "access_key_id": {**_inputs()["access_key_id"], "willReplaceOnChanges": True},
                },
                "requiredInputs": ["access_key_id"],
                "aliases": [{"type": DYNAMIC}],
            },
            COMPONENT: {
                "isComponent": True,
                "description": COMPONENT_TEXT,
                "properties": {"statuses": _statuses()},
                "required": ["statuses"],
                "inputProperties": {"access_keys": _wanted()},
                "requiredInputs": ["access_keys"],
            },
        },
        "functions": _functions(),
    }


def package_text() -> str:
    """Return the schema of the package as JSON text."""
    return json.dumps(package(), indent=2, ensure_ascii=False)


def _inputs() -> dict[str, Any]:
    types: dict[str, Any] = {
        "status": _ref(Status),
        "on_removal": _ref(OnRemoval),
        "allow": {"type": "array", "items": _ref(GuardName)},
        "root": _TRUTH,
    }
    return {
        "access_key_id": {
            **_TEXT,
            "description": "The access key: 16 to 128 letters, digits or underscores. Another key is another resource.",
        },
        **{
            field.name: {**types.get(field.name, _TEXT), "description": field.description}
            for field in ENTRY_FIELDS.values()
        },
    }


def _functions() -> dict[str, Any]:
    """Return the functions. Arguments and results have the names and types of the resource."""
    key_id = _inputs()["access_key_id"]
    user_name = {**_TEXT, "description": "The user whose keys are looked up."}
    keys = {"type": "array", "items": {"$ref": f"#/types/{_KEY}"}, "description": "The keys of the user."}
    lines = {"type": "array", "items": _TEXT, "description": FUNCTIONS["lines"]}
    return {
        f"keyswitch:index:{name}": {
            "description": FUNCTIONS[name],
            "inputs": {"type": "object", "properties": inputs, "required": list(inputs)},
            "outputs": {"type": "object", "properties": outputs, "required": required},
        }
        for name, inputs, outputs, required in (
            ("getAccessKey", {"access_key_id": key_id}, _looked_up(), _ALWAYS),
            ("getAccessKeys", {"user_name": user_name}, {"access_keys": keys}, ["access_keys"]),
            (
                "checkAccessKeys",
                {"access_keys": _wanted()},
                {"statuses": _statuses(), "lines": lines},
                ["statuses", "lines"],
            ),
        )
    }


def _wanted() -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/types/{_WANTED}"}, "description": "All keys that are declared."}


def _statuses() -> dict[str, Any]:
    return {"type": "object", "additionalProperties": _TEXT, "description": FUNCTIONS["statuses"]}


_KEY, _WANTED = "keyswitch:index:FoundAccessKey", "keyswitch:index:WantedAccessKey"
_ALWAYS = ["access_key_id", "status", "account_id"]


def _looked_up() -> dict[str, Any]:
    """Return the properties of a key that a function has looked up."""
    return {
        name: {**({"type": "integer"} if name == "age_days" else _TEXT), "description": text}
        for name, text in FOUND.items()
    }


def _outputs() -> dict[str, Any]:
    return {name: {**_TEXT, "description": text} for name, text in OUTPUTS.items()}


def _settings() -> dict[str, Any]:
    """Return the settings of the provider, with the descriptions of the models of a stack's configuration."""
    models: dict[str, type[Keyswitch] | type[Aws]] = {"keyswitch": Keyswitch, "aws": Aws}
    types: dict[str, Any] = {
        "guards": {"type": "object", "additionalProperties": _TEXT},
        "callsPerSecond": {"type": "number"},
        "assumeRole": {"$ref": "#/types/keyswitch:index:AssumedRole"},
        "assumeRoles": {"type": "array", "items": {"$ref": "#/types/keyswitch:index:AssumedRole"}},
        "endpoints": {"type": "array", "items": {"$ref": "#/types/keyswitch:index:Endpoints"}},
        "useFipsEndpoint": _TRUTH,
        "useDualstackEndpoint": _TRUTH,
    }
    described = {
        f"{namespace}:{field.alias}": field.description
        for namespace, model in models.items()
        for field in model.model_fields.values()
    }
    return {
        name: {**types.get(name, _TEXT), "description": described[full]}
        for name, full in SETTINGS.items()
        if name in OFFERED
    }


def _types() -> dict[str, Any]:
    enums: Iterable[type[Enum]] = (Status, OnRemoval, GuardName, Level)
    return {
        **{_token(enum): _enum(enum) for enum in enums},
        "keyswitch:index:AssumedRole": {
            **_object(AssumedRole, {"tags": {"type": "object", "additionalProperties": _TEXT}}),
            "required": ["roleArn"],
        },
        "keyswitch:index:Endpoints": _object(Endpoints, {}),
        _KEY: {
            "type": "object",
            "description": "An access key as AWS shows it.",
            "properties": _looked_up(),
            "required": _ALWAYS,
        },
        _WANTED: {
            "type": "object",
            "description": "The wanted state of an access key, with the inputs of `AccessKeyStatus`.",
            "properties": _inputs(),
            "required": ["access_key_id"],
        },
    }


def _enum(enum: type[Enum]) -> dict[str, Any]:
    words = ENUMS[enum]
    return {
        "type": "string",
        "description": words[""],
        "enum": [
            {"name": item.name.title().replace("_", ""), "value": item.value, "description": words[item.value]}
            for item in enum
        ],
    }


def _object(model: type[AssumedRole] | type[Endpoints], types: Mapping[str, Any]) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    for field in model.model_fields.values():
        name = str(field.alias)
        is_list = str(field.annotation).startswith("list")
        plain = {"type": "array", "items": _TEXT} if is_list else _TEXT
        properties[name] = {**types.get(name, plain), "description": field.description}
    return {"type": "object", "description": (model.__doc__ or "").strip(), "properties": properties}


def _token(enum: type[Enum]) -> str:
    return f"keyswitch:index:{enum.__name__}"


def _ref(enum: type[Enum]) -> dict[str, str]:
    return {"$ref": f"#/types/{_token(enum)}"}


if __name__ == "__main__":
    print(package_text())
