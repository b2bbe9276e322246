"""What is asked of a whole account, answered by the sandbox."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import boto3
import pytest

from keyswitch.access_key.errors import AccessDenied
from keyswitch.access_key.inventory import User
from keyswitch.iam.connection import Connection
from keyswitch.iam.credential_report import parse_report
from keyswitch.iam.directory import REPORT_SECONDS, Directory
from keyswitch.iam.session import connect
from keyswitch.sandbox.seed import ACCOUNT
from keyswitch.sandbox.server import Fault, Sandbox
from keyswitch.switching.inventory import take_inventory


@pytest.fixture
def directory(sandbox: Sandbox) -> Directory:
    """A directory for which the sandbox's clock advances instead of its waiting."""

    def wait(seconds: float) -> None:
        sandbox.world.clock.advance(timedelta(seconds=seconds))

    return Directory(connect(Connection()), wait)


class TestUsers:
    """Users, with their paths and tags."""

    def test_all_of_them_with_their_paths(self, directory: Directory) -> None:
        """ListUsers shows no tags."""
        boto3.client("iam", region_name="us-east-1").create_user(UserName="ci", Path="/ci/")
        found = {user.user_name: user for user in directory.users()}
        assert found.keys() == {"Bob", "alice", "ci-deploy", "operator", "ci"}
        assert (found["ci"].path, found["ci"].tags, found["Bob"].path) == ("/ci/", None, "/")
        assert [user.user_name for user in directory.users("/ci/")] == ["ci"]

    def test_more_than_a_page_of_them(self, directory: Directory, sandbox: Sandbox) -> None:
        """Every page is asked for."""
        for number in range(1001):
            sandbox.world.account(ACCOUNT).create_user(f"user-{number}", "/many/", [])
        assert len(directory.users("/many/")) == 1001
        assert sandbox.actions()["ListUsers"] == 2

    def test_one_comes_with_its_tags(self, directory: Directory) -> None:
        """GetUser shows them; of a user that is not there it shows nothing."""
        tags = [{"Key": "team", "Value": "payments"}]
        boto3.client("iam", region_name="us-east-1").create_user(UserName="ci", Path="/ci/", Tags=tags)
        found = directory.user("ci")
        assert found is not None
        assert (found.user_name, found.path, found.tags) == ("ci", "/ci/", {"team": "payments"})
        assert directory.tags("ci") == {"team": "payments"}
        assert directory.user("Bob") == User("Bob", "/", found.create_date and directory.users()[0].create_date, {})
        assert directory.user("nobody") is None
        assert directory.tags("nobody") is None

    @pytest.mark.parametrize("action", ["ListUsers", "GetUser", "ListUserTags"])
    def test_a_denial_names_the_permission(self, directory: Directory, sandbox: Sandbox, action: str) -> None:
        """Nothing is taken for absent because it is denied."""
        sandbox.faults.append(Fault(action, "AccessDenied", 403))
        ask: dict[str, Callable[[], object]] = {
            "ListUsers": directory.users,
            "GetUser": lambda: directory.user("Bob"),
            "ListUserTags": lambda: directory.tags("Bob"),
        }
        with pytest.raises(AccessDenied) as error:
            ask[action]()
        assert error.value.action == f"iam:{action}"


class TestRoot:
    """Whether root has keys."""

    def test_the_summary_says_so(self, directory: Directory) -> None:
        """The example account's root has none."""
        assert directory.root_has_keys() is False

    def test_a_denial_says_nothing(self, directory: Directory, sandbox: Sandbox) -> None:
        """Who may not ask for the summary does not know."""
        sandbox.faults.append(Fault("GetAccountSummary", "AccessDenied", 403))
        assert directory.root_has_keys() is None


class TestCredentialReport:
    """The report is made, waited for, and read."""

    def test_it_is_waited_for(self, directory: Directory, sandbox: Sandbox) -> None:
        """AWS needs seconds to make it; a later one is there at once."""
        report = directory.credential_report()
        assert report is not None
        assert sandbox.actions()["GetCredentialReport"] > 1
        sandbox.journal.clear()
        assert directory.credential_report() == report
        assert sandbox.actions() == {"GenerateCredentialReport": 1, "GetCredentialReport": 1}

    @pytest.mark.parametrize("action", ["GenerateCredentialReport", "GetCredentialReport"])
    def test_a_denial_is_no_report(self, directory: Directory, sandbox: Sandbox, action: str) -> None:
        """Last uses are looked up one by one then."""
        sandbox.faults.append(Fault(action, "AccessDenied", 403))
        assert directory.credential_report() is None

    def test_the_wait_is_bounded(self, directory: Directory, sandbox: Sandbox) -> None:
        """A report that never gets ready is given up."""
        sandbox.faults.append(Fault("GetCredentialReport", "ReportInProgress", 404, times=None))
        before = sandbox.world.clock.now()
        assert directory.credential_report() is None
        assert sandbox.world.clock.now() - before < timedelta(seconds=REPORT_SECONDS + 10)

    def test_its_uses_are_those_that_aws_answers_by_key(
        self, directory: Directory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whether from the report or asked for one by one, an inventory says the same."""
        asked = take_inventory(directory)
        monkeypatch.setattr("keyswitch.switching.inventory.REPORT_FROM_USERS", 1)
        reported = take_inventory(directory)
        assert (asked.uses_from, reported.uses_from is None) == (None, False)
        assert asked.owners == reported.owners


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ("true,2026-01-02T03:04:05Z,2026-03-04T05:06:07+00:00,us-east-1,s3", (5, "s3")),
        ("false,2026-01-02T03:04:05+00:00,N/A,N/A,N/A", (None, None)),
        ("false,2026-01-02T03:04:05Z,no_information,N/A,N/A", (None, None)),
        ("false,N/A,N/A,N/A,N/A", None),
        ("false,not_supported,not_supported,not_supported,not_supported", None),
    ],
)
@pytest.mark.parametrize("slot", ["1", "2"])
def test_a_report_is_read_by_the_names_of_its_columns(
    slot: str, cells: str, expected: tuple[int | None, str | None] | None
) -> None:
    """Slots have no meaning; dates come in two spellings; what is not there is not there."""
    columns = ("active", "last_rotated", "last_used_date", "last_used_region", "last_used_service")
    header = ",".join(["user", "new_column", *(f"access_key_{slot}_{column}" for column in columns)])
    now = datetime(2026, 11, 25, tzinfo=timezone.utc)
    report = parse_report(f"{header}\nbob,?,{cells}\n<root_account>,?,{cells}".encode(), now)
    assert report.generated == now
    if expected is None:
        assert report.keys == ()
        return
    assert [key.user_name for key in report.keys] == ["bob", None]
    (key, _) = report.keys
    assert key.create_date == datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    assert (key.last_used.date and key.last_used.date.hour, key.last_used.service_name) == expected
