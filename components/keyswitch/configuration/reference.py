"""Generates the page docs/settings.md, every setting with its meaning, from the JSON Schema."""

import json
from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any

from keyswitch.configuration.schema import stack

_HEAD = """\
# Settings

Every setting of a stack file. [Configuration](configuration.md) shows them in use. `make schema` generates this page
from the models. An editor shows the same descriptions (see `schema/`).
"""


def page() -> str:
    """Return the page in Markdown."""
    schema = stack()
    settings, definitions = schema["properties"]["config"]["properties"], schema["$defs"]
    sections = {
        "An entry of `keyswitch:keys`": definitions["Entry"]["properties"],
        "`keyswitch:` settings": _namespace(settings, "keyswitch:"),
        "`keyswitch:tooManyAtOnce`": definitions["TooManyAtOnce"]["properties"],
        "`keyswitch:undeclaredUnder`": definitions["Under"]["properties"],
        "`aws:` settings": _namespace(settings, "aws:"),
        "A role of `aws:assumeRole` or `aws:assumeRoles`": definitions["AssumedRole"]["properties"],
        "`aws:endpoints`": definitions["Endpoints"]["properties"],
    }
    parts = [f"## {title}\n\n" + "\n".join(_items(fields, definitions)) + "\n" for title, fields in sections.items()]
    return "\n".join([_HEAD, *parts])


def _namespace(settings: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {name: setting for name, setting in settings.items() if name.startswith(prefix)}


def _items(fields: Mapping[str, Any], definitions: Mapping[str, Any]) -> Iterator[str]:
    for name, field in fields.items():
        text = f"- `{name}`{_accepted(field, definitions)}: {field['description']}"
        yield fill(text, 118, subsequent_indent="  ", break_on_hyphens=False, break_long_words=False)


def _accepted(field: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """Return the accepted words of a field, of a list's items or of a map's names; and the default."""
    target = field.get("items") or field.get("propertyNames") or field
    target = definitions.get(target.get("$ref", "").rpartition("/")[2], target)
    words = dict.fromkeys(_as_yaml(word) for word in target.get("enum", ()) if word not in (None, "", [], {}))
    said = [", ".join(f"`{word}`" for word in words)] if words else []
    said += [f"`{_as_yaml(field['default'])}` if left out"] if "default" in field else []
    return f" ({'; '.join(said)})" if said else ""


def _as_yaml(value: object) -> str:
    return value if isinstance(value, str) else f"{value:g}" if isinstance(value, float) else json.dumps(value)


if __name__ == "__main__":
    print(page(), end="")
