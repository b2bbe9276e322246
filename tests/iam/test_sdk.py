"""What botocore does not document: used in one module only, and each use gains what its docstring says."""

import ast
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError

import keyswitch.iam.sdk
from keyswitch.access_key.errors import IamUnavailable
from keyswitch.iam.codes import UNREADABLE
from keyswitch.iam.connection import Connection, Role
from keyswitch.iam.gateway import Gateway
from keyswitch.iam.operation import update_access_key
from keyswitch.iam.sdk import Session
from keyswitch.iam.session import connect
from keyswitch.sandbox.faults import TRUNCATE, Fault
from keyswitch.sandbox.server import Sandbox
from tests.support.refusals import everything_told, refused
from tests.support.stubbed import Answering

KEY = "AKIAIOSFODNN7EXAMPLE"
SDK = Path(keyswitch.iam.sdk.__file__)

DOCUMENTED = {
    "botocore.config": {"Config"},
    "botocore.credentials": {"Credentials"},
    "botocore.exceptions": None,
    "botocore.session": None,
}
"""What other modules of `iam/` may import of botocore; None: everything."""

UNDOCUMENTED = {
    "events", "get_component", "get_deferred_property", "method", "refresh_needed", "register",
    "register_component", "register_first", "service_model", "set_parser_defaults",
}  # fmt: skip
"""Names by which botocore is reached behind its documented interface."""


def others() -> Iterator[tuple[str, ast.Module]]:
    """Every module of `iam/` but the one that may use them; no other package may import botocore at all."""
    for path in sorted(SDK.parent.glob("*.py")):
        if path != SDK:
            yield path.name, ast.parse(path.read_text(encoding="utf-8"))


class TestOneModule:
    """Where undocumented names stand."""

    def test_no_other_module_imports_them(self) -> None:
        """Sessions, clients' configuration, credentials as such, and exceptions are documented."""
        for name, module in others():
            for node in ast.walk(module):
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names if alias.name.startswith("botocore")]
                    assert set(names) <= {"botocore.session"}, name
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("botocore"):
                    allowed = DOCUMENTED[str(node.module)]
                    assert allowed is None or {alias.name for alias in node.names} <= allowed, name

    def test_no_other_module_uses_them(self) -> None:
        """Nor any name that begins with an underscore, but its own."""
        for name, module in others():
            for node in ast.walk(module):
                if isinstance(node, ast.Attribute):
                    assert node.attr not in UNDOCUMENTED, f"{name}:{node.lineno}"
                    is_own = isinstance(node.value, ast.Name) and node.value.id in ("self", "os")
                    assert is_own or node.attr.startswith("__") or not node.attr.startswith("_"), node.attr

    def test_each_use_says_what_it_gains_and_what_happens_without_it(self) -> None:
        """In its docstring: whoever meets a botocore without it knows what it costs."""
        module = ast.parse(SDK.read_text(encoding="utf-8"))
        documented = [node for node in module.body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
        uses = [n for n in documented if not n.name.startswith("_") or n.name == "_Parsers"]
        assert len(uses) >= 6
        for node in uses:
            text = ast.get_docstring(node) or ""
            assert ("Gains: " in text and "Without: " in text) or "as above" in text, node.name


class TestGains:
    """What botocore does by itself, and what it does here."""

    def test_a_page_of_html_is_no_answer_to_a_write(self, sandbox: Sandbox, answering: Answering) -> None:
        """Botocore alone takes it for done; when this fails, botocore has learned it, and `_Parsers` may go."""
        url = answering(b"<html><body>Welcome</body></html>")
        alone = botocore.session.Session().create_client("iam", region_name="us-east-1", endpoint_url=url)
        alone.update_access_key(AccessKeyId=KEY, Status="Inactive")
        ours = connect(Connection(iam_endpoint=url)).iam
        with pytest.raises(ClientError, match=UNREADABLE):
            ours.update_access_key(AccessKeyId=KEY, Status="Inactive")

    def test_an_answer_that_is_not_whole_is_repeated(self, sandbox: Sandbox) -> None:
        """Botocore alone raises at once, with the answer in its text; when this fails, `_Parsers` may go."""
        alone = botocore.session.Session().create_client("iam", region_name="us-east-1")
        sandbox.faults.append(Fault("ListAccessKeys", TRUNCATE))
        with pytest.raises(ResponseParserError, match="ListAccessKeysResponse"):
            alone.list_access_keys(UserName="Bob")
        assert sandbox.actions()["ListAccessKeys"] == 1
        sandbox.faults.append(Fault("ListAccessKeys", TRUNCATE))
        assert Gateway(connect(Connection())).access_keys("Bob")

    def test_what_a_client_is_given_wins_over_the_runs_settings(self) -> None:
        """Botocore asks for a web identity without a signature, and for single sign-on in its own region."""
        session = Session()
        session.configure("eu-west-1", Config(connect_timeout=5), {"iam": None, "sts": "http://127.0.0.1:1"})
        sts = session.create_client("sts", config=Config(signature_version=UNSIGNED))
        assert (sts.meta.config.signature_version, sts.meta.config.connect_timeout) == (UNSIGNED, 5)
        assert (sts.meta.endpoint_url, sts.meta.region_name) == ("http://127.0.0.1:1", "eu-west-1")
        sso = session.create_client("sso", config=Config(region_name="eu-north-1", signature_version=UNSIGNED))
        assert sso.meta.region_name == "eu-north-1"

    def test_nobody_lists_all_services(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """It takes thousands of look-ups of files, which a slow disk makes seconds; other sessions may do it."""
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, KEY)
        monkeypatch.setattr(Loader, "list_available_services", lambda *_: pytest.fail("it lists them"))
        assert connect(Connection()).access_key_id == KEY

    def test_a_client_of_a_script_shows_no_answer(self, sandbox: Sandbox) -> None:
        """It has botocore's own parsers, whose error quotes what they could not read."""
        alone = botocore.session.Session().create_client("iam", region_name="us-east-1")
        sandbox.faults.append(Fault("UpdateAccessKey", TRUNCATE))
        error = refused(lambda: update_access_key(access_key_id=KEY, status="Inactive", user_name="Bob", client=alone))
        assert type(error) is IamUnavailable
        assert "the answer cannot be read" in str(error)
        assert "UpdateAccessKeyResponse" not in everything_told(error)

    def test_a_role_is_assumed_again_before_its_session_ends(self, sandbox: Sandbox) -> None:
        """So a run may last longer than the session, of which botocore leaves the last 15 minutes unused."""
        role = Role("arn:aws:iam::123456789012:role/deployer", {"DurationSeconds": 900})
        gateway = Gateway(connect(Connection(roles=(role,))))
        before = sandbox.actions()["AssumeRole"]
        gateway.caller()
        assert sandbox.actions()["AssumeRole"] == before + 1
        first, *_, last = sandbox.world.issued
        assert sandbox.journal[-1].signer == last["AccessKeyId"] != first["AccessKeyId"]
