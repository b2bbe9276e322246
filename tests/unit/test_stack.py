"""The whole configuration of a stack: every slip is told, at once, with file, line and field."""

import json
from datetime import timedelta

import pytest

from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import InvalidConfiguration, Problem
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import DEFAULT_LEVELS, AtOnce, GuardName, GuardPolicy, Level
from keyswitch.configuration.aws import Aws
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.stack import RUN_SETTINGS, Settings, parse, parse_run
from keyswitch.iam.connection import Connection, Role
from tests.support.examples import ACCOUNT, ALICES, NEW, OLD, ROOTS, SECRET, UNKNOWN

ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/switch"


@pytest.fixture
def read_text(tmp_path):
    """Read a stack file with this text; its name in messages is shortened to `f`."""

    def reader(text: str) -> Settings:
        path = tmp_path / "f"
        path.write_text(text)
        return settings_from_file(path)

    return reader


@pytest.fixture
def problems_of(read_text, tmp_path):
    """Every problem of a stack file with this text, its name shortened to `f`."""

    def reader(text: str) -> list[Problem]:
        with pytest.raises(InvalidConfiguration) as caught:
            read_text(text)
        assert all(str(problem) in str(caught.value) for problem in caught.value.problems)
        return [
            Problem(p.text, p.field, p.where.replace((tmp_path / "f").as_posix(), "f")) for p in caught.value.problems
        ]

    return reader


WHOLE = f"""\
config:
  aws:region: eu-central-1
  aws:profile: prod
  other:setting: {{ of: another program }}
  keyswitch:account: "{ACCOUNT}"
  keyswitch:keys:
    {OLD}: Inactive
    {NEW}:
      userName: bob
      status: Active
      reason: OPS-1234 moved to OIDC
      onRemoval: restore
      allow: [recentlyUsed]
    {ALICES}: {{}}
    {ROOTS}:
      root: true
      status: Inactive
  keyswitch:guards:
    lastActiveKey: block
    ownCredentials: off
  keyswitch:recentUse: 7d
  keyswitch:tooManyAtOnce:
    count: 25
"""

WHOLE_SETTINGS = Settings(
    account=ACCOUNT,
    wanted=(
        Desired(OLD, status=Status.INACTIVE),
        Desired(
            NEW,
            user_name="bob",
            status=Status.ACTIVE,
            reason="OPS-1234 moved to OIDC",
            on_removal=OnRemoval.RESTORE,
            allow=frozenset({GuardName.RECENTLY_USED}),
        ),
        Desired(ALICES),
        Desired(ROOTS, status=Status.INACTIVE, root=True),
    ),
    policy=GuardPolicy(
        {
            GuardName.OWN_CREDENTIALS: Level.OFF,
            GuardName.RECENTLY_USED: Level.BLOCK,
            GuardName.LAST_ACTIVE_KEY: Level.BLOCK,
            GuardName.TOO_MANY_AT_ONCE: Level.WARN,
        },
        timedelta(days=7),
        AtOnce(count=25, share=20),
    ),
    connection=Connection(region="eu-central-1", profile="prod"),
)


def test_everything_that_may_be_written_is_read(read_text):
    """The order of entries is the file's; other programs' settings are no concern."""
    assert read_text(WHOLE) == WHOLE_SETTINGS


def test_the_program_reads_the_same_as_the_command_line():
    """Pulumi hands objects over as JSON text; the meaning is the same."""
    keys = {
        OLD: "Inactive",
        NEW: {
            "userName": "bob",
            "status": "Active",
            "reason": "OPS-1234 moved to OIDC",
            "onRemoval": "restore",
            "allow": ["recentlyUsed"],
        },
        ALICES: {},
        ROOTS: {"root": True, "status": "Inactive"},
    }
    config = {
        "aws:region": "eu-central-1",
        "aws:profile": "prod",
        "keyswitch:account": ACCOUNT,
        "keyswitch:keys": json.dumps(keys),
        "keyswitch:guards": json.dumps({"lastActiveKey": "block", "ownCredentials": "off"}),
        "keyswitch:recentUse": "7d",
        "keyswitch:tooManyAtOnce": json.dumps({"count": 25}),
    }
    assert parse(config) == WHOLE_SETTINGS


def test_an_empty_map_of_keys_is_legal(read_text):
    """It declares none; everything else has its default."""
    assert read_text("config:\n  keyswitch:keys: {}\n") == Settings(
        None, (), GuardPolicy(dict(DEFAULT_LEVELS), timedelta(hours=24)), Connection()
    )


def test_an_account_number_without_quotes_is_accepted(read_text):
    """YAML's number is the same account."""
    assert read_text(f"config:\n  keyswitch:account: {ACCOUNT}\n  keyswitch:keys: {{}}\n").account == ACCOUNT


@pytest.mark.parametrize("text", ["", "config: {}\n", "config:\n  aws:region: us-east-1\n"])
def test_a_file_without_keys_is_told_with_its_name(problems_of, text):
    """Missing is not the same as empty, and the message says how to declare none, and in which file."""
    (problem,) = problems_of(text)
    assert problem.field == "keyswitch:keys"
    assert "is missing" in problem.text
    assert "{}" in problem.text
    assert problem.where.startswith("f")


def test_keys_without_a_value_are_told_to_be_a_map(problems_of):
    """`keyswitch:keys:` with nothing below is a slip, not an empty map."""
    (problem,) = problems_of("config:\n  keyswitch:keys:\n")
    assert (problem.field, problem.where) == ("keyswitch:keys", "f:2")


@pytest.mark.parametrize(
    ("entry", "field", "line", "said"),
    [
        pytest.param(f"{OLD}: inactive", OLD, 3, "did you mean Inactive?", id="status in another case"),
        pytest.param(f"{OLD}: Expired", OLD, 3, "nobody can ask for it", id="status Expired"),
        pytest.param(f"{OLD}: true", OLD, 3, "true is not a status", id="status true"),
        pytest.param(f"{OLD}:", OLD, 3, "has no value", id="no value"),
        pytest.param(f"{OLD}: [Active]", OLD, 3, "write Active or Inactive", id="a list"),
        pytest.param(f"{OLD}:\n      status: inactive", f"{OLD}.status", 4, "Inactive?", id="status in the long form"),
        pytest.param(f"{OLD}:\n      status:", f"{OLD}.status", 4, "write Active or Inactive", id="status, no value"),
        pytest.param("AKIATOOSHORT: Active", "AKIATOOSHORT", 3, "16 to 128", id="ID too short"),
        pytest.param(f"{'A' * 129}: Active", "A" * 129, 3, "16 to 128", id="ID too long"),
        pytest.param("AKIA-DASHDASHDASHDASH: Active", "AKIA-DASHDASHDASHDASH", 3, "16 to 128", id="ID with a dash"),
        pytest.param("ASIAIOSFODNN7EXAMPLE: {}", "ASIAIOSFODNN7EXAMPLE", 3, "temporary", id="temporary key"),
        pytest.param(f"{OLD}:\n      userName: bob smith", f"{OLD}.userName", 4, "user name", id="user with a space"),
        pytest.param(f"{OLD}:\n      userName: {'b' * 129}", f"{OLD}.userName", 4, "129", id="user too long"),
        pytest.param(f"{OLD}:\n      stauts: Active", f"{OLD}.stauts", 4, "did you mean status?", id="unknown field"),
        pytest.param(f"{OLD}:\n      root: true\n      userName: b", f"{OLD}.root", 4, "either", id="root and user"),
        pytest.param(f"{OLD}:\n      onRemoval: no", f"{OLD}.onRemoval", 4, "'leave', 'restore'", id="onRemoval"),
        pytest.param(f"{OLD}:\n      allow: [recentlyUsed]", f"{OLD}.allow", 4, "reason", id="allow without a reason"),
        pytest.param(
            f"{OLD}:\n      reason: x\n      allow:\n        - used", f"{OLD}.allow.0", 5, "'used'", id="no such guard"
        ),
    ],
)
def test_a_slip_in_an_entry_is_told_with_file_line_and_field(problems_of, entry, field, line, said):
    """The place is the nearest line that there is: the field's own, or the entry's."""
    (problem,) = problems_of(f"config:\n  keyswitch:keys:\n    {entry}\n")
    assert (problem.where, problem.field) == (f"f:{line}", f"keyswitch:keys.{field}")
    assert said in problem.text


@pytest.mark.parametrize(
    ("setting", "field", "said"),
    [
        pytest.param("keyswitch:account: 12345678901", "keyswitch:account", "12 digits", id="account of 11 digits"),
        pytest.param(
            "keyswitch:account: 012345678901", "keyswitch:account", "in quotes", id="account with a leading 0"
        ),
        pytest.param("keyswitch:account: prod", "keyswitch:account", "12 digits", id="account alias"),
        pytest.param(
            'keyswitch:account: "١٢٣٤٥٦٧٨٩٠١٢"', "keyswitch:account", "12 digits", id="digits of another script"
        ),
        pytest.param("keyswitch:account:", "keyswitch:account", "is not an account ID", id="no account"),
        pytest.param("keyswitch:account: [1]", "keyswitch:account", "expected a text", id="account is a list"),
        pytest.param("keyswitch:recentUse: 24", "keyswitch:recentUse", "24h, 7d", id="recentUse without a unit"),
        pytest.param("keyswitch:recentUse: 1w", "keyswitch:recentUse", "24h, 7d", id="recentUse in weeks"),
        pytest.param("keyswitch:recentUse: -1h", "keyswitch:recentUse", "24h, 7d", id="recentUse below zero"),
        pytest.param("keyswitch:recentUse: 1h30m", "keyswitch:recentUse", "24h, 7d", id="recentUse in two units"),
        pytest.param("keyswitch:recentUse: [24h]", "keyswitch:recentUse", "24h, 7d", id="recentUse is a list"),
        pytest.param("keyswitch:tooManyAtOnce: 30", "keyswitch:tooManyAtOnce", "expected a map", id="limits: a number"),
        *(
            pytest.param(f"keyswitch:tooManyAtOnce: {{{written}}}", f"keyswitch:tooManyAtOnce.{name}", said, id=written)
            for written, name, said in [
                ("count: 0", "count", "write 1 to 99999"),
                ("count: 100000", "count", "write 1 to 99999"),
                ("count: true", "count", "write 1 to 99999"),
                ("count: 1.5", "count", "write 1 to 99999"),
                ("share: 20", "share", "write 0% to 100%"),
                ("share: 101%", "share", "write 0% to 100%"),
                ("share: -1%", "share", "write 0% to 100%"),
                ("share: 0.2", "share", "write 0% to 100%"),
                ("shares: 20%", "shares", "unknown field"),
            ]
        ),
        pytest.param("keyswitch:callsPerSecond: fast", "keyswitch:callsPerSecond", "1 to 10000", id="calls in words"),
        pytest.param("keyswitch:callsPerSecond: 0", "keyswitch:callsPerSecond", "1 to 10000", id="no calls at all"),
        pytest.param("keyswitch:callsPerSecond: 10001", "keyswitch:callsPerSecond", "1 to 10000", id="too many calls"),
        pytest.param("keyswitch:callsPerSecond: yes", "keyswitch:callsPerSecond", "1 to 10000", id="calls yes"),
        pytest.param("keyswitch:callsPerSecond: true", "keyswitch:callsPerSecond", "1 to 10000", id="calls true"),
        pytest.param(
            "keyswitch:callsPerSecond: 1_0", "keyswitch:callsPerSecond", "plain decimal digits", id="calls with _"
        ),
        pytest.param("keyswitch:callsPerSecond: nan", "keyswitch:callsPerSecond", "1 to 10000", id="calls nan"),
        pytest.param(
            "keyswitch:guards: {lastKey: warn}", "keyswitch:guards.lastKey", "'lastActiveKey'", id="guard name"
        ),
        pytest.param(
            "keyswitch:guards: {recentlyUsed: no}",
            "keyswitch:guards.recentlyUsed",
            "'block', 'warn' or 'off'",
            id="guard level",
        ),
        pytest.param("keyswitch:guards: block", "keyswitch:guards", "expected a map", id="guards is a word"),
        pytest.param(
            "keyswitch:recentUsed: 24h", "keyswitch:recentUsed", "did you mean recentUse?", id="unknown setting"
        ),
        pytest.param(
            "keyswitch:dryRun: true",
            "keyswitch:dryRun",
            "Accepted: account, keys, keysFile, guards, recentUse",
            id="unlike any setting",
        ),
        pytest.param("aws:assumeRole: {sessionName: x}", "aws:assumeRole", "roleArn", id="role without ARN"),
        pytest.param("aws:assumeRoles: [{}]", "aws:assumeRoles.0", "roleArn", id="empty role"),
        pytest.param("aws:assumeRole: switch", "aws:assumeRole", "roleArn", id="role is a word"),
        pytest.param("aws:endpoints: http://localhost", "aws:endpoints", "service to URL", id="endpoints is a word"),
    ],
)
def test_a_slip_in_a_setting_is_told_with_file_line_and_field(problems_of, setting, field, said):
    """Settings are checked as strictly as entries."""
    (problem,) = problems_of(f"config:\n  keyswitch:keys: {{}}\n  {setting}\n")
    assert (problem.where, problem.field) == ("f:3", field)
    assert said in problem.text


@pytest.mark.parametrize(
    ("setting", "field", "said"),
    [
        pytest.param("duration: forever", "aws:assumeRoles.0.duration", "not a duration", id="duration"),
        pytest.param("duration: true", "aws:assumeRoles.0.duration", "not a duration", id="duration is a truth value"),
        pytest.param(
            "durationSecond: 900",
            "aws:assumeRoles.0.durationSecond",
            "did you mean durationSeconds?",
            id="unknown setting",
        ),
        pytest.param("tags: [a]", "aws:assumeRoles.0.tags", "expected a map", id="tags is a list"),
        pytest.param("policyArns: arn:x", "aws:assumeRoles.0.policyArns", "expected a list", id="policyArns is a word"),
        pytest.param(
            "transitiveTagKeys: team", "aws:assumeRoles.0.transitiveTagKeys", "expected a list", id="tag keys is a word"
        ),
    ],
)
def test_a_slip_in_a_role_is_told_with_file_line_and_field(problems_of, setting, field, said):
    """The role's line will do where its setting has none of its own."""
    text = f"config:\n  keyswitch:keys: {{}}\n  aws:assumeRoles:\n    - roleArn: {ROLE_ARN}\n      {setting}\n"
    (problem,) = problems_of(text)
    assert problem.field == field
    assert said in problem.text
    assert problem.where in ("f:3", "f:4", "f:5")


@pytest.mark.parametrize("name", ["accessKey", "secretKey", "token"])
def test_credentials_in_the_configuration_are_refused_and_not_shown(problems_of, name):
    """They do not belong there; the message says what to use instead."""
    (problem,) = problems_of(f"config:\n  keyswitch:keys: {{}}\n  aws:{name}: {SECRET}\n")
    assert (problem.where, problem.field) == ("f:3", f"aws:{name}")
    assert "aws:profile" in problem.text
    assert SECRET not in str(problem)


@pytest.mark.parametrize("name", ["allowedAccountIds", "forbiddenAccountIds"])
def test_another_way_to_name_the_account_is_refused(problems_of, name):
    """There is one: keyswitch:account."""
    (problem,) = problems_of(f'config:\n  keyswitch:keys: {{}}\n  aws:{name}: ["{ACCOUNT}"]\n')
    assert (problem.where, problem.field) == ("f:3", f"aws:{name}")
    assert "keyswitch:account" in problem.text


def test_a_refused_setting_that_is_empty_chooses_nothing(read_text):
    """An empty list, as templates leave it, is no choice."""
    assert read_text("config:\n  keyswitch:keys: {}\n  aws:allowedAccountIds: []\n  aws:accessKey: ''\n")


@pytest.mark.parametrize("name", ["keyswitch:account", "keyswitch:keys", "aws:secretKey", "aws:profile"])
def test_an_encrypted_value_is_said_to_be_one(problems_of, name):
    """Only Pulumi can read it; that is said with its line, and the cipher text is not shown."""
    text = f"config:\n  {name}:\n    secure: v1:cipher\n"
    text += "" if name == "keyswitch:keys" else "  keyswitch:keys: {}\n"
    (problem,) = problems_of(text)
    assert (problem.where, problem.field) == ("f:2", name)
    assert "encrypted" in problem.text
    assert "cipher" not in str(problem)


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(f"{SECRET}: Active", id="as the ID"),
        pytest.param(f"{OLD}: {SECRET}", id="as the status"),
        pytest.param(f"{OLD}: {{status: {SECRET}}}", id="as the status in the long form"),
        pytest.param(f"{OLD}: {{userName: {SECRET}}}", id="as the user"),
        pytest.param(f"{OLD}: {{{SECRET}: Active}}", id="as a field"),
        pytest.param(f"{SECRET}: Active\n    {SECRET}: Active", id="twice"),
    ],
)
def test_a_secret_in_the_file_never_reaches_a_message(problems_of, entry):
    """Logs are read by more people than the file."""
    problems = problems_of(f"config:\n  keyswitch:keys:\n    {entry}\n")
    assert problems
    assert not any(SECRET in str(problem) for problem in problems)


def test_all_problems_are_told_at_once(problems_of):
    """Duplicates, entries, settings and connection: one message, each with file, line and field."""
    text = f"""\
config:
  keyswitch:account: prod
  keyswitch:keys:
    {OLD}: inactive
    {OLD}: Active
    {NEW}:
      userName: bob smith
      stauts: Active
    {ALICES}:
    {UNKNOWN}:
      allow: [recentlyUsed]
      root: true
      userName: bob
    short: Active
  keyswitch:guards: {{ nothing: warn }}
  keyswitch:recentUse: soon
  keyswitch:key: {{}}
  aws:secretKey: x
  aws:assumeRole: {{ sessionName: x }}
"""
    problems = problems_of(text)
    assert {(p.where, p.field) for p in problems} == {
        ("f:2", "keyswitch:account"),
        ("f:5", f"keyswitch:keys.{OLD}"),
        ("f:4", f"keyswitch:keys.{OLD}"),
        ("f:7", f"keyswitch:keys.{NEW}.userName"),
        ("f:8", f"keyswitch:keys.{NEW}.stauts"),
        ("f:9", f"keyswitch:keys.{ALICES}"),
        ("f:11", f"keyswitch:keys.{UNKNOWN}.allow"),
        ("f:12", f"keyswitch:keys.{UNKNOWN}.root"),
        ("f:14", "keyswitch:keys.short"),
        ("f:15", "keyswitch:guards.nothing"),
        ("f:16", "keyswitch:recentUse"),
        ("f:17", "keyswitch:key"),
        ("f:18", "aws:secretKey"),
        ("f:19", "aws:assumeRole"),
    }


def test_a_key_written_twice_is_refused_even_if_both_say_the_same(problems_of):
    """One of them would be dropped silently."""
    (problem,) = problems_of(f"config:\n  keyswitch:keys:\n    {OLD}: Active\n    {OLD}: Active\n")
    assert (problem.where, problem.field) == ("f:4", f"keyswitch:keys.{OLD}")
    assert "first in line 3" in problem.text


def test_a_file_that_is_missing_is_named(tmp_path):
    """`--stack` with a slip says which file it looked for."""
    with pytest.raises(InvalidConfiguration, match=r"Pulumi\.nope\.yaml: cannot be read: No such file"):
        settings_from_file(tmp_path / "Pulumi.nope.yaml")


def test_a_file_that_is_not_yaml_is_named_with_its_line(problems_of):
    """The place where YAML stops to be YAML."""
    (problem,) = problems_of("config:\n  keyswitch:keys: {\n")
    assert problem.where == "f:3"
    assert "is not YAML" in problem.text


def test_a_setting_whose_name_is_a_number_is_nobodys_concern(read_text, tmp_path, monkeypatch):
    """YAML allows it, Pulumi may refuse it, and it is no traceback here; no project's name stands before it."""
    monkeypatch.chdir(tmp_path)
    assert read_text("config:\n  1: x\n  keyswitch:keys: {}\n").wanted == ()


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("1h30m", 5400), ("3600", 3600), ("1h", 3600), ("15m", 900), ("900s", 900), ('"3600"', 3600), ("1h0m0s", 3600)],
)
def test_a_duration_of_a_role_is_read_as_pulumi_aws_writes_it(read_text, written, seconds):
    """Go's notation or plain seconds."""
    text = f"config:\n  keyswitch:keys: {{}}\n  aws:assumeRole: {{roleArn: {ROLE_ARN}, duration: {written}}}\n"
    assert read_text(text).connection.roles == (Role(ROLE_ARN, {"DurationSeconds": seconds}),)


def test_one_role_may_be_written_as_a_map_and_several_as_a_list(read_text):
    """Roles are assumed in the order of the list."""
    one = f"config:\n  keyswitch:keys: {{}}\n  aws:assumeRole: {{roleArn: {ROLE_ARN}, sessionName: x, externalId: y}}\n"
    assert read_text(one).connection.roles == (Role(ROLE_ARN, {"RoleSessionName": "x", "ExternalId": "y"}),)
    many = "config:\n  keyswitch:keys: {}\n  aws:assumeRoles:\n    - roleArn: first\n    - roleArn: second\n"
    assert [role.role_arn for role in read_text(many).connection.roles] == ["first", "second"]


def test_every_parameter_of_a_role_reaches_aws_under_its_name():
    """What pulumi-aws accepts of a role is given to sts:AssumeRole."""
    role = {
        "roleArn": ROLE_ARN,
        "policy": "{}",
        "sourceIdentity": "me",
        "policyArns": ["arn:x"],
        "tags": {"team": "a"},
        "transitiveTagKeys": ["team"],
    }
    (read,) = parse({"keyswitch:keys": {}, "aws:assumeRoles": json.dumps([role])}).connection.roles
    assert read == Role(
        ROLE_ARN,
        {
            "Policy": "{}",
            "SourceIdentity": "me",
            "PolicyArns": [{"arn": "arn:x"}],
            "Tags": [{"Key": "team", "Value": "a"}],
            "TransitiveTagKeys": ["team"],
        },
    )


@pytest.mark.parametrize(
    "written",
    ["[{iam: http://localhost:1, sts: http://localhost:2}]", "[{iam: http://localhost:1}, {sts: http://localhost:2}]"],
    ids=["one map", "a map each"],
)
def test_endpoints_are_taken_from_the_conventional_list(read_text, written):
    """Other services' endpoints do not matter."""
    found = read_text(f"config:\n  keyswitch:keys: {{}}\n  aws:endpoints: {written}\n").connection
    assert (found.iam_endpoint, found.sts_endpoint) == ("http://localhost:1", "http://localhost:2")


def test_an_endpoint_that_is_no_url_is_refused(problems_of):
    """It would otherwise lead to the real AWS, which was not meant."""
    (problem,) = problems_of("config:\n  keyswitch:keys: {}\n  aws:endpoints: [{iam: 4566}]\n")
    assert problem.field.startswith("aws:endpoints")


@pytest.mark.parametrize(("written", "value"), [("true", True), ('"true"', True), ("false", False), ('"false"', False)])
def test_a_truth_value_may_stand_in_quotes(read_text, written, value):
    """Pulumi hands every plain value over as text."""
    assert (
        read_text(f"config:\n  keyswitch:keys: {{}}\n  aws:useFipsEndpoint: {written}\n").connection.use_fips is value
    )


@pytest.mark.parametrize(
    ("written", "span"),
    [("30m", timedelta(minutes=30)), ("24h", timedelta(hours=24)), ("7d", timedelta(days=7)), ("0h", timedelta(0))],
)
def test_a_span_of_recent_use_is_read(read_text, written, span):
    """Minutes, hours or days."""
    found = read_text(f"config:\n  keyswitch:keys: {{}}\n  keyswitch:recentUse: {written}\n")
    assert found.policy.recent_use == span


@pytest.mark.parametrize(("written", "calls"), [("5", 5.0), ('"5"', 5.0), ("2.5", 2.5), ("10000", 10_000.0)])
def test_a_bound_on_calls_reaches_the_connection(read_text, written, calls):
    """For the command line and for a single resource alike."""
    found = read_text(f"config:\n  keyswitch:keys: {{}}\n  keyswitch:callsPerSecond: {written}\n")
    assert found.connection.calls_per_second == calls
    assert parse_run({"keyswitch:callsPerSecond": written.strip('"')}).connection.calls_per_second == calls


@pytest.mark.parametrize("written", ["{count: 7, share: 0%}", '{count: "7", share: "0%"}'], ids=["plain", "quoted"])
def test_limits_on_deactivations_reach_the_guard(read_text, written):
    """In a stack file and in Pulumi's configuration, where a command line writes numbers as text."""
    text = f"config:\n  keyswitch:keys: {{}}\n  keyswitch:tooManyAtOnce: {written}\n"
    assert read_text(text).policy.at_once == AtOnce(7, 0)


def test_a_single_resource_reads_everything_but_the_entries():
    """Wrong entries, or none, do not matter to a resource that carries its own."""
    config = {"keyswitch:account": ACCOUNT, "keyswitch:keys": "nonsense", "keyswitch:recentUse": "7d"}
    found = parse_run(config)
    assert (found.account, found.wanted, found.policy.recent_use) == (ACCOUNT, (), timedelta(days=7))
    assert parse_run({}).account is None


def test_a_keys_file_without_a_name_is_refused(problems_of):
    """It would otherwise declare no keys at all."""
    (problem,) = problems_of("config:\n  keyswitch:keysFile:\n")
    assert (problem.field, problem.where) == ("keyswitch:keysFile", "f:2")


def test_every_setting_that_matters_to_a_run_is_named():
    """What decides about account, guards or connection is in the list that travels to the provider."""
    names = ("account", "guards", "recentUse", "tooManyAtOnce", "callsPerSecond")
    own = {f"keyswitch:{name}" for name in names}
    aws = {f"aws:{field.alias}" for field in Aws.model_fields.values()}
    assert {"aws:region", "aws:secretKey"} <= aws
    assert set(RUN_SETTINGS) == own | aws
