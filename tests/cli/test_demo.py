"""`make demo` on a machine where no Pulumi CLI can be had."""

import os
import tempfile

import pytest

from scripts import demo


def test_the_demo_without_an_engine(monkeypatch: pytest.MonkeyPatch, tmp_path, capsys) -> None:
    """It says so in one line, tells the same story through `keyswitch apply`, and ends with keys switched."""
    monkeypatch.setattr(demo, "find", lambda say: say("There is no Pulumi CLI on PATH."))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "environ", {**os.environ, "AWS_PROFILE": "production"})
    assert demo.main() == 0
    told = capsys.readouterr().out
    assert "There is no Pulumi CLI on PATH." in told
    assert "keyswitch apply --yes --stack dev" in told
    assert "done: Bob AKIAIOSFODNN7EXAMPLE: Active → Inactive" in told
    assert "something still signs with it [recentlyUsed]" in told
    assert "allow: [recentlyUsed]" in told
    assert "did you mean Inactive?" in told
    assert "Traceback" not in told
    assert not list(tmp_path.iterdir()), "it leaves no file behind"
