"""JSON text in settings, and JSON files: as strict as YAML."""

import pytest

from keyswitch.access_key.errors import InvalidConfiguration
from keyswitch.configuration.json_text import BadJson, NotJson, decoded
from keyswitch.configuration.limits import NAME, WIDTH
from keyswitch.configuration.source import read_keys
from tests.support.examples import NEW, OLD, SECRET


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param('{"a": 1, "a": 1}', "'a' is written twice", id="twice"),
        pytest.param('{"b": [{"a": 1, "a": 1}]}', "'a' is written twice", id="twice inside"),
        pytest.param(f'{{"{SECRET}": 1, "{SECRET}": 1}}', "looks like a secret", id="a secret twice"),
        pytest.param("[" * 60_000 + "]" * 60_000, "is nested too deeply", id="brackets"),
        pytest.param("[" * 60 + "]" * 60, "is nested too deeply", id="more levels than any setting"),
        pytest.param('{"a":' * 20_000 + "1" + "}" * 20_000, "is nested too deeply", id="maps"),
        pytest.param(r'"\ud83c"', "contains half a surrogate pair", id="half a character"),
        pytest.param(r'{"\udf89": 1}', "contains half a surrogate pair", id="half a character as a key"),
        pytest.param("[" + "1," * WIDTH + "1]", f"has more than {WIDTH} entries", id="wide"),
        pytest.param(f"[{','.join(['[1,2,3,4,5,6,7,8]'] * WIDTH)}]", "contains more than", id="large"),
        pytest.param(f'{{"{"x" * (NAME + 1)}": 1}}', "has a key of more than", id="a long key"),
        pytest.param("9" * 5000, "a number of 5000 digits", id="many digits"),
        pytest.param("[NaN]", "NaN is not JSON", id="no number"),
    ],
)
def test_json_that_could_mislead_or_hurt_is_refused(text, said):
    """With the reason, and without a secret."""
    with pytest.raises(BadJson) as caught:
        decoded(text)
    assert said in str(caught.value)
    assert SECRET not in str(caught.value)


def test_what_is_no_json_has_its_line():
    """As the parser says it."""
    with pytest.raises(NotJson, match="Expecting value") as caught:
        decoded('{"a":\n}')
    assert caught.value.line == 2


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r'"party \ud83c\udf89"', "party 🎉"),
        (r'"\\ud83c\\udf89"', r"\ud83c\udf89"),
        (r'"a\/b \u00fc \u2028 \" \\"', 'a/b ü \u2028 " \\'),
        ('"a\u2028b\x7f\x85\ufffe🎉"', "a\u2028b\x7f\x85\ufffe🎉"),
        ('"2025-06-01"', "2025-06-01"),
        ("1.5e1", 15.0),
    ],
)
def test_a_json_file_means_what_json_says(tmp_path, text, value):
    """YAML would refuse pairs of surrogates, and break lines at characters that JSON allows."""
    (tmp_path / "k.json").write_text(f'{{"{OLD}": {{\n\t"reason": {text}\n}}}}', encoding="utf-8")
    file = read_keys(tmp_path / "k.json", "k.json")
    assert file.config == {"keyswitch:keys": {OLD: {"reason": value}}}
    assert file.locate(("keyswitch:keys", OLD, "reason")) == "k.json:2"


def test_a_key_twice_in_a_json_file_has_both_lines(tmp_path):
    """As in YAML."""
    (tmp_path / "k.json").write_text(f'{{"{OLD}": "Active",\n"{NEW}": "Active",\n"{OLD}": "Active"}}')
    (problem,) = read_keys(tmp_path / "k.json", "k.json").problems
    assert problem.where == "k.json:3"
    assert "first in line 1" in problem.text


@pytest.mark.parametrize("text", [f"{OLD}: Active\n", "{a: 1}", "{'a': 1}", "# x\n{}", "{} {}", ""])
def test_yaml_in_a_json_file_is_not_json(tmp_path, text):
    """Whoever names a file so, means so."""
    (tmp_path / "k.json").write_text(text)
    with pytest.raises(InvalidConfiguration, match=r"k\.json:[12]: is not JSON: "):
        read_keys(tmp_path / "k.json", "k.json")
