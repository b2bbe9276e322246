"""Bad luck on request: each kind does what it says, as often as it says, and the journal shows what came of it."""

import http.client
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from keyswitch.sandbox.faults import CUT, SLOW_BODY, TRUNCATE, Fault, Request, TokenBucket
from keyswitch.sandbox.seed import OPERATOR_KEY
from keyswitch.sandbox.server import Sandbox
from tests.support.sandbox_client import ALICE, BOB, BOB_INACTIVE, administer, headers, raw

DEACTIVATION = {"UserName": "Bob", "AccessKeyId": BOB, "Status": "Inactive"}


def outcomes(sandbox: Sandbox) -> list[str]:
    """What came of each request, in order."""
    return [request.outcome for request in sandbox.journal]


def codes(sandbox: Sandbox, times: int, action: str = "ListAccessKeys", **parameters: str) -> list[str | None]:
    """The codes of so many requests about Bob."""
    return [raw(sandbox, action, **{"UserName": "Bob", **parameters}).code for _ in range(times)]


@pytest.mark.parametrize(("code", "status"), [("ServiceFailure", 500), ("AccessDenied", 403)], ids=["5xx", "4xx"])
def test_an_error_before_anything_is_done(sandbox: Sandbox, code: str, status: int) -> None:
    """Code, status and message are as asked for; nothing was written; it is once by default."""
    sandbox.faults.append(Fault("UpdateAccessKey", code, status, "bad <luck>"))
    answer = raw(sandbox, "UpdateAccessKey", **DEACTIVATION)
    assert (answer.status, answer.code, answer.message) == (status, code, "bad <luck>")
    assert sandbox.statuses()[BOB] == "Active"
    assert raw(sandbox, "UpdateAccessKey", **DEACTIVATION).status == 200
    assert outcomes(sandbox) == [code, "ok"]


@pytest.mark.parametrize("code", ["ServiceFailure", CUT], ids=["error", "cut"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after the commit"])
def test_an_error_or_a_cut_before_or_after_the_commit(sandbox: Sandbox, code: str, after: bool) -> None:
    """Before: nothing was written. After: it was, and only the answer is lost."""
    sandbox.faults.append(Fault("UpdateAccessKey", code, 500, after=after))
    if code == CUT:
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            raw(sandbox, "UpdateAccessKey", **DEACTIVATION)
    else:
        assert raw(sandbox, "UpdateAccessKey", **DEACTIVATION).code == code
    assert sandbox.statuses()[BOB] == ("Inactive" if after else "Active")
    assert outcomes(sandbox) == [code or "cut"]


def test_half_an_answer(sandbox: Sandbox) -> None:
    """TRUNCATE: the length of all of it, half of the bytes; the request has done its work."""
    sandbox.faults.append(Fault("UpdateAccessKey", TRUNCATE))
    with pytest.raises(http.client.IncompleteRead) as error:
        raw(sandbox, "UpdateAccessKey", **DEACTIVATION)
    assert abs(len(error.value.partial) - (error.value.expected or 0)) <= 1
    assert sandbox.statuses()[BOB] == "Inactive"
    assert outcomes(sandbox) == [TRUNCATE]


def test_a_slow_answer(sandbox: Sandbox) -> None:
    """SLOW_BODY: the headers and the first half at once, all of it in the end."""
    sandbox.faults.append(Fault("ListAccessKeys", SLOW_BODY, seconds=0.3))
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=10)
    begun = time.monotonic()
    body = urlencode({"Action": "ListAccessKeys", "UserName": "Bob", "Version": "2010-05-08"})
    connection.request("POST", "/", body, headers(OPERATOR_KEY))
    response = connection.getresponse()
    assert response.read(1) == b"<"
    at_first = time.monotonic() - begun
    rest = response.read()
    assert time.monotonic() - begun >= 0.3 > at_first
    assert rest.endswith(b"</ListAccessKeysResponse>")
    connection.close()


def test_a_slow_request(sandbox: Sandbox) -> None:
    """Seconds: an error takes so long."""
    sandbox.faults.append(Fault("ListAccessKeys", "Throttling", seconds=0.2))
    begun = time.monotonic()
    assert codes(sandbox, 1) == ["Throttling"]
    assert time.monotonic() - begun >= 0.2


@pytest.mark.parametrize(
    ("times", "expected"), [(1, 1), (3, 3), (None, 5), (0, 0)], ids=["once", "three times", "always", "never"]
)
def test_times(sandbox: Sandbox, times: int | None, expected: int) -> None:
    """It hits as often as it says, then no more."""
    sandbox.faults.append(Fault("ListAccessKeys", "Throttling", times=times))
    assert codes(sandbox, 5) == ["Throttling"] * expected + [None] * (5 - expected)


def test_rate(sandbox: Sandbox) -> None:
    """It hits about as many of the requests as it says, and the same ones in every run."""
    patterns = []
    for _ in range(2):
        fault = Fault("ListAccessKeys", times=None, rate=0.3)
        request = Request("ListAccessKeys", {}, "", "", sandbox.world.clock.now())
        patterns.append([fault.hits(request) for _ in range(1000)])
    assert patterns[0] == patterns[1]
    assert 250 < sum(patterns[0]) < 350


@pytest.mark.parametrize(("about", "hit"), [(BOB, True), ("Bob", True), (ALICE, False)], ids=["key", "user", "other"])
def test_about(sandbox: Sandbox, about: str, hit: bool) -> None:
    """Only requests with that key or that user are hit."""
    sandbox.faults.append(Fault("UpdateAccessKey", about=about))
    assert (raw(sandbox, "UpdateAccessKey", **DEACTIVATION).code == "ServiceFailure") is hit


def test_any_action(sandbox: Sandbox) -> None:
    """`*` is any action, those left to moto and those of STS among them; a named one is that one alone."""
    sandbox.faults += [Fault("DeleteUser", "Named"), Fault("*", "Any", times=3)]
    assert codes(sandbox, 1) == ["Any"]
    assert raw(sandbox, "ListUsers").code == "Any"
    assert raw(sandbox, "GetCallerIdentity", service="sts").code == "Any"
    assert raw(sandbox, "GetCallerIdentity", service="sts").status == 200


def test_the_first_fault_that_fits_comes_first(sandbox: Sandbox) -> None:
    """Faults queue up: the second waits until the first is used up."""
    sandbox.faults += [Fault("ListAccessKeys", "First"), Fault("ListAccessKeys", "Second")]
    assert codes(sandbox, 3) == ["First", "Second", None]


@pytest.mark.parametrize("code", ["ServiceFailure", CUT, TRUNCATE, SLOW_BODY], ids=["error", "cut", "half", "slow"])
def test_what_moto_answers_has_bad_luck_too(sandbox: Sandbox, code: str) -> None:
    """After the work is done, an action left to moto is hit as any other, and the journal says so."""
    sandbox.faults.append(Fault("CreateUser", code, 500, after=code in ("ServiceFailure", CUT)))
    if code in (CUT, TRUNCATE):
        with pytest.raises((ConnectionError, http.client.HTTPException)):
            raw(sandbox, "CreateUser", UserName="newcomer")
    else:
        assert raw(sandbox, "CreateUser", UserName="newcomer").status == (500 if code == "ServiceFailure" else 200)
    assert outcomes(sandbox) == [code or "cut"]


def test_the_journal(sandbox: Sandbox) -> None:
    """Each request with its action, parameters, signer, the sandbox's time and its outcome, in order."""
    raw(sandbox, "ListAccessKeys", ALICE)
    sandbox.world.clock.advance(timedelta(hours=1))
    raw(sandbox, "UpdateAccessKey", ALICE, **DEACTIVATION)
    raw(sandbox, "UpdateAccessKey", BOB_INACTIVE, **DEACTIVATION)
    raw(sandbox, "UpdateAccessKey", None, **{**DEACTIVATION, "Status": "Off"})
    assert [(r.action, r.signer, r.outcome, r.in_flight) for r in sandbox.journal] == [
        ("ListAccessKeys", ALICE, "ok", 1),
        ("UpdateAccessKey", ALICE, "ok", 1),
        ("UpdateAccessKey", BOB_INACTIVE, "InvalidClientTokenId", 1),
        ("UpdateAccessKey", "", "MissingAuthenticationToken", 1),
    ]
    assert [r.access_key_id for r in sandbox.journal] == [None, BOB, BOB, BOB]
    assert sandbox.journal[1].time - sandbox.journal[0].time >= timedelta(hours=1)
    assert sandbox.actions() == {"ListAccessKeys": 1, "UpdateAccessKey": 3}


def test_the_journal_of_what_moto_refuses(sandbox: Sandbox) -> None:
    """The outcome is the error code, also where moto answers."""
    assert raw(sandbox, "GetUser", UserName="nobody").code == "NoSuchEntity"
    assert outcomes(sandbox) == ["NoSuchEntity"]


def test_most_in_flight(sandbox: Sandbox) -> None:
    """Five clients at once are five in flight; one after the other is one."""
    assert sandbox.most_in_flight() == 0
    codes(sandbox, 3)
    assert sandbox.most_in_flight() == 1
    sandbox.latency = 0.3
    together = threading.Barrier(5)

    def at_once(_: int) -> int:
        together.wait()
        return raw(sandbox, "ListAccessKeys", UserName="Bob").status

    with ThreadPoolExecutor(5) as pool:
        assert list(pool.map(at_once, range(5))) == [200] * 5
    assert sandbox.most_in_flight() == 5
    sandbox.latency = 0
    codes(sandbox, 1)
    assert sandbox.journal[-1].in_flight == 1


def test_throttling_is_a_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    """A burst at once, then as many as the rate allows; a long pause fills it up to the burst and no more."""
    now = [100.0]
    monkeypatch.setattr("keyswitch.sandbox.faults.time.monotonic", lambda: now[0])
    bucket = TokenBucket(rate=10, burst=3)
    assert [bucket.take() for _ in range(5)] == [True, True, True, False, False]
    now[0] += 0.11
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] += 3600
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_a_throttled_write_writes_nothing(sandbox: Sandbox) -> None:
    """Throttling 400, and the key is as it was; a fault that hits takes no token."""
    sandbox.throttle = TokenBucket(rate=1e-6, burst=1)
    sandbox.faults.append(Fault("ListAccessKeys", "Boom"))
    assert codes(sandbox, 2) == ["Boom", None]
    assert raw(sandbox, "UpdateAccessKey", **DEACTIVATION).code == "Throttling"
    assert sandbox.statuses()[BOB] == "Active"
    assert outcomes(sandbox) == ["Boom", "ok", "Throttling"]


def test_admin_shows_the_journal_and_the_statuses(sandbox: Sandbox) -> None:
    """Other processes see them as JSON; asking is no request of the journal's."""
    raw(sandbox, "UpdateAccessKey", **DEACTIVATION)
    status, journal = administer(sandbox, "GET", "journal")
    (entry,) = journal
    assert status == 200
    assert entry["action"] == "UpdateAccessKey"
    assert entry["parameters"]["AccessKeyId"] == BOB
    assert (entry["signer"], entry["outcome"], entry["in_flight"]) == (OPERATOR_KEY, "ok", 1)
    assert entry["time"] == sandbox.journal[0].time.isoformat()
    assert administer(sandbox, "GET", "statuses") == (200, sandbox.statuses())
    assert sandbox.statuses()[BOB] == "Inactive"
    assert len(sandbox.journal) == 1


def test_admin_steers_faults(sandbox: Sandbox) -> None:
    """POST adds one, DELETE takes all away."""
    fault = {"action": "ListAccessKeys", "code": "Boom", "http_status": 503, "times": None}
    assert administer(sandbox, "POST", "faults", fault) == (200, {"faults": 1})
    assert codes(sandbox, 2) == ["Boom", "Boom"]
    assert administer(sandbox, "DELETE", "faults") == (200, {"faults": 0})
    assert codes(sandbox, 1) == [None]


def test_admin_steers_clock_latency_and_throttle(sandbox: Sandbox) -> None:
    """Each answers with what holds now, and it holds."""
    before = sandbox.world.clock.now()
    status, answer = administer(sandbox, "POST", "clock", {"advance": 3600})
    assert status == 200
    assert answer.keys() == {"now"}
    assert sandbox.world.clock.now() - before >= timedelta(hours=1)
    assert administer(sandbox, "POST", "latency", {"seconds": 0.2}) == (200, {"latency": 0.2})
    begun = time.monotonic()
    codes(sandbox, 1)
    assert time.monotonic() - begun >= 0.2
    administer(sandbox, "POST", "latency", {"seconds": 0})
    assert administer(sandbox, "POST", "throttle", {"rate": 0.001, "burst": 1}) == (200, {"throttle": 0.001})
    assert codes(sandbox, 2) == [None, "Throttling"]
    assert administer(sandbox, "POST", "throttle", {"rate": 0}) == (200, {"throttle": 0})
    assert codes(sandbox, 3) == [None] * 3


@pytest.mark.parametrize(
    ("what", "document"),
    [
        ("faults", b"{"),
        ("faults", {}),
        ("faults", []),
        ("faults", {"action": "ListAccessKeys", "colour": "red"}),
        ("faults", {"action": "ListAccessKeys", "times": "often"}),
        ("faults", {"action": "ListAccessKeys", "rate": "often"}),
        ("clock", {}),
        ("clock", []),
        ("clock", {"advance": "soon"}),
        ("clock", {"advance": -1}),
        ("clock", {"advance": None}),
        ("clock", b'{"advance": 1e999}'),
        ("clock", {"advance": 1e13}),
        ("latency", {"seconds": "long"}),
        ("latency", {"seconds": -1}),
        ("throttle", {}),
        ("throttle", {"rate": "slow"}),
    ],
    ids=[
        "no JSON", "fault without action", "fault as a list", "unknown field", "times is text", "rate is text",
        "no advance", "advance in a list", "advance is text", "backwards", "null", "infinite", "beyond all dates",
        "latency is text", "negative latency", "no rate", "throttle is text",
    ],
)  # fmt: skip
def test_admin_refuses_bad_input(sandbox: Sandbox, what: str, document: object) -> None:
    """400 with the error in words, and nothing has changed: the next request is answered as before."""
    status, answer = administer(sandbox, "POST", what, document)
    assert (status, list(answer)) == (400, ["error"])
    assert answer["error"]
    assert codes(sandbox, 1) == [None]


@pytest.mark.parametrize(
    ("method", "what"),
    [("GET", "nothing"), ("POST", "journal"), ("DELETE", "clock"), ("GET", "")],
    ids=["unknown", "journal is read", "clock is not deleted", "none"],
)
def test_admin_does_not_know_everything(sandbox: Sandbox, method: str, what: str) -> None:
    """404, in JSON."""
    status, answer = administer(sandbox, method, what)
    assert (status, list(answer)) == (404, ["error"])
