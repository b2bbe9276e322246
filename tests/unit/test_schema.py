"""The JSON Schema that editors use: as the models say, and true of the shipped stack files."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from keyswitch.configuration.reference import page
from keyswitch.configuration.schema import keys, stack
from tests.support.seeded import BOB

REPOSITORY = Path(__file__).parent.parent.parent
STACK = Draft202012Validator(stack())
KEYS = Draft202012Validator(keys())


@pytest.mark.parametrize("schema", [stack, keys])
def test_the_shipped_schema_is_the_one_of_the_models(schema):
    """`make schema` was not forgotten."""
    shipped = REPOSITORY / "schema" / f"{schema.__name__}.schema.json"
    assert json.loads(shipped.read_text(encoding="utf-8")) == schema()


def test_the_page_of_settings_is_the_one_of_the_models():
    """The documentation says what an editor shows; `make schema` writes both."""
    assert (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8") == page()
    settings = STACK.schema["properties"]["config"]["properties"]
    assert all(f"\n- `{name}`" in page() for name in [*settings, *STACK.schema["$defs"]["Entry"]["properties"]])


@pytest.mark.parametrize("name", ["dev", "prod"])
def test_the_shipped_stack_files_are_valid(name):
    """An editor shows no squiggle in them."""
    text = (REPOSITORY / "stacks" / f"Pulumi.{name}.yaml").read_text(encoding="utf-8")
    assert list(STACK.iter_errors(yaml.safe_load(text))) == []


@pytest.mark.parametrize(
    "config",
    [
        pytest.param({}, id="no keys"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:keysFile": "keys.yaml"}, id="keys in two places"),
        pytest.param({"keyswitch:keysFile": {BOB: "Active"}}, id="keys instead of their file"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:acount": "123456789012"}, id="a slip in a setting"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:recentUse": "soon"}, id="no span"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:guards": {"recentlyUsed": "no"}}, id="no level"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:tooManyAtOnce": {"share": 20}}, id="no share"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:tooManyAtOnce": {"count": 0}}, id="no count"),
        pytest.param({"keyswitch:keys": {}, "keyswitch:tooManyAtOnce": {"most": 9}}, id="a slip in the limits"),
        pytest.param({"keyswitch:keys": {"AKIA-IOSFODNN7EXAMPLE": "Active"}}, id="a dash"),
        pytest.param({"keyswitch:keys": {BOB: "inactive"}}, id="lower case"),
        pytest.param({"keyswitch:keys": {BOB: {"stauts": "Active"}}}, id="a slip in an entry"),
        pytest.param({"keyswitch:keys": {BOB: {"userName": "b o b"}}}, id="a space"),
    ],
)
def test_what_the_program_refuses_is_marked_in_the_editor(config):
    """The schema is as strict as the program where a schema can be."""
    assert list(STACK.iter_errors({"config": config}))


@pytest.mark.parametrize(
    ("entries", "valid"),
    [
        pytest.param({BOB: "Active"}, True, id="short"),
        pytest.param({BOB: {"userName": "bob", "status": "Inactive"}}, True, id="long"),
        pytest.param({BOB: "active"}, False, id="lower case"),
        pytest.param({BOB: {"stauts": "Active"}}, False, id="a slip"),
        pytest.param({"config": {}}, False, id="a stack file"),
        pytest.param(None, False, id="nothing"),
    ],
)
def test_a_keys_file_is_held_to_the_same_entries(entries, valid):
    """It has a schema of its own, for what would stand under `keyswitch:keys`."""
    assert KEYS.is_valid(entries) is valid


def test_a_stack_file_may_name_a_keys_file_instead():
    """An editor does not ask for `keyswitch:keys` then."""
    assert STACK.is_valid({"config": {"keyswitch:keysFile": "keys.yaml"}})
