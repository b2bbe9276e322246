"""The schema of the package: it is the committed one, and no program that used a released one breaks."""

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from importlib.metadata import version
from typing import Any

import pytest

from keyswitch.access_key.desired import ENTRY_FIELDS
from keyswitch.configuration.stack import RUN_SETTINGS
from keyswitch.plugin.schema import RESOURCE, VERSION, package, package_text
from keyswitch.resources.properties import OUTPUTS
from scripts.pulumi_cli import REPOSITORY

SCHEMA = REPOSITORY / "schema"
RELEASED = sorted((SCHEMA / "released").glob("provider-*.json"))


def breaks(old: Any, new: Any, place: str = "") -> Iterator[str]:
    """What a program that was written for the old schema can no longer do, by place.

    Names may be added, but not removed; a type, a reference and an accepted word stay; an input that was optional
    stays optional, an output that was always there stays so. Descriptions may change.
    """
    if isinstance(old, dict) and isinstance(new, dict):
        for name, value in old.items():
            if name in ("description", "version", "keywords", "license", "displayName", "language"):
                continue
            if name == "enum":
                yield from (f"{place}.{word}" for word in sorted(_words(value) - _words(new.get(name, []))))
            elif name not in new:
                yield f"{place}.{name}"
            elif name not in ("required", "requiredInputs"):
                yield from breaks(value, new[name], f"{place}.{name}")
        inputs_now, inputs_before = set(new.get("requiredInputs", ())), set(old.get("requiredInputs", ()))
        yield from (f"{place}.{name} is needed" for name in sorted(inputs_now - inputs_before))
        is_argument = place.endswith(".inputs")
        lost = set(new.get("required", ())) ^ set(old.get("required", ()))
        yield from (
            f"{place}.{name} {'is needed' if is_argument else 'may be missing'}"
            for name in sorted(lost)
            if is_argument is (name in new.get("required", ()))
        )
    elif old != new:
        yield place


def _words(enum: list[dict[str, str]]) -> set[str]:
    return {word["value"] for word in enum}


def test_it_has_the_version_of_keyswitch() -> None:
    """Pulumi picks the plugin by it."""
    assert version("keyswitch") == VERSION


def test_its_names_do_not_depend_on_where_it_is_from() -> None:
    """The examples import it by names that Pulumi would else derive from the organization in the Git address."""
    examples, names = REPOSITORY / "examples", package()["language"]
    assert f"import {names['python']['packageName']} as" in (examples / "python" / "__main__.py").read_text()
    assert f'from "{names["nodejs"]["packageName"]}"' in (examples / "typescript" / "index.ts").read_text()
    assert f'"{names["go"]["importBasePath"]}"' in (examples / "go" / "main.go").read_text()


def test_it_is_committed() -> None:
    """`make schema` has written what the provider answers; the newest release is compared with, too."""
    assert (SCHEMA / "provider.schema.json").read_text(encoding="utf-8") == package_text() + "\n"
    assert RELEASED


@pytest.mark.parametrize("released", RELEASED, ids=lambda path: path.stem)
def test_it_breaks_no_program(released: Any) -> None:
    """Whatever a released schema offered is still there."""
    assert list(breaks(json.loads(released.read_text(encoding="utf-8")), package())) == []


def of_resource(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    """The schema with a changed resource."""
    changed = deepcopy(package())
    change(changed["resources"][RESOURCE])
    return changed


@pytest.mark.parametrize(
    ("changed", "breaks_it"),
    [
        (of_resource(lambda r: r["inputProperties"].pop("reason")), True),
        (of_resource(lambda r: r["inputProperties"]["root"].update(type="string")), True),
        (of_resource(lambda r: r["requiredInputs"].append("status")), True),
        (of_resource(lambda r: r["required"].remove("status")), True),
        (of_resource(lambda r: r["aliases"].clear()), True),
        (of_resource(lambda r: r["inputProperties"].update(new={"type": "string"})), False),
        (of_resource(lambda r: r.update(description="other words")), False),
    ],
    ids=["no input", "another type", "a needed input", "an output that may be missing", "no alias", "more", "words"],
)
def test_what_counts_as_a_break(changed: dict[str, Any], breaks_it: bool) -> None:
    """A removed name, another type, a new duty; nothing that is only added or worded."""
    assert bool(list(breaks(package(), changed))) is breaks_it


def test_it_has_every_property() -> None:
    """Nothing of an entry, of the outputs and of the settings is left out."""
    resource = package()["resources"][RESOURCE]
    assert resource["inputProperties"].keys() == {"access_key_id", *ENTRY_FIELDS}
    assert resource["properties"].keys() == {"access_key_id", *ENTRY_FIELDS, *OUTPUTS}
    settings = {full.partition(":")[2] for full in RUN_SETTINGS}
    refused = settings - package()["provider"]["inputProperties"].keys()
    assert refused == {
        "accessKey",
        "secretKey",
        "token",
        "assumeRoleWithWebIdentity",
        "sharedConfigFiles",
        "sharedCredentialsFiles",
        "allowedAccountIds",
        "forbiddenAccountIds",
    }
