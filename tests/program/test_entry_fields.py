"""One description of an entry's fields: what is added to `Desired` appears everywhere else, or a test here fails."""

import inspect
import re
from dataclasses import fields, replace

import pytest
from pulumi import CustomResource

from keyswitch.access_key.desired import ENTRY_FIELDS, Desired, OnRemoval
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import GuardName
from keyswitch.access_key.record import Recorded
from keyswitch.configuration.entry import Entry, parse_entry
from keyswitch.configuration.schema import keys, stack
from keyswitch.resources.properties import ENTRY, INPUTS, declared, recorded, stored, wanted
from keyswitch.resources.status import AccessKeyStatus
from keyswitch.switching.adapter import Switched
from tests.support.examples import ACCOUNT, OLD, key

NAMES = [field.name for field in fields(Desired) if field.name != "access_key_id"]
PLAIN = Desired(OLD)
OTHER = {
    "user_name": "bob",
    "status": Status.INACTIVE,
    "reason": "OPS-1",
    "on_removal": OnRemoval.RESTORE,
    "allow": frozenset({GuardName.RECENTLY_USED}),
    "root": True,
}
"""Of each field a value that is not its default."""


def test_the_names_are_the_ones_that_are_persisted():
    """Stack files and states of users hold them, so they only ever grow."""
    assert {field.name: field.setting for field in ENTRY_FIELDS.values()} == {
        "user_name": "userName",
        "status": "status",
        "reason": "reason",
        "on_removal": "onRemoval",
        "allow": "allow",
        "root": "root",
    }
    assert set(INPUTS) == {"access_key_id", *ENTRY_FIELDS, "ignore_status"}


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_desired_is_one_of_the_configuration(name):
    """The model, with the name, the default and the description of the one place."""
    field, described = Entry.model_fields[name], ENTRY_FIELDS[name]
    assert (field.alias, field.default, field.description) == (
        described.setting,
        getattr(PLAIN, name),
        described.description,
    )


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("schema", [stack, keys])
def test_a_field_of_desired_is_in_the_schema(name, schema):
    """Under its name in the configuration, with its description."""
    described = ENTRY_FIELDS[name]
    assert schema()["$defs"]["Entry"]["properties"][described.setting]["description"] == described.description


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_desired_is_stored_and_read_back(name):
    """What is declared survives the way into the state and back."""
    given = {"reason": "OPS-1", name: OTHER[name]}
    desired = Desired(OLD, **given)
    inputs = declared(desired)
    assert name in ENTRY
    assert wanted(inputs) == desired
    assert recorded(stored(inputs, Switched(key(), ACCOUNT, "Active"))).desired == desired


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_desired_counts_as_a_difference(name):
    """Under its name in the configuration, and nothing else does."""
    before = Recorded(PLAIN, "Active", "bob", ACCOUNT, "Active")
    assert before.differences(replace(PLAIN, **{name: OTHER[name]}), key()) == (ENTRY_FIELDS[name].setting,)


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_desired_is_an_argument_of_the_resource(name):
    """Documented, and with the meaning of the default."""
    parameters = inspect.signature(AccessKeyStatus.__init__).parameters
    assert name in parameters
    assert re.search(rf"^ +{name}: \S", inspect.getdoc(AccessKeyStatus.__init__) or "", re.MULTILINE)
    given = {} if parameters[name].default in (None, ()) else {name: parameters[name].default}
    assert parse_entry(OLD, given) == (PLAIN, [])


@pytest.mark.parametrize("name", NAMES)
def test_a_field_of_desired_is_registered_by_the_resource(name, monkeypatch):
    """An argument that is accepted reaches the engine, as the value that is stored."""
    registered = {}
    monkeypatch.setattr(
        CustomResource, "__init__", lambda _self, _type, _name, properties, *_: registered.update(properties)
    )
    inputs = declared(Desired(OLD, **{"reason": "OPS-1", name: OTHER[name]}))
    AccessKeyStatus(OLD, **inputs)
    assert registered[name] == inputs[name]


def test_inputs_are_plain_values():
    """Pulumi stores texts, truth values and lists; what has no value is left out."""
    assert declared(Desired(OLD, **OTHER)) == {
        "access_key_id": OLD,
        "user_name": "bob",
        "status": "Inactive",
        "reason": "OPS-1",
        "on_removal": "restore",
        "allow": ["recentlyUsed"],
        "root": True,
    }
    assert {type(value) for value in declared(Desired(OLD, **OTHER)).values()} == {str, bool, list}
    assert declared(PLAIN) == {"access_key_id": OLD, "on_removal": "leave", "allow": [], "root": False}
