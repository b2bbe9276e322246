"""keyswitch in normal use: this repository's program on the real Pulumi engine, with its own state."""

import json
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import boto3

from keyswitch.resources.advice import faster_with
from keyswitch.sandbox.seed import ACCOUNT
from scripts.pulumi_cli import REPOSITORY, PulumiCli, find
from tests.bench.measure import Command, MeasuredAFailureError, Usage, measured
from tests.bench.peers.peer import NotHereError, Peer
from tests.bench.sandbox import running
from tests.bench.work import WORKS, Keys, Work
from tests.support.engine import Project, Run

_ALWAYS = faster_with(10**6, 10**6)
"""All settings that the program can advise."""

AS_INSTALLED = REPOSITORY / ".venv" / "bench"
"""A virtual environment with the packages of requirements.txt and the build backend, and nothing else.

Pulumi inspects every package in the environment.
"""


def found_cli() -> PulumiCli:
    """Return the CLI.

    Raises:
        NotHereError: there is no CLI, or no virtual environment for its programs.
    """
    said: list[str] = []
    cli = find(said.append)
    if cli is None:
        raise NotHereError(" ".join(said))
    if not AS_INSTALLED.is_dir():
        raise NotHereError("its virtual environment does not exist; make bench creates it")
    return cli


class Pulumi(Peer):
    """`pulumi preview`, and `pulumi up --skip-preview`.

    Args:
        advice: whether to set the advised settings: where the program advises them (`auto`), `never` or `always`.
    """

    name, title = "pulumi", "keyswitch (pulumi)"
    works = frozenset(work.name for work in WORKS if not work.discovering)

    def __init__(self, advice: str) -> None:
        self._cli = found_cli()
        self._advice = advice
        self._project: KeptState | None = None

    def version(self) -> str:
        return f"Pulumi {self._cli.version}"

    def prepare(self, keys: Keys, folder: Path) -> None:
        with running(keys) as sandbox:
            project = self._project = self._new_project(folder, _leading(sandbox.environment))
            project.keep("empty")
            project.declare_statuses(keys.switched("none"), keys.owners())
            advised = {**project.environment, **_ALWAYS}
            done = measured(Command(project.command("up", "--yes", "--skip-preview"), project.folder, advised))
        if done.code:
            raise MeasuredAFailureError(f"pulumi: the first adoption failed:\n{done.output}")
        project.keep("adopted")

    def command(self, work: Work, keys: Keys, environment: Mapping[str, str]) -> Command:
        project = self._prepared()
        project.go_back("empty" if work.adopting else "adopted")
        project.redate(_created(keys, environment))
        project.declare_statuses(work.declared(keys), keys.owners())
        advised = self._advised(work, keys)
        arguments = ("up", "--yes", "--skip-preview") if work.carried_out else ("preview",)
        return Command(
            project.command(*arguments), project.folder, {**project.environment, **_leading(environment), **advised}
        )

    def complaint(self, work: Work, keys: Keys, done: Usage) -> str | None:
        counts = Run(done.code, done.output).counts
        updated = "updated" if work.carried_out else "to update"
        if done.code:
            return f"exit code {done.code}"
        if work.adopting:
            return None if counts.get("created", 0) >= keys.size else f"not all were created: {counts}"
        as_declared = counts.get(updated, 0) == work.changes(keys) and set(counts) <= {updated, "unchanged"}
        return None if as_declared else f"other changes than declared: {counts}"

    def state(self) -> int | None:
        return self._prepared().state_size()

    def remark(self, work: Work, keys: Keys) -> str:
        return "as advised" if self._advised(work, keys) else ""

    def _new_project(self, folder: Path, aws: Mapping[str, str]) -> "KeptState":
        return _Project(folder, self._cli, aws)

    def _prepared(self) -> "KeptState":
        assert self._project is not None
        return self._project

    def _advised(self, work: Work, keys: Keys) -> dict[str, str]:
        """Return the advised settings to set for this work."""
        if not work.carried_out or self._advice == "never":
            return {}
        changed = keys.size if work.adopting else work.changes(keys)
        return _ALWAYS if self._advice == "always" else faster_with(changed, keys.size)


class KeptState(Project, ABC):
    """A project whose state can be saved and restored."""

    @abstractmethod
    def declare_statuses(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        """Declare the keys."""

    def keep(self, name: str) -> None:
        shutil.copytree(self._states, self.folder.parent / name)

    def go_back(self, name: str) -> None:
        shutil.rmtree(self._states)
        shutil.copytree(self.folder.parent / name, self._states)

    def redate(self, created: Mapping[str, str]) -> None:
        """Give each key in the state the creation date that it has now, by the end of its access key ID.

        Every sandbox makes its keys anew. With another date every key would be written into the state.
        """
        file = next(self._states.glob(".pulumi/stacks/**/*.json"))
        state = json.loads(file.read_text(encoding="utf-8"))
        for resource in (state["checkpoint"]["latest"] or {}).get("resources", ()):
            for properties in (resource.get("inputs", {}), resource.get("outputs", {})):
                if "create_date" in properties:
                    properties["create_date"] = created[_end(resource["id"])]
        file.write_text(json.dumps(state), encoding="utf-8")

    def state_size(self) -> int:
        file = next(self._states.glob(".pulumi/stacks/**/*.json"))
        assert json.loads(file.read_text(encoding="utf-8"))["checkpoint"]
        return file.stat().st_size

    @property
    def _states(self) -> Path:
        return self.folder.parent / "home" / "state"


class _Project(KeptState):
    def __init__(self, folder: Path, cli: PulumiCli, aws: Mapping[str, str]) -> None:
        super().__init__(folder, cli, aws, python=AS_INSTALLED)
        self.environment = cli.environment(folder / "home", aws)  # without what makes tests faster

    def declare_statuses(self, statuses: Mapping[str, str], owners: Mapping[str, str]) -> None:
        self.declare(
            {key: {"userName": owners[key], "status": status} for key, status in statuses.items()},
            keys_file="keys.yaml",
            aws__region="us-east-1",
            keyswitch__account=ACCOUNT,
        )


def _created(keys: Keys, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the creation dates of the keys of one user, by the end of the access key ID. All users have the same."""
    iam = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], region_name=environment["AWS_REGION"]
    ).client("iam", endpoint_url=environment["AWS_ENDPOINT_URL"])
    listed = iam.list_access_keys(UserName=next(iter(keys.owners().values())))["AccessKeyMetadata"]
    return {_end(key["AccessKeyId"]): key["CreateDate"].isoformat() for key in listed}


def _end(access_key_id: str) -> str:
    return access_key_id.rpartition("N")[2]


def _leading(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that point to the sandbox."""
    return {name: value for name, value in environment.items() if name.startswith("AWS_")}
