"""The trust policies of the roles: which workflows of GitHub and which pipelines of GitLab may assume them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote

GITHUB = "token.actions.githubusercontent.com"
"""The issuer of GitHub's tokens; an enterprise may have one of its own."""

GITLAB = "gitlab.com"
"""The issuer of GitLab's tokens; a GitLab of one's own is its own issuer."""

AUDIENCE = "sts.amazonaws.com"
"""The audience that AWS's own action for GitHub asks for, outside of China."""

_NAME = r"[\w.-]+"
_REPOSITORY = re.compile(rf"({_NAME})(?:@(\d+))?/({_NAME})(?:@(\d+))?", re.ASCII)
_PROJECT = re.compile(rf"{_NAME}(/{_NAME})+", re.ASCII)
_REF = re.compile(r"[\w./@+=,-]+", re.ASCII)


class Source(Protocol):
    """Where the configuration lives, and whose pipelines assume the roles."""

    @property
    def issuer(self) -> str:
        """The host, and path if any, of the issuer of tokens."""
        ...

    @property
    def audience(self) -> str:
        """The audience of the tokens."""
        ...

    def preview_subjects(self) -> list[str]:
        """Return who may preview, as the tokens' `sub` has it."""
        ...

    def apply_subjects(self) -> list[str]:
        """Return who may apply, as the tokens' `sub` has it."""
        ...


@dataclass(frozen=True)
class GitHub:
    """A repository on GitHub.

    Attributes:
        repository: `owner/name`, or with the IDs of both as newer tokens have them: `owner@123/name@456`. The IDs
            exclude a stranger who registers the owner's name after a renaming.
        environments: the environments whose jobs may apply.
        branch: whose scheduled checks may look things up, as pull requests may; None: no branch.
        audience: of the tokens.
        issuer: of the tokens.

    Raises:
        ValueError: a name is not one of GitHub's, or would match more than itself.
    """

    repository: str
    environments: Sequence[str]
    branch: str | None = "main"
    audience: str = AUDIENCE
    issuer: str = GITHUB

    def __post_init__(self) -> None:
        """Check the names, which become patterns."""
        match = _REPOSITORY.fullmatch(self.repository)
        if match is None or (match[2] is None) != (match[4] is None):
            raise ValueError(f"{self.repository!r} is not a repository: write owner/name or owner@ID/name@ID")
        if not self.environments or any(not name or re.search(r"[*?$]", name) for name in self.environments):
            raise ValueError("name the environments whose jobs may apply; none may contain *, ? or $")
        _check_branch(self.branch)

    def preview_subjects(self) -> list[str]:
        """Return who may preview: pull requests and the branch."""
        return self._subjects("pull_request", *([f"ref:refs/heads/{self.branch}"] if self.branch else []))

    def apply_subjects(self) -> list[str]:
        """Return who may apply: jobs that name one of the environments."""
        return self._subjects(*(f"environment:{_escaped(name)}" for name in self.environments))

    def _subjects(self, *contexts: str) -> list[str]:
        """Return both forms of `sub`: with the IDs for repositories made or renamed since 2026-07-15, and without."""
        owner, owner_id, name, name_id = _REPOSITORY.fullmatch(self.repository).groups()  # type: ignore[union-attr]
        repositories = [f"{owner}/{name}", f"{owner}@{owner_id or '*'}/{name}@{name_id or '*'}"]
        return [f"repo:{repository}:{context}" for context in contexts for repository in repositories]


@dataclass(frozen=True)
class GitLab:
    """A project on GitLab.

    Attributes:
        project: `group/project`, with all groups above.
        branch: whose pipelines may apply; the pipelines of every branch may preview.
        audience: of the tokens, as `id_tokens` in the pipeline names it.
        issuer: of the tokens.

    Raises:
        ValueError: a name is not one of GitLab's, or would match more than itself.
    """

    project: str
    audience: str = f"https://{GITLAB}"
    branch: str = "main"
    issuer: str = GITLAB

    def __post_init__(self) -> None:
        """Check the names, which become patterns."""
        if _PROJECT.fullmatch(self.project) is None:
            raise ValueError(f"{self.project!r} is not a project: write group/project")
        _check_branch(self.branch)

    def preview_subjects(self) -> list[str]:
        """Return who may preview: the pipelines of every branch, which those of merge requests are."""
        return [f"project_path:{self.project}:ref_type:branch:ref:*"]

    def apply_subjects(self) -> list[str]:
        """Return who may apply: pipelines of the branch."""
        return [f"project_path:{self.project}:ref_type:branch:ref:{self.branch}"]


def trust_policy(provider_arn: str, audience: str, subjects: Sequence[str]) -> dict[str, Any]:
    """Return the trust policy of a role that tokens of these subjects may assume.

    The tags that a token carries become tags of the session.

    Args:
        provider_arn: the account's OIDC provider.
        audience: of the tokens.
        subjects: values of `sub`; `*` stands for any characters.
    """
    issuer = provider_arn.partition(":oidc-provider/")[2]
    operator = "StringLike" if any("*" in subject for subject in subjects) else "StringEquals"
    condition: dict[str, dict[str, Any]] = {"StringEquals": {f"{issuer}:aud": audience}}
    condition.setdefault(operator, {})[f"{issuer}:sub"] = list(subjects)
    statement = {
        "Sid": "TrustedWorkflows",
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"],
        "Condition": condition,
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def _check_branch(branch: str | None) -> None:
    if branch is not None and _REF.fullmatch(branch) is None:
        raise ValueError(f"{branch!r} is not the name of one branch")


def _escaped(environment: str) -> str:
    """Return the name of an environment as `sub` has it, where a colon would end the name."""
    return environment.replace(":", quote(":"))
