"""Every output of a plan, a result and an error, with every text from outside hostile: it is read and nothing else."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyswitch.access_key import errors
from keyswitch.access_key.change import by_user, decide_removal, remember
from keyswitch.access_key.desired import OnRemoval
from keyswitch.access_key.errors import InvalidConfiguration, KeyswitchError, Problem, combined
from keyswitch.access_key.guards import Evidence, evaluate, refusal
from keyswitch.access_key.model import AccessKey, Caller, Credential, LastUsed
from keyswitch.access_key.notes import notes
from keyswitch.access_key.policy import GuardName, GuardPolicy, Level
from keyswitch.access_key.undeclared import Undeclared
from keyswitch.cli.output import print_error, print_errors, print_json, print_lines
from keyswitch.configuration.entry import parse_entry
from keyswitch.resources.properties import recorded as recorded_in
from keyswitch.switching.outcome import Outcome
from keyswitch.switching.planned import Plan
from keyswitch.telling.document import displayed, failure_document, plan_document, result_document, stack_summary
from keyswitch.telling.grouping import LISTED
from keyswitch.telling.markdown import failure_markdown, plan_markdown
from keyswitch.telling.text import change_line, done_line, plan_lines, warning_line
from tests.support.examples import ALICES, NEW, NOW, OLD, ROOTS, UNKNOWN, by_user_name, change, failure, many, recorded
from tests.support.hostile import PAYLOADS, SECRET, harm

OUR_OWN = "\u200b\u00a0"
"""What Markdown needs: it takes mentions apart, and holds narrow cells together."""

_texts = st.text(st.characters() | st.sampled_from("\n\r\x1b<{%}>#[]:v|`@\u2028\u202e\udc80"), min_size=1, max_size=30)


def _plan(text: str, number: int = 2, level: Level = Level.BLOCK) -> Plan:
    """A plan in which everything that comes from AWS, the configuration or the state is this text."""
    caller = Caller(text, f"arn:aws:sts::1:assumed-role/r/{text}", UNKNOWN, UNKNOWN, None, (Credential(ALICES, text),))
    created = NOW - timedelta(days=400)
    keys = [
        AccessKey(OLD, text, "Active", created),
        AccessKey(NEW, f"{text}-2", text, created),
        AccessKey(ALICES, f"{text}-3", "Active", created),
        *(AccessKey(each.access_key_id, f"{text}-{n}", "Active", created) for n, each in enumerate(many(number))),
    ]
    changes = [change(each, "Inactive", reason=text, user_name=text) for each in keys]
    changes[1] = remember(change(keys[1], None, reason=text), recorded(NEW, status=text, owner=text, reason="other"))
    changes.append(
        decide_removal(recorded(ROOTS, on_removal=OnRemoval.DEACTIVATE, reason=text), AccessKey(ROOTS, text, "Active"))
    )
    uses = {each.access_key_id: LastUsed(text, NOW - timedelta(hours=1), text, text) for each in keys[:1]}
    failed = {ALICES: KeyswitchError(text, text)}
    listed = by_user_name(*keys, AccessKey(UNKNOWN, text, "Active"))
    seen = Evidence(caller, listed, {**uses, **failed}, NOW)
    findings = evaluate(changes, seen, GuardPolicy())
    findings += evaluate(changes, seen, GuardPolicy(dict.fromkeys(GuardName, Level.WARN)))
    refused = refusal(findings)
    assert refused
    return Plan(
        caller=caller,
        changes=tuple(by_user(changes)),
        gone=(recorded(owner=text),),
        findings=findings,
        notes=notes(changes, listed, {text: text}, NOW),
        last_used={**uses, NEW: None},
        failures=tuple(map(failure, _errors(text))),
        refusal=refused,
        at=NOW,
        undeclared=Undeclared(tuple(keys), level, {}, tuple(_errors(text)[:1])),
    )


def _errors(text: str) -> list[KeyswitchError]:
    """One error of each class, with nothing but this text in it."""
    made: list[KeyswitchError] = []
    for kind in vars(errors).values():
        if not isinstance(kind, type) or not issubclass(kind, KeyswitchError):
            continue
        if kind is errors.InvalidConfiguration:
            made += [kind([Problem(text, text, text)]), kind([Problem(text), Problem(text, where=text)])]
        elif issubclass(kind, errors.GuardRefused):
            made.append(kind([text, text], text, [text]))
        elif kind is errors.EntryFailed:
            made.append(kind([text, text]))
        elif kind is errors.AccessDenied:
            made.append(kind(text, text, action=text))
        else:
            made += [kind(text), kind(text, text)]
    return made


def _outputs(text: str, number: int, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Everything that can be shown, by what it is."""
    plan = _plan(text, number)
    outcomes = [Outcome(made, KeyswitchError(text)) for made in plan.changes]
    print_json(plan_document(plan))
    print_json(result_document(plan, outcomes))
    print_json(failure_document(_errors(text)[0]))
    documents = capsys.readouterr().out
    print_lines([text, *plan_lines(plan), *plan_lines(_plan(text, number, Level.WARN))])
    print_error(text)
    for failed in _errors(text):
        print_errors([failed])
    print_errors(plan.errors)
    printed = capsys.readouterr()
    return {
        "JSON": documents,
        "standard output": printed.out,
        "standard error": printed.err,
        "text": "\n".join(plan_lines(plan)),
        "changes": "\n".join([*(change_line(c, plan) for c in plan.changes), *map(done_line, plan.changes)]),
        "warnings": "\n".join(map(warning_line, plan.findings)),
        "errors": "\n".join(map(str, _errors(text))),
        "lines of errors": "\n".join(line for failed in _errors(text) for line in failed.lines),
        "several errors": combined(plan.errors),
        "outputs of the stack": "\n".join(_strings(stack_summary(plan))),
        "outputs of an older stack": "\n".join(_strings(displayed({"changes": {OLD: {"reason": [text]}}}))),
        "Markdown": plan_markdown(plan),
        "Markdown of a failure": "\n".join(map(failure_markdown, _errors(text))),
    }


def _strings(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in _strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in _strings(inner)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("text", [t for t in PAYLOADS.values() if SECRET not in t], ids=ascii)
@pytest.mark.parametrize("number", [1, LISTED + 1], ids=["few", "many"])
def test_no_output_is_more_than_read(text, number, capsys):
    """Whatever the text, in whichever field it stands, for few keys and for many."""
    for name, output in _outputs(text[:3_000], number, capsys).items():
        harmful = harm(output, OUR_OWN if "Markdown" in name else "")
        assert [each for each in harmful if name != "JSON" or "characters" not in each] == [], name


@pytest.mark.parametrize("text", [t for t in PAYLOADS.values() if SECRET in t])
def test_no_secret_is_shown_wherever_it_comes_from(text, capsys):
    """Only the JSON document holds a name or a reason as it is; reasons with secrets are refused when they are read."""
    for name, output in _outputs(text, 1, capsys).items():
        if name != "JSON":
            assert harm(output, OUR_OWN if "Markdown" in name else "") == [], name


@settings(max_examples=30, deadline=None)
@given(_texts)
def test_whatever_the_text_no_output_is_more_than_read(text):
    """The same for any text."""
    plan = _plan(text, 1)
    assert harm("\n".join([*plan_lines(plan), combined(plan.errors)])) == []
    assert harm("\n".join(map(str, plan.errors))) == []
    assert harm("\n".join(_strings(stack_summary(plan)))) == []
    assert harm(plan_markdown(plan), OUR_OWN) == []


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_json_document_holds_names_and_reasons_exactly(text, capsys):
    """It is read by programs; JSON's own escapes are enough for terminals and runners."""
    print_json(plan_document(_plan(text)))
    first = next(c for c in json.loads(capsys.readouterr().out)["changes"] if c["accessKeyId"] == OLD)
    assert first["userName"] == first["reason"] == text
    assert first["lastUsed"]["serviceName"] == text


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_reason_that_would_do_something_is_refused(text):
    """Pulumi shows a stored reason as it is, so it must be harmless before it is stored."""
    desired, problems = parse_entry(OLD, {"reason": text})
    assert desired is None or harm(desired.reason.replace("y" * 100, "")) == []
    assert all(harm(str(problem)) == [] for problem in problems)


@pytest.mark.parametrize("text", PAYLOADS.values(), ids=PAYLOADS)
def test_a_reason_that_was_stored_before_it_was_refused_does_not_stand_in_the_way(text):
    """A refresh and a destroy still work."""
    assert recorded_in({"access_key_id": OLD, "reason": text, "allow": ["recentlyUsed"]}).desired.reason == text


def test_several_problems_of_many_lines_stay_one_line_each():
    """A line of an error is always one problem."""
    text = str(InvalidConfiguration([Problem("a\nb", "c\nd", "e\nf"), Problem("g")]))
    assert text.splitlines()[1:] == [r"  - e\nf: c\nd: a\nb", "  - g"]


def test_a_url_in_a_name_does_not_become_a_link():
    """Only our own link in a note is one."""
    plan = _plan("x")
    (note, *_) = [n for n in plan.notes if "x" in n.text]
    evil = replace(plan, notes=(replace(note, text="users: https://evil.example/> @all"),))
    assert "<https://evil" not in plan_markdown(evil)
