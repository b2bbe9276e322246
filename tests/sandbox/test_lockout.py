"""What moto cannot show: a key that is switched off is off, and what was made with it before is not."""

import pytest
from botocore.exceptions import ClientError

from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import ALICE, BOB_INACTIVE, aws, raw, refused


def test_who_deactivates_his_own_key_is_locked_out(sandbox: Sandbox) -> None:
    """The next request is refused with InvalidClientTokenId 403, the one that would undo it among them."""
    alice = aws(sandbox, ALICE)
    alice.update_access_key(AccessKeyId=ALICE, Status="Inactive")
    for again in (
        lambda: alice.list_access_keys(),
        lambda: alice.update_access_key(AccessKeyId=ALICE, Status="Active"),
    ):
        with pytest.raises(ClientError) as error:
            again()
        assert refused(error) == (
            "InvalidClientTokenId",
            403,
            "The security token included in the request is invalid.",
        )
    assert sandbox.statuses()[ALICE] == "Inactive"


def test_somebody_else_lets_him_in_again(sandbox: Sandbox) -> None:
    """An Inactive key that is made Active signs again."""
    assert raw(sandbox, "ListAccessKeys", BOB_INACTIVE).code == "InvalidClientTokenId"
    aws(sandbox).update_access_key(UserName="Bob", AccessKeyId=BOB_INACTIVE, Status="Active")
    assert raw(sandbox, "ListAccessKeys", BOB_INACTIVE).status == 200


def test_a_deleted_key_signs_nothing(sandbox: Sandbox) -> None:
    """A key that is gone is refused as one that never was."""
    sandbox.delete(ALICE)
    assert raw(sandbox, "GetCallerIdentity", ALICE, service="sts").code == "InvalidClientTokenId"


@pytest.mark.parametrize("kind", ["GetSessionToken", "AssumeRole"])
def test_a_session_minted_before_survives(sandbox: Sandbox, kind: str) -> None:
    """It can even let its own key in again; a session cannot be minted with the key any more."""
    sts = aws(sandbox, ALICE, "sts")

    def mint() -> dict[str, str]:
        if kind == "GetSessionToken":
            answer = sts.get_session_token(SerialNumber="arn:aws:iam::123456789012:mfa/alice", TokenCode="123456")
        else:
            answer = sts.assume_role(RoleArn="arn:aws:iam::123456789012:role/admin", RoleSessionName="alice")
        return dict(answer["Credentials"])

    session = mint()
    aws(sandbox).update_access_key(UserName="alice", AccessKeyId=ALICE, Status="Inactive")
    with pytest.raises(ClientError) as error:
        mint()
    assert refused(error)[0] == "InvalidClientTokenId"
    aws(sandbox, session).update_access_key(UserName="alice", AccessKeyId=ALICE, Status="Active")
    assert sandbox.statuses()[ALICE] == "Active"
    mint()


def test_nobody_signs(sandbox: Sandbox) -> None:
    """A request without a signature is MissingAuthenticationToken 403."""
    answer = raw(sandbox, "ListAccessKeys", None, UserName="Bob")
    assert (answer.status, answer.code) == (403, "MissingAuthenticationToken")


def test_the_operator_can_lock_himself_out(sandbox: Sandbox) -> None:
    """The operator's key is a key like any other."""
    aws(sandbox).update_access_key(AccessKeyId=OPERATOR_KEY, Status="Inactive")
    assert raw(sandbox, "ListAccessKeys", UserName="Bob").code == "InvalidClientTokenId"
