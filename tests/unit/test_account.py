"""The account: credentials of another one than is declared, or than a state was made in, are refused."""

import pytest

from keyswitch.access_key.account import may_be_asked, require_account
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


@pytest.mark.parametrize(
    ("presumed", "declared", "recorded", "may"),
    [
        (None, None, [], True),
        (ACCOUNT, None, [None], True),
        (ACCOUNT, ACCOUNT, [ACCOUNT, None], True),
        (None, ACCOUNT, [], False),
        (None, None, [ACCOUNT], False),
        (OTHER, ACCOUNT, [], False),
        (ACCOUNT, ACCOUNT, [OTHER], False),
        (OTHER, None, [ACCOUNT], False),
    ],
)
def test_an_account_is_asked_early_only_if_it_seems_to_be_the_right_one(presumed, declared, recorded, may):
    """Where any account will do, there is no wrong one."""
    assert may_be_asked(presumed, declared, recorded) is may
