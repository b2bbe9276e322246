"""What holds whatever is declared, whatever others do meanwhile, and in whatever order: plans over a little IAM.

The machine lives through the history of a stack: configurations come and go, people act by hand, users are renamed,
updates succeed, fail or are overtaken. At every step, AWS has only ever been told what a plan has announced.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from typer.testing import CliRunner

from keyswitch.access_key.change import prerequisites
from keyswitch.access_key.desired import Desired, OnRemoval
from keyswitch.access_key.errors import AccessDenied, GuardRefused, KeyswitchError, NotAttempted, Throttled
from keyswitch.access_key.model import AccessKey, Caller, LastUsed, Status
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.access_key.record import Record, Recorded
from keyswitch.cli import main, stack
from keyswitch.cli.exits import Exit
from keyswitch.configuration.load import settings_from_file
from keyswitch.switching.execution import execute_all
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from tests.support.examples import ACCOUNT, ALICES, NEW, OLD, OPERATOR, ROLE, ROOT, ROOTS, SIGNING
from tests.support.fake_gateway import LittleIam

ALICES_OTHER = "AKIAALICEEXAMPLE0002"
ROOTS_OTHER = "AKIAROOTEXAMPLE00002"
OWNERS = {
    OLD: "bob",
    NEW: "bob",
    ALICES: "alice",
    ALICES_OTHER: "alice",
    SIGNING: "operator",
    ROOTS: None,
    ROOTS_OTHER: None,
}
USERS = ["bob", "alice", "operator"]
NEW_NAMES = [*USERS, "robert", "alicia"]
FAILURES: list[KeyswitchError] = [AccessDenied("denied", action="iam:UpdateAccessKey"), Throttled("slow down")]

_ids = st.sampled_from(list(OWNERS))
_live = st.sampled_from(["Active", "Inactive", "Active", "Inactive", "Expired"])
_pairs = st.sampled_from([(OLD, NEW), (ALICES, ALICES_OTHER), (ROOTS, ROOTS_OTHER)])
_callers = st.sampled_from([OPERATOR, ROLE, ROOT])
STRICT = GuardPolicy(dict.fromkeys(GuardName, Level.BLOCK))
LENIENT = GuardPolicy(dict.fromkeys(GuardName, Level.OFF))
_policies = st.sampled_from([LENIENT, LENIENT, GuardPolicy(), STRICT]) | st.builds(
    GuardPolicy, levels=st.dictionaries(st.sampled_from(list(GuardName)), st.sampled_from(list(Level)))
)
_uses = st.dictionaries(_ids, st.just(LastUsed(None, datetime.now(timezone.utc), "s3", "us-east-1")), max_size=2)


@st.composite
def _entries(draw: Callable, key_id: str) -> Desired:
    owner, reason = OWNERS[key_id], draw(st.sampled_from([None, "OPS-1", "OPS-2"]))
    return Desired(
        key_id,
        user_name=draw(st.sampled_from([None, owner])),
        status=draw(st.sampled_from([Status.INACTIVE, *Status, None])),
        reason=reason,
        on_removal=draw(st.sampled_from(OnRemoval)),
        allow=draw(st.frozensets(st.sampled_from(list(GuardName)), max_size=2)) if reason == "OPS-2" else frozenset(),
        root=owner is None,
    )


def _files(least: int) -> st.SearchStrategy[tuple[Desired, ...]]:
    """What may stand in a stack file, with at least so many entries."""
    return st.sets(_ids, min_size=least, max_size=5).flatmap(
        lambda ids: st.tuples(*(_entries(key_id) for key_id in sorted(ids)))
    )


_configurations = _files(0)
_dangerous = _files(3).map(
    lambda wanted: tuple(replace(desired, status=Status.INACTIVE, allow=frozenset()) for desired in wanted)
)
_keys = st.sets(_ids, max_size=2).flatmap(
    lambda missing: st.tuples(
        *(
            _live.map(lambda status, i=key_id: AccessKey(i, OWNERS[i], status))
            for key_id in OWNERS
            if key_id not in missing
        )
    )
)


def _memory(key_id: str) -> st.SearchStrategy[Recorded]:
    return st.builds(
        Recorded,
        desired=_entries(key_id),
        status=_live,
        owner=st.just(OWNERS[key_id]),
        account_id=st.just(ACCOUNT),
        status_at_adoption=_live,
    )


_memories = st.sets(_ids, max_size=4).flatmap(
    lambda ids: st.fixed_dictionaries({key_id: _memory(key_id) for key_id in sorted(ids)})
)


@st.composite
def _accounts(draw: Callable) -> LittleIam:
    return LittleIam(*draw(_keys), users=tuple(USERS), caller=draw(_callers), uses=draw(_uses))


def _outside(iam: LittleIam, act: tuple) -> None:
    """Somebody else does something, by hand."""
    what, *about = act
    getattr(iam, f"{what}_outside")(*about)


_acts = st.one_of(
    st.tuples(st.just("switched"), _ids, _live),
    st.tuples(st.just("deleted"), _ids),
    st.tuples(st.just("renamed"), st.sampled_from(NEW_NAMES), st.sampled_from(NEW_NAMES)),
)


def _announced(planned: Plan) -> set[tuple[str, Status | None]]:
    return {(change.access_key_id, change.target) for change in planned.writes}


def _held_back(planned: Plan) -> set[tuple[str, Status | None]]:
    """The writes that wait for one that fails."""
    failing = [failure.change for failure in planned.failures]
    needs = prerequisites([*planned.writes, *failing], planned.caller.depends_on)
    missing = {change.access_key_id for change in failing}
    for _ in needs:
        missing |= {key_id for key_id, first in needs.items() if missing & set(first)}
    return {(change.access_key_id, change.target) for change in planned.writes if change.access_key_id in missing}


def _after(before: Recorded | None, outcome: AccessKey, wanted: Desired, adopted: str) -> Recorded:
    """What the state remembers of a key after an update of it."""
    adopted_then = before.status_at_adoption if before else adopted
    return Recorded(wanted, outcome.status, outcome.user_name, ACCOUNT, adopted_then)


class History(RuleBasedStateMachine):
    """The life of one stack and of the account it is about."""

    iam: LittleIam

    @initialize(statuses=st.tuples(*(_live for _ in OWNERS)), caller=_callers, uses=_uses, policy=_policies)
    def begins(self, statuses: tuple[str, ...], caller: Caller, uses: dict[str, LastUsed], policy: GuardPolicy) -> None:
        """An account with all keys there are, strict or lenient guards, no configuration, an empty state."""
        keys = (AccessKey(key_id, OWNERS[key_id], status) for key_id, status in zip(OWNERS, statuses, strict=True))
        self.iam, self.policy = LittleIam(*keys, caller=caller, uses=uses), policy
        self.configuration: dict[str, Desired] = {}
        self.state: dict[str, Recorded] = {}
        self.announced: list[tuple[str, Status | None]] = []

    @rule(wanted=_configurations)
    def is_configured(self, wanted: tuple[Desired, ...]) -> None:
        """The file is written anew."""
        self.configuration = {}
        for desired in wanted:
            self.gets_an_entry(desired)

    @rule(wanted=_ids.flatmap(_entries))
    def gets_an_entry(self, wanted: Desired) -> None:
        """One entry is added or changed; nobody but root declares root's keys, since that would never be done."""
        if not wanted.root or self.iam.caller().is_root:
            self.configuration[wanted.access_key_id] = wanted

    @rule(key_id=_ids)
    def loses_an_entry(self, key_id: str) -> None:
        """One entry is taken away."""
        self.configuration.pop(key_id, None)

    @rule(act=_acts)
    def is_meddled_with(self, act: tuple) -> None:
        """Somebody acts by hand, between two updates."""
        _outside(self.iam, act)

    @rule(acts=st.lists(_acts, min_size=1, max_size=3))
    def is_updated_and_overtaken(self, acts: list[tuple]) -> None:
        """Between preview and update somebody acts by hand: what was announced may fail, nothing else is done."""
        planned = self._planned()
        for act in acts:
            _outside(self.iam, act)
        if not planned.errors:
            self._remember(planned, self._carried_out(planned))

    @rule(key_id=_ids, error=st.sampled_from(FAILURES))
    def is_updated_while_a_write_fails(self, key_id: str, error: KeyswitchError) -> None:
        """One write is refused; the others of the same user wait for it only if it was to be activated."""
        planned = self._planned()
        if planned.errors:
            return
        self.iam.failures = {("set_status", key_id): error}
        outcomes = self._carried_out(planned)
        self.iam.failures = {}
        written = {o.change.access_key_id for o in outcomes if o.error is None}
        spared = {o.change.access_key_id for o in outcomes if isinstance(o.error, NotAttempted)}
        failed = next((o.change for o in outcomes if o.change.access_key_id == key_id), None)
        expected = {
            c.access_key_id
            for c in planned.writes
            if failed
            and failed.is_activation
            and c.is_deactivation
            and c.observed.user_name == failed.observed.user_name
        }
        assert spared == expected
        assert written == {c.access_key_id for c in planned.writes} - spared - {key_id}
        self._remember(planned, outcomes)

    @rule(pair=_pairs)
    def is_rotated(self, pair: tuple[str, str]) -> None:
        """Of the two keys of a user, the one that is on goes off, and the other way round."""
        self._rotate(pair)
        self.is_updated()

    @rule(pair=_pairs, error=st.sampled_from(FAILURES))
    def is_rotated_but_the_new_key_fails(self, pair: tuple[str, str], error: KeyswitchError) -> None:
        """Then the old one is to stay."""
        self._rotate(pair)
        for key_id in pair:
            if key_id in self.configuration and self.configuration[key_id].status is Status.ACTIVE:
                self.is_updated_while_a_write_fails(key_id, error)

    @rule()
    def is_updated(self) -> None:
        """Nothing moves in between: what was announced is exactly what is done, and then there is nothing to do."""
        planned = self._planned()
        if planned.errors:
            self._mend()
            return
        before = len(self.iam.journal)
        outcomes = self._carried_out(planned)
        assert [o.error for o in outcomes if o.error] == []
        written = self.iam.journal[before:]
        assert len(written) == len(set(written)) == len(planned.writes)
        assert set(written) == _announced(planned)
        users = {c.access_key_id: c.observed.user_name for c in planned.changes}
        for user in set(users.values()):
            targets = [target for key_id, target in written if users[key_id] == user]
            assert targets == sorted(targets, key=lambda target: target is not Status.ACTIVE)
        self._remember(planned, outcomes)
        again = self._planned()
        assert (again.writes, again.errors, again.gone) == ((), (), ())
        assert {c.record for c in again.changes} <= {Record.SAME}

    @precondition(lambda self: self.configuration)
    @rule()
    def is_planned_without_the_state(self) -> None:
        """The command line, which has no state, announces the same for every key that is declared."""
        wanted = list(self.configuration.values())
        without = plan(self.iam, wanted, ACCOUNT, self.policy)
        with_state = self._planned()
        declared = {(c.access_key_id, c.target) for c in with_state.declared if c.is_write}
        assert declared == _announced(without)
        assert {c.access_key_id for c in with_state.declared} == {c.access_key_id for c in without.changes}

    @invariant()
    def only_what_was_announced_was_written(self) -> None:
        """Every write that has ever reached AWS stood in the plan of the update that made it."""
        assert sorted(self.iam.journal) == sorted(self.announced)

    def _rotate(self, pair: tuple[str, str]) -> None:
        for key_id in pair:
            if key_id in self.iam.keys:
                status = Status.INACTIVE if self.iam.keys[key_id].is_active else Status.ACTIVE
                self.gets_an_entry(Desired(key_id, status=status, root=OWNERS[key_id] is None))

    def _planned(self) -> Plan:
        """A plan; it writes nothing."""
        before = list(self.iam.journal)
        planned = plan(self.iam, list(self.configuration.values()), ACCOUNT, self.policy, self.state)
        assert self.iam.journal == before
        return planned

    def _mend(self) -> None:
        """Somebody reads the errors: entries of keys that are gone, or are another user's by now, are taken away."""
        for key_id, desired in list(self.configuration.items()):
            live = self.iam.keys.get(key_id)
            if live is None or desired.user_name not in (None, live.user_name):
                del self.configuration[key_id]

    def _carried_out(self, planned: Plan) -> list[Outcome]:
        """What becomes of a plan; what reached AWS is checked off against it."""
        before = len(self.iam.journal)
        outcomes = execute_all(self.iam, planned.writes)
        written = self.iam.journal[before:]
        assert set(written) <= _announced(planned)
        self.announced += set(written)
        assert len(outcomes) == len(planned.writes)
        return outcomes

    def _remember(self, planned: Plan, outcomes: list[Outcome]) -> None:
        """Bring the state up to date, as the provider would: a key whose change failed keeps its old record."""
        done = {outcome.change.access_key_id: outcome.after for outcome in outcomes}
        for gone in planned.gone:
            del self.state[gone.desired.access_key_id]
        for change in planned.changes:
            key_id = change.access_key_id
            after = done.get(key_id, change.observed)
            if after is None:
                continue
            if change.is_removal:
                del self.state[key_id]
            else:
                before = self.state.get(key_id)
                self.state[key_id] = _after(before, after, change.desired, change.observed.status)


History.TestCase.settings = settings(max_examples=60, stateful_step_count=12)
TestHistory = History.TestCase


@settings(max_examples=60)
@given(_accounts(), _dangerous, _memories)
def test_a_plan_does_not_depend_on_the_order_of_entries(iam, wanted, memory):
    """Neither what is found, nor what is written, nor what forbids it."""
    backwards = dict(reversed(memory.items()))
    one = plan(iam, wanted, ACCOUNT, STRICT, memory)
    other = plan(iam, wanted[::-1], ACCOUNT, STRICT, backwards)
    assert one.findings == other.findings
    assert (one.changes, one.notes, one.last_used) == (other.changes, other.notes, other.last_used)
    assert sorted(map(str, one.errors)) == sorted(map(str, other.errors))


@settings(max_examples=30)
@given(_accounts(), _configurations, _memories, _policies)
def test_what_blocks_or_is_missing_is_an_error(iam, wanted, memory, policy):
    """A plan without errors has no blocking finding, and knows every declared key."""
    made = plan(iam, list(wanted), ACCOUNT, policy, memory)
    blocked = any(finding.level is Level.BLOCK for finding in made.findings)
    assert any(isinstance(error, GuardRefused) for error in made.errors) is blocked
    for key_id in {d.access_key_id for d in wanted} - {c.access_key_id for c in made.declared}:
        assert any(key_id in str(error) for error in made.errors)


@settings(max_examples=30)
@given(_accounts(), _configurations, _memories)
def test_a_remembered_key_is_a_change_or_gone_or_an_error_but_never_forgotten(iam, wanted, memory):
    """What leaves the configuration is always told, exactly once."""
    made = plan(iam, list(wanted), ACCOUNT, GuardPolicy(), memory)
    leaving = sorted(memory.keys() - {d.access_key_id for d in wanted})
    told = [c.access_key_id for c in made.changes if c.is_removal] + [r.desired.access_key_id for r in made.gone]
    assert len(told) == len(set(told))
    assert set(told) <= set(leaving)
    assert all(any(key_id in str(error) for error in made.errors) for key_id in set(leaving) - set(told))


@settings(max_examples=30)
@given(_accounts(), _configurations, _memories)
def test_no_user_is_listed_twice_and_no_key_looked_up_twice(iam, wanted, memory):
    """However entries, memory and what leaves overlap."""
    plan(iam, list(wanted), ACCOUNT, GuardPolicy(), memory)
    assert max(iam.count("access_keys").values(), default=1) == 1
    assert max(iam.count("last_used").values(), default=1) == 1


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_accounts(), _configurations, _policies)
def test_apply_writes_what_it_announces_or_nothing_at_all(monkeypatch, tmp_path, iam, wanted, policy):
    """From end to end: a refusal, and no key is touched; else all are that need not wait for a failure, and stay so."""
    monkeypatch.setattr(stack, "connect", lambda _: None)
    monkeypatch.setattr(stack, "Directory", lambda _: iam)
    file = tmp_path / "Pulumi.dev.yaml"
    file.write_text(_stack_file(wanted, policy))
    announced = settings_from_file(file)
    assert announced.wanted == wanted
    planned = plan(iam, announced.wanted, announced.account, announced.policy)
    result = CliRunner().invoke(main.app, ["apply", "--yes", "--file", str(file)])
    assert result.exit_code == (Exit.FAILED if planned.errors else Exit.DONE)
    assert set(iam.journal) == (set() if planned.refusal else _announced(planned) - _held_back(planned))
    assert len(iam.journal) == len(set(iam.journal))
    if not planned.errors:
        assert plan(iam, announced.wanted, announced.account, announced.policy).writes == ()


def _stack_file(wanted: tuple[Desired, ...], policy: GuardPolicy) -> str:
    """A stack file that says this; JSON is YAML, too."""
    keys = {
        desired.access_key_id: {
            "status": desired.status,
            "userName": desired.user_name,
            "reason": desired.reason,
            "onRemoval": desired.on_removal,
            "allow": sorted(desired.allow),
            "root": desired.root,
        }
        for desired in wanted
    }
    entries = {key_id: {name: value for name, value in entry.items() if value} for key_id, entry in keys.items()}
    return json.dumps({"config": {"keyswitch:keys": entries, "keyswitch:guards": policy.levels}})
