"""The gateway: what IAM and STS are asked, and their answers in the words of the domain."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from keyswitch.access_key.errors import AccessDenied, AccessKeyNotFound
from keyswitch.access_key.model import Signer, Status
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.session import connect
from keyswitch.sandbox.faults import DELAY
from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Fault, Sandbox
from tests.support.stubbed import BOB, ROOT, Stubbed

BOBS_KEY = "AKIAIOSFODNN7EXAMPLE"
BOBS_SECOND_KEY = "AKIAI44QH8DHBEXAMPLE"
SESSION_KEY = "ASIASESSIONEXAMPLE01"
NEVER_USED = {"UserName": "Bob", "AccessKeyLastUsed": {"ServiceName": "N/A", "Region": "N/A"}}
CREATED = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


def listed(access_key_id: str, status: str = "Active") -> dict[str, object]:
    """One entry of a ListAccessKeys answer."""
    return {"UserName": "Bob", "AccessKeyId": access_key_id, "Status": status, "CreateDate": CREATED}


class TestCaller:
    """Who signs."""

    def test_a_user_signs_with_the_key_the_run_started_from(self, gateway: Gateway) -> None:
        """A user's own key is both the source and the signing key."""
        caller = gateway.caller()
        assert (caller.account, caller.arn) == ("123456789012", "arn:aws:iam::123456789012:user/operator")
        assert caller.access_key_id == caller.source_access_key_id == OPERATOR_KEY
        assert caller.user_name == "operator"
        assert caller.signs_with_own_key

    def test_a_role_signs_with_a_temporary_key_and_remembers_the_source(self, sandbox: Sandbox) -> None:
        """Behind an assumed role the key that the run started from stays known: the guards protect it."""
        role = Role("arn:aws:iam::123456789012:role/deployer")
        caller = Gateway(connect(Connection(roles=(role,)))).caller()
        assert caller.arn == "arn:aws:sts::123456789012:assumed-role/deployer/keyswitch"
        assert caller.access_key_id.startswith("ASIA")
        assert caller.source_access_key_id == OPERATOR_KEY
        assert caller.user_name is None
        assert not caller.signs_with_own_key
        assert sandbox.journal[-1].signer == caller.access_key_id

    def test_it_is_asked_once(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """However often the caller is needed, STS is asked once."""
        for _ in range(3):
            gateway.caller()
        assert sandbox.actions() == {"GetCallerIdentity": 1}

    @pytest.mark.parametrize(("signing_key", "calls"), [(OPERATOR_KEY, {}), (BOBS_KEY, {"GetCallerIdentity": 1})])
    def test_it_is_not_asked_of_a_key_that_is_known(
        self, sandbox: Sandbox, signing_key: str, calls: dict[str, int]
    ) -> None:
        """AWS has said it to another process of the same run; of another key it has said nothing."""
        arn = "arn:aws:iam::123456789012:user/operator"
        caller = Gateway(connect(Connection()), Signer(signing_key, "123456789012", arn)).caller()
        assert (caller.account, caller.arn, caller.access_key_id) == ("123456789012", arn, OPERATOR_KEY)
        assert sandbox.actions() == calls

    def test_a_failure_is_not_remembered(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """After a failed look-up the next one asks again."""
        sandbox.faults.append(Fault("GetCallerIdentity", "AccessDenied", 403))
        with pytest.raises(Exception, match="denied"):
            gateway.caller()
        assert gateway.caller().user_name == "operator"

    @pytest.mark.usefixtures("session")
    def test_whose_session_assumed_a_role_is_asked_as_well(self, sandbox: Sandbox) -> None:
        """The guards are to know whose keys may have made it: one more question, signed by the session itself."""
        role = Role("arn:aws:iam::123456789012:role/deployer")
        caller = Gateway(connect(Connection(roles=(role,)))).caller()
        assert caller.source_arn == "arn:aws:iam::123456789012:user/operator"
        assert [c.arn for c in caller.credentials] == [caller.arn, caller.source_arn]
        asked = [r.signer for r in sandbox.journal if r.action == "GetCallerIdentity"]
        assert sorted(asked) == sorted([caller.access_key_id, caller.source_access_key_id])

    @pytest.mark.usefixtures("session")
    def test_a_session_that_may_not_say_whose_it_is(self, sandbox: Sandbox) -> None:
        """It is no reason to stop: the role could be assumed, and that is what counts."""
        role = Role("arn:aws:iam::123456789012:role/deployer")
        gateway = Gateway(connect(Connection(roles=(role,))))
        sandbox.faults.append(Fault("GetCallerIdentity", DELAY))
        sandbox.faults.append(Fault("GetCallerIdentity", "AccessDenied", 403, "no"))
        caller = gateway.caller()
        assert (caller.account, caller.source_arn) == ("123456789012", None)

    @pytest.mark.usefixtures("session")
    def test_a_session_that_signs_itself_is_asked_once(self, sandbox: Sandbox) -> None:
        """The one answer tells whose it is."""
        caller = Gateway(connect(Connection())).caller()
        assert caller.access_key_id == caller.source_access_key_id
        assert caller.access_key_id.startswith("ASIA")
        assert (caller.user_name, caller.source_arn) == ("operator", None)
        assert sandbox.actions() == {"GetCallerIdentity": 1}

    def test_a_long_term_key_that_assumed_a_role_is_not_asked_for(self, sandbox: Sandbox) -> None:
        """The key itself says enough."""
        role = Role("arn:aws:iam::123456789012:role/deployer")
        assert Gateway(connect(Connection(roles=(role,)))).caller().source_arn is None
        assert sandbox.actions() == {"AssumeRole": 1, "GetCallerIdentity": 1}


class TestAccessKeys:
    """The keys of a user."""

    def test_all_keys_of_a_user_are_listed_with_owner_status_and_age(self, gateway: Gateway) -> None:
        """Bob's two keys come back as IAM holds them, with dates that know their time zone."""
        keys = gateway.access_keys("Bob")
        assert keys is not None
        assert [(k.access_key_id, k.user_name, k.status) for k in keys] == [
            (BOBS_KEY, "Bob", "Active"),
            (BOBS_SECOND_KEY, "Bob", "Inactive"),
        ]
        ages = [(datetime.now(timezone.utc) - k.create_date).days for k in keys if k.create_date]
        assert ages == [400, 30]

    def test_a_missing_user_is_none(self, gateway: Gateway) -> None:
        """No such user is an answer, not an error."""
        assert gateway.access_keys("nobody") is None

    def test_a_user_without_keys_has_none(self, stubbed: Stubbed) -> None:
        """A user who exists and has no key is an empty tuple: not the same as no user."""
        gateway, iam = stubbed()
        iam.add_response("list_access_keys", {"AccessKeyMetadata": [], "IsTruncated": False})
        assert gateway.access_keys("alice") == ()

    def test_every_page_is_read(self, stubbed: Stubbed) -> None:
        """IAM may truncate at any number; the marker is followed until it says that was all."""
        gateway, iam = stubbed()
        ids = ["AKIAPAGEONEEXAMPLE01", "AKIAPAGETWOEXAMPLE02", "AKIAPAGETRIEXAMPLE03"]
        for number, key_id in enumerate(ids):
            last = number == len(ids) - 1
            iam.add_response(
                "list_access_keys",
                {
                    "AccessKeyMetadata": [listed(key_id)],
                    "IsTruncated": not last,
                    **({} if last else {"Marker": key_id}),
                },
                {"UserName": "alice", **({"Marker": ids[number - 1]} if number else {})},
            )
        keys = gateway.access_keys("alice")
        assert keys is not None
        assert [k.access_key_id for k in keys] == ids

    def test_a_user_who_vanishes_between_two_pages_is_none(self, stubbed: Stubbed) -> None:
        """Half a list is no list: a user deleted meanwhile is a missing user."""
        gateway, iam = stubbed()
        iam.add_response(
            "list_access_keys", {"AccessKeyMetadata": [listed(BOBS_KEY)], "IsTruncated": True, "Marker": "m"}
        )
        iam.add_client_error("list_access_keys", "NoSuchEntity", http_status_code=404)
        assert gateway.access_keys("alice") is None

    def test_the_status_expired_is_read_and_is_not_active(self, stubbed: Stubbed) -> None:
        """IAM's model knows a third status; it is reported as it is and counts as not active."""
        gateway, iam = stubbed()
        iam.add_response("list_access_keys", {"AccessKeyMetadata": [listed(BOBS_KEY, "Expired")], "IsTruncated": False})
        (key,) = gateway.access_keys("Bob") or ()
        assert key.status == "Expired"
        assert not key.is_active

    def test_the_root_users_keys_are_asked_for_without_a_user(self, stubbed: Stubbed) -> None:
        """Root has no user name: none is sent, and its keys have no owner's name."""
        gateway, iam = stubbed(ROOT)
        iam.add_response("list_access_keys", {"AccessKeyMetadata": [listed(BOBS_KEY)], "IsTruncated": False}, {})
        (key,) = gateway.access_keys(None) or ()
        assert key.user_name is None


class TestLastUsed:
    """The last use, in its three states: used, never used, not known."""

    def test_a_used_key_tells_when_where_and_whose(self, gateway: Gateway) -> None:
        """Date, service, region and owner come from the same answer."""
        used = gateway.last_used(BOBS_KEY)
        assert used is not None
        assert used.date is not None
        assert timedelta(days=94) < datetime.now(timezone.utc) - used.date < timedelta(days=96)
        assert (used.user_name, used.service_name, used.region) == ("Bob", "s3", "us-east-1")

    def test_a_key_that_was_never_used_has_no_date_and_no_service(self, gateway: Gateway) -> None:
        """AWS's "N/A" does not leak: never used is None, and the owner is still known."""
        used = gateway.last_used(BOBS_SECOND_KEY)
        assert used is not None
        assert (used.user_name, used.date, used.service_name, used.region) == ("Bob", None, None, None)

    @pytest.mark.parametrize(("code", "http_status"), [("AccessDenied", 403), ("NoSuchEntity", 404)])
    def test_what_aws_does_not_say_is_none(
        self, gateway: Gateway, sandbox: Sandbox, code: str, http_status: int
    ) -> None:
        """AWS denies alike for a foreign key and for a missing permission; both are "not known"."""
        sandbox.faults.append(Fault("GetAccessKeyLastUsed", code, http_status))
        assert gateway.last_used(BOBS_KEY) is None

    def test_the_owner_is_the_user_of_the_same_answer(self, gateway: Gateway) -> None:
        """An owner is looked up by the key alone."""
        assert gateway.last_used("AKIAALICEOLDEXAMPLE2").user_name == "alice"

    def test_the_owner_of_an_unknown_key_is_none(self, gateway: Gateway) -> None:
        """Nobody owns a key that is not in the account."""
        assert gateway.last_used("AKIAUNKNOWNEXAMPLE00") is None

    def test_a_key_of_root_has_no_owner(self, stubbed: Stubbed) -> None:
        """An answer that names no user is read as such."""
        gateway, iam = stubbed(ROOT)
        iam.add_response("get_access_key_last_used", {"AccessKeyLastUsed": NEVER_USED["AccessKeyLastUsed"]})
        assert gateway.last_used(BOBS_KEY).user_name is None


def test_a_role_that_is_no_longer_granted_is_not_a_key_that_is_not_known(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AccessDenied means "not known" where it is about the look-up, not about the credentials that should ask."""
    role = Role("arn:aws:iam::123456789012:role/deployer", {"DurationSeconds": 900})
    gateway = Gateway(connect(Connection(roles=(role,))))
    sandbox.faults.append(Fault("AssumeRole", "AccessDenied", 403, "no longer", times=None))
    monkeypatch.setattr("botocore.credentials.RefreshableCredentials.refresh_needed", lambda *_, **__: True)
    with pytest.raises(AccessDenied, match="sts:AssumeRole"):
        gateway.last_used(BOBS_KEY)


class TestQuarantine:
    """Whom AWS has quarantined for a leaked key: good to know, and never needed."""

    @pytest.fixture
    def quarantine(self, sandbox: Sandbox) -> Callable[[str, str], None]:
        """Attach a quarantine policy of AWS's to a user, as AWS does."""

        def attach(user_name: str, policy: str) -> None:
            iam = boto3.client("iam", region_name="us-east-1")
            iam.attach_user_policy(UserName=user_name, PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
            sandbox.journal.clear()

        return attach

    @pytest.mark.parametrize("version", ["", "V2", "V3"], ids=["V1", "V2", "V3"])
    def test_a_user_is_told_with_the_policy(
        self, gateway: Gateway, quarantine: Callable[[str, str], None], version: str
    ) -> None:
        """Whichever version of the policy AWS has attached; nobody else is told."""
        quarantine("alice", f"AWSCompromisedKeyQuarantine{version}")
        assert gateway.quarantined() == {"alice": f"AWSCompromisedKeyQuarantine{version}"}

    def test_two_users_under_two_policies(self, gateway: Gateway, quarantine: Callable[[str, str], None]) -> None:
        """Both are told, each with their own."""
        quarantine("alice", "AWSCompromisedKeyQuarantineV2")
        quarantine("Bob", "AWSCompromisedKeyQuarantineV3")
        assert gateway.quarantined() == {
            "alice": "AWSCompromisedKeyQuarantineV2",
            "Bob": "AWSCompromisedKeyQuarantineV3",
        }

    def test_nobody_is_the_rule(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """One question, which is all it then costs, however many keys and versions of the policy there are."""
        assert gateway.quarantined() == {}
        (asked,) = (request.parameters for request in sandbox.journal)
        assert {name: asked[name] for name in ("Action", "Scope", "OnlyAttached", "PolicyUsageFilter", "MaxItems")} == {
            "Action": "ListPolicies",
            "Scope": "AWS",
            "OnlyAttached": "true",
            "PolicyUsageFilter": "PermissionsPolicy",
            "MaxItems": "1000",
        }

    def test_who_may_not_ask_is_not_told_and_asks_no_more(
        self, gateway: Gateway, sandbox: Sandbox, quarantine: Callable[[str, str], None]
    ) -> None:
        """The permission is a courtesy: without it there is no error, and one question is enough to know."""
        quarantine("alice", "AWSCompromisedKeyQuarantineV3")
        for action in ("ListEntitiesForPolicy", "ListPolicies"):
            sandbox.faults.append(Fault(action, "AccessDenied", 403, "no", times=None))
            sandbox.journal.clear()
            assert gateway.quarantined() == {}
            assert sandbox.actions()[action] == 1
        assert sandbox.actions() == {"ListPolicies": 1}

    @pytest.mark.parametrize("action", ["ListPolicies", "ListEntitiesForPolicy"])
    @pytest.mark.parametrize(("code", "http_status"), [("NoSuchEntity", 404), ("ServiceFailure", 500)])
    def test_an_answer_that_fails_stops_nothing(
        self,
        gateway: Gateway,
        sandbox: Sandbox,
        quarantine: Callable[[str, str], None],
        action: str,
        code: str,
        http_status: int,
    ) -> None:
        """It is a note: without an answer there is none."""
        quarantine("alice", "AWSCompromisedKeyQuarantineV3")
        sandbox.faults.append(Fault(action, code, http_status, times=None))
        assert gateway.quarantined() == {}

    def test_what_comes_after_is_recognised_by_its_name(self, stubbed: Stubbed) -> None:
        """V4 and V5 as well as what stands today; another policy of AWS's is passed over, whoever has it."""
        gateway, iam = stubbed("arn:aws-cn:iam::123456789012:user/Bob")
        names = ["AWSCompromisedKeyQuarantineV10", "ReadOnlyAccess", "AWSCompromisedKeyQuarantineV5"]
        iam.add_response("list_policies", {"Policies": [attached(name) for name in names], "IsTruncated": False})
        for name, users in ((names[2], ("alice", "carol")), (names[0], ("alice",))):
            iam.add_response(
                "list_entities_for_policy",
                {"PolicyUsers": [{"UserName": user} for user in users], "IsTruncated": False},
                {"PolicyArn": f"arn:aws-cn:iam::aws:policy/{name}", "EntityFilter": "User"},
            )
        assert gateway.quarantined() == {"alice": names[0], "carol": names[2]}

    def test_every_page_is_read(self, stubbed: Stubbed) -> None:
        """AWS may truncate the list of policies and the list of a policy's users."""
        gateway, iam = stubbed()
        name = "AWSCompromisedKeyQuarantineV4"
        iam.add_response("list_policies", {"Policies": [attached("Billing")], "IsTruncated": True, "Marker": "m"})
        iam.add_response("list_policies", {"Policies": [attached(name)], "IsTruncated": False})
        iam.add_response(
            "list_entities_for_policy",
            {"PolicyUsers": [{"UserName": "alice"}], "IsTruncated": True, "Marker": "m"},
        )
        iam.add_response("list_entities_for_policy", {"PolicyUsers": [{"UserName": "Bob"}], "IsTruncated": False})
        assert gateway.quarantined() == dict.fromkeys(("alice", "Bob"), name)

    def test_an_answer_without_the_list_is_nobody(self, stubbed: Stubbed) -> None:
        """AWS's model promises neither list: without it nobody is told, and nothing fails."""
        gateway, iam = stubbed()
        iam.add_response("list_policies", {"IsTruncated": False})
        assert gateway.quarantined() == {}


def attached(name: str) -> dict[str, str]:
    """A policy of AWS's in China, as ListPolicies has it."""
    return {"PolicyName": name, "Arn": f"arn:aws-cn:iam::aws:policy/{name}"}


class TestSetStatus:
    """The one write, as it goes over the wire."""

    @pytest.mark.parametrize("status", [Status.ACTIVE, Status.INACTIVE], ids=str)
    def test_it_names_the_user_the_key_and_the_status(self, gateway: Gateway, sandbox: Sandbox, status: Status) -> None:
        """Another user's key: UserName, AccessKeyId and Status are sent, and AWS holds what was asked."""
        gateway.set_status(BOBS_KEY, status, "Bob")
        sent = sandbox.journal[-1]
        assert sent.parameters == {
            "Action": "UpdateAccessKey",
            "Version": "2010-05-08",
            "UserName": "Bob",
            "AccessKeyId": BOBS_KEY,
            "Status": status.value,
        }
        assert sent.signer == OPERATOR_KEY
        assert sandbox.statuses()[BOBS_KEY] == status.value

    def test_it_writes_to_no_other_key(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """All other keys stay as they are."""
        before = sandbox.statuses()
        gateway.set_status(BOBS_KEY, Status.INACTIVE, "Bob")
        assert sandbox.statuses() == {**before, BOBS_KEY: "Inactive"}

    def test_the_signers_own_user_is_left_out(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """A long-term key acts on its own user where none is named: users may hold no more permission than that."""
        gateway.set_status(OPERATOR_KEY, Status.ACTIVE, "operator")
        assert "UserName" not in sandbox.journal[-1].parameters
        gateway.access_keys("operator")
        assert "UserName" not in sandbox.journal[-1].parameters

    def test_a_listing_does_not_wait_for_the_caller(self, gateway: Gateway, sandbox: Sandbox) -> None:
        """Whose user it is need not be known to name it."""
        gateway.access_keys("Bob")
        assert sandbox.actions() == {"ListAccessKeys": 1}

    def test_a_user_that_may_only_list_itself_is_listed_without_its_name(
        self, gateway: Gateway, sandbox: Sandbox
    ) -> None:
        """The caller is asked only where the name is refused."""
        sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, "no"))
        assert gateway.access_keys("operator")
        assert "UserName" not in sandbox.journal[-1].parameters
        sandbox.faults.append(Fault("ListAccessKeys", "AccessDenied", 403, "no"))
        with pytest.raises(AccessDenied):
            Gateway(connect(Connection())).access_keys("Bob")

    def test_root_sends_no_user(self, stubbed: Stubbed) -> None:
        """Root's own key: only AccessKeyId and Status are sent."""
        gateway, iam = stubbed(ROOT)
        iam.add_response("update_access_key", {}, {"AccessKeyId": BOBS_KEY, "Status": "Inactive"})
        gateway.set_status(BOBS_KEY, Status.INACTIVE, None)

    def test_root_names_the_user_of_a_users_key(self, stubbed: Stubbed) -> None:
        """Root that switches a user's key says whose: otherwise AWS would look among root's own."""
        gateway, iam = stubbed(ROOT)
        iam.add_response("update_access_key", {}, {"UserName": "Bob", "AccessKeyId": BOBS_KEY, "Status": "Inactive"})
        gateway.set_status(BOBS_KEY, Status.INACTIVE, "Bob")

    def test_a_users_temporary_session_names_the_user(self, stubbed: Stubbed) -> None:
        """AWS refuses to imply the user for temporary credentials, so even the user's own session names it."""
        gateway, iam = stubbed(BOB, SESSION_KEY)
        iam.add_response("update_access_key", {}, {"UserName": "Bob", "AccessKeyId": BOBS_KEY, "Status": "Inactive"})
        gateway.set_status(BOBS_KEY, Status.INACTIVE, "Bob")

    def test_an_assumed_role_names_the_user(self, sandbox: Sandbox) -> None:
        """A role has no user to imply."""
        role = Role("arn:aws:iam::123456789012:role/deployer")
        Gateway(connect(Connection(roles=(role,)))).set_status(BOBS_KEY, Status.INACTIVE, "Bob")
        assert sandbox.journal[-1].parameters["UserName"] == "Bob"
        assert sandbox.journal[-1].signer.startswith("ASIA")

    def test_a_namesake_in_a_path_is_the_same_user(self, stubbed: Stubbed) -> None:
        """The path of the signer's ARN is no part of its name."""
        gateway, iam = stubbed("arn:aws:iam::123456789012:user/division/Bob")
        iam.add_response("update_access_key", {}, {"AccessKeyId": BOBS_KEY, "Status": "Inactive"})
        gateway.set_status(BOBS_KEY, Status.INACTIVE, "Bob")

    @pytest.mark.parametrize(
        ("access_key_id", "user_name"),
        [("AKIAUNKNOWNEXAMPLE00", "Bob"), (BOBS_KEY, "alice"), (BOBS_KEY, "nobody")],
        ids=["no such key", "another user's key", "no such user"],
    )
    def test_a_write_that_finds_no_key_says_which(self, gateway: Gateway, access_key_id: str, user_name: str) -> None:
        """Only a write raises for absence, and it names key and user."""
        with pytest.raises(AccessKeyNotFound, match=f"{access_key_id} of user {user_name}"):
            gateway.set_status(access_key_id, Status.INACTIVE, user_name)
