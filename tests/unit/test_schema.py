"""The JSON Schema that editors use: as the models say, and true of the shipped stack files."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from keyswitch.configuration.schema import document

REPOSITORY = Path(__file__).parent.parent.parent
VALIDATOR = Draft202012Validator(document())


def test_the_shipped_schema_is_the_one_of_the_models():
    """`make schema` was not forgotten."""
    assert json.loads((REPOSITORY / "schema" / "stack.schema.json").read_text(encoding="utf-8")) == document()


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_shipped_stack_files_are_valid(name):
    """An editor shows no squiggle in them."""
    text = (REPOSITORY / "stacks" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    assert list(VALIDATOR.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="no keys"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:acount": "123456789012"}, id="a slip in a setting"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:recentUse": "soon"}, id="no span"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:guards": {"recentlyUsed": "no"}}, id="no level"),
        pytest.param({"keyswitch:keys": {"AKIA-IOSFODNN7EXAMPLE": "Active"}}, id="a dash"),
        pytest.param({"keyswitch:keys": {"AKIAIOSFODNN7EXAMPLE": "inactive"}}, id="lower case"),
        pytest.param({"keyswitch:keys": {"AKIAIOSFODNN7EXAMPLE": {"stauts": "Active"}}}, id="a slip in an entry"),
        pytest.param({"keyswitch:keys": {"AKIAIOSFODNN7EXAMPLE": {"userName": "b o b"}}}, id="a space"),
    ],
)
def test_what_the_program_refuses_is_marked_in_the_editor(config):
    """The schema is as strict as the program where a schema can be."""
    assert list(VALIDATOR.iter_errors({"config": config}))
