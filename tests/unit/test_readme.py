"""What README and the documentation say is true: the configuration is accepted, commands and links exist."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from typer.main import get_command

from keyswitch.cli.sandbox import app
from keyswitch.configuration.load import settings_from_file
from keyswitch.configuration.stack import parse
from keyswitch.iam.pace import CEILING, START
from keyswitch.sandbox import faults
from keyswitch.sandbox.seed import SeededAccount, SeededRole, SeededUser, inventory
from tests.support.shown import blocks

REPOSITORY = Path(__file__).parent.parent.parent
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
]


def test_the_configuration_is_accepted():
    """Every YAML block of the page about it can be copied."""
    assert blocks("docs/configuration.md", "yaml")
    for text in blocks("docs/configuration.md", "yaml"):
        assert parse(yaml.safe_load(text)["config"]).wanted


def test_make_has_the_targets():
    """Every `make` command that README and CONTRIBUTING name exists."""
    texts = README + (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    for target in set(re.findall(r"(?:`|\$ )make ([a-z]+)", texts)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target


def test_the_stack_of_the_demo_is_the_one_shown():
    """The page about the demo shows the configuration that `make demo` really uses."""
    page = (REPOSITORY / "docs" / "demo.md").read_text(encoding="utf-8")
    stack = (REPOSITORY / "stacks" / "Pulumi.dev.yaml").read_text(encoding="utf-8")
    for line in stack[stack.index("  keyswitch:keys:") :].splitlines():
        assert f"    {line}" in page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_the_links_lead_somewhere(page):
    """Every relative link of README and of the documentation is there."""
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_is_found_from_readme():
    """Nobody has to know where to look: README names the index, and the index every page."""
    assert "(docs/README.md)" in README
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    for page in (page for page in PAGES if page.is_relative_to(REPOSITORY / "docs")):
        name = page.relative_to(REPOSITORY / "docs").as_posix()
        assert name == "README.md" or f"({name})" in index, name


def test_readme_is_read_at_a_glance():
    """What it is, install, one session: forty lines."""
    assert len(README.splitlines()) <= 40


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPOSITORY).as_posix())
def test_no_line_is_longer_than_a_terminal(page):
    """120 columns; tables, outputs and links cannot be broken."""
    text = re.sub(r"^ *```.*?^ *```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("|") and "](http" not in line]
    assert [line for line in lines if len(line) > 120] == []


def test_the_glossary_is_in_order():
    """A word is found without reading the others."""
    lines = (REPOSITORY / "docs" / "glossary.md").read_text(encoding="utf-8").splitlines()
    words = [line.split(" | ")[0].removeprefix("| ") for line in lines if line.startswith("| ")][2:]
    assert words == sorted(words)
    assert len(words) > 20


def test_the_inventory_of_the_documentation_is_one(tmp_path):
    """The JSON of docs/sandbox.md can be copied."""
    (text,) = blocks("docs/sandbox.md", "json")
    (tmp_path / "account.json").write_text(text, encoding="utf-8")
    account, role, user, key = inventory(tmp_path / "account.json")
    assert role == SeededRole("arn:aws:iam::123456789012:role/keyswitch")
    assert account == SeededAccount("123456789012")
    assert replace(user, age=None) == SeededUser("bob", "/ci/", None, {"team": "payments"})
    assert (key.user_name, key.status, key.service_name) == ("bob", "Active", "s3")


def test_the_faults_of_the_documentation_are_some():
    """The Python of docs/sandbox.md can be copied."""
    text = (REPOSITORY / "docs" / "sandbox.md").read_text(encoding="utf-8")
    shown = [line for line in text.splitlines() if line.startswith("Fault(")]
    assert len(shown) == 5
    for line in shown:
        assert eval(line, vars(faults)).times != 0


def test_the_options_of_the_documentation_exist():
    """Every option of `keyswitch sandbox` that is documented is one."""
    text = (REPOSITORY / "docs" / "sandbox.md").read_text(encoding="utf-8")
    options = {option for parameter in get_command(app).params for option in parameter.opts}
    assert set(re.findall(r"`(--[a-z-]+)", text)) <= options


def test_the_keys_file_that_is_shown_is_one(tmp_path):
    """Both files can be copied; the one finds the other, and its schema is there."""
    (shown,) = [block for block in blocks("docs/configuration.md", "console") if block.startswith("$ head")]
    files = dict(re.findall(r"==> (\S+) <==\n(.*?)(?=\n==>|\Z)", shown, re.DOTALL))
    (tmp_path / "stacks").mkdir()
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert len(settings_from_file(tmp_path / "stacks" / "Pulumi.prod.yaml").wanted) == 2
    (schema,) = re.findall(r"\$schema=\.\./(\S+)", shown)
    assert (REPOSITORY / schema).is_file()


def test_the_pace_is_the_one_that_is_told():
    """The figures of the pages about configuration and performance."""
    told = {
        "docs/configuration.md": (f"{CEILING:g} if left out", f"begins with {START:g}"),
        "docs/performance.md": (f"begins with {START:g} a second", f"({CEILING:g})"),
    }
    for page, figures in told.items():
        for figure in figures:
            assert figure in (REPOSITORY / page).read_text(encoding="utf-8")
