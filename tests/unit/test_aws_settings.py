"""The `aws:*` settings: each value means what it says, is refused with its name, and never means something else."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.aws import AssumedRole, Aws, connection
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.problems import accepted
from keyswitch.configuration.schema import stack
from keyswitch.configuration.source import Written, read
from keyswitch.configuration.stack import parse
from keyswitch.iam.connection import Connection, Role
from tests.support.examples import ACCOUNT, SECRET

ARN = f"arn:aws:iam::{ACCOUNT}:role/switch"
SCHEMA = Draft202012Validator(stack())
NAMES, ROLE_NAMES = accepted(Aws), [*accepted(AssumedRole), "iam", "sts"]

ACCEPTED = [
    ("region: us-east-1", Connection(region="us-east-1")),
    ("region: us-gov-west-1", Connection(region="us-gov-west-1")),
    ("region: aws-cn-global", Connection(region="aws-cn-global")),
    ("profile: prod", Connection(profile="prod")),
    ("profile: the one of Zoë", Connection(profile="the one of Zoë")),
    ("profile: 123", Connection(profile="123")),
    ('profile: "123"', Connection(profile="123")),
    ("useFipsEndpoint: true", Connection(use_fips=True)),
    ('useFipsEndpoint: "true"', Connection(use_fips=True)),
    ("useFipsEndpoint: false", Connection()),
    ('useDualstackEndpoint: "false"', Connection()),
    ("useDualstackEndpoint: true", Connection(use_dualstack=True)),
    (f"assumeRole: {{roleArn: {ARN}}}", Connection(roles=(Role(ARN),))),
    (f"assumeRole: [{{roleArn: {ARN}}}]", Connection(roles=(Role(ARN),))),
    (f"assumeRoles: {{roleArn: {ARN}}}", Connection(roles=(Role(ARN),))),
    (f"assumeRoles: [{{roleArn: {ARN}}}, {{roleArn: b}}]", Connection(roles=(Role(ARN), Role("b")))),
    (f"assumeRole: {{roleArn: {ARN}, duration: 3600}}", Connection(roles=(Role(ARN, {"DurationSeconds": 3600}),))),
    (f'assumeRole: {{roleArn: {ARN}, duration: "3600"}}', Connection(roles=(Role(ARN, {"DurationSeconds": 3600}),))),
    (f"assumeRole: {{roleArn: {ARN}, durationSeconds: 1h}}", Connection(roles=(Role(ARN, {"DurationSeconds": 3600}),))),
    (f"assumeRole: {{roleArn: {ARN}, tags: {{}}, policyArns: []}}", Connection(roles=(Role(ARN),))),
    ("assumeRoles: []", Connection()),
    ("endpoints: []", Connection()),
    ("endpoints: {sts: https://sts.example.com/a}", Connection(sts_endpoint="https://sts.example.com/a")),
    ("endpoints: [{iam: 'http://[::1]:4566', s3: 7}]", Connection(iam_endpoint="http://[::1]:4566")),
    (
        "endpoints: [{iam: http://a}, {iam: http://b, sts: http://c}]",
        Connection(None, None, (), "http://b", "http://c"),
    ),
    ("endpoints: {cloudtrail: http://a}", Connection(cloudtrail_endpoint="http://a")),
    ("maxRetries: 3", Connection()),
]

NOTHING = ["region:", "profile: ''", "assumeRole:", "assumeRoles: ''", "endpoints:", "useFipsEndpoint:", "token: []"]
"""Settings that are there without a value choose nothing."""

REFUSED = [
    ("region: {a: b}", "region", "expected a text, not a map"),
    ("region: {}", "region", "expected a text, not a map"),
    ("region: [us-east-1]", "region", "expected a text, not a list"),
    ("region: 1", "region", "such as us-east-1"),
    ("region: 'us-east-1 '", "region", "'us-east-1 ' is not a region"),
    ("region: 'us-east-1\u00a0'", "region", "such as us-east-1"),
    ("region: US-EAST-1", "region", "such as us-east-1"),
    ("region: us-gov-west1", "region", "such as us-east-1"),
    ("region: us_east_1", "region", "such as us-east-1"),
    ("region: Virginia", "region", "such as us-east-1"),
    ("profile: {a: b}", "profile", "expected a text, not a map"),
    ("profile: {}", "profile", "expected a text, not a map"),
    ("profile: [prod]", "profile", "expected a text, not a list"),
    ("profile: ' prod'", "profile", "spaces around it"),
    ('profile: "prod\\nadmin"', "profile", "cannot be printed"),
    ("useFipsEndpoint: yes", "useFipsEndpoint", "write true or false, not 'yes'"),
    ("useFipsEndpoint: on", "useFipsEndpoint", "write true or false, not 'on'"),
    ("useFipsEndpoint: 1", "useFipsEndpoint", "write true or false, not '1'"),
    ("useDualstackEndpoint: 'True'", "useDualstackEndpoint", "write true or false, not 'True'"),
    ("useDualstackEndpoint: [true]", "useDualstackEndpoint", "write true or false, not a list"),
    ("assumeRole: switch", "assumeRole", "a role or a list of roles, each with roleArn, not 'switch'"),
    ("assumeRole: true", "assumeRole", "each with roleArn"),
    ("assumeRole: {}", "assumeRole", "roleArn is missing"),
    ("assumeRoles: [{}]", "assumeRoles.0", "roleArn is missing"),
    ("assumeRoles: [switch]", "assumeRoles.0", "expected a map, not 'switch'"),
    ("assumeRoles: [{roleArn: ''}]", "assumeRoles.0.roleArn", "is empty"),
    ("assumeRoles: [{roleArn: a}, {roleArn: 7}]", "assumeRoles.1.roleArn", "expected a text, not 7"),
    ("assumeRole: {roleArn: ' a'}", "assumeRole.roleArn", "spaces around it"),
    ("assumeRole: {roleArn: a, extrenalId: b}", "assumeRole.extrenalId", "did you mean externalId?"),
    ("assumeRole: {roleArn: a, externalId: 123}", "assumeRole.externalId", "expected a text, not 123"),
    ("assumeRole: {roleArn: a, externalId: }", "assumeRole.externalId", "expected a text, not nothing"),
    ("assumeRole: {roleArn: a, sessionName: [b]}", "assumeRole.sessionName", "expected a text, not a list"),
    ("assumeRole: {roleArn: a, policy: {b: c}}", "assumeRole.policy", "expected a text, not a map"),
    ("assumeRole: {roleArn: a, policyArns: [1]}", "assumeRole.policyArns.0", "expected a text, not 1"),
    ("assumeRole: {roleArn: a, tags: {b: 1}}", "assumeRole.tags.b", "expected a text, not 1"),
    ("assumeRole: {roleArn: a, transitiveTagKeys: b}", "assumeRole.transitiveTagKeys", "expected a list, not 'b'"),
    ("assumeRole: {roleArn: a, duration: true}", "assumeRole.duration", "true is not a duration"),
    ("assumeRole: {roleArn: a, duration: 899}", "assumeRole.duration", "1h, 30m or 3600"),
    ("assumeRole: {roleArn: a, duration: 13h}", "assumeRole.duration", "from 15 minutes to 12 hours"),
    ("assumeRole: {roleArn: a, duration: -3600}", "assumeRole.duration", "1h, 30m or 3600"),
    ("assumeRole: {roleArn: a, duration: 3600.5}", "assumeRole.duration", "1h, 30m or 3600"),
    ("assumeRole: {roleArn: a, duration: 1h, durationSeconds: 900}", "assumeRole.durationSeconds", "one of the two"),
    ("endpoints: http://localhost", "endpoints", "a map from service to URL"),
    ("endpoints: true", "endpoints", "a map from service to URL"),
    ("endpoints: [7]", "endpoints.0", "expected a map, not 7"),
    ("endpoints: [{iam: http}]", "endpoints.0.iam", "'http' is not the URL"),
    ("endpoints: [{iam: 4566}]", "endpoints.0.iam", "such as http://localhost:4566"),
    ("endpoints: {sts: }", "endpoints.sts", "nothing is not the URL"),
    ("endpoints: {sts: 'http://'}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: localhost:4566}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: ftp://localhost}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: http://localhost:99999}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: http://localhost:0}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: http://local host}", "endpoints.sts", "such as http://localhost:4566"),
    (f"endpoints: {{sts: http://{'a.' * 128}a}}", "endpoints.sts", "a text of 264 characters is not the URL"),
    ("endpoints: {sts: http://-a}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: 'http://[:::]'}", "endpoints.sts", "such as http://localhost:4566"),
    ("endpoints: {sts: http://me:word@localhost}", "endpoints.sts", "not shown"),
    ("accessKey: AKIAIOSFODNN7EXAMPLE", "accessKey", "aws:profile"),
    ("token: 0", "token", "aws:profile"),
    ("sharedConfigFiles: [a]", "sharedConfigFiles", "aws:profile"),
    ("forbiddenAccountIds: ['1']", "forbiddenAccountIds", "keyswitch:account"),
]
"""By YAML: the field of the one problem, and what is said."""


BEYOND_A_SCHEMA = ("duration: 13h", "1h, durationSeconds", ":99999", ":0}", "[:::]", "a.a.a")
"""What marks the refused values that a JSON Schema cannot tell from accepted ones."""


@pytest.fixture
def written(tmp_path):
    """A stack file with one `aws:` setting in its third line."""

    def write(setting: str) -> Written:
        path = tmp_path / "Pulumi.test.yaml"
        path.write_text(f"config:\n  keyswitch:keys: {{}}\n  aws:{setting}\n", encoding="utf-8")
        return read(path)

    return write


def _handed_over(value: object) -> str:
    """A value as Pulumi hands it to the program: plain ones as text, nothing as an empty one, all others as JSON."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)


def _problem(config: Mapping[str, object]) -> tuple[str, str]:
    with pytest.raises(InvalidConfiguration) as caught:
        parse(config)
    (problem,) = caught.value.problems
    return problem.field, problem.text


@pytest.mark.parametrize(("setting", "meant"), [*ACCEPTED, *((setting, Connection()) for setting in NOTHING)])
def test_what_is_accepted_means_the_same_in_the_file_and_in_the_program(written, setting, meant):
    """A stack file holds YAML's types, Pulumi hands over texts and JSON."""
    config = written(setting).config
    assert parse(config).connection == meant
    assert parse({name: _handed_over(value) for name, value in config.items()}).connection == meant


@pytest.mark.parametrize(("setting", "field", "said"), REFUSED)
def test_what_is_refused_is_refused_in_the_file_and_in_the_program(written, setting, field, said):
    """One problem, with the path of the field and what is accepted; the same from either side."""
    config = written(setting).config
    name, text = _problem(config)
    assert name == f"aws:{field}"
    assert said in text
    assert _problem({name: _handed_over(value) for name, value in config.items()})[0] == name


def test_every_problem_has_its_line_and_all_are_told_at_once(tmp_path):
    """The line of the setting will do where a field in a list has none of its own."""
    path = tmp_path / "f"
    path.write_text(
        "config:\n  keyswitch:keys: {}\n  aws:region: {}\n  aws:profile: ' '\n"
        "  aws:assumeRole:\n    roleArn: 7\n    duration: soon\n  aws:assumeRoles: [{roleArn: a, policy: 1}]\n"
        f"  aws:token: {SECRET}\n",
        encoding="utf-8",
    )
    with pytest.raises(InvalidConfiguration) as caught:
        settings_from_file(path)
    assert {(p.field, p.where.removeprefix(path.as_posix())) for p in caught.value.problems} == {
        ("aws:region", ":3"),
        ("aws:profile", ":4"),
        ("aws:assumeRole", ":5"),
        ("aws:assumeRole.roleArn", ":6"),
        ("aws:assumeRole.duration", ":7"),
        ("aws:assumeRoles.0.policy", ":8"),
        ("aws:token", ":9"),
    }
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("setting", "is_accepted"),
    [*((setting, True) for setting, _ in ACCEPTED), *((setting, False) for setting, _, _ in REFUSED)],
)
def test_the_schema_says_the_same(written, setting, is_accepted):
    """An editor marks what is refused, and nothing else."""
    if not any(mark in setting for mark in BEYOND_A_SCHEMA):
        assert SCHEMA.is_valid({"config": written(setting).config}) is is_accepted


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["us-east-1", "true", ARN]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ROLE_NAMES) | st.text(), inner),
    max_leaves=6,
)


def _outcome(settings: Mapping[str, object]) -> tuple[Connection, set[str]]:
    """The connection, or an empty one and the settings that are refused."""
    try:
        return connection(settings), set()
    except InvalidConfiguration as error:
        return Connection(), {problem.field.partition(".")[0] for problem in error.problems} or {"nothing"}


@given(st.dictionaries(st.sampled_from(NAMES), _values, max_size=3))
def test_whatever_is_written_is_a_connection_or_refused_by_name(settings):
    """Never another error, and never a value of another type."""
    found, blamed = _outcome(settings)
    assert blamed <= {f"aws:{name}" for name in settings}
    for text in (found.region, found.profile, found.iam_endpoint, found.sts_endpoint):
        assert text is None or (isinstance(text, str) and text.isprintable() and text.strip())
    assert {type(found.use_fips), type(found.use_dualstack)} == {bool}
    assert all(isinstance(role.role_arn, str) and role.role_arn for role in found.roles)
