"""Texts that try to act on whoever reads them, and what they must never do in an output."""

import re

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"

LONGEST = 10_000
"""How many characters a line of an output may have."""

PAYLOADS = {
    "hides lines": "OPS-9\x1b[s\x1b[1A\x1b[2K\x1b[u",
    "sets the title": "\x1b]0;title\x07",
    "C1 control": "\x9b2K\x85INJECTED",
    "starts a line": "x\nINJECTED line",
    "returns to the line's beginning": "x\rINJECTED line",
    "starts a line for some readers": "x\u2028INJECTED\u2029INJECTED",
    "GitHub's command": "::set-output name=a::b",
    "GitHub's command in a line of its own": "x\n::add-mask::x",
    "GitHub's old command": "x ##[error]x",
    "Azure's command": "x ##vso[task.setvariable variable=a]b",
    "Pulumi's markup": "ticket <{%bogus%}> see OPS-1",
    "bidi": "a\u202etxt.exe\u2066",
    "zero width": "a\u200b\u2060\ufeffb",
    "blank letters": "a\u3164\U000e0041\U000e0150b",
    "lone surrogate": "a\udc80b",
    "very long": "y" * (LONGEST + 1),
    "secret": f"the new secret is {SECRET}, really",
    "secret of a profile": f"aws_secret_access_key={SECRET}",
}


def harm(text: str, allowed: str = "") -> list[str]:
    """What an output does beside being read, a line each; `allowed`: unprintable characters that are our own."""
    found = []
    for number, line in enumerate(text.split("\n")):
        unseen = {ascii(char) for char in line if not char.isprintable() and char not in allowed}
        unseen |= {ascii(char) for char in re.findall("[\u3164\U000e0100-\U000e01ef]", line)}
        found += [f"{number}: {char} is not escaped" for char in sorted(unseen)]
        if line.lstrip(" ").startswith(("::", "INJECTED")):
            found.append(f"{number}: is begun by data")
        found += [f"{number}: {each} is executed" for each in re.findall(r"<\{%|##\w*\[", line)]
        if SECRET in line:
            found.append(f"{number}: shows a secret")
        if len(line) > LONGEST:
            found.append(f"{number}: {len(line)} characters")
    return found
