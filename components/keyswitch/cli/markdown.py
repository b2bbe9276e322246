"""A plan as Markdown: a comment on a pull request, for readers of GitHub and GitLab.

It begins with a marker by which a bot finds its own comment again. What comes from the configuration or from AWS
is escaped: a reason cannot mention people, break the table, or smuggle in a link.
"""

import re
from collections.abc import Iterable

from keyswitch.access_key import summary
from keyswitch.access_key.change import Change
from keyswitch.access_key.errors import GuardRefused, KeyswitchError
from keyswitch.access_key.policy import Level
from keyswitch.access_key.remedy import owner
from keyswitch.access_key.summary import Told
from keyswitch.access_key.words import age, count
from keyswitch.switching.plan import Plan

MARKER = "<!-- keyswitch plan -->"

_REASON = 300
"""How many characters of a reason are shown."""

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
        blocks += _table(changing, told)
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
    blocks += _list("Warnings", [f"{escaped(f)} `{f.guard}`" for f in warnings])
    blocks += _list("Notes", [_linked(note.text) for note in planned.notes])
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


def _refused(errors: Iterable[KeyswitchError]) -> list[str]:
    blocks = []
    for error in errors:
        blocks.append(_items([f"⛔ {escaped(line)}" for line in error.lines]))
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
    rows = [
        "| User | Access key | Change | Age | Last use | Reason |",
        "| --- | --- | --- | --- | --- | --- |",
        *(f"| {' | '.join(_cells(change, told))} |" for change in changes),
    ]
    return ["\n".join(rows)] if len(rows) > 2 else []


def _cells(change: Change, told: Told) -> list[str]:
    created = change.observed.create_date
    return [
        escaped(owner(change)),
        f"`{change.access_key_id}`",
        escaped(summary.what(change)),
        escaped(age(created, told.now).removesuffix(" old")) if created else "",
        escaped(summary.use(change.access_key_id, told)) if change.is_write else "",
        escaped(_short(change.desired.reason or "")),
    ]


def _short(reason: str) -> str:
    return reason if len(reason) <= _REASON else f"{reason[:_REASON]} …"


def _list(title: str, items: list[str]) -> list[str]:
    if not items:
        return []
    return [f"**{title}**", _items(items)]


def _items(items: list[str]) -> str:
    more = [f"- … and {len(items) - summary.LISTED} more"] if len(items) > summary.LISTED else []
    return "\n".join([*(f"- {item}" for item in items[: summary.LISTED]), *more])


def _linked(text: str) -> str:
    """A note, whose link is ours and may be followed."""
    before, url, link = text.partition("https://")
    return f"{escaped(before)} <{url}{link}>" if url else escaped(text)


def _folded(title: str, blocks: list[str]) -> list[str]:
    return [f"<details><summary>{title}</summary>", *blocks, "</details>"] if blocks else []
