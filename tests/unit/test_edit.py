"""Entries are added to a text and removed from it; every other character stays as it is."""

from collections.abc import Sequence
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keyswitch.access_key.desired import Desired
from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.access_key.model import Status
from keyswitch.access_key.written import Item, item
from keyswitch.configuration.edit import Text, changed
from keyswitch.configuration.limits import SIZE
from keyswitch.configuration.markup import parse
from keyswitch.configuration.source import full_name

ONE, TWO = "AKIAONEONEONEONEONE1", "AKIATWOTWOTWOTWOTWO2"
ALICES, BOBS = "AKIAALICEALICEALICE1", "AKIABOBBOBBOBBOBBOB1"
STACK = ("config", "keyswitch:keys")
ADDED = (
    item(Desired(ALICES, "alice", Status.ACTIVE), "120 d old, never used"),
    item(Desired(BOBS, "b,ob"), "4 d old"),
)


def edited(
    text: str,
    added: Sequence[Item] = ADDED,
    removed: Sequence[str] = (),
    name: str = "Pulumi.dev.yaml",
    path: tuple[str, ...] = STACK,
) -> str:
    """The text of a stack file after a change."""
    return changed(Text(text, name, path, partial(full_name, project="keyswitch")), added, removed)


ENTRIES = f"""\
    {ALICES}:  # 120 d old, never used
      userName: alice
      status: Active
    {BOBS}:  # 4 d old
      userName: b,ob
"""
INNER = f'{ALICES}: {{userName: alice, status: Active}}, {BOBS}: {{userName: "b,ob"}}'

BLOCKS = {
    "an empty file": ("", f"config:\n  keyswitch:keys:\n{ENTRIES}"),
    "only a comment": ("# mine", f"# mine\nconfig:\n  keyswitch:keys:\n{ENTRIES}"),
    "only a document's start": ("---\n", f"---\nconfig:\n  keyswitch:keys:\n{ENTRIES}"),
    "an empty map": ("{}", f"config:\n  keyswitch:keys:\n{ENTRIES}"),
    "no config": ("secretsprovider: x\n", f"secretsprovider: x\nconfig:\n  keyswitch:keys:\n{ENTRIES}"),
    "nothing in config": ("config: # mine\n", f"config: # mine\n  keyswitch:keys:\n{ENTRIES}"),
    "an empty config": ("config: {}  # mine\nx: 1\n", f"config:  # mine\n  keyswitch:keys:\n{ENTRIES}x: 1\n"),
    "no keys": (
        "config:\n  aws:region: x  # mine\n\n# end\n",
        f"config:\n  aws:region: x  # mine\n  keyswitch:keys:\n{ENTRIES}\n# end\n",
    ),
    "nothing in keys": (
        "config:\n  keyswitch:keys:\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n{ENTRIES}  aws:region: x\n",
    ),
    "null keys": (
        "config:\n  keyswitch:keys: ~\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n{ENTRIES}  aws:region: x\n",
    ),
    "empty keys": (
        "config:\n  keyswitch:keys: {}\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n{ENTRIES}  aws:region: x\n",
    ),
    "empty keys with an anchor": (
        "config:\n  keyswitch:keys: &all { } # mine\n",
        f"config:\n  keyswitch:keys: &all # mine\n{ENTRIES}",
    ),
    "keys": (
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine\n\n    # the end\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine\n{ENTRIES}\n    # the end\n  aws:region: x\n",
    ),
    "no newline at the end": (
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine",
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine\n{ENTRIES}",
    ),
    "no namespace": (f"config:\n  keys:\n    {ONE}: Active\n", f"config:\n  keys:\n    {ONE}: Active\n{ENTRIES}"),
    "the namespace with config": (
        f"config:\n  'keyswitch:config:keys':\n    {ONE}: Active\n",
        f"config:\n  'keyswitch:config:keys':\n    {ONE}: Active\n{ENTRIES}",
    ),
    "another indentation": (
        f"config:\n    keyswitch:keys:\n        {ONE}: Active\n",
        f"config:\n    keyswitch:keys:\n        {ONE}: Active\n"
        + ENTRIES.replace("      ", "            ").replace("    AKIA", "        AKIA"),
    ),
    "deep keys": (
        f"config:\n  keyswitch:keys:\n      {ONE}: Active\n",
        f"config:\n  keyswitch:keys:\n      {ONE}: Active\n" + "".join(f"  {line}\n" for line in ENTRIES.splitlines()),
    ),
    "an end of the document": (
        f"---\nconfig:\n  keyswitch:keys:\n    {ONE}: Active\n...\n",
        f"---\nconfig:\n  keyswitch:keys:\n    {ONE}: Active\n{ENTRIES}...\n",
    ),
    "an alias at the end": (
        f"config:\n  keyswitch:keys:\n    {TWO}: &off {{status: Inactive}}\n    {ONE}: *off  # mine\nx: 1\n",
        f"config:\n  keyswitch:keys:\n    {TWO}: &off {{status: Inactive}}\n    {ONE}: *off  # mine\n{ENTRIES}x: 1\n",
    ),
    "a text of several lines at the end": (
        f"config:\n  keyswitch:keys:\n    {ONE}:\n      reason: |+\n        because\n\n\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n    {ONE}:\n      reason: |+\n        because\n\n\n{ENTRIES}  aws:region: x\n",
    ),
    "a list at the end": (
        f"config:\n  keyswitch:keys:\n    {ONE}:\n      allow:\n      - recentlyUsed\n      # mine\n  aws:region: x\n",
        f"config:\n  keyswitch:keys:\n    {ONE}:\n      allow:\n      - recentlyUsed\n{ENTRIES}      # mine\n"
        "  aws:region: x\n",
    ),
    "a merged map": (
        f"x: &x\n  {ONE}: Active\nconfig:\n  keyswitch:keys:\n    <<: *x\n",
        f"x: &x\n  {ONE}: Active\nconfig:\n  keyswitch:keys:\n    <<: *x\n{ENTRIES}",
    ),
    "carriage returns": (
        f"config:\r\n  keyswitch:keys:\r\n    {ONE}: Active\r\n",
        f"config:\r\n  keyswitch:keys:\r\n    {ONE}: Active\r\n" + ENTRIES.replace("\n", "\r\n"),
    ),
    "a comment that YAML ends early": (
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine\x85    {TWO}: Active\x85",
        f"config:\n  keyswitch:keys:\n    {ONE}: Active # mine\x85    {TWO}: Active\x85{ENTRIES}",
    ),
    "characters of several bytes": (
        f"# ☃🔑\nconfig:\n  keyswitch:keys:\n    {ONE}: Active # ü\n",
        f"# ☃🔑\nconfig:\n  keyswitch:keys:\n    {ONE}: Active # ü\n{ENTRIES}",
    ),
    "braces": (
        f"config:\n  keyswitch:keys: {{{ONE}: Active}}  # mine\n",
        f"config:\n  keyswitch:keys: {{{ONE}: Active, {INNER}}}  # mine\n",
    ),
    "braces with a comma": (
        f"config:\n  keyswitch:keys: {{{ONE}: Active,}}\n",
        f"config:\n  keyswitch:keys: {{{ONE}: Active, {INNER},}}\n",
    ),
    "braces with an alias at the end": (
        f"x: &x Active\nconfig:\n  keyswitch:keys: {{{ONE}: *x}}\n",
        f"x: &x Active\nconfig:\n  keyswitch:keys: {{{ONE}: *x, {INNER}}}\n",
    ),
    "braces on several lines": (
        f"config:\n  keyswitch:keys: {{\n    {ONE}: Active # mine, too\n  }}\n",
        f"config:\n  keyswitch:keys: {{\n    {ONE}: Active, # mine, too\n"
        f"    {ALICES}: {{userName: alice, status: Active}},  # 120 d old, never used\n"
        f'    {BOBS}: {{userName: "b,ob"}}  # 4 d old\n  }}\n',
    ),
    "braces on several lines with a comma": (
        f"config:\n  keyswitch:keys: {{\n    {ONE}: Active, # mine\n  }}\n",
        f"config:\n  keyswitch:keys: {{\n    {ONE}: Active, # mine\n"
        f"    {ALICES}: {{userName: alice, status: Active}},  # 120 d old, never used\n"
        f'    {BOBS}: {{userName: "b,ob"}},  # 4 d old\n  }}\n',
    ),
    "braces around a comment": (
        "config:\n  keyswitch:keys: { # mine\n  }\n",
        f"config:\n  keyswitch:keys: {{\n    {ALICES}: {{userName: alice, status: Active}},\n"
        f'    {BOBS}: {{userName: "b,ob"}}\n   # mine\n  }}\n',
    ),
    "braces around everything": (
        "{config: {aws:region: x}}\n",
        f"{{config: {{aws:region: x, keyswitch:keys: {{\n  {ALICES}: {{userName: alice, status: Active}},\n"
        f'  {BOBS}: {{userName: "b,ob"}}\n}}}}}}\n',
    ),
}


@pytest.mark.parametrize(("before", "after"), BLOCKS.values(), ids=BLOCKS)
def test_entries_are_added_to_a_stack_file(before: str, after: str) -> None:
    """In the style of what is there; where lines are possible, with a line for each field, and with comments."""
    assert edited(before) == after


def test_entries_are_added_to_json() -> None:
    """A stack file or a keys file; JSON has no comments, and no comma at the end."""
    before = '{\r\n  "config": {\r\n    "aws:region": "\\u00fc"\r\n  }\r\n}'
    inside = f"""\
,
    "keyswitch:keys": {{
      "{ALICES}": {{"userName": "alice", "status": "Active"}},
      "{BOBS}": {{"userName": "b,ob"}}
    }}
""".replace("\n", "\r\n")
    head, tail = before[: before.index("\r\n  }")], before[before.index("  }") :]
    assert edited(before, name="x.json") == head + inside + tail
    entry = item(Desired(ALICES, status=Status.ACTIVE))
    added = f'"{ALICES}": {{"status": "Active"}}'
    assert edited(f'{{"{ONE}": "Active"}}', [entry], name="x.json", path=()) == f'{{"{ONE}": "Active", {added}}}'
    assert edited("{}\n", [entry], name="x.json", path=()) == f"{{\n  {added}\n}}\n"


def test_entries_are_added_to_a_keys_file() -> None:
    """It has nothing but entries, which begin in the first column, with fields as deep as those that are there."""
    before = f"# mine\n{ONE}:\n    status: Active\n"
    assert edited(before, ADDED[:1], path=()) == (
        f"{before}{ALICES}:  # 120 d old, never used\n    userName: alice\n    status: Active\n"
    )


KEYS = "config:\n  keyswitch:keys:"
REMOVALS = {
    "one of two": (
        f"{KEYS}\n    # mine\n    {ONE}: # its own\n      status: Active # its own\n\n    {TWO}: Active\n",
        f"{KEYS}\n    # mine\n\n    {TWO}: Active\n",
    ),
    "the only one": (f"{KEYS} # mine\n    {ONE}: Active\nx: 1", f"{KEYS} {{}} # mine\nx: 1"),
    "the last": (f"{KEYS}\n    {TWO}: Active\n    {ONE}: Active", f"{KEYS}\n    {TWO}: Active\n"),
    "in braces": (f"{KEYS} {{{ONE}: Active, {TWO}: Active}}", f"{KEYS} {{{TWO}: Active}}"),
    "last in braces": (f"{KEYS} {{{TWO}: Active, {ONE}: Active }}", f"{KEYS} {{{TWO}: Active }}"),
    "after a comment": (
        f"{KEYS} {{{TWO}: Active, # mine\n    {ONE}: Active\n  }}",
        f"{KEYS} {{{TWO}: Active, # mine\n    \n  }}",
    ),
    "alone in braces": (f"{KEYS} {{{ONE}: Active, }}", f"{KEYS} {{}}"),
}


@pytest.mark.parametrize(("before", "after"), REMOVALS.values(), ids=REMOVALS)
def test_an_entry_is_removed_with_its_own_lines(before: str, after: str) -> None:
    """A comment in its lines goes with it; one above it stays, because it may be about more than one entry."""
    assert edited(before, added=(), removed=[ONE]) == after


def test_the_last_entry_of_a_keys_file_leaves_an_empty_map() -> None:
    """A keys file without a map would be refused."""
    assert edited(f"# mine\n{ONE}: Active\n", (), [ONE], path=()) == "# mine\n{}\n"
    assert edited(f'{{"{ONE}": 1, "{TWO}": 2}}', (), [TWO], name="x.json", path=()) == f'{{"{ONE}": 1}}'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "config:\n  keyswitch:keys: {}\n"),
        ("config:\n  aws:region: x", "config:\n  aws:region: x\n  keyswitch:keys: {}\n"),
        (f"{KEYS} &all # mine\n", f"{KEYS} &all {{}} # mine\n"),
        (f"{KEYS} null\n", f"{KEYS} {{}}\n"),
        (f"{KEYS} {{ }}\n", f"{KEYS} {{ }}\n"),
        (f"{KEYS}\n    {ONE}: Active\n", f"{KEYS}\n    {ONE}: Active\n"),
    ],
    ids=["an empty file", "no keys", "nothing", "null", "empty", "there"],
)
def test_a_file_without_entries_says_so(before: str, after: str) -> None:
    """Then it is valid; a list of keys that is missing would be a mistake."""
    assert edited(before, ()) == after


@pytest.mark.parametrize(("before", "after"), [("", "{}\n"), ("# mine", "# mine\n{}\n"), ("---\n", "---\n{}\n")])
def test_a_keys_file_without_entries_says_so(before: str, after: str) -> None:
    """In the same way."""
    assert edited(before, (), path=()) == after


def test_entries_take_the_place_of_removed_ones() -> None:
    """Both at once."""
    before = f"config:\n  keyswitch:keys:\n    {ONE}: Active\n    # mine\n  aws:region: x\n"
    assert edited(before, removed=[ONE]) == f"config:\n  keyswitch:keys:\n{ENTRIES}    # mine\n  aws:region: x\n"


@pytest.mark.parametrize(
    "text",
    [
        f"x: &x\n  {ONE}: Active\nconfig:\n  keyswitch:keys: *x\n",
        f"config:\n  keyswitch:keys: &x\n    {ONE}: Active\nother: *x\n",
        f'config:\n  keyswitch:keys: \'{{"{ONE}": "Active"}}\'\n',
        f"config:\n  keyswitch:keys:\n    ? {ONE}\n    : Active\n",
        "config: []\n",
        "- x\n",
        "config: text\n",
    ],
    ids=[
        "an alias",
        "an anchor used elsewhere",
        "JSON in a text",
        "a key of its own",
        "a list",
        "all a list",
        "a text",
    ],
)
def test_what_cannot_be_changed_is_refused(text: str) -> None:
    """Nothing is guessed: the result would have to mean exactly what it is to mean."""
    with pytest.raises(InvalidConfiguration, match="written in a way that keyswitch cannot change"):
        edited(text)


def test_a_text_that_becomes_too_large_is_refused() -> None:
    """The reader would refuse it afterwards."""
    text = "# " + "x" * (SIZE - 100)
    with pytest.raises(InvalidConfiguration, match="with the new entries it is larger than 4 MB"):
        edited(text)


@pytest.mark.parametrize(
    "name", ["on", "1234", "1e5", "null", "n", "@x", "=", "-", "a,b", "a.b@c", "0x1f", ".inf", "2026-01-01"]
)
def test_every_user_name_is_read_as_it_was_written(name: str) -> None:
    """Names that are something else to YAML stand in quotes; in lines, in braces and in JSON."""
    entry = item(Desired("1234567890123456", name, Status.INACTIVE, root=True), "::x\n# y")
    for text, file in (("", "x.yaml"), (f"{{{ONE}: Active}}", "x.yaml"), ("{}", "x.json")):
        found = parse(edited(text, [entry], name=file, path=()), file)
        assert found.value["1234567890123456"] == {"userName": name, "status": "Inactive", "root": True}
        assert found.unclear == []
    assert "  # \\x3a:x\\n# y\n" in edited("", [entry])


_comments = st.sampled_from(["", "  # mine", " # a: b, {c} ☃", "\t#"])
_texts = st.sampled_from(
    ["us-east-1", "'it''s'", '"a # b: {"', "|\n{pad}  several\n{pad}  lines", ">-\n{pad}  more", "[a, b]"]
)
_settings = st.sampled_from(["aws:region", "aws:profile", "keyswitch:recentUse", "other:name", "'other:quoted'"])
_between = st.sampled_from(["", "\n", "# a comment\n", "\n  # another: {one}\n\n", "#\n"])
_values = st.sampled_from(
    ["Active", "Inactive", "{}", "{status: Active}", '"Active"', "&it {reason: x}", "\n{pad}  status: Active", "*base",
     "\n{pad}  reason: |\n{pad}    why\n{pad}    not\n{pad}  status: Active", "\n{pad}  allow:\n{pad}  - recentlyUsed"]
)  # fmt: skip


@st.composite
def _maps(draw: st.DrawFn, pad: str) -> str:
    """The entries of a stack file, with whatever may stand around them."""
    number = draw(st.integers(1, 4))
    lines = ""
    for key in range(number):
        quote = draw(st.sampled_from(["", "'", '"']))
        value = draw(_values)
        comment = "" if "\n" in value else draw(_comments)
        space = "" if value.startswith("\n") else " "
        lines += f"{pad}{quote}AKIA{key:016d}{quote}:{space}{value.replace('{pad}', pad)}{comment}\n"
        lines += draw(_between).replace("  #", f"{pad}#")
    return lines


@st.composite
def _stack_files(draw: st.DrawFn) -> str:
    """A stack file as people write them."""
    step = " " * draw(st.integers(1, 4))
    sections = ["base: &base {status: Inactive}\n"]
    config = "config:" + draw(_comments) + "\n"
    for setting in draw(st.lists(_settings, unique=True, min_size=1)):
        value = draw(_texts)
        config += f"{step}{setting}: {value.replace('{pad}', step)}" + ("" if "\n" in value else draw(_comments)) + "\n"
        config += draw(_between)
    keys = draw(st.sampled_from(["none", "nothing", "empty", "lines", "braces", "braces on lines"]))
    pad = step * 2
    if keys == "nothing":
        config += f"{step}keyswitch:keys:{draw(_comments)}\n"
    elif keys == "empty":
        config += f"{step}keyswitch:keys: {{}}{draw(_comments)}\n"
    elif keys == "lines":
        config += f"{step}keyswitch:keys:{draw(_comments)}\n{draw(_maps(pad))}"
    elif keys == "braces":
        config += f"{step}keyswitch:keys: {{{ONE}: Active, '{TWO}': {{}}}}{draw(_comments)}\n"
    elif keys == "braces on lines":
        comma = draw(st.sampled_from(["", ","]))
        config += f"{step}keyswitch:keys: {{\n{pad}{ONE}: Active{comma}{draw(_comments)}\n{step}}}{draw(_comments)}\n"
    if draw(st.booleans()):
        config += draw(_between) + f"{step}last:of: it\n"
    sections.append(config)
    if draw(st.booleans()):
        sections.append("encryptionsalt: v1:x:y\n")
    text = draw(st.sampled_from(["", "---\n", "# first\n"])) + draw(_between).join(sections) + draw(_between)
    if draw(st.booleans()):
        text = text.removesuffix("\n")
    return text.replace("\n", draw(st.sampled_from(["\n", "\n", "\r\n"])))


@settings(max_examples=150, deadline=None)
@given(_stack_files())
def test_everything_else_is_as_it_was_byte_for_byte(before: str) -> None:
    """Whatever the file looks like: all its lines are there in their order, except for one that may gain or lose braces
    or a comma; removing the entries again gives what there was; the meaning is what it was and the entries.
    """
    after = edited(before)
    lines, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    if not before.endswith("\n"):
        lines[-1] += "\r\n" if "\r\n" in before else "\n"
        new[-1] = new[-1].rstrip("\r\n") + lines[-1][len(lines[-1].rstrip("\r\n")) :]
    altered = _altered(lines, new)
    assert len(altered) <= 1
    for line in altered:
        assert "keyswitch:keys: {" in line or ONE in line
    found, was = (parse(text, "x.yaml").value for text in (after, before))
    wanted = {**(was["config"].get("keyswitch:keys") or {}), **{each.name: dict(each.fields) for each in ADDED}}
    assert found == {**was, "config": {**was["config"], "keyswitch:keys": wanted}}
    again = parse(edited(after, (), [ALICES, BOBS]), "x.yaml").value
    assert again["config"].get("keyswitch:keys") == (was["config"].get("keyswitch:keys") or {})


def _altered(old: list[str], new: list[str]) -> list[str]:
    """The lines that are not in the new text, where they were."""
    missing, at = [], 0
    for line in old:
        if line in new[at:]:
            at = new.index(line, at) + 1
        else:
            missing.append(line)
    return missing
