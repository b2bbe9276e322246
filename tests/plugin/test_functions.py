"""The functions of the package, over gRPC."""

import pytest

from keyswitch.sandbox.server import Sandbox
from tests.support.plugin_process import Plugin
from tests.support.provider_process import Known, Refused
from tests.support.seeded import ALICE, ALICES_OLD, BOB, BOBS_SECOND, CI, MISSING


def test_looking_up_keys(host: Plugin, sandbox: Sandbox) -> None:
    """One key, or all keys of a user, with owner, status, age and last use."""
    found = host.invoke("keyswitch:index:getAccessKey", access_key_id=CI)
    date, used = found.pop("create_date"), found.pop("last_used_date")
    assert found == {
        "access_key_id": CI,
        "status": "Active",
        "owner": "ci-deploy",
        "account_id": "123456789012",
        "age_days": 60,
        "last_used_service": "s3",
        "last_used_region": "us-east-1",
    }
    assert date < used
    of_bob = host.invoke("keyswitch:index:getAccessKeys", user_name="Bob")["access_keys"]
    assert {key["access_key_id"]: key["status"] for key in of_bob} == {BOB: "Active", BOBS_SECOND: "Inactive"}
    for token, arguments, said in (
        ("getAccessKey", {"access_key_id": MISSING}, f"^There is no access key {MISSING}"),
        ("getAccessKey", {"access_key_id": "x"}, "access_key_id: "),
        ("getAccessKeys", {"user_name": "nobody"}, "^There is no IAM user nobody in account 123456789012"),
    ):
        with pytest.raises(Refused, match=said):
            host.invoke(f"keyswitch:index:{token}", **arguments)
    assert sandbox.actions()["UpdateAccessKey"] == 0


def test_judging_a_whole_change(host: Plugin, sandbox: Sandbox) -> None:
    """All problems in one message; what passes together is not judged alone, and asks AWS nothing more in a preview."""
    both = [{"access_key_id": CI, "status": "Inactive"}, {"access_key_id": MISSING, "status": "Active"}]
    with pytest.raises(Refused) as refused:
        host.invoke("keyswitch:index:checkAccessKeys", access_keys=both)
    assert "2 problems:" in str(refused.value)
    assert f'AccessKeyStatus(…, access_key_id="{CI}", reason=' in str(refused.value)
    off = [{"access_key_id": key_id, "status": "Inactive"} for key_id in (ALICE, ALICES_OLD)]
    checked = host.invoke("keyswitch:index:checkAccessKeys", access_keys=off)
    assert checked["statuses"] == {ALICE: "Inactive", ALICES_OLD: "Inactive"}
    assert any("warning: " in line for line in checked["lines"]), "alice is left without an active key"
    asked = len(sandbox.journal)
    for inputs in off:
        assert host.check(inputs).failures == []
    assert (len(sandbox.journal), host.said()) == (asked, "")
    created = host.create(off[0])
    assert isinstance(created, Known)
    assert sandbox.statuses()[ALICE] == "Inactive"


def test_a_key_that_is_declared_twice(host: Plugin, sandbox: Sandbox) -> None:
    """It is refused before AWS is asked; otherwise one of the two entries would be lost."""
    twice = [{"access_key_id": BOB, "status": "Active"}, {"access_key_id": BOB}]
    with pytest.raises(Refused, match=f"{BOB}: is declared twice: keep one"):
        host.invoke("keyswitch:index:checkAccessKeys", access_keys=twice)
    assert sandbox.journal == []
