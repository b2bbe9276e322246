"""The guards: when each fires, when not, and what it says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyswitch.access_key.change import decide, decide_removal
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import GuardRefused
from keyswitch.access_key.guards import RECORDING_DELAY, Finding, evaluate, refusal
from keyswitch.access_key.model import AccessKey, Caller, Credential, LastUsed, Status
from keyswitch.access_key.policy import DEFAULT_LEVELS, GuardName, GuardPolicy, Level
from tests.support.examples import (
    ACCOUNT,
    ALICES,
    NEW,
    NOW,
    OF_A_KEY,
    OLD,
    OPERATOR,
    ROLE,
    ROOT,
    ROOTS,
    SIGNING,
    TEMPORARY,
    change,
    evidence,
    key,
    recorded,
    used,
)

OWN, RECENT, LAST = GuardName.OWN_CREDENTIALS, GuardName.RECENTLY_USED, GuardName.LAST_ACTIVE_KEY
POLICY = GuardPolicy()


def _policy(**levels: str) -> GuardPolicy:
    return GuardPolicy({GuardName(name): Level(level) for name, level in levels.items()})


def _fired(findings: tuple[Finding, ...]) -> set[tuple[str, str]]:
    return {(finding.access_key_id, finding.guard.value) for finding in findings}


def test_the_guards_are_as_strict_as_documented_by_default():
    """Own credentials and recent use block; the last active key and the number warn; a day counts as recent."""
    assert (
        POLICY.levels
        == DEFAULT_LEVELS
        == {
            OWN: Level.BLOCK,
            RECENT: Level.BLOCK,
            LAST: Level.WARN,
            GuardName.TOO_MANY_AT_ONCE: Level.WARN,
        }
    )
    assert POLICY.recent_use == timedelta(hours=24)


@pytest.mark.parametrize(
    ("caller", "access_key_id", "fires", "saw"),
    [
        pytest.param(OPERATOR, SIGNING, True, "this run signs with this key", id="the signing key"),
        pytest.param(OPERATOR, OLD, False, "", id="another key"),
        pytest.param(ROOT, ROOTS, True, "this run signs with this key", id="root's own key"),
        pytest.param(ROLE, SIGNING, True, f"this run assumed {ROLE.arn} with this key", id="the key behind a role"),
        pytest.param(ROLE, OLD, False, "", id="a role and another key"),
    ],
)
def test_own_credentials_are_the_signing_key_and_the_one_behind_the_role(caller, access_key_id, fires, saw):
    """Nobody cuts off the branch they sit on, even one role away."""
    mine, other = key(access_key_id), key(NEW)
    findings = evaluate([change(mine, "Inactive")], evidence(mine, other, caller=caller), POLICY)
    assert _fired(findings) == ({(access_key_id, "ownCredentials")} if fires else set())
    assert [finding.saw for finding in findings] == ([saw] if fires else [])


BOBS_SESSION = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/bob", TEMPORARY, TEMPORARY)
ROOTS_SESSION = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", TEMPORARY, TEMPORARY)
ROLE_OF_BOBS_SESSION = replace(ROLE, source_access_key_id="ASIASOURCEEXAMPLE001", source_arn=BOBS_SESSION.arn)


@pytest.mark.parametrize(
    ("caller", "user_name", "how"),
    [
        pytest.param(BOBS_SESSION, "bob", "this run signs with a session of user bob", id="a user's session"),
        pytest.param(ROOTS_SESSION, None, "this run signs with a session of the root user", id="root's session"),
        pytest.param(
            ROLE_OF_BOBS_SESSION,
            "bob",
            f"this run assumed {ROLE.arn} with a session of user bob",
            id="the session behind a role",
        ),
    ],
)
def test_a_session_warns_of_its_users_keys_and_blocks_the_last_active_one(caller, user_name, how):
    """AWS does not say with which key a session was made: it may be this one; if no other is left, it ends here."""
    mine, other = key(user_name=user_name), key(NEW, user_name)
    both = evidence(mine, other, caller=caller)
    (maybe,) = evaluate([change(mine, "Inactive")], both, POLICY)
    assert (maybe.guard, maybe.level) == (OWN, Level.WARN)
    assert maybe.saw == f"{how}, and AWS does not say with which key it was made"
    assert maybe.why == "it may be this one"
    for changes, keys in [
        ([change(mine, "Inactive")], [mine]),
        ([change(mine, "Inactive")], [mine, replace(other, status="Inactive")]),
        ([change(mine, "Inactive"), change(other, "Inactive")], [mine, other]),
    ]:
        own = [f for f in evaluate(changes, evidence(*keys, caller=caller), POLICY) if f.guard is OWN]
        assert [(f.access_key_id, f.level) for f in own] == [
            (c.access_key_id, Level.BLOCK) for c in sorted(changes, key=lambda c: c.access_key_id)
        ]
        assert {f.why for f in own} == {"no other active key is left to make the next one with"}


def test_a_session_whose_user_gets_another_key_in_the_same_change_only_warns():
    """The whole change counts: the new key is there to make the next session with."""
    old, new = key(), key(NEW, status="Inactive")
    changes = [change(old, "Inactive"), change(new, "Active")]
    findings = evaluate(changes, evidence(old, new, caller=BOBS_SESSION), POLICY)
    assert [(f.access_key_id, f.guard, f.level) for f in findings] == [(OLD, OWN, Level.WARN)]


@pytest.mark.parametrize(
    ("caller", "user_name"),
    [
        pytest.param(BOBS_SESSION, "alice", id="another user's key"),
        pytest.param(BOBS_SESSION, None, id="root's key"),
        pytest.param(ROOTS_SESSION, "bob", id="root's session, a user's key"),
        pytest.param(ROOTS_SESSION, "root", id="root's session, a user who is called root"),
        pytest.param(replace(ROLE, source_access_key_id=TEMPORARY), "bob", id="a role nobody knows the source of"),
        pytest.param(replace(ROLE_OF_BOBS_SESSION, source_arn=None), "bob", id="a source AWS did not tell"),
        pytest.param(OPERATOR, "operator", id="a long-term key says itself which it is"),
    ],
)
def test_a_session_is_of_no_other_users_keys(caller, user_name):
    """Nobody is warned of a key that the session cannot have been made with."""
    mine = key(user_name=user_name)
    assert evaluate([change(mine, "Inactive")], evidence(mine, key(NEW, user_name), caller=caller), POLICY) == ()


def test_a_guard_that_only_warns_does_not_block_for_a_session_either():
    """The level that is set is the most there can be."""
    policy = _policy(ownCredentials="warn")
    findings = evaluate([change(key(), "Inactive")], evidence(key(), caller=BOBS_SESSION), policy)
    assert {f.guard: f.level for f in findings} == {OWN: Level.WARN, LAST: Level.WARN}


STATE = Credential(OLD, "Pulumi reads its state (s3://state) with {}")


def test_the_key_that_reads_the_state_is_an_own_credential():
    """Without it nobody could ever run this stack again, whoever signs this run."""
    caller = replace(OPERATOR, others=(STATE,))
    findings = evaluate([change(key(), "Inactive")], evidence(key(), key(NEW), caller=caller), POLICY)
    assert [(f.guard, f.level, f.saw) for f in findings] == [
        (OWN, Level.BLOCK, "Pulumi reads its state (s3://state) with this key")
    ]


def test_a_key_that_is_known_for_certain_is_told_before_one_that_is_guessed():
    """A session of bob's signs, and Pulumi's state hangs on this very key: that is what is said, and it blocks."""
    caller = replace(BOBS_SESSION, others=(STATE,))
    (finding,) = evaluate([change(key(), "Inactive")], evidence(key(), key(NEW), caller=caller), POLICY)
    assert (finding.level, finding.saw) == (Level.BLOCK, "Pulumi reads its state (s3://state) with this key")


WINDOW = timedelta(hours=24)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("uses", "fires"),
    [
        pytest.param({}, True, id="unknown"),
        pytest.param({OLD: used(None)}, False, id="never"),
        pytest.param({OLD: used(timedelta(0))}, True, id="right now"),
        pytest.param({OLD: used(-timedelta(hours=1))}, True, id="in the future of a slow clock"),
        pytest.param({OLD: used(WINDOW)}, True, id="at the window"),
        pytest.param({OLD: used(WINDOW + RECORDING_DELAY - MINUTE)}, True, id="within the recording delay"),
        pytest.param({OLD: used(WINDOW + RECORDING_DELAY)}, True, id="at the end of the recording delay"),
        pytest.param({OLD: used(WINDOW + RECORDING_DELAY + MINUTE)}, False, id="just outside"),
        pytest.param({OLD: used(timedelta(days=400))}, False, id="long ago"),
        pytest.param({NEW: used(timedelta(0))}, True, id="only another key's use is known"),
    ],
)
def test_a_recent_or_unknown_use_is_found(uses, fires):
    """Never used differs from not known; the window is widened by the delay with which AWS records."""
    findings = evaluate([change(key(OLD), "Inactive")], evidence(key(OLD), key(NEW), uses=uses), POLICY)
    assert _fired(findings) == ({(OLD, "recentlyUsed")} if fires else set())


@pytest.mark.parametrize(
    ("recent_use", "ago", "fires"),
    [
        (timedelta(minutes=30), timedelta(minutes=40), True),
        (timedelta(minutes=30), timedelta(minutes=50), False),
        (timedelta(days=90), timedelta(days=89), True),
        (timedelta(days=90), timedelta(days=91), False),
    ],
    ids=["within 30m", "beyond 30m", "within 90d", "beyond 90d"],
)
def test_the_window_of_recent_use_can_be_set(recent_use, ago, fires):
    """`keyswitch:recentUse` decides what recent means."""
    policy = replace(POLICY, recent_use=recent_use)
    findings = evaluate([change(key(), "Inactive")], evidence(key(), key(NEW), uses={OLD: used(ago)}), policy)
    assert bool(findings) is fires


def test_a_recent_use_is_told_with_time_service_region_and_window():
    """The reader sees what was seen."""
    (finding,) = evaluate(
        [change(key(), "Inactive")], evidence(key(), key(NEW), uses={OLD: used(timedelta(hours=3))}), POLICY
    )
    assert finding.saw == "last used 3 h ago (2025-06-01 09:00 UTC) by s3 from us-east-1"
    assert "within 24h" in finding.why


def test_an_unknown_use_is_told_with_the_missing_permission():
    """The reader learns what to grant, and to whom."""
    (finding,) = evaluate([change(key(), "Inactive")], evidence(key(), key(NEW), uses={}), POLICY)
    assert "iam:GetAccessKeyLastUsed" in finding.saw
    assert OPERATOR.arn in finding.saw


@pytest.mark.parametrize(
    ("created", "fires"),
    [
        pytest.param(timedelta(0), True, id="just now"),
        pytest.param(RECORDING_DELAY - MINUTE, True, id="within the recording delay"),
        pytest.param(RECORDING_DELAY, False, id="at the end of the recording delay"),
        pytest.param(timedelta(days=400), False, id="long ago"),
        pytest.param(None, False, id="not known"),
    ],
)
@pytest.mark.parametrize("level", ["block", "warn"])
def test_a_key_too_young_to_have_a_recorded_use_is_warned_of_and_never_blocked(created, fires, level):
    """No use within the first minutes is no evidence; but nobody is kept from undoing what they just made."""
    young = key(created=created)
    findings = evaluate([change(young, "Inactive")], evidence(young, key(NEW)), _policy(recentlyUsed=level))
    assert [(f.guard, f.level) for f in findings] == ([(RECENT, Level.WARN)] if fires else [])
    assert refusal(findings) is None


def test_a_key_too_young_is_told_with_its_age():
    """The reader sees why its not being used says nothing."""
    young = key(created=timedelta(minutes=7))
    (finding,) = evaluate([change(young, "Inactive")], evidence(young, key(NEW)), POLICY)
    assert finding.saw == "it was created 7 min ago and no use is recorded yet"
    assert finding.why == "too young to tell: AWS records a use only after up to 15m"


@pytest.mark.parametrize(
    ("policy", "fields"),
    [
        pytest.param(_policy(recentlyUsed="off"), {}, id="off"),
        pytest.param(POLICY, {"allow": frozenset({RECENT}), "reason": "OPS-1"}, id="allowed"),
    ],
)
def test_a_key_too_young_is_silenced_like_any_recent_use(policy, fields):
    """The guard that is off, or passed, does not whisper either."""
    young = key(created=timedelta(0))
    assert evaluate([change(young, "Inactive", **fields)], evidence(young, key(NEW)), policy) == ()


def test_a_young_key_that_was_used_is_recently_used():
    """What is recorded counts, however young the key."""
    young = key(created=timedelta(minutes=5))
    uses = {OLD: used(timedelta(minutes=2))}
    (finding,) = evaluate([change(young, "Inactive")], evidence(young, key(NEW), uses=uses), POLICY)
    assert finding.level is Level.BLOCK


_OLD_ON, _NEW_ON, _NEW_OFF = key(OLD), key(NEW), key(NEW, status="Inactive")


@pytest.mark.parametrize(
    ("changes", "keys", "fires"),
    [
        pytest.param([change(_OLD_ON, "Inactive")], [_OLD_ON], {OLD}, id="the only key"),
        pytest.param([change(_OLD_ON, "Inactive")], [_OLD_ON, _NEW_ON], set(), id="an undeclared key stays Active"),
        pytest.param([change(_OLD_ON, "Inactive")], [_OLD_ON, _NEW_OFF], {OLD}, id="the other is Inactive already"),
        pytest.param(
            [change(_OLD_ON, "Inactive")], [_OLD_ON, key(NEW, status="Expired")], {OLD}, id="the other is Expired"
        ),
        pytest.param(
            [change(_OLD_ON, "Inactive"), change(_NEW_OFF, "Active")], [_OLD_ON, _NEW_OFF], set(), id="a swap"
        ),
        pytest.param(
            [change(_NEW_OFF, "Active"), change(_OLD_ON, "Inactive")], [_OLD_ON, _NEW_OFF], set(), id="a swap, reversed"
        ),
        pytest.param(
            [change(_OLD_ON, "Inactive"), change(_NEW_ON, "Inactive")],
            [_OLD_ON, _NEW_ON],
            {OLD, NEW},
            id="both at once",
        ),
        pytest.param(
            [change(_OLD_ON, "Inactive")], [_OLD_ON, key(ALICES, "alice")], {OLD}, id="another user's key does not help"
        ),
        pytest.param([change(_NEW_OFF, "Inactive")], [_OLD_ON, _NEW_OFF], set(), id="nothing is switched off"),
    ],
)
def test_the_last_active_key_is_judged_by_the_outcome_of_the_whole_change(changes, keys, fires):
    """Neither the order of entries nor a state in between matters, only what the user has afterwards."""
    findings = evaluate(changes, evidence(*keys), POLICY)
    assert _fired(findings) == {(access_key_id, "lastActiveKey") for access_key_id in fires}


@pytest.mark.parametrize(
    ("on_removal", "live", "fires"),
    [
        pytest.param(OnRemoval.RESTORE, "Inactive", {OLD}, id="restored last of all, so that it helps nobody before"),
        pytest.param(OnRemoval.RESTORE, "Active", set(), id="nothing to restore"),
        pytest.param(OnRemoval.LEAVE, "Active", set(), id="left as it is"),
        pytest.param(OnRemoval.DEACTIVATE, "Active", {OLD, NEW}, id="deactivated, too"),
    ],
)
def test_the_last_active_key_reckons_with_the_keys_that_leave(on_removal, live, fires):
    """What leaves the configuration counts as it is while the other key goes."""
    leaving = decide_removal(recorded(NEW, on_removal=on_removal), key(NEW, status=live))
    findings = evaluate([change(_OLD_ON, "Inactive"), leaving], evidence(_OLD_ON, leaving.observed), POLICY)
    assert _fired(findings) == {(access_key_id, "lastActiveKey") for access_key_id in fires}


@pytest.mark.parametrize(("user_name", "who"), [("bob", "bob is left"), (None, "the root user is left")])
def test_the_last_active_key_names_who_loses_access(user_name, who):
    """The finding speaks of the user, root included."""
    only = key(user_name=user_name)
    (finding,) = evaluate([change(only, "Inactive")], evidence(only), POLICY)
    assert finding.saw.startswith(who)


_DANGEROUS = key(SIGNING, "operator")
_DANGER = evidence(_DANGEROUS, uses={SIGNING: used(timedelta(0), "operator")})


def test_every_guard_that_fires_is_told_in_a_fixed_order():
    """One key can trip all three; nothing hides behind the first."""
    findings = evaluate([change(_DANGEROUS, "Inactive")], _DANGER, POLICY)
    assert [(f.guard, f.level) for f in findings] == [
        (LAST, Level.WARN),
        (OWN, Level.BLOCK),
        (RECENT, Level.BLOCK),
    ]


@pytest.mark.parametrize("guard", OF_A_KEY)
@pytest.mark.parametrize("level", [Level.BLOCK, Level.WARN])
def test_a_guard_fires_at_the_level_it_is_set_to(guard, level):
    """Each guard can be set to block or warn on its own."""
    findings = evaluate([change(_DANGEROUS, "Inactive")], _DANGER, _policy(**{guard.value: level.value}))
    assert {f.guard: f.level for f in findings} == {g: DEFAULT_LEVELS[g] for g in OF_A_KEY} | {guard: level}


@pytest.mark.parametrize("guard", OF_A_KEY)
def test_a_guard_that_is_off_finds_nothing(guard):
    """Off silences this guard and no other."""
    findings = evaluate([change(_DANGEROUS, "Inactive")], _DANGER, _policy(**{guard.value: "off"}))
    assert {f.guard for f in findings} == set(OF_A_KEY) - {guard}


@pytest.mark.parametrize("guard", OF_A_KEY)
def test_an_entry_passes_the_guards_it_allows_and_no_others(guard):
    """`allow` is per key and per guard."""
    allowed = change(_DANGEROUS, "Inactive", allow=frozenset({guard}), reason="OPS-1")
    assert {f.guard for f in evaluate([allowed], _DANGER, POLICY)} == set(OF_A_KEY) - {guard}


def test_what_one_entry_allows_holds_for_no_other():
    """The neighbour's `allow` opens nothing."""
    changes = [
        change(key(OLD), "Inactive", allow=frozenset({RECENT}), reason="OPS-1"),
        change(key(ALICES, "alice"), "Inactive"),
    ]
    findings = evaluate(changes, evidence(key(OLD), key(NEW), key(ALICES, "alice"), uses={}), POLICY)
    assert (ALICES, "recentlyUsed") in _fired(findings)
    assert (OLD, "recentlyUsed") not in _fired(findings)


@pytest.mark.parametrize(
    ("live", "wanted"),
    [("Inactive", "Active"), ("Expired", "Active"), ("Expired", "Inactive"), ("Active", "Active"), ("Active", None)],
)
def test_only_a_deactivation_is_looked_at(live, wanted):
    """Nothing is cut off by an activation, an observation, or by writing what was not Active anyway."""
    mine = key(SIGNING, "operator", live)
    assert evaluate([change(mine, wanted)], evidence(mine, uses={}), POLICY) == ()


def test_a_refusal_says_what_was_seen_why_it_matters_and_what_lets_it_pass():
    """One line a finding: the key, both halves, the guard, and the configuration that opens it."""
    findings = evaluate([change(_DANGEROUS, "Inactive")], _DANGER, POLICY)
    error = refusal(findings)
    assert isinstance(error, GuardRefused)
    assert error.refusals == error.lines
    assert str(error).splitlines() == [
        "2 problems:",
        f"  - operator {SIGNING}: this run signs with this key; "
        "deactivating it locks out whoever runs this [ownCredentials]",
        f"  - operator {SIGNING}: last used just now (2025-06-01 12:00 UTC) by s3 from us-east-1; "
        "a use within 24h means that something still signs with it [recentlyUsed]",
        "To do it all the same, write among the keys:",
        f"    {SIGNING}:",
        "      status: Inactive",
        "      reason: write here why it may be cut off",
        "      allow: [ownCredentials, recentlyUsed]",
    ]


def test_a_refusal_of_one_finding_is_told_without_a_list():
    """One problem, one line, then what lets it pass."""
    error = refusal(evaluate([change(key(), "Inactive")], evidence(key(), key(NEW), uses={}), POLICY))
    assert str(error).splitlines()[0].startswith(f"bob {OLD}: its last use is not known")


def test_a_refusal_in_a_program_names_the_arguments_of_the_resource():
    """Where a program declares the key, the stack file would be the wrong place to send anyone."""
    findings = evaluate([change(_DANGEROUS, "Inactive", reason='leaked in "OPS-1"')], _DANGER, POLICY)
    error = refusal(findings, in_program=True)
    assert error is not None
    assert error.how == "To do it all the same, declare"
    assert error.remedy == (
        f'AccessKeyStatus(…, access_key_id="{SIGNING}", reason="leaked in \\"OPS-1\\"", '
        'allow=["ownCredentials", "recentlyUsed"])',
    )


def test_only_what_blocks_is_in_the_remedy():
    """A warning needs no permission, so none is asked for."""
    error = refusal(evaluate([change(_DANGEROUS, "Inactive")], _DANGER, POLICY))
    assert error is not None
    assert not any("lastActiveKey" in line for line in error.remedy)


def test_warnings_refuse_nothing():
    """Only what blocks becomes an error."""
    findings = evaluate([change(key(), "Inactive")], evidence(key()), POLICY)
    assert [f.level for f in findings] == [Level.WARN]
    assert refusal(findings) is None
    assert refusal(()) is None


_IDS = [OLD, NEW, ALICES, ROOTS, SIGNING]
_keys = st.builds(
    AccessKey,
    access_key_id=st.sampled_from(_IDS),
    user_name=st.sampled_from(["bob", "alice", None]),
    status=st.sampled_from(["Active", "Inactive", "Expired"]),
    create_date=st.sampled_from([None, NOW, NOW - timedelta(days=400)]),
)
_wishes = st.builds(
    Desired,
    access_key_id=st.just(""),
    status=st.sampled_from([None, *Status]),
    allow=st.frozensets(st.sampled_from(list(GuardName))),
)
_situations = st.lists(st.tuples(_wishes, _keys), unique_by=lambda pair: pair[1].access_key_id).map(
    lambda pairs: [decide(replace(wish, access_key_id=live.access_key_id), live) for wish, live in pairs]
)
_uses = st.dictionaries(
    st.sampled_from(_IDS),
    st.one_of(
        st.just(LastUsed("bob", None)),
        st.timedeltas(timedelta(0), timedelta(days=400)).map(lambda ago: LastUsed("bob", NOW - ago, "s3", "us-east-1")),
    ),
)
_policies = st.builds(
    GuardPolicy,
    levels=st.dictionaries(st.sampled_from(list(GuardName)), st.sampled_from(list(Level))),
    recent_use=st.timedeltas(timedelta(0), timedelta(days=400)),
)
_callers = st.sampled_from([OPERATOR, ROLE, ROOT, BOBS_SESSION, ROOTS_SESSION, ROLE_OF_BOBS_SESSION])


@settings(max_examples=50)
@given(st.data(), _situations, _uses, _policies, _callers)
def test_findings_do_not_depend_on_the_order_of_entries(data, changes, uses, policy, caller):
    """The same configuration in another order is judged the same, in the same words."""
    seen = evidence(*(c.observed for c in changes), caller=caller, uses=uses)
    shuffled = data.draw(st.permutations(changes))
    assert evaluate(changes, seen, policy) == evaluate(shuffled, seen, policy)


@settings(max_examples=50)
@given(_situations, _uses, _policies, _callers)
def test_nothing_but_a_deactivation_is_ever_found(changes, uses, policy, caller):
    """No guard stands in the way of an activation, an observation or of nothing to do."""
    seen = evidence(*(c.observed for c in changes), caller=caller, uses=uses)
    dangerous = {c.access_key_id: c.desired.allow for c in changes if c.is_deactivation}
    for finding in evaluate(changes, seen, policy):
        assert finding.access_key_id in dangerous
        assert finding.guard not in dangerous[finding.access_key_id]
        assert finding.level is not Level.OFF


@settings(max_examples=50)
@given(_situations)
def test_a_decision_that_was_carried_out_leaves_nothing_to_do(changes):
    """Run again with nothing changed, it writes nothing."""
    for done in changes:
        again = decide(done.desired, replace(done.observed, status=done.resulting_status))
        assert not again.is_write
