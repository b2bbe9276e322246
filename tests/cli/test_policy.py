"""`keyswitch policy`: the policy of a role as JSON, for the users that a stack declares."""

import json
import textwrap
from typing import Any

import boto3
import pytest

from keyswitch.access.coverage import Account, by_name, by_path, by_tag, exactly
from keyswitch.access.policies import Reads, Role, policy
from keyswitch.access_key.inventory import User
from keyswitch.sandbox.server import Sandbox
from tests.support.access import ACCOUNT
from tests.support.command import EXAMPLE, LoadedRun, StackFile
from tests.support.enforced import allow, enforcing, make_roles, session
from tests.support.shown import blocks

USERS = [User("Bob"), User("alice"), User("ci-deploy", "/ci/")]
CI_KEY = "AKIACIDEPLOYEXAMPLE1"


@pytest.fixture
def moved(sandbox: Sandbox) -> Sandbox:
    """The example, with one user under a path."""
    boto3.client("iam", region_name="us-east-1").update_user(UserName="ci-deploy", NewPath="/ci/")
    sandbox.journal.clear()
    return sandbox


def printed(loaded: LoadedRun, *arguments: str, note: str = "") -> Any:
    """The document that is printed, and nothing else."""
    done = loaded("policy", *arguments)
    assert (done.returncode, done.stderr) == (0, f"note: {note}\n" if note else "")
    return json.loads(done.stdout)


def failed(loaded: LoadedRun, *arguments: str) -> str:
    """What is said on standard error; nothing is printed."""
    done = loaded("policy", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    return str(done.stderr)


def test_it_covers_exactly_the_declared_users_with_their_paths(moved: Sandbox, loaded: LoadedRun, example: str) -> None:
    """An owner that is not declared is looked up, as is every path; nothing is written."""
    assert printed(loaded, "--file", example) == policy(Role.APPLY, exactly(ACCOUNT, USERS))
    assert printed(loaded, "--file", example, "--role", "preview") == policy(Role.PREVIEW, exactly(ACCOUNT, USERS))
    assert moved.actions().keys() == {"GetCallerIdentity", "GetAccessKeyLastUsed", "GetUser"}
    assert moved.actions()["GetUser"] == 2 * len(USERS), "once a user"


def test_it_may_look_up_the_whole_account(moved: Sandbox, loaded: LoadedRun, example: str) -> None:
    """The look-ups are those of the gateway's table; the writes stay with the declared users."""
    document = printed(loaded, "--file", example, "--reads", "account")
    assert document == policy(Role.APPLY, exactly(ACCOUNT, USERS), Reads.ACCOUNT)


def test_a_path_or_a_tag_takes_the_place_of_the_users(moved: Sandbox, loaded: LoadedRun, example: str) -> None:
    """Standard error says who is covered now."""
    wider, tagged = by_path(ACCOUNT, "/ci/"), by_tag(ACCOUNT, "keyswitch", "managed")
    document = printed(loaded, "--file", example, "--path-prefix", "/ci/", note=wider.note)
    assert document == policy(Role.APPLY, wider)
    document = printed(loaded, "--file", example, "--tag", "keyswitch=managed", note=tagged.note)
    assert document == policy(Role.APPLY, tagged)
    assert moved.actions().keys() == {"GetCallerIdentity"}


def test_the_page_shows_what_is_printed(moved: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """docs/access.md: the stack's settings, and the policy of its apply role to the last bracket."""
    (config, *_), (shown, *_) = blocks("docs/access.md", "yaml"), blocks("docs/access.md", "json")
    path = stack_file("config:\n" + textwrap.indent(config, "  "))
    assert loaded("policy", "--file", path).stdout == shown


OFFLINE = """
config:
  aws:region: cn-north-1
  keyswitch:account: "123456789012"
  keyswitch:keys:
    AKIAIOSFODNN7EXAMPLE: {userName: Bob, status: Inactive}
"""


def test_offline_it_covers_a_name_under_every_path(loaded: LoadedRun, stack_file: StackFile) -> None:
    """Nothing is asked: the account and the Region are those of the configuration, the path may be any."""
    document = printed(loaded, "--file", stack_file(OFFLINE), "--offline")
    assert document == policy(Role.APPLY, by_name(Account("123456789012", "aws-cn"), ["Bob"]))


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("userName: Bob, ", "", "keyswitch:keys.AKIAIOSFODNN7EXAMPLE: names no owner, and without AWS it cannot be"),
        ('  keyswitch:account: "123456789012"\n', "", "--offline needs keyswitch:account in the configuration"),
    ],
    ids=["an owner", "the account"],
)
def test_offline_it_needs_what_it_cannot_look_up(
    loaded: LoadedRun, stack_file: StackFile, was: str, becomes: str, said: str
) -> None:
    """It says what is missing."""
    assert said in failed(loaded, "--file", stack_file(OFFLINE.replace(was, becomes)), "--offline")


def test_a_root_key_is_nobodys(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """No policy lets a role switch it; it is said."""
    path = stack_file(f"config: {{'keyswitch:keys': {{{CI_KEY}: Active, AKIAROOTEXAMPLEKEY01: {{root: true}}}}}}")
    document = printed(
        loaded, "--file", path, note="no role can switch the keys of the root user; root itself must sign"
    )
    assert document == policy(Role.APPLY, exactly(ACCOUNT, [User("ci-deploy")]))


def test_every_key_without_an_owner_is_named(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """A key that is not there, and a user who is not there, in one message."""
    keys = "AKIANOBODYEXAMPLE123: Active, AKIANOBODYEXAMPLE456: {userName: carol, status: Active}"
    said = failed(loaded, "--file", stack_file(f"config: {{'keyswitch:keys': {{{keys}}}}}"))
    assert "keyswitch:keys.AKIANOBODYEXAMPLE123: its owner is not found" in said
    assert "keyswitch:keys.AKIANOBODYEXAMPLE456: its owner carol is not in this account" in said


def test_the_account_must_be_the_declared_one(sandbox: Sandbox, loaded: LoadedRun, stack_file: StackFile) -> None:
    """The ARNs of another account would cover nobody."""
    path = stack_file(EXAMPLE.replace("123456789012", "210987654321"))
    assert "The credentials belong to account 123456789012" in failed(loaded, "--file", path)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--path-prefix", "/ci/", "--tag", "a=b"),
        ("--path-prefix", "ci"),
        ("--tag", "keyswitch"),
        ("--tag", "=managed"),
    ],
)
def test_options_that_name_nobody_are_refused(loaded: LoadedRun, example: str, arguments: tuple[str, ...]) -> None:
    """Before AWS is asked."""
    assert "Invalid value" in failed(loaded, "--file", example, *arguments)


STACK = """
config:
  keyswitch:account: "123456789012"
  keyswitch:keys:
    AKIAIOSFODNN7EXAMPLE: Inactive
    AKIACIDEPLOYEXAMPLE1: {userName: ci-deploy, status: Active}
"""


def test_what_it_prints_is_enough_to_plan_and_to_apply_and_no_more(
    loaded: LoadedRun, stack_file: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On an IAM that enforces policies: the preview role plans and applies nothing, the apply role does both."""
    path = stack_file(STACK)
    with enforcing() as sandbox:
        make_roles(sandbox)
        operator = sandbox.environment

        def sign(environment: dict[str, str]) -> None:
            monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
            for name, value in environment.items():
                monkeypatch.setenv(name, value)

        sign(operator)
        for role in Role:
            allow(sandbox, role, printed(loaded, "--file", path, "--role", role.value))
        for role, code, status in ((Role.PREVIEW, 1, "Active"), (Role.APPLY, 0, "Inactive")):
            credentials = session(sandbox, role)
            sign(
                {
                    "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                    "AWS_SECRET_ACCESS_KEY": credentials["SecretAccessKey"],
                    "AWS_SESSION_TOKEN": credentials["SessionToken"],
                }
            )
            assert loaded("plan", "--file", path).returncode == 2
            assert printed(loaded, "--file", path, "--role", role.value)["Statement"], "it can renew its own policy"
            done = loaded("apply", "--file", path, "--yes")
            assert (done.returncode, sandbox.statuses()["AKIAIOSFODNN7EXAMPLE"]) == (code, status)
            assert ("iam:UpdateAccessKey" in done.stderr) is (role is Role.PREVIEW)
