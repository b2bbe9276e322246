"""The guard that judges the number of deactivations: when it fires, what it says, and what lets the change pass."""

from dataclasses import replace

import pytest

from keyswitch.access_key.bulk import too_many, too_many_so_far
from keyswitch.access_key.change import Change, decide_removal
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import GuardRefused
from keyswitch.access_key.guards import refusal
from keyswitch.access_key.model import Status
from keyswitch.access_key.policy import AtOnce, GuardName, GuardPolicy, Level
from keyswitch.switching.plan import Plan, plan
from keyswitch.telling.document import plan_document, stack_summary
from keyswitch.telling.markdown import plan_markdown
from keyswitch.telling.text import plan_lines
from tests.support.examples import NOW, OLD, change, key, many, recorded, used
from tests.support.fake_gateway import LittleIam

MANY = GuardName.TOO_MANY_AT_ONCE
BLOCK = GuardPolicy({MANY: Level.BLOCK, GuardName.LAST_ACTIVE_KEY: Level.OFF})


def off(number: int, **fields: object) -> list[Change]:
    """So many deactivations."""
    return [change(each, "Inactive", **fields) for each in many(number)]


@pytest.mark.parametrize(
    ("number", "keys", "at_once", "fires"),
    [
        pytest.param(9, 9, AtOnce(), False, id="9 of 9"),
        pytest.param(10, 10, AtOnce(), True, id="10 of 10"),
        pytest.param(10, 49, AtOnce(), True, id="10 of 49"),
        pytest.param(10, 50, AtOnce(), False, id="a fifth"),
        pytest.param(11, 50, AtOnce(), True, id="one more than a fifth"),
        pytest.param(300, 1500, AtOnce(), False, id="a fifth of many"),
        pytest.param(301, 1500, AtOnce(), True, id="one more than a fifth of many"),
        pytest.param(300, 300, AtOnce(count=301), False, id="below a higher number"),
        pytest.param(50, 100, AtOnce(share=50), False, id="the share that is set"),
        pytest.param(51, 100, AtOnce(share=50), True, id="more than the share that is set"),
        pytest.param(100, 100, AtOnce(share=100), False, id="never, by the share"),
        pytest.param(1, 1000, AtOnce(1, 0), True, id="always"),
    ],
)
def test_it_fires_from_a_number_and_above_a_share(number, keys, at_once, fires):
    """Both limits must be reached; ten, and more than a fifth, if nothing is set."""
    finding = too_many(off(number), keys, GuardPolicy(at_once=at_once))
    assert (finding is not None) is fires


def test_only_deactivations_count():
    """Neither activations, observations, what stays as it is, nor what was not Active before."""
    others = [
        *(change(each, "Active") for each in many(20, "Inactive")),
        *(change(each, None) for each in many(20)),
        *(change(each, "Inactive") for each in many(20, "Inactive")),
        *(change(each, "Inactive") for each in many(20, "Expired")),
    ]
    assert too_many([*off(9), *others], 10, BLOCK) is None


def test_removals_that_deactivate_count():
    """Whether an entry is changed or removed, the key is off."""
    removals = [
        decide_removal(recorded(each.access_key_id, on_removal=OnRemoval.DEACTIVATE), each) for each in many(10)
    ]
    assert too_many(removals, 10, BLOCK) is not None


def test_an_entry_that_may_pass_does_not_count():
    """The others do."""
    free = off(9, allow=frozenset({MANY}), reason="OPS-1")
    assert too_many([*free, *off(30)[9:18]], 18, BLOCK) is None
    assert too_many([*free, *off(30)[9:19]], 19, BLOCK).access_key_ids == tuple(c.access_key_id for c in off(30)[9:19])


@pytest.mark.parametrize(
    ("levels", "level"), [({}, Level.WARN), ({MANY: Level.BLOCK}, Level.BLOCK), ({MANY: Level.OFF}, None)]
)
def test_it_has_the_level_that_is_set(levels, level):
    """By default it warns."""
    finding = too_many(off(10), 10, GuardPolicy(levels))
    assert (finding and finding.level) == level


def test_it_is_one_finding_that_stays_short():
    """It counts, names a few, and belongs to no key; the order of entries does not matter."""
    finding = too_many(off(300), 310, BLOCK)
    assert finding == too_many(off(300)[::-1], 310, BLOCK)
    assert finding.access_key_id is None
    assert len(finding.access_key_ids) == 300
    assert str(finding) == (
        "this change deactivates 300 of 310 keys: user0000 AKIAMANYEXAMPLE00000, user0001 AKIAMANYEXAMPLE00001, "
        "user0002 AKIAMANYEXAMPLE00002, user0003 AKIAMANYEXAMPLE00003, user0004 AKIAMANYEXAMPLE00004 and 295 others; "
        "so many at once are almost always a mistake, such as a wrong file or a bad merge"
    )


def test_what_lets_it_pass_permits_this_number_and_not_one_more():
    """One setting, which keeps the share; a change that grows after the review is refused again."""
    policy = replace(BLOCK, at_once=AtOnce(share=35))
    error = refusal([too_many(off(12), 20, policy)], policy)
    assert (error.remedy, error.settings) == ((), ("keyswitch:tooManyAtOnce:", "  count: 13", "  share: 35%"))
    assert str(error).splitlines()[1:] == [
        "To do it all the same, write among the settings:",
        "    keyswitch:tooManyAtOnce:",
        "      count: 13",
        "      share: 35%",
    ]
    followed = replace(policy, at_once=AtOnce(13, 35))
    assert too_many(off(12), 20, followed) is None
    assert too_many(off(13), 20, followed) is not None


def test_it_warns_of_nothing_to_write():
    """Only what blocks needs a remedy."""
    assert refusal([too_many(off(10), 10, GuardPolicy())]) is None


class TestInAPlan:
    """What comes of it in a plan, and in everything that is told of the plan."""

    @staticmethod
    def planned(policy: GuardPolicy, declared: int = 11, memory: object = None) -> Plan:
        """Twelve keys, of which so many are to be off, and one to be on."""
        keys = [*many(11), key(OLD, status="Inactive")]
        wanted = [Desired(each.access_key_id, each.user_name, Status.INACTIVE) for each in keys[:declared]]
        uses = {each.access_key_id: used(None, each.user_name) for each in keys}
        iam = LittleIam(*keys, uses=uses)
        return plan(iam, [*wanted, Desired(OLD, "bob", Status.ACTIVE)], None, policy, memory, clock=lambda: NOW)

    def test_a_refusal_holds_back_every_deactivation_and_nothing_else(self):
        """Whoever keeps going activates."""
        made = self.planned(BLOCK)
        assert [c.access_key_id for c in made.permitted] == [OLD]
        assert len(made.refused) == 11
        assert made.errors == (made.refusal,)

    def test_the_share_is_one_of_all_keys_of_the_configuration(self):
        """Those that fail and those that leave belong to it."""
        (finding,) = self.planned(BLOCK).findings
        assert "11 of 12 keys" in finding.saw
        leaving = {each.access_key_id: recorded(each.access_key_id, owner=each.user_name) for each in many(11)[10:]}
        (finding,) = self.planned(BLOCK, 10, leaving).findings
        assert "10 of 12 keys" in finding.saw

    def test_it_is_told_once_in_every_form(self):
        """As a line, as data, as Markdown and in the outputs of the stack."""
        made = self.planned(replace(BLOCK, levels={**BLOCK.levels, MANY: Level.WARN}))
        told = "this change deactivates 11 of 12 keys"
        assert [line for line in plan_lines(made) if told in line and line.startswith("warning: this")] != []
        (warning,) = plan_document(made)["warnings"]
        assert (warning["guard"], warning["accessKeyId"], len(warning["accessKeyIds"])) == (MANY.value, None, 11)
        assert plan_markdown(made).count(told) == 1
        assert stack_summary(made)["warnings"] == ["11 keys tooManyAtOnce"]

    def test_what_lets_it_pass_is_told_in_every_form(self):
        """In the place of its own, because it does not belong among the keys."""
        made = self.planned(BLOCK)
        (error,) = plan_document(made)["errors"]
        assert error["configuration"] == []
        assert error["settings"] == ["keyswitch:tooManyAtOnce:", "  count: 12", "  share: 20%"]
        assert "write among the settings:\n\n```yaml\nkeyswitch:tooManyAtOnce:\n  count: 12" in plan_markdown(made)


class TestKeyAfterKey:
    """Where a program declares one key after the other."""

    def test_it_judges_what_was_declared_so_far(self):
        """More may follow, and the finding says so."""
        assert too_many_so_far(off(9), 0, GuardPolicy()) is None
        assert "10 of 10 keys declared so far" in too_many_so_far(off(10), 0, GuardPolicy()).saw

    def test_the_state_tells_how_many_there_are(self):
        """Twelve of a hundred are no more, because they are declared first."""
        assert too_many_so_far(off(12), 100, GuardPolicy()) is None
        assert too_many_so_far(off(12), 59, GuardPolicy()) is not None

    def test_it_refuses(self):
        """With the same lines as everywhere."""
        with pytest.raises(GuardRefused, match=r"tooManyAtOnce:\n +count: 11"):
            too_many_so_far(off(10), 0, BLOCK)
