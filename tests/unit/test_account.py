"""The account: credentials of another one than is declared, or than a state was made in, are refused."""

import pytest

from keyswitch.access_key.account import require_account
from keyswitch.access_key.errors import WrongAccount
from tests.support.examples import ACCOUNT, OPERATOR

OTHER = "999999999999"


@pytest.mark.parametrize("declared", [None, ACCOUNT])
@pytest.mark.parametrize("recorded", [[], [None], [ACCOUNT], [None, ACCOUNT]], ids=str)
def test_the_right_account_or_none_declared_passes(declared, recorded):
    """`keyswitch:account` is optional, and an old state may not know its account."""
    require_account(OPERATOR, declared, recorded)


def test_another_account_than_declared_is_refused():
    """The message names both accounts, who signs, and the setting."""
    with pytest.raises(WrongAccount, match=f"belong to account {ACCOUNT} .*not to {OTHER}") as caught:
        require_account(OPERATOR, OTHER)
    assert OPERATOR.arn in caught.value.what
    assert "keyswitch:account" in caught.value.next_step


@pytest.mark.parametrize("declared", [None, ACCOUNT, OTHER])
def test_another_account_than_the_states_is_refused_whatever_is_declared(declared):
    """One account's keys never stand in the state of another's."""
    with pytest.raises(WrongAccount, match=f"was made in account {OTHER}, but the credentials belong to {ACCOUNT}"):
        require_account(OPERATOR, declared, [ACCOUNT, OTHER])
