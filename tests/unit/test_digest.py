"""The digest of a change: what is part of it, and that a run is held to it."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keyswitch.access_key.digest import canonical, digest, digest_problem
from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.access_key.guards import evaluate, refusal
from keyswitch.access_key.policy import GuardPolicy
from keyswitch.switching.review import held_to, reviewed_digest
from keyswitch.telling.document import plan_document
from keyswitch.telling.markdown import plan_markdown
from tests.support.examples import ACCOUNT, NEW, OLD, change, evidence, key, many, plan_of, used

OFF, ON = change(key(), "Inactive"), change(key(NEW, status="Inactive"), "Active")


def test_the_canonical_form_is_pinned():
    """A digest that somebody has reviewed stays valid in the next version."""
    form = canonical(ACCOUNT, [OFF, ON])
    assert form == f'["access key changes 1","{ACCOUNT}",[["{NEW}","Inactive","Active"],["{OLD}","Active","Inactive"]]]'
    assert digest(ACCOUNT, [OFF, ON]) == hashlib.sha256(form.encode()).hexdigest()


@given(st.permutations(many(6)))
def test_the_order_does_not_matter(keys):
    """Whoever plans the same writes gets the same digest."""
    assert digest(ACCOUNT, [change(k, "Inactive") for k in keys]) == digest(
        ACCOUNT, [change(k, "Inactive") for k in many(6)]
    )


def test_each_part_matters():
    """Account, key, the status before, the status after, and each write; nothing else."""
    others = [
        digest("210987654321", [OFF]),
        digest(ACCOUNT, [change(key(NEW), "Inactive")]),
        digest(ACCOUNT, [change(key(status="Expired"), "Inactive")]),
        digest(ACCOUNT, [change(key(status="Inactive"), "Active")]),
        digest(ACCOUNT, [OFF, ON]),
        digest(ACCOUNT, []),
    ]
    assert len({digest(ACCOUNT, [OFF]), *others}) == 7
    assert digest(ACCOUNT, [change(key(user_name="robert"), "Inactive", reason="OPS-1")]) == digest(ACCOUNT, [OFF])


def test_what_a_guard_refuses_is_no_part_of_a_plans_digest():
    """The digest names what would be written; a write that a guard refuses today and permits tomorrow changes it."""
    findings = evaluate([OFF], evidence(OFF.observed, uses={}), GuardPolicy())
    refused = replace(plan_of(OFF, ON, findings=findings), refusal=refusal(findings))
    assert refused.digest == digest(ACCOUNT, [ON])
    assert plan_of(OFF, ON).digest == digest(ACCOUNT, [OFF, ON])


def test_a_plan_that_only_looks_has_the_digest_of_no_writes():
    """A reviewed change of reasons alone is held to writing nothing."""
    same = change(key(), "Active")
    assert plan_of(same).digest == digest(ACCOUNT, [])
    assert held_to(plan_of(OFF), plan_of(same).digest).unreviewed is not None


@pytest.mark.parametrize("length", [16, 40, 64])
def test_the_reviewed_change_passes(length: int):
    """By its short digest or by its whole one, in either case of letters."""
    made = plan_of(OFF)
    assert held_to(made, made.digest[:length]) is made
    assert held_to(made, made.digest[:length].upper()) is made
    assert held_to(made, None) is made


def test_another_change_is_an_error_that_shows_both():
    """It joins the plan's other errors, so that every output has it."""
    reviewed, made = plan_of(OFF), plan_of(OFF, ON)
    held = held_to(made, reviewed.digest)
    (error,) = held.errors
    assert reviewed.digest[:16] in str(error)
    assert made.digest[:16] in str(error)
    assert plan_document(held)["errors"] == [{"type": "NotReviewed", "message": str(error)}]
    assert "⛔ keyswitch refuses this change" in plan_markdown(held)


def test_nothing_to_do_passes():
    """An update that succeeded can be repeated with the same digest."""
    done = plan_of(change(key(), "Active", reason="x"))
    assert held_to(done, plan_of(OFF).digest) is done


@pytest.mark.parametrize("wrong", ["", "none", "016a105e960b1ed", "016a105e960b1edg", "0" * 65, "016a105e960b1ed3\n"])
def test_what_is_no_digest_is_refused(wrong: str):
    """Above all an empty one, which a workflow gets if its look-up of the digest fails."""
    assert digest_problem(wrong)
    with pytest.raises(InvalidConfiguration, match="KEYSWITCH_REVIEWED: "):
        reviewed_digest(None, {"KEYSWITCH_REVIEWED": wrong})
    with pytest.raises(InvalidConfiguration, match="--reviewed: "):
        reviewed_digest(wrong, {})


def test_the_option_precedes_the_variable():
    """Without both, a run is held to nothing."""
    one, other = "0" * 16, "1" * 16
    assert reviewed_digest(one, {"KEYSWITCH_REVIEWED": other}) == one
    assert reviewed_digest(None, {"KEYSWITCH_REVIEWED": other}) == other
    assert reviewed_digest(None, {}) is None


def test_the_digest_of_a_use_is_none():
    """A key that was used in the meantime has the same digest; judging that is the guards' part."""
    assert plan_of(OFF, uses={OLD: used(None)}).digest == plan_of(OFF).digest
