"""A secret access key in a configuration is refused in every field, with its place, and never shown."""

import json

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.aws import AssumedRole, Aws, Endpoints
from keyswitch.configuration.entry import Entry, parse_entry
from keyswitch.configuration.keyswitch import Keyswitch
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.problems import accepted
from tests.support.examples import OLD
from tests.support.hostile import SECRET

WRAPPED = {
    "alone": SECRET,
    "with a newline": f"{SECRET}\n",
    "with spaces": f"  {SECRET} ",
    "in quotes": f'"{SECRET}"',
    "of a profile": f"aws_secret_access_key={SECRET}",
    "with its ID": f"AKIAIOSFODNN7EXAMPLE:{SECRET}",
    "in a sentence": f"rotated, the new secret is {SECRET}",
    "in a session token": f"FwoGZXIvYXdzEPr//////////{SECRET}IQoJb3JpZ2luX2VjEJr4K7bQ9Tz2WxYv",
}

_ROLE = {"roleArn": "arn:aws:iam::123456789012:role/switch"}
_NAMES = [name for name in accepted(Aws) if not name.startswith(("assume", "endpoints"))]

PLACES = {
    **{f"an entry's {name}": ("keyswitch:keys", OLD, name) for name in accepted(Entry)},
    "an entry's allow": ("keyswitch:keys", OLD, "allow", 0),
    "a short entry": ("keyswitch:keys", OLD),
    "a key ID": ("keyswitch:keys", ...),
    "an entry's unknown field": ("keyswitch:keys", OLD, ...),
    **{f"keyswitch:{name}": (f"keyswitch:{name}",) for name in accepted(Keyswitch)},
    "a guard": ("keyswitch:guards", ...),
    "a guard's level": ("keyswitch:guards", "recentlyUsed"),
    **{f"aws:{name}": (f"aws:{name}",) for name in _NAMES},
    **{f"a role's {name}": ("aws:assumeRole", name) for name in accepted(AssumedRole)},
    "a role's policyArns": ("aws:assumeRole", "policyArns", 0),
    "the second role": ("aws:assumeRoles", 1, "sessionName"),
    "a tag": ("aws:assumeRole", "tags", "team"),
    "a tag's name": ("aws:assumeRole", "tags", ...),
    **{f"the endpoint of {name}": ("aws:endpoints", name) for name in accepted(Endpoints)},
}
"""Where something may be written: a path of names and positions; an ellipsis is a name that is the secret itself."""


def _written(path, secret):
    """A configuration with a secret at a place."""
    value = secret
    for part in reversed(path):
        if part is ...:
            value = {secret: "Active"}
        elif isinstance(part, int):
            value = [*([_ROLE] * part), value]
        else:
            value = {part: value, **(_ROLE if part in ("sessionName",) else {})}
    role = value.get("aws:assumeRole")
    if isinstance(role, dict):
        value["aws:assumeRole"] = {**_ROLE, **role}
    return {"keyswitch:keys": {}, **value} if "keyswitch:keysFile" not in value else value


@pytest.mark.parametrize("secret", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("path", PLACES.values(), ids=PLACES)
def test_a_secret_is_refused_with_its_place_and_not_shown(tmp_path, path, secret):
    """In each field, in whatever is around it; as a file is read, and as Pulumi hands it over."""
    config = _written(path, secret)
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text(json.dumps({"config": config}, indent=1, ensure_ascii=False), encoding="utf-8")
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_file(file)
    assert SECRET not in str(caught.value)
    concerned = [p for p in caught.value.problems if p.field.startswith(path[0]) and "secret" in p.text + p.field]
    if path[0] not in _REFUSED_ANYWAY:
        assert concerned, str(caught.value)
    lines = file.read_text(encoding="utf-8").splitlines()
    for problem in concerned:
        number = int(problem.where.rpartition(":")[2])
        assert any(SECRET in line for line in lines[number - 1 : number + 6]), problem


_REFUSED_ANYWAY = {
    "aws:accessKey", "aws:secretKey", "aws:token", "aws:assumeRoleWithWebIdentity", "aws:sharedConfigFiles",
    "aws:sharedCredentialsFiles", "aws:allowedAccountIds", "aws:forbiddenAccountIds",
}  # fmt: skip
"""Settings that are refused with anything in them, and never shown."""


@pytest.mark.parametrize("secret", WRAPPED.values(), ids=WRAPPED)
@pytest.mark.parametrize("name", ["user_name", "status", "reason", "on_removal", "root", "odd"])
def test_a_resource_of_a_program_refuses_it_too(name, secret):
    """The inputs of `AccessKeyStatus` are checked by the same rules."""
    desired, problems = parse_entry(OLD, {name: secret})
    assert desired is None
    assert [problem.field for problem in problems] == [name]
    assert SECRET not in problems[0].text


def test_a_keys_file_is_searched_and_its_name_not_shown(tmp_path):
    """The keys are as easily pasted there; and a secret may be taken for the name of the file."""
    (tmp_path / "keys.yaml").write_text(f"{OLD}:\n  status: Active\n  reason: new one {SECRET}\n")
    file = tmp_path / "Pulumi.test.yaml"
    for name, said in [("keys.yaml", "keys.yaml:3: "), (f"keys/{SECRET}.yaml", "keyswitch:keysFile: ")]:
        file.write_text(f"config:\n  keyswitch:keysFile: {name}\n")
        with pytest.raises(InvalidConfiguration, match="secret") as caught:
            settings_from_file(file)
        assert said in str(caught.value)
        assert SECRET not in str(caught.value)


def test_settings_that_are_passed_over_are_not_searched(tmp_path):
    """They are other programs', and nothing here shows them."""
    file = tmp_path / "Pulumi.test.yaml"
    file.write_text(f"config:\n  keyswitch:keys: {{}}\n  other:token: {SECRET}\n  aws:defaultTags: {{a: {SECRET}}}\n")
    assert settings_from_file(file).wanted == ()
