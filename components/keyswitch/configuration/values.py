"""Types that several settings share, with their checks and their JSON Schema. Belongs to no single setting.

Pulumi passes plain values to the program as text; a stack file contains YAML's types. Each type accepts both forms with
the same meaning, and nothing else.
"""

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from keyswitch.access_key.shown import shown


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if value in ("true", "false"):
        return value == "true"
    raise ValueError(f"write true or false, not {shown(value)}")


Truth = Annotated[bool, BeforeValidator(_truth), WithJsonSchema({"enum": [True, False, "true", "false"]})]
"""true or false, with or without quotes; not yes, on or 1."""


def _line(value: str) -> str:
    if not value:
        raise ValueError("is empty: leave the line out, or write a value")
    if value != value.strip() or not value.isprintable():
        raise ValueError(f"{shown(value)} has spaces around it or characters that cannot be printed")
    return value


Line = Annotated[str, AfterValidator(_line), WithJsonSchema({"type": "string", "pattern": r"^\S(.*\S)?$"})]
"""One line of text, without spaces around it."""
