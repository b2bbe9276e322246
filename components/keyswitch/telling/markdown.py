"""Words a plan as Markdown, for a comment on a pull request at GitHub or GitLab.

The text starts with a marker by which a bot finds its own comment again, and with the whole digest of the change. Texts
from the configuration and from AWS are escaped: a reason cannot mention people, break the table or add a link.
"""

import re
from collections.abc import Collection, Iterable

from keyswitch.access_key.change import Change, Kind
from keyswitch.access_key.digest import SHORT
from keyswitch.access_key.errors import GuardRefused, KeyswitchError
from keyswitch.access_key.model import AccessKey
from keyswitch.access_key.notes import REVOKE_SESSIONS
from keyswitch.access_key.phrases import age, count, owner
from keyswitch.access_key.policy import Level
from keyswitch.access_key.shown import line
from keyswitch.switching.planned import Plan
from keyswitch.telling.counting import last_uses, total
from keyswitch.telling.grouping import LISTED, groups, is_listed, riskiest_first
from keyswitch.telling.wording import gone, use, what

MARKER = "<!-- keyswitch plan -->"

_REASON = 300
"""The length of the longest reason, in characters."""

_OPEN = 10
"""The number of warnings or notes up to which the list is not folded."""

_COLUMNS = ("User", "Access key", "Change", "Age", "Last use", "Reason")

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$])")


def plan_markdown(plan: Plan) -> str:
    """Word the whole plan; very many changes as groups, each with its riskiest keys."""
    changing = [c for c in plan.changes if is_listed(c)]
    blocks = [f"{MARKER}\n<!-- keyswitch digest {plan.digest} -->", f"### {_headline(plan)}"]
    if plan.changes or plan.gone or not plan.errors:
        blocks.append(f"{escaped(total(plan))}.")
    if plan.permitted:
        blocks.append(f"Digest of this change: `{plan.digest[:SHORT]}`")
    blocks += refused(plan.errors)
    if len(changing) <= LISTED:
        blocks += _table(changing, plan) if changing else []
    else:
        for (happens, reason), members in groups(changing).items():
            users = len({change.observed.user_name for change in members})
            title = f"**{count(len(members), 'key')} of {count(users, 'user')}: {escaped(happens)}**"
            blocks.append(f"{title} · {escaped(_short(reason))}" if reason else title)
            if members[0].is_write:
                blocks.append(f"Last used: {escaped(last_uses(members, plan))}.")
            shown = sorted(members, key=riskiest_first(plan))[:10]
            rest = f", the {len(shown)} riskiest" if len(shown) < len(members) else ""
            blocks += _folded(f"{count(len(members), 'key')}{rest}", _table(shown, plan))
    blocks += [bullets([escaped(gone(recorded)) for recorded in plan.gone])] if plan.gone else []
    warnings = [f for f in plan.findings if f.level is Level.WARN]
    blocks += _list("warning", [f"{escaped(f)} `{f.guard}`" for f in warnings])
    blocks += _list("note", [_linked(note.text) for note in plan.notes])
    blocks += _undeclared(plan)
    observed = [c for c in plan.changes if c.kind is Kind.OBSERVE]
    if observed:
        blocks += _folded(f"{count(len(observed), 'key')} only observed", _table(observed[:LISTED], plan))
    return "\n\n".join(blocks)


def failure_markdown(error: KeyswitchError) -> str:
    """Word the reason why there is no plan."""
    return "\n\n".join([MARKER, "### keyswitch: no plan", *refused([error])])


def escaped(text: object) -> str:
    """Pass a text through the gate and escape it, so that Markdown shows it as it is, in one line."""
    plain = _SPECIAL.sub(r"\\\1", line(" ".join(str(text).split())))
    return re.sub(r"@|://|www\.", lambda found: f"{found[0][0]}\u200b{found[0][1:]}", plain)


def _headline(plan: Plan) -> str:
    account = f"account {escaped(plan.caller.account)}"
    if plan.errors:
        return f"⛔ keyswitch refuses this change of {account}"
    if plan.writes:
        return f"keyswitch would change {count(len(plan.writes), 'access key')} of {account}"
    return f"keyswitch changes nothing in {account}"


def _undeclared(plan: Plan) -> list[str]:
    if plan.undeclared is None:
        return []
    problems = plan.undeclared.problems if plan.undeclared.level is Level.WARN else ()
    blocks = (
        [bullets([f"undeclared keys may be missing here: {escaped(p.what)}" for p in problems])] if problems else []
    )
    keys = plan.undeclared.keys
    if keys:
        shown = undeclared_table(keys[:LISTED], plan)
        rest = f", the first {LISTED}" if len(keys) > LISTED else ""
        title = f"{count(len(keys), 'key')} that no entry names{rest}; <code>keyswitch discover</code> would add them"
        blocks += _folded(title, [shown])
    return blocks


def undeclared_table(keys: Iterable[AccessKey], plan: Plan) -> str:
    """Word a table of keys that no entry names."""
    rows = [
        [
            escaped(owner(key.user_name)),
            f"`{key.access_key_id}`",
            escaped(key.status),
            _unbroken(age(key.create_date, plan.at).removesuffix(" old")) if key.create_date else "",
            escaped(use(key.access_key_id, plan).removeprefix("last used ")),
        ]
        for key in keys
    ]
    return table(("User", "Access key", "Status", "Age", "Last use"), rows)


def refused(errors: Collection[KeyswitchError]) -> list[str]:
    """Word errors as a list, each refusal with the lines that let it pass."""
    items = dict.fromkeys(f"⛔ {escaped(line)}" for error in errors for line in error.lines)
    blocks = [bullets(list(items))] if items else []
    for error in errors:
        if isinstance(error, GuardRefused):
            for how, remedy in error.remedies:
                blocks.append(f"{escaped(how)}:")
                blocks.append("\n".join(["```yaml", *fitting(remedy), "```"]))
    return blocks


def fitting(remedy: Iterable[str]) -> list[str]:
    """Return as many whole entries as fit into a comment; GitHub accepts 65,536 characters."""
    fitting: list[str] = []
    room = 15_000
    for text in remedy:
        room -= len(text) + 1
        if room < 0 and not text.startswith(" "):
            return [*fitting, "# … and more: keyswitch plan prints all of them"]
        fitting.append(text)
    return fitting


def _table(changes: Iterable[Change], plan: Plan) -> list[str]:
    """Word a table with one row per change."""
    return [table(_COLUMNS, [_cells(change, plan) for change in changes])]


def table(names: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """Write a table of these escaped cells, without empty columns, because a comment is narrow."""
    columns = [column for column in zip(names, *rows, strict=True) if any(column[1:])]
    head, *body = (f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))
    return "\n".join([head, "|" + " --- |" * len(columns), *body])


def _cells(change: Change, plan: Plan) -> list[str]:
    created = change.observed.create_date
    return [
        escaped(owner(change.observed.user_name)),
        f"`{change.access_key_id}`",
        escaped(what(change)).replace(" → ", _unbroken(" → ")),
        _unbroken(age(created, plan.at).removesuffix(" old")) if created else "",
        escaped(use(change.access_key_id, plan).removeprefix("last used ")) if change.is_write else "",
        escaped(_short(change.desired.reason or "")),
    ]


def _unbroken(text: str) -> str:
    """Return a short text that a narrow column does not break into two lines."""
    return text.replace(" ", "\u00a0")


def _short(reason: str) -> str:
    return line(reason, _REASON)


def _list(noun: str, items: list[str]) -> list[str]:
    if len(items) > _OPEN:
        return _folded(count(len(items), noun), [bullets(items)])
    return [f"**{noun.capitalize()}s**", bullets(items)] if items else []


def bullets(items: list[str]) -> str:
    """Write a list of these escaped texts, of a long one the beginning and the number of the others."""
    more = [f"- … and {len(items) - LISTED} more"] if len(items) > LISTED else []
    return "\n".join([*(f"- {item}" for item in items[:LISTED]), *more])


def _linked(text: str) -> str:
    """Word a note. Our own link in it stays a link; a URL in a name does not become one."""
    before, url, after = text.partition(REVOKE_SESSIONS)
    return f"{escaped(before)} <{url}>{escaped(after)}" if url else escaped(text)


def _folded(title: str, blocks: list[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", *blocks, "</details>"] if blocks else []
