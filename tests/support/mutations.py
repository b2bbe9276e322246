"""Configuration files as nobody writes them: made by a grammar, then damaged; the same ones for the same seed."""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from random import Random

from keyswitch.configuration.stack import RUN_SETTINGS

_IDS = (*(f"AKIAEXAMPLE{n:09}" for n in range(30)), "ASIATEMPORARYEXAMPLE", "short", "A" * 200, "password")
_SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
_ROLE = "arn:aws:iam::123456789012:role/x"
_FIELDS = {  # the first value of each is right, and drawn most often
    "status": ("Active", "Inactive", "inactive", "off", "Expired"),
    "userName": ("bob", "ci-deploy", "a b", "12", "true"),
    "reason": ("OPS-1234 moved to OIDC", "'a: b'", "''", "2025-06-01", "012", _SECRET),
    "onRemoval": ("leave", "restore", "deactivate", "delete"),
    "allow": ("[recentlyUsed]", "[ownCredentials, lastActiveKey]", "[]", "recentlyUsed", "[nope]"),
    "root": ("false", "true", "yes"),
    "user_name": ("bob",),
    "stauts": ("Active",),
}
_SETTINGS = {
    "keyswitch:account": ('"123456789012"', "123456789012", "012345678901", "prod"),
    "account": ('"123456789012"',),
    "keyswitch:config:account": ("123456789012",),
    "keyswitch:guards": ("{recentlyUsed: warn}", "{nope: off}", '\'{"recentlyUsed": "off"}\''),
    "keyswitch:tooManyAtOnce": ("{count: 10}", "{count: 3, share: 50%}", "{share: 20}", "10", "{count: 012}"),
    "keyswitch:recentUse": ("24h", "7d", "1 week", "0100"),
    "keyswitch:callsPerSecond": ("10", "2.5", "1e2", "0100", "0x10", "-1"),
    "keyswitch:nope": ("1",),
    "aws:region": ("us-east-1", "{a: b}"),
    "aws:profile": ("prod", "[a]", "{secure: AAAA}"),
    "aws:assumeRole": (f"{{roleArn: '{_ROLE}'}}", f"{{roleArn: '{_ROLE}', externalId: {{secure: A}}}}", "{}", "x"),
    "aws:assumeRoles": (f"[{{roleArn: '{_ROLE}', duration: 1h}}]", "[{roleArn: 1}]", "[x]"),
    "aws:endpoints": ("[{iam: 'http://localhost:1', sts: 'http://localhost:1'}]", "[{iam: http}]", "{iam: x}"),
    "aws:defaultTags": ("{tags: {a: b}}", "'[[[['"),
    "other:thing": ("012", "!foo bar", "{secure: AAAA}", "2025-06-01"),
    **{name: ("true", "x", "[]", "{}", "1") for name in RUN_SETTINGS if name.startswith("aws:use")},
    **{name: ("[]", "x", "{a: b}", "1") for name in RUN_SETTINGS if "Account" in name},
}
_ODD_FIELDS = ("user_name", "stauts", "allow", "root")
_ODD_SETTINGS = ("account", "keyswitch:config:account", "keyswitch:nope", *(n for n in _SETTINGS if "Account" in n))
_HOSTILE = (
    *(
        "",
        "~",
        "true",
        "off",
        "0b11",
        "1_000",
        "0x1F",
        "0o17",
        "1e400",
        ".inf",
        ".nan",
        "-0",
        "-0.0",
        "12345678901234567",
    ),
    *("2025-06-01", "2025-06-01 10:00:00", "<<", "=", "?", "- a", "!!bool foo", "!!int x", "!foo bar", "!!binary aGk="),
    *("!!set {a}", "!!timestamp 2025-01-01", "!!python/name:os.system x", "&a 1", "*a", "*b", "&b [*b]", "&c {<<: *c}"),
    *("{<<: {status: Active}}", "{<<: [{a: 1}, {a: 2}]}", "{secure: AAAA}", "{secure: 5}", "{a: 1, a: 2}", "{1: 2}"),
    *(
        "[]",
        "{}",
        "[[[[]]]]",
        "/dev/zero",
        "/etc/shadow",
        ".",
        '"a\\0b"',
        '"\\ud83c"',
        '"\\U00110000"',
        '"\\x07"',
        "'it''s'",
    ),
    *('\'{"a": 1, "a": 2}\'', '\'{"a": "\\ud83c"}\'', "'[NaN]'", "'{'", "'['", "'{\"roleArn\": 1}'", "{~: 1}"),
    *("|\n      x", ">-\n      x", "\ud7ff", "\x85", "\u2028", "\ufeff", "\x1b[2J", "\u202e", "🔑"),
    *("9" * 5000, "0x" + "f" * 5000, "x" * 70_000),
)
_TOKENS = (
    *"[]{}:,-?&*!|>'\"%@`#\\\n\t ",
    *("\n---\n", "\n...\n", "<<: ", ": ", "- ", "%TAG ! x\n", "\x00", "\ufeff", "\r\n"),
)
_HEADS = (
    *("", "", "", "", "secretsprovider: awskms://alias/x\n"),
    *("environment: [a/b]\n", "environment: []\n", "%YAML 1.2\n---\n"),
)
_PROJECTS = ("", "", "", "stackConfigDir: ''\n", "backend: {url: 's3://x?profile=y'}\n", "backend: []\n", "main: [x]\n")


@dataclass(frozen=True)
class Files:
    """The files of one project, by what they are."""

    manifest: bytes
    stack: bytes
    keys: bytes
    keys_json: bytes


def files(random: Random) -> Files:
    """Make one project: nearly right, hostile in some values, or damaged."""
    return _Grammar(random).files()


class _Grammar:
    def __init__(self, random: Random) -> None:
        self._random = random
        self._wrong = random.choice((0.1, 0.6))
        self._hostile = random.choice((0, 0, 0.03, 0.3))
        self._damage = random.choice((0, 0, 0.2, 0.6))

    def files(self) -> Files:
        """All files of a project."""
        name = self._random.choice(("keyswitch", "keyswitch", "other", "1", "[]"))
        manifest = f"name: {name}\n{self._random.choice(_PROJECTS)}"
        if self._random.random() < 0.3:
            manifest += f"config:\n{self._project_settings()}"
        lines = self._keys().splitlines()[1:]
        return Files(
            self._damaged(manifest),
            self._damaged(f"{self._random.choice(_HEADS)}config:\n{self._keys()}{self._settings()}"),
            self._damaged("".join(f"{line[4:]}\n" for line in lines)),
            self._damaged(json.dumps(self._json(0), ensure_ascii=self._random.random() < 0.5)),
        )

    def _value(self, plausible: Iterable[str]) -> str:
        if self._random.random() < self._hostile:
            return self._random.choice(_HOSTILE)
        right, *others = plausible
        return self._random.choice(others) if others and self._random.random() < self._wrong else right

    def _some(self, names: Iterable[str], most: int) -> list[str]:
        drawn = self._random.sample([*names], self._random.randint(0, most))
        return drawn * 2 if self._random.random() < self._wrong / 5 else drawn

    def _keys(self) -> str:
        if self._random.random() < 0.2:
            return f"  keyswitch:keysFile: {self._value(('keys.yaml', 'keys.json', './keys.yaml', '../keys.yaml'))}\n"
        names = self._some(_IDS, 5)
        return "  keyswitch:keys:\n" + "".join(f"    {name}: {self._entry()}\n" for name in names or ["{}"])

    def _entry(self) -> str:
        if self._random.random() < 0.4:
            return self._value(_FIELDS["status"])
        fields = [f"{name}: {self._value(_FIELDS[name])}" for name in self._names(_FIELDS, _ODD_FIELDS)]
        if self._random.random() < 0.5:
            return f"{{{', '.join(fields)}}}"
        return "".join(f"\n      {field}" for field in fields)

    def _settings(self) -> str:
        return "".join(f"  {name}: {self._value(_SETTINGS[name])}\n" for name in self._names(_SETTINGS, _ODD_SETTINGS))

    def _project_settings(self) -> str:
        ways = ("{}", "{{value: {}}}", "\n    value: {}", "{{default: {}}}", "{{type: string}}")
        return "".join(
            f"  {name}: {self._random.choice(ways).format(self._value(_SETTINGS[name]))}\n"
            for name in self._names(_SETTINGS, _ODD_SETTINGS)
        )

    def _names(self, known: Iterable[str], odd: Collection[str]) -> list[str]:
        is_odd = self._random.random() < self._wrong
        return self._some([name for name in known if is_odd or name not in odd], 4)

    def _json(self, depth: int) -> object:
        kind = self._random.random()
        if depth == 0 or (depth < 5 and kind < 0.3):
            return {name: self._json(depth + 1) for name in self._some((*_IDS, *_FIELDS) if depth else _IDS, 4)}
        if depth < 5 and kind < 0.35:
            return [self._json(depth + 1) for _ in range(self._random.randint(0, 3))]
        if self._random.random() < self._hostile:
            return self._random.choice((None, True, 0, -1.5, 1e300, 10**25, "🎉", "\u2028", "\x7f", "\\ud83c", "a\tb"))
        return self._random.choice(("Active", "Inactive", "bob", "OPS-1"))

    def _damaged(self, text: str) -> bytes:
        random = self._random
        while random.random() < self._damage / 2:
            at = random.randint(0, len(text))
            to = min(len(text), at + random.randint(0, 12))
            text = random.choice(
                (
                    text[:at] + text[to:],
                    text[:at] + text[at:to] * random.choice((2, 3, 50)) + text[to:],
                    text[:at] + random.choice(_TOKENS) + text[at:],
                    text[:at] + random.choice(_HOSTILE) + text[to:],
                    text[:at] + random.choice(_TOKENS) * random.choice((1, 60, 3000)) + text[at:],
                    text[:at],
                )
            )
        content = text.encode()
        if random.random() < self._damage / 20:
            return text.encode("utf-16")
        if random.random() < self._damage / 10 and content:
            at = random.randrange(len(content))
            return content[:at] + random.randbytes(random.randint(1, 4)) + content[at + 1 :]
        return content
