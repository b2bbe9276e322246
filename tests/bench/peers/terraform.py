"""Terraform with `aws_iam_access_key`, one resource a key, as a `for_each` over a map.

Terraform's own configuration selects the source of the provider. TF_PLUGIN_MIRROR can name a folder instead (a
filesystem mirror, as `terraform providers mirror` creates it).
"""

import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from scripts.pulumi_cli import isolated
from tests.bench.measure import Command, MeasuredAFailureError, Usage, measured
from tests.bench.peers.peer import NotHereError, Peer
from tests.bench.sandbox import running
from tests.bench.work import WORKS, Keys, Work

_MAIN = """
terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {
  type = string
}

variable "keys" {
  type = map(object({ user = string, status = string }))
}

provider "aws" {
  region                      = "us-east-1"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true
  skip_requesting_account_id  = true

  endpoints {
    iam = var.endpoint
    sts = var.endpoint
  }
}

resource "aws_iam_access_key" "key" {
  for_each = var.keys
  user     = each.value.user
  status   = each.value.status
}
"""

_IMPORT = """
import {
  for_each = var.keys
  to       = aws_iam_access_key.key[each.key]
  id       = each.key
}
"""


class Terraform(Peer):
    """`terraform plan`, and `terraform apply -auto-approve`. Import blocks adopt the keys."""

    name, title = "terraform", "Terraform"
    works = frozenset(work.name for work in WORKS if not work.discovering)
    most = 1000

    def __init__(self) -> None:
        found = shutil.which("terraform")
        if found is None:
            raise NotHereError("there is no terraform on PATH")
        self._terraform = found
        self._folder = Path()
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "main.tf").write_text(_MAIN, encoding="utf-8")
            self._initialise(Path(folder))
            said = self._run(Path(folder), ["version", "-json"]).output
        versions = json.loads(said[said.index("{") :])
        provider = next(iter(versions["provider_selections"].values()))
        self._version = f"Terraform {versions['terraform_version']}, provider aws {provider}"

    def version(self) -> str:
        return self._version

    def prepare(self, keys: Keys, folder: Path) -> None:
        self._folder = folder
        self._write("main.tf", _MAIN)
        self._initialise(folder)
        self._write("terraform.tfstate", json.dumps(_state(keys.owners())))
        self._declare(keys.switched("none"), keys.owners())
        with running(keys) as sandbox:  # Terraform adds the computed attributes to the state
            done = measured(Command(self._apply(), folder, self._environment(sandbox.environment)))
        if done.code or "0 added, 0 changed" not in done.output:
            raise MeasuredAFailureError(f"terraform: it does not accept the generated state:\n{done.output}")
        (folder / "terraform.tfstate").rename(folder / "adopted.json")

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        state = self._folder / "terraform.tfstate"
        state.unlink(missing_ok=True)
        (self._folder / "terraform.tfstate.backup").unlink(missing_ok=True)
        if not work.adopting:
            shutil.copy(self._folder / "adopted.json", state)
        self._write("main.tf", _MAIN + (_IMPORT if work.adopting else ""))
        self._declare(work.declared(keys), keys.owners())
        command = self._apply() if work.carried_out else [*self._with("plan"), "-detailed-exitcode"]
        return Command(command, self._folder, self._environment(environment))

    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        changes = work.changes(keys)
        expected = 2 if changes and not work.carried_out else 0
        if done.code != expected:
            return f"exit code {done.code}, not {expected}"
        closing = (
            r"(?:(\d+) imported, )?\d+ added, (\d+) changed" if work.carried_out else r"()0 to add, (\d+) to change"
        )
        found = re.search(closing, done.output)
        imported, changed = (int(count or 0) for count in found.groups()) if found else (0, 0)
        if (imported, changed) != (keys.size if work.adopting else 0, changes):
            return f"{imported} imported and {changed} changed"
        return None

    def state(self) -> int | None:
        return (self._folder / "terraform.tfstate").stat().st_size

    def _with(self, command: str) -> list[str]:
        return [self._terraform, command, "-input=false", "-no-color"]

    def _apply(self) -> list[str]:
        return [*self._with("apply"), "-auto-approve"]

    def _initialise(self, folder: Path) -> None:
        mirror = os.environ.get("TF_PLUGIN_MIRROR")
        done = self._run(folder, [*self._with("init")[1:], *([f"-plugin-dir={mirror}"] if mirror else [])])
        if done.code:
            raise NotHereError(f"terraform init fails: {' '.join(done.output.split())}")

    def _run(self, folder: Path, arguments: list[str]) -> Usage:
        return measured(Command([self._terraform, *arguments], folder, self._environment({})))

    def _environment(self, aws: Mapping[str, str]) -> dict[str, str]:
        """Return an environment without the shell's Terraform variables, except for its configuration file."""
        kept = {**isolated(os.environ), **aws}
        kept = {name: v for name, v in kept.items() if not name.startswith("TF_") or name == "TF_CLI_CONFIG_FILE"}
        endpoint = {"TF_VAR_endpoint": aws["AWS_ENDPOINT_URL"]} if aws else {}
        return {**kept, **endpoint, "CHECKPOINT_DISABLE": "true", "TF_IN_AUTOMATION": "true"}

    def _declare(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        keys = {key: {"user": owners[key], "status": status} for key, status in statuses.items()}
        self._write("terraform.tfvars.json", json.dumps({"keys": keys}, indent=2))

    def _write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8")


def _state(owners: Mapping[str, str]) -> dict[str, object]:
    """Return a state that contains these keys, all Active."""
    instances = [
        {"index_key": key, "schema_version": 0, "attributes": {"id": key, "user": user, "status": "Active"}}
        for key, user in owners.items()
    ]
    resource = {
        "mode": "managed",
        "type": "aws_iam_access_key",
        "name": "key",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": instances,
    }
    return {"version": 4, "terraform_version": "1.0.0", "serial": 1, "lineage": "bench", "resources": [resource]}
