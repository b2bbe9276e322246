"""`AccessKeyStatus` in a program of one's own."""

import inspect
import json
from typing import Any

import pulumi
import pytest
from pulumi._types import resource_types
from pulumi.output import Unknown

from keyswitch import AccessKeyStatus
from keyswitch.sandbox.server import Sandbox
from tests.support.left_state import left
from tests.support.mocked_engine import MockedEngine, known
from tests.support.persisted import ACCESS_KEY_STATUS, PROVIDER
from tests.support.seeded import ALICE, BOB, CI
from tests.support.shown import blocks


def given(engine: MockedEngine, **arguments: Any) -> dict[str, Any]:
    """The inputs of a resource `bob` with these arguments."""
    engine.run(lambda: AccessKeyStatus("bob", access_key_id=BOB, **arguments))
    return engine.registered["bob"].inputs


class TestInputs:
    """From the constructor's arguments to what is registered."""

    def test_the_least(self, engine: MockedEngine) -> None:
        """Only the key: it is observed, and left on removal. The program asks nothing of AWS."""
        assert given(engine) == {
            "__provider": PROVIDER,
            "access_key_id": BOB,
            "declared_as": "bob",
            "on_removal": "leave",
        }
        assert engine.registered["bob"].type == ACCESS_KEY_STATUS

    def test_the_most(self, engine: MockedEngine) -> None:
        """Every argument under its own name; guards in an order of their own, so that theirs never matters."""
        inputs = given(
            engine,
            status="Inactive",
            user_name="Bob",
            reason="OPS-1",
            on_removal="restore",
            allow=["recentlyUsed", "lastActiveKey"],
        )
        assert inputs == {
            "__provider": PROVIDER,
            "access_key_id": BOB,
            "declared_as": "bob",
            "status": "Inactive",
            "user_name": "Bob",
            "reason": "OPS-1",
            "on_removal": "restore",
            "allow": ["lastActiveKey", "recentlyUsed"],
        }

    def test_the_provider_gets_to_know_how_many_keys_the_state_holds(self, engine: MockedEngine) -> None:
        """It sees one key after the other, and compares their number with it."""
        engine.recorded = {**left(CI, "Active"), **left(ALICE, "Active")}
        engine.run(lambda: AccessKeyStatus("key", access_key_id=BOB))
        assert json.loads(engine.access_keys["key"].inputs["observed"]) == {"keys": 2}

    def test_root(self, engine: MockedEngine) -> None:
        """Root is told only where it is so."""
        assert given(engine, root=True)["root"] is True
        assert "root" not in given(engine, root=False)

    @pytest.mark.parametrize(
        ("ignored", "told"),
        [(None, None), ([], None), (["reason"], None), (["status"], True), (["reason", "status"], True), (["*"], True)],
        ids=str,
    )
    def test_an_ignored_status(self, engine: MockedEngine, ignored: list[str] | None, told: bool | None) -> None:
        """`ignore_changes=["status"]` reaches the engine and the provider, who would mend drift otherwise."""
        inputs = given(engine, status="Inactive", opts=pulumi.ResourceOptions(ignore_changes=ignored))
        assert inputs.get("ignore_status") is told
        assert engine.registered["bob"].ignore_changes == tuple(ignored or ())

    def test_the_callers_options_stay_as_they_are(self, engine: MockedEngine) -> None:
        """Options given to two resources serve both."""
        opts = pulumi.ResourceOptions(ignore_changes=["status"])

        def program() -> None:
            AccessKeyStatus("one", access_key_id=BOB, opts=opts)
            AccessKeyStatus("two", access_key_id=BOB, opts=opts)

        engine.run(program)
        assert set(engine.registered) == {"one", "two"}
        assert opts.ignore_changes == ["status"]


class TestManyResources:
    """What is the same for every resource: a stack may declare thousands."""

    def test_the_provider(self, engine: MockedEngine) -> None:
        """Each holds the same text, which is no secret."""
        engine.run(lambda: [AccessKeyStatus(f"key-{n}", access_key_id=BOB) for n in range(3)])
        assert [resource.inputs["__provider"] for resource in engine.registered.values()] == [PROVIDER] * 3

    def test_the_sdk_has_no_annotations_to_evaluate(self) -> None:
        """It would do so for each resource, at many times the cost of finding none; readers find them in the source."""
        assert inspect.get_annotations(AccessKeyStatus) == {}
        assert resource_types(AccessKeyStatus) == {}


class TestProviders:
    """Pulumi ignores a provider given to a dynamic resource; so it is refused."""

    @pytest.mark.parametrize("option", ["provider", "providers as a list", "providers as a map"])
    def test_it_is_refused_with_the_reason(self, engine: MockedEngine, option: str) -> None:
        """Who gives one means another account, and is told how to choose it."""

        def program() -> None:
            other = pulumi.ProviderResource("aws", "other", {})
            opts = {
                "provider": lambda: pulumi.ResourceOptions(provider=other),
                "providers as a list": lambda: pulumi.ResourceOptions(providers=[other]),
                "providers as a map": lambda: pulumi.ResourceOptions(providers={"aws": other}),
            }[option]()
            AccessKeyStatus("bob", access_key_id=BOB, opts=opts)

        with pytest.raises(pulumi.RunError, match="bob: AccessKeyStatus takes no provider") as refused:
            engine.run(program)
        assert "aws:profile or aws:assumeRoles" in str(refused.value)
        assert engine.access_keys == {}


class TestBesideOtherResources:
    """Next to `aws.iam.User`, with Outputs as inputs and its own outputs as inputs of others."""

    def test_outputs_are_inputs(self, engine: MockedEngine) -> None:
        """An Output may stand for the key, its owner, the status and the reason; it is waited for."""
        from pulumi_aws import iam

        def program() -> None:
            user = iam.User("ci-user", name="ci-deploy")
            AccessKeyStatus(
                "ci",
                access_key_id=user.name.apply(lambda _: BOB),
                user_name=user.name,
                status=pulumi.Output.from_input("Inactive"),
                reason=user.name.apply("left {}".format),
                opts=pulumi.ResourceOptions(depends_on=[user]),
            )

        registered = engine.run(program).access_keys["ci"]
        assert registered.depends_on == ("ci-user",)
        assert registered.inputs == {
            "__provider": PROVIDER,
            "access_key_id": BOB,
            "declared_as": "ci",
            "user_name": "ci-deploy",
            "status": "Inactive",
            "reason": "left ci-deploy",
            "on_removal": "leave",
        }

    def test_what_a_preview_does_not_know(self, engine: MockedEngine) -> None:
        """An Output of a user that is still to be made is unknown to the preview, and fails nothing."""
        from pulumi_aws import iam

        def program() -> None:
            user = iam.User("ci-user", name="ci-deploy")
            AccessKeyStatus("ci", access_key_id=BOB, status="Active", user_name=user.unique_id, reason=user.name)

        inputs = engine.run(program, preview=True).access_keys["ci"].inputs
        assert isinstance(inputs.pop("user_name"), Unknown)
        assert inputs["reason"] == "ci-deploy"
        assert inputs["status"] == "Active"

    def test_its_outputs(self, engine: MockedEngine) -> None:
        """They are attributes, also those that only the provider knows."""
        made: list[AccessKeyStatus] = []
        engine.run(lambda: made.append(AccessKeyStatus("bob", access_key_id=BOB, status="Inactive")))
        (bob,) = made
        assert known(bob.status) == "Inactive"
        assert known(bob.access_key_id) == BOB
        for name in ("owner", "account_id", "status_at_adoption", "declared_status", "reason"):
            assert isinstance(getattr(bob, name), pulumi.Output)

    def test_several_keys(self, engine: MockedEngine, sandbox: Sandbox) -> None:
        """Two resources have inputs of their own, and the program asks nothing of AWS for them."""

        def program() -> None:
            for key_id in (BOB, "AKIAI44QH8DHBEXAMPLE"):
                AccessKeyStatus(key_id, access_key_id=key_id, status="Active")

        engine.run(program)
        assert {name: key.inputs["access_key_id"] for name, key in engine.access_keys.items()} == {
            BOB: BOB,
            "AKIAI44QH8DHBEXAMPLE": "AKIAI44QH8DHBEXAMPLE",
        }
        assert sandbox.journal == []


class TestDocumentation:
    """The programs that docs/program.md shows."""

    def test_the_resource(self, engine: MockedEngine) -> None:
        """It registers the key with its owner, who is another resource, and exports its status."""
        program, _ = blocks("docs/program.md", "python")
        engine.run(lambda: exec(program, {}))
        inputs = engine.registered["bobs-old-key"].inputs
        assert (inputs["user_name"], inputs["status"]) == ("bob", "Inactive")
        assert engine.exported.keys() == {"status"}

    def test_the_operation(self, sandbox: Sandbox) -> None:
        """It switches the key."""
        _, script = blocks("docs/program.md", "python")
        exec(script, {})
        assert sandbox.statuses()[BOB] == "Inactive"
