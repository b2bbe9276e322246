"""Words drift as Markdown, for the body of an issue: what differs, since when, by whom, and both ways on.

The text starts with a marker by which a job finds its own issue again.
"""

from keyswitch.access_key.errors import KeyswitchError
from keyswitch.access_key.phrases import count, owner
from keyswitch.access_key.shown import line
from keyswitch.switching.drift import Drift, Switched
from keyswitch.telling.drift_text import ADOPT, REVERT, by, drift_total, gone_line, notes, refusals, remove, since
from keyswitch.telling.grouping import LISTED
from keyswitch.telling.markdown import bullets, escaped, fitting, refused, table, undeclared_table
from keyswitch.telling.wording import use

DRIFT_MARKER = "<!-- keyswitch drift -->"

_COLUMNS = ("User", "Access key", "Declared", "Now", "Since", "By", "Last use", "Reason")


def drift_markdown(found: Drift, apply: str) -> str:
    """Word the whole drift.

    Args:
        found: the drift.
        apply: the command that applies the configuration.
    """
    blocks = [DRIFT_MARKER, f"### {_headline(found)}", f"{escaped(drift_total(found))}.", *refused(found.errors)]
    if found.switched:
        blocks += ["**Switched**", table(_COLUMNS, [_cells(each, found) for each in found.switched[:LISTED]])]
        blocks += _more(len(found.switched))
    if found.gone:
        blocks += ["**Gone**", bullets([escaped(gone_line(each, found)) for each in found.gone])]
    if found.new:
        blocks += ["**New, and declared nowhere**", undeclared_table(found.new[:LISTED], found.plan)]
        blocks += _more(len(found.new))
    blocks += [bullets([escaped(note) for note in notes(found)])] if notes(found) else []
    if found.switched:
        blocks += [f"{REVERT}:", f"```console\n$ {line(apply)}\n```"]
        blocks += [bullets([f"⛔ a guard refuses that: {escaped(each)}" for each in refusals(found)])] * bool(
            refusals(found)
        )
    if found.adoption:
        blocks += [f"{ADOPT}:", "\n".join(["```yaml", *fitting(map(line, found.adoption)), "```"])]
    if found.gone:
        blocks.append(f"{escaped(remove(found))}.")
    return "\n\n".join(blocks)


def drift_failure_markdown(error: KeyswitchError) -> str:
    """Word the reason why nothing was compared."""
    return "\n\n".join([DRIFT_MARKER, "### keyswitch: drift is not known", *refused([error])])


def _headline(found: Drift) -> str:
    account = f"account {escaped(found.plan.caller.account)}"
    if found.count:
        verb = "differs" if found.count == 1 else "differ"
        return f"{count(found.count, 'access key')} of {account} {verb} from the configuration"
    return f"No drift in {account}" if not found.errors else f"Drift in {account} is not fully known"


def _more(number: int) -> list[str]:
    return [f"… and {number - LISTED} more: `keyswitch drift --json` lists all of them"] if number > LISTED else []


def _cells(each: Switched, found: Drift) -> list[str]:
    change = each.change
    return [
        escaped(owner(change.observed.user_name)),
        f"`{change.access_key_id}`",
        escaped(change.desired.status),
        escaped(change.observed.status),
        escaped(since(each, found)),
        escaped(" ".join(by(each)).removeprefix("by ")),
        escaped(use(change.access_key_id, found.plan).removeprefix("last used ")),
        escaped(line(change.desired.reason or "", 300)),
    ]
