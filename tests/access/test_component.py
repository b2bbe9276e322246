"""The component `KeyswitchAccess` and the program that uses it, on mocks of Pulumi's engine."""

import json
import re
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pulumi
import pytest
import yaml

from keyswitch.access.alarm import alarm_pattern
from keyswitch.access.component import KeyswitchAccess
from keyswitch.access.coverage import Account, by_path, by_tag, exactly
from keyswitch.access.notification import Alarm
from keyswitch.access.policies import PolicyTooLong, Reads, Role, policy
from keyswitch.access.trust import GitHub, GitLab, trust_policy
from keyswitch.access_key.inventory import User
from keyswitch.sandbox.server import Sandbox
from scripts.pulumi_cli import REPOSITORY
from tests.support.access import ACCOUNT, BOB, DEPLOY, PROVIDER
from tests.support.mocked_engine import MockedEngine, Registered
from tests.support.shown import blocks

SOURCE = GitHub("octo/keys", ["production"])
DECLARED = exactly(ACCOUNT, [BOB, DEPLOY])


@pytest.fixture
def engine() -> MockedEngine:
    """An engine that knows nothing yet."""
    return MockedEngine()


class Made:
    """What a program registered, by the end of its type and by name."""

    def __init__(self, engine: MockedEngine) -> None:
        self.all = {(r.type.rpartition(":")[2], r.name): r for r in engine.everything}

    def __getitem__(self, which: tuple[str, str]) -> Registered:
        return self.all[which]

    def document(self, kind: str, name: str, field: str) -> Any:
        return json.loads(self[kind, name].inputs[field])


def made(engine: MockedEngine, make: Callable[[], object]) -> Made:
    """Run a program and say what it registered."""
    engine.run(make)
    return Made(engine)


def test_it_makes_the_roles_the_provider_and_the_alarm(engine: MockedEngine) -> None:
    """All of them children of the component, with names of their own; the documents are those of the pure modules."""
    found = made(engine, lambda: KeyswitchAccess("keyswitch", SOURCE, DECLARED))
    kinds = sorted(f"{kind} {name}" for kind, name in found.all)
    assert kinds == [
        "EventRule keyswitch-alarm",
        "EventTarget keyswitch-alarm",
        "KeyswitchAccess keyswitch",
        "OpenIdConnectProvider keyswitch",
        "Policy keyswitch-apply",
        "Policy keyswitch-preview",
        "Role keyswitch-apply",
        "Role keyswitch-preview",
        "RolePolicyAttachment keyswitch-apply",
        "RolePolicyAttachment keyswitch-preview",
        "Topic keyswitch-alarm",
        "TopicPolicy keyswitch-alarm",
    ]
    assert {r.parent for (kind, _), r in found.all.items() if kind != "KeyswitchAccess"} == {"keyswitch"}
    subjects = {Role.PREVIEW: SOURCE.preview_subjects(), Role.APPLY: SOURCE.apply_subjects()}
    for role in Role:
        name = f"keyswitch-{role.value}"
        assert found.document("Policy", name, "policy") == policy(role, DECLARED)
        trust = found.document("Role", name, "assumeRolePolicy")
        assert trust == trust_policy(PROVIDER, "sts.amazonaws.com", subjects[role])
        assert found["Role", name].inputs["name"] == name
        assert found["Role", name].inputs["maxSessionDuration"] == 3600
        assert found["Role", name].depends_on == ("keyswitch",), "the provider, without which nobody can be trusted"
        assert found["RolePolicyAttachment", name].inputs["role"] == name
    provider = found["OpenIdConnectProvider", "keyswitch"].inputs
    assert provider["url"] == "https://token.actions.githubusercontent.com"
    assert provider["clientIdLists"] == ["sts.amazonaws.com"]


def test_the_alarm_is_in_the_region_of_iam(engine: MockedEngine) -> None:
    """Its rule, its target, and a topic that only the rule may publish to."""
    alarm = Alarm(emails=["security@example.org"])
    found = made(engine, lambda: KeyswitchAccess("keyswitch", SOURCE, DECLARED, alarm=alarm, path="/ci/"))
    pattern = found.document("EventRule", "keyswitch-alarm", "eventPattern")
    assert pattern == alarm_pattern("123456789012", "aws", "ci/keyswitch-apply")
    of_alarm = [r for (_, name), r in found.all.items() if "alarm" in name]
    assert [r.inputs["region"] for r in of_alarm] == ["us-east-1"] * 5
    (statement,) = found.document("TopicPolicy", "keyswitch-alarm", "policy")["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"].keys() == {"ArnEquals"}
    email = found["TopicSubscription", "keyswitch-alarm-security@example.org"].inputs
    assert (email["protocol"], email["endpoint"]) == ("email", "security@example.org")


def test_what_is_there_already_is_used(engine: MockedEngine) -> None:
    """An identity provider, a target of the alarm, a boundary; everything that has tags gets them."""
    provider = PROVIDER.replace("token.actions.githubusercontent.com", "gitlab.example")
    target = "arn:aws:sns:us-east-1:123456789012:security"
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    access = made(
        engine,
        lambda: KeyswitchAccess(
            "switch",
            GitLab("group/keys", "https://gitlab.example", issuer="gitlab.example"),
            DECLARED,
            provider_arn=provider,
            alarm=Alarm(target),
            permissions_boundary=boundary,
            tags={"team": "security"},
        ),
    )
    kinds = {kind for kind, _ in access.all}
    assert kinds & {"OpenIdConnectProvider", "Topic", "TopicPolicy", "TopicSubscription"} == set()
    assert access["EventTarget", "switch-alarm"].inputs["arn"] == target
    tagged = {kind for (kind, _), r in access.all.items() if r.inputs.get("tags") == {"team": "security"}}
    assert tagged == {"Role", "Policy", "EventRule"}
    for role in Role:
        assert access["Role", f"switch-{role.value}"].inputs["permissionsBoundary"] == boundary
        trust = access.document("Role", f"switch-{role.value}", "assumeRolePolicy")["Statement"][0]
        assert trust["Principal"] == {"Federated": provider}
        assert trust["Condition"]["StringEquals"]["gitlab.example:aud"] == "https://gitlab.example"


def test_another_partition_has_its_own_arns_and_region(engine: MockedEngine) -> None:
    """In China nothing names the partition of commercial accounts, and IAM is in Beijing."""
    china = exactly(Account("123456789012", "aws-cn"), [BOB])
    found = made(engine, lambda: KeyswitchAccess("keyswitch", SOURCE, china, reads=Reads.ACCOUNT))
    assert found["EventRule", "keyswitch-alarm"].inputs["region"] == "cn-north-1"
    documents = [str(value) for r in found.all.values() for value in r.inputs.values()]
    assert "arn:aws-cn:iam::123456789012:user/Bob" in " ".join(documents)
    assert "arn:aws:" not in " ".join(documents)


def test_there_may_be_no_alarm(engine: MockedEngine) -> None:
    """Somebody else watches."""
    found = made(engine, lambda: KeyswitchAccess("keyswitch", SOURCE, DECLARED, alarm=None))
    assert {kind for kind, _ in found.all} & {"EventRule", "EventTarget", "Topic"} == set()


@pytest.mark.parametrize("covered", [by_path(ACCOUNT, "/ci/"), by_tag(ACCOUNT, "keyswitch", "managed")])
def test_a_preview_says_who_is_covered_beyond_the_declared_users(engine: MockedEngine, covered: Any) -> None:
    """As a warning of the component; exactly the declared users need none."""
    engine.run(lambda: KeyswitchAccess("keyswitch", SOURCE, covered), preview=True)
    assert engine.lines("WARNING") == [covered.note]


def test_what_is_said_passes_the_gate(engine: MockedEngine) -> None:
    """A path may come from a file; a terminal must not act on it."""
    engine.run(lambda: KeyswitchAccess("keyswitch", SOURCE, by_path(ACCOUNT, "/\x1b[2K/")), preview=True)
    assert "/\\x1b[2K/" in engine.lines("WARNING")[0]


def test_users_who_do_not_fit_are_refused_before_anything_is_made(engine: MockedEngine) -> None:
    """AWS would refuse the policy after the role is made."""
    many = exactly(ACCOUNT, [User(f"user-{n:05d}") for n in range(200)])
    with pytest.raises(PolicyTooLong):
        engine.run(lambda: KeyswitchAccess("keyswitch", SOURCE, many))
    assert engine.everything == []


@pytest.fixture
def stack_file(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stack that declares keys of two users, one of them under a path; the program runs in its own folder."""
    boto3.client("iam", region_name="us-east-1").update_user(UserName="ci-deploy", NewPath="/ci/")
    keys = {"AKIAIOSFODNN7EXAMPLE": "Inactive", "AKIACIDEPLOYEXAMPLE1": {}}
    path = tmp_path / "Pulumi.prod.yaml"
    path.write_text(yaml.safe_dump({"config": {"keyswitch:keys": keys}}), encoding="utf-8")
    monkeypatch.chdir(REPOSITORY / "bootstrap")
    return path


def bootstrapped(engine: MockedEngine, stack_file: Path, **config: str) -> Made:
    """Run the program with settings of its own."""
    named = {f"keyswitch-bootstrap:{name}": value for name, value in config.items()}
    settings = {"keyswitch-bootstrap:stackFile": str(stack_file), **named}

    def program() -> None:
        runpy.run_path("__main__.py")

    engine.run(program, settings, project="keyswitch-bootstrap")
    return Made(engine)


def test_the_program_covers_the_users_of_the_stack_file(engine: MockedEngine, stack_file: Path) -> None:
    """With the paths that AWS says; it exports what the workflows need."""
    found = bootstrapped(engine, stack_file, repository="octo/keys")
    assert found.document("Policy", "keyswitch-apply", "policy") == policy(Role.APPLY, DECLARED)
    assert engine.exported.keys() == {"previewRoleArn", "applyRoleArn", "alarmTargetArn"}


def test_the_program_takes_every_setting(engine: MockedEngine, stack_file: Path) -> None:
    """A project on GitLab, a tag, look-ups of the whole account, what is there already."""
    found = bootstrapped(
        engine,
        stack_file,
        project="group/keys",
        issuer="gitlab.example",
        branch="live",
        tag="keyswitch=managed",
        reads="account",
        providerArn=PROVIDER.replace("token.actions.githubusercontent.com", "gitlab.example"),
        permissionsBoundary="arn:aws:iam::123456789012:policy/boundary",
        emails='["security@example.org"]',
    )
    covered = by_tag(ACCOUNT, "keyswitch", "managed")
    assert found.document("Policy", "keyswitch-apply", "policy") == policy(Role.APPLY, covered, Reads.ACCOUNT)
    condition = found.document("Role", "keyswitch-apply", "assumeRolePolicy")["Statement"][0]["Condition"]
    assert condition["StringEquals"]["gitlab.example:sub"] == ["project_path:group/keys:ref_type:branch:ref:live"]
    assert found["TopicSubscription", "keyswitch-alarm-security@example.org"]


def test_every_setting_of_the_program_is_documented() -> None:
    """In the table of docs/access.md, which lists no others."""
    read = re.findall(r'config\.\w+\("(\w+)"\)', (REPOSITORY / "bootstrap" / "__main__.py").read_text(encoding="utf-8"))
    page = (REPOSITORY / "docs" / "access.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*) \|", page, re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"\w+", row)} == set(read)


def test_the_example_of_the_documentation_runs(engine: MockedEngine) -> None:
    """It makes what the program makes for the same users."""
    (example,) = blocks("docs/access.md", "python")

    def program() -> None:
        exec(example, {})

    engine.run(program)
    assert Made(engine).document("Policy", "keyswitch-apply", "policy") == policy(Role.APPLY, DECLARED)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"repository": "octo"}, "'octo' is not a repository"),
        ({"repository": "octo/keys", "reads": "all"}, "'all' is not a valid Reads"),
        ({"repository": "octo/keys", "stackFile": "none.yaml"}, "none.yaml"),
    ],
)
def test_the_program_says_what_is_wrong(
    engine: MockedEngine, stack_file: Path, config: dict[str, str], said: str
) -> None:
    """One message, and nothing is registered."""
    with pytest.raises(pulumi.RunError, match=said):
        bootstrapped(engine, stack_file, **config)
    assert engine.everything == []
