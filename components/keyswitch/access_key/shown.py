"""The gate for everything that is shown. No reader executes a text that passed it, and it shows no secret access key.

Texts from outside (settings, names and messages of AWS, file names, arguments) become parts of our lines. A safe line
passes unchanged, so a line may pass more than once. Three readers execute parts of what they read:

- Terminals execute control characters. Bidirectional and zero-width characters hide or reorder text.
- Runners of pipelines execute commands: GitHub `::command::` at the start of a line, Azure `##vso[…]` and GitHub
  `##[…]` anywhere in it (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
- Pulumi replaces its colour markup `<{%…%}>`, and panics when it does not know the colour
  (https://github.com/pulumi/pulumi/blob/master/sdk/go/common/diag/colors/colors.go).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from keyswitch.access_key.secret import holds_a_secret, without_secrets

AT_MOST = 2_000
"""The length of the longest line, in characters. No line about one key comes near it, except by a very long reason."""

SECRET = "looks like a secret access key (not shown; if it is one, treat it as leaked)"  # noqa: S105  (a message)


def line(text: object, at_most: int = AT_MOST) -> str:
    """Return the text as one line of at most so many characters: secrets replaced, everything else escaped visibly."""
    return _cut(visible(without_secrets(str(text))), at_most)


def lines(texts: Iterable[object]) -> str:
    """Return one text with a line for each of these texts."""
    return "\n".join(map(line, texts))


def shown(value: object) -> str:
    """Quote a value for a message: as YAML writes it, shortened, and never a secret access key."""
    if isinstance(value, str):
        if holds_a_secret(value):
            return f"a value that {SECRET}"
        return line(repr(value)) if len(value) <= 64 else f"a text of {len(value)} characters"
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, (Mapping, Sequence)):
        return "a map" if isinstance(value, Mapping) else "a list"
    return line(value)


def brief(text: str, at_most: int) -> str:
    """Return the text without secrets; of a too long one the beginning and its length: `aaaa… (12,345 characters)`."""
    return _cut(without_secrets(text), at_most)


def is_visible(text: str) -> bool:
    """Whether everything in the text can be seen and nothing in it is executed."""
    return visible(text) == text


def escaped(char: str) -> str:
    r"""Escape a character as Python does: `\n`, `\x1b`, `\u202e`."""
    return f"\\x{ord(char):02x}" if char.isascii() and char.isprintable() else ascii(char)[1:-1]


def visible(text: str, escape: Callable[[str], str] = escaped) -> str:
    """Return the text in one line, with escapes for characters that are invisible or start something executable."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else escape(char) for char in text)
    text = _UNSEEN.sub(lambda found: escape(found[0]), text)
    return _COMMAND.sub(lambda found: found[1] + escape(":"), text)


_UNSEEN = re.compile(
    "<(?=\\{%)"  # Pulumi's colour markup
    "|#(?=#[\\w.-]*\\[)"  # commands of Azure, GitHub and TeamCity
    "|[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u2800\u3164\ufe00-\ufe0d\uffa0\U000e0100-\U000e01ef]"
)
"""What is executed anywhere in a line, and invisible characters that Python considers printable: those of Unicode's
Default_Ignorable_Code_Point, except U+FE0E and U+FE0F, which choose between text and emoji."""

_COMMAND = re.compile(r"^( *):(?=:)")
"""What is executed at the start of a line: commands of GitHub."""


def _cut(text: str, at_most: int) -> str:
    if len(text) <= at_most:
        return text
    end = f"… ({len(text):,} characters)"
    return text[: at_most - len(end)] + end
