"""The keys that no entry names: what is asked of AWS for them, what is said of them, and whom they stop."""

from collections.abc import Sequence

import pytest

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import AccessDenied, KeyswitchError
from keyswitch.access_key.inventory import EVERYBODY, Scope, User
from keyswitch.access_key.model import AccessKey, Status
from keyswitch.access_key.policy import GuardPolicy, Level
from keyswitch.access_key.undeclared import Undeclared, Watch
from keyswitch.configuration.stack import parse
from keyswitch.switching.plan import plan
from keyswitch.switching.planned import Plan
from keyswitch.switching.undeclared import MOST_USES, look_for_undeclared
from keyswitch.telling.document import plan_document
from keyswitch.telling.markdown import plan_markdown
from keyswitch.telling.text import plan_lines
from tests.support.examples import ALICES, NEW, NOW, OLD, YEARS_AGO, key, many, used
from tests.support.fake_gateway import FakeAccount

DENIED = AccessDenied("iam:ListAccessKeys of user alice was denied", action="iam:ListAccessKeys")


def planned(
    account: FakeAccount, level: Level = Level.WARN, under: Scope = EVERYBODY, wanted: Sequence[Desired] = ()
) -> Plan:
    """A plan that looks for undeclared keys."""
    wanted = wanted or [Desired(OLD, user_name="bob")]
    look = look_for_undeclared(account, wanted, Watch(level, under))
    return plan(account, wanted, None, GuardPolicy(), undeclared=look, clock=lambda: NOW)


def account(**given: object) -> FakeAccount:
    """Bob has two keys, of which one is declared; alice has one."""
    people = (User("alice", "/dev/", tags={"team": "web"}), User("bob", "/ci/", tags={"team": "payments"}))
    keys = (key(OLD), key(NEW, created=YEARS_AGO), key(ALICES, "alice", "Inactive"))
    return FakeAccount(*keys, people=people, uses={NEW: used(YEARS_AGO)}, **given)


def undeclared(made: Plan) -> list[str]:
    """The IDs of the keys that no entry names."""
    assert made.undeclared is not None
    return [each.access_key_id for each in made.undeclared.keys]


class TestWhatIsAsked:
    """Nothing while it is off; otherwise one ListUsers, and a listing of each user that was not listed yet."""

    def test_nothing_while_it_is_off(self) -> None:
        """The plan costs what it did before."""
        fake = account()
        assert planned(fake, Level.OFF).undeclared is None
        assert fake.calls == [("access_keys", "bob")]

    def test_no_user_is_listed_twice(self) -> None:
        """Bob was listed for his declared key. Only undeclared keys cost a look-up of their last use."""
        fake = account()
        assert undeclared(planned(fake)) == [ALICES, NEW]
        assert fake.asked("users") == ["/"]
        assert sorted(map(str, fake.asked("access_keys"))) == ["alice", "bob"]
        assert sorted(map(str, fake.asked("last_used"))) == sorted([ALICES, NEW])
        assert not {"root_has_keys", "credential_report", "tags", "user"} & {method for method, _ in fake.calls}

    @pytest.mark.parametrize(
        ("under", "expected"),
        [
            (Scope(path_prefix="/ci/"), [NEW]),
            (Scope(path_prefix="/dev/"), [ALICES]),
            (Scope(tags={"team": "web"}), [ALICES]),
            (Scope(path_prefix="/ci/", tags={"team": "web"}), []),
        ],
        ids=str,
    )
    def test_a_part_of_the_account(self, under: Scope, expected: list[str]) -> None:
        """Both conditions must hold."""
        assert undeclared(planned(account(), under=under)) == expected

    def test_the_last_uses_are_bounded(self) -> None:
        """With thousands of undeclared keys a plan still takes seconds."""
        fake = FakeAccount(*many(2_000))
        made = planned(fake, wanted=[Desired("AKIAMANYEXAMPLE00000", user_name="user0000")])
        assert len(undeclared(made)) == 1_999
        assert len(fake.asked("last_used")) == MOST_USES
        assert len(fake.calls) == 1 + 2_000 + MOST_USES

    def test_a_user_who_vanishes_meanwhile_has_no_keys(self) -> None:
        """It is no error."""

        class Vanishing(FakeAccount):
            def users(self, path_prefix: str) -> tuple[User, ...]:
                return (*super().users(path_prefix), User("vanished"))

        made = planned(Vanishing(key(OLD)))
        assert made.undeclared is not None
        assert (undeclared(made), made.undeclared.problems) == ([], ())


class TestWhomTheyStop:
    """A review, at level block."""

    def test_a_warning_stops_nobody(self) -> None:
        """They are listed."""
        made = planned(account())
        assert made.errors == ()
        assert [line for line in plan_lines(made) if "undeclared" in line or "no entry" in line] == [
            f"warning: alice {ALICES}: Inactive, never used; no entry names it, keyswitch discover would add it",
            f"warning: bob {NEW}: Active, 400 d old, last used 400 d ago by s3 from us-east-1; no entry names it, "
            "keyswitch discover would add it",
        ]

    def test_a_refusal_offers_the_entries(self) -> None:
        """Pasted among the keys, they declare every key as it is."""
        (refusal,) = planned(account(), Level.BLOCK).errors
        assert str(refusal).splitlines() == [
            f"2 access keys of the account are declared nowhere: alice {ALICES}, bob {NEW} [undeclared]",
            "To let it pass, set keyswitch:undeclared to warn, or write among the keys:",
            f"    {ALICES}:",
            "      userName: alice",
            "      status: Inactive",
            f"    {NEW}:",
            "      userName: bob",
            "      status: Active",
        ]
        wanted = [
            Desired(OLD, user_name="bob"),
            Desired(ALICES, user_name="alice", status=Status.INACTIVE),
            Desired(NEW, user_name="bob", status=Status.ACTIVE),
        ]
        again = planned(account(), Level.BLOCK, wanted=wanted)
        assert (again.errors, again.writes, undeclared(again)) == ((), (), [])

    def test_one_key_is_one(self) -> None:
        """The verb agrees."""
        (refusal,) = planned(account(), Level.BLOCK, Scope(path_prefix="/ci/")).errors
        assert refusal.lines == (f"1 access key of the account is declared nowhere: bob {NEW} [undeclared]",)

    def test_a_refusal_stays_short(self) -> None:
        """A thousand keys fill no log: discover adds them all."""
        (refusal,) = Undeclared(tuple(many(1_000)), Level.BLOCK).errors
        assert "and 995 others [undeclared]" in refusal.lines[0]
        assert str(refusal).splitlines()[-1] == "    # … and 960 others"
        assert len(str(refusal).splitlines()) == 2 + 40 * 3 + 1

    @pytest.mark.parametrize(("level", "fails"), [(Level.WARN, False), (Level.BLOCK, True)])
    def test_keys_that_cannot_be_listed(self, level: Level, fails: bool) -> None:
        """The other keys are listed. A promise that cannot be checked is not kept."""
        made = planned(account(failures={("access_keys", "alice"): DENIED}), level)
        assert undeclared(made) == [NEW]
        assert (DENIED in made.errors) is fails
        said = f"warning: undeclared keys may be missing here: {DENIED.what}"
        assert (said in plan_lines(made)) is not fails

    def test_they_are_shown_though_nothing_else_is(self) -> None:
        """A plan whose only entry fails still lists them."""
        made = planned(account(failures={("access_keys", "bob"): DENIED}))
        assert [line for line in plan_lines(made) if ALICES in line]


class TestHowTheyAreShown:
    """As data and on a pull request; the text is above."""

    def test_as_data(self) -> None:
        """Null where nobody looked; all keys, whatever their number, otherwise."""
        assert plan_document(planned(account(), Level.OFF))["undeclared"] is None
        document = plan_document(planned(account(failures={("access_keys", "alice"): DENIED})))
        assert document["undeclared"] == {
            "keys": [
                {
                    "accessKeyId": NEW,
                    "userName": "bob",
                    "status": "Active",
                    "createDate": (NOW - YEARS_AGO).isoformat(),
                    "lastUsed": {"date": (NOW - YEARS_AGO).isoformat(), "serviceName": "s3", "region": "us-east-1"},
                }
            ],
            "errors": [{"type": "AccessDenied", "message": DENIED.what}],
        }

    def test_on_a_pull_request(self) -> None:
        """In a folded table, without the columns that are empty; nothing while there are none."""
        text = plan_markdown(planned(account()))
        assert "2 keys that no entry names; <code>keyswitch discover</code> would add them" in text
        assert f"| alice | `{ALICES}` | Inactive |  | never used |" in text
        assert f"| bob | `{NEW}` | Active | 400\u00a0d | 400 d ago by s3 from us-east\\-1 |".replace("\\", "") in text
        assert "no entry" not in plan_markdown(planned(account(), under=Scope(path_prefix="/none/")))

    def test_a_refusal_on_a_pull_request(self) -> None:
        """The table, the refusal, and the lines to paste."""
        text = plan_markdown(planned(account(), Level.BLOCK))
        assert text.splitlines()[3].startswith("### ⛔ keyswitch refuses")
        assert f"```yaml\n{ALICES}:\n  userName: alice" in text
        assert "2 keys that no entry names" in text


class TestSettings:
    """`keyswitch:undeclared` and `keyswitch:undeclaredUnder`."""

    @pytest.mark.parametrize(
        ("settings", "expected"),
        [
            ({}, Watch(Level.OFF, EVERYBODY)),
            ({"undeclared": "off"}, Watch(Level.OFF, EVERYBODY)),
            ({"undeclared": "block", "undeclaredUnder": {}}, Watch(Level.BLOCK, EVERYBODY)),
            (
                {"undeclared": "warn", "undeclaredUnder": '{"pathPrefix": "/ci/", "tags": {"team": "web"}}'},
                Watch(Level.WARN, Scope(path_prefix="/ci/", tags={"team": "web"})),
            ),
        ],
        ids=str,
    )
    def test_what_they_mean(self, settings: dict[str, object], expected: Watch) -> None:
        """Pulumi hands objects over as JSON text."""
        config = {f"keyswitch:{name}": value for name, value in settings.items()}
        assert parse({"keyswitch:keys": {}, **config}).watch == expected

    @pytest.mark.parametrize(
        ("settings", "where"),
        [
            ({"undeclared": "yes"}, "keyswitch:undeclared"),
            ({"undeclaredUnder": {"pathPrefix": "ci/"}}, "keyswitch:undeclaredUnder.pathPrefix"),
            ({"undeclaredUnder": {"path": "/ci/"}}, "keyswitch:undeclaredUnder.path"),
            ({"undeclaredUnder": {"tags": {"team": 7}}}, "keyswitch:undeclaredUnder.tags.team"),
            ({"undeclaredUnder": "/ci/"}, "keyswitch:undeclaredUnder"),
        ],
        ids=str,
    )
    def test_what_is_refused(self, settings: dict[str, object], where: str) -> None:
        """With the name of the setting."""
        with pytest.raises(KeyswitchError) as error:
            parse({"keyswitch:keys": {}, **{f"keyswitch:{name}": value for name, value in settings.items()}})
        assert str(error.value).startswith(f"the configuration is not valid: {where}: ")


def test_a_key_of_an_unknown_status_is_offered_without_one() -> None:
    """Nobody can declare such a status, so the entry only observes the key."""
    (refusal,) = Undeclared((AccessKey(OLD, "bob", "Expired"),), Level.BLOCK).errors
    assert str(refusal).splitlines()[2:] == [f"    {OLD}:", "      userName: bob"]
