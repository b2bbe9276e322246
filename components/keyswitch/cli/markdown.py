"""A plan as Markdown: a comment on a pull request, for readers of GitHub and GitLab.

It begins with a marker by which a bot finds its own comment again. What comes from the configuration or from AWS
is escaped: a reason cannot mention people, break the table, or smuggle in a link.
"""

import re
from collections.abc import Collection, Iterable

from keyswitch.access_key import summary
from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import GuardRefused, KeyswitchError
from keyswitch.access_key.phrases import age, count, owner
from keyswitch.access_key.policy import Level
from keyswitch.access_key.summary import Told
from keyswitch.switching.plan import Plan

MARKER = "<!-- keyswitch plan -->"

_REASON = 300
"""How many characters of a reason are shown."""

_OPEN = 10
"""How many warnings or notes stand open; more are folded."""

_COLUMNS = ("User", "Access key", "Change", "Age", "Last use", "Reason")

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$])")


def plan(planned: Plan) -> str:
    """The whole plan; of very many changes the groups, and in each the riskiest keys."""
    told = planned.told
    changing = [c for c in planned.changes if summary.is_told(c)]
    blocks = [MARKER, f"### {_headline(planned)}"]
    if planned.changes or planned.gone or not planned.errors:
        blocks.append(f"{escaped(summary.total(told))}.")
    blocks += _refused(planned.errors)
    if len(changing) <= summary.LISTED:
        blocks += _table(changing, told) if changing else []
    else:
        for (what, reason), members in summary.groups(changing).items():
            users = len({change.observed.user_name for change in members})
            title = f"**{count(len(members), 'key')} of {count(users, 'user')}: {escaped(what)}**"
            blocks.append(f"{title} · {escaped(_short(reason))}" if reason else title)
            if members[0].is_write:
                blocks.append(f"Last used: {escaped(summary.last_uses(members, told))}.")
            shown = sorted(members, key=summary.riskiest_first(told))[:10]
            rest = f", the {len(shown)} riskiest" if len(shown) < len(members) else ""
            blocks += _folded(f"{count(len(members), 'key')}{rest}", _table(shown, told))
    warnings = [f for f in planned.findings if f.level is Level.WARN]
    blocks += _list("warning", [f"{escaped(f)} `{f.guard}`" for f in warnings])
    blocks += _list("note", [_linked(note.text) for note in planned.notes])
    observed = [c for c in planned.changes if summary.is_only_observed(c)]
    if observed:
        blocks += _folded(f"{count(len(observed), 'key')} only observed", _table(observed[: summary.LISTED], told))
    return "\n\n".join(blocks)


def failure(error: KeyswitchError) -> str:
    """Why there is no plan."""
    return "\n\n".join([MARKER, "### keyswitch: no plan", *_refused([error])])


def escaped(text: object) -> str:
    """A text that Markdown shows as it is, in one line."""
    plain = _SPECIAL.sub(r"\\\1", " ".join(str(text).split()))
    return re.sub(r"@|://|www\.", lambda found: f"{found[0][0]}\u200b{found[0][1:]}", plain)


def _headline(planned: Plan) -> str:
    account = f"account {planned.caller.account}"
    if planned.errors:
        return f"⛔ keyswitch refuses this change of {account}"
    if planned.writes:
        return f"keyswitch would change {count(len(planned.writes), 'access key')} of {account}"
    return f"keyswitch changes nothing in {account}"


def _refused(errors: Collection[KeyswitchError]) -> list[str]:
    items = dict.fromkeys(f"⛔ {escaped(line)}" for error in errors for line in error.lines)
    blocks = [_items(list(items))] if items else []
    for error in errors:
        if isinstance(error, GuardRefused):
            blocks.append(f"{escaped(error.how)}:")
            blocks.append("\n".join(["```yaml", *_fitting(error.remedy), "```"]))
    return blocks


def _fitting(remedy: Iterable[str]) -> list[str]:
    """Whole entries, as many as leave room in a comment; GitHub takes 65,536 characters."""
    fitting: list[str] = []
    room = 15_000
    for line in remedy:
        room -= len(line) + 1
        if room < 0 and not line.startswith(" "):
            return [*fitting, "# … and more: keyswitch plan prints all of them"]
        fitting.append(line)
    return fitting


def _table(changes: Iterable[Change], told: Told) -> list[str]:
    """A row a change; a comment is narrow, so a column in which nothing would stand is left out."""
    rows = [_cells(change, told) for change in changes]
    columns = [column for column in zip(_COLUMNS, *rows, strict=True) if any(column[1:])]
    head, *body = (f"| {' | '.join(row)} |" for row in zip(*columns, strict=True))
    return ["\n".join([head, "|" + " --- |" * len(columns), *body])]


def _cells(change: Change, told: Told) -> list[str]:
    created = change.observed.create_date
    return [
        escaped(owner(change.observed.user_name)),
        f"`{change.access_key_id}`",
        escaped(summary.what(change)).replace(" → ", _unbroken(" → ")),
        _unbroken(age(created, told.now).removesuffix(" old")) if created else "",
        escaped(summary.use(change.access_key_id, told).removeprefix("last used ")) if change.is_write else "",
        escaped(_short(change.desired.reason or "")),
    ]


def _unbroken(text: str) -> str:
    """A short text that a narrow column does not break over two lines."""
    return text.replace(" ", "\u00a0")


def _short(reason: str) -> str:
    return reason if len(reason) <= _REASON else f"{reason[:_REASON]} …"


def _list(noun: str, items: list[str]) -> list[str]:
    if len(items) > _OPEN:
        return _folded(count(len(items), noun), [_items(items)])
    return [f"**{noun.capitalize()}s**", _items(items)] if items else []


def _items(items: list[str]) -> str:
    more = [f"- … and {len(items) - summary.LISTED} more"] if len(items) > summary.LISTED else []
    return "\n".join([*(f"- {item}" for item in items[: summary.LISTED]), *more])


def _linked(text: str) -> str:
    """A note, whose link is ours and may be followed."""
    before, url, link = text.partition("https://")
    return f"{escaped(before)} <{url}{link}>" if url else escaped(text)


def _folded(title: str, blocks: list[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", *blocks, "</details>"] if blocks else []
