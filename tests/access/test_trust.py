"""Who may assume the roles: the subjects of GitHub's and of GitLab's tokens."""

import pytest

from keyswitch.access.trust import GitHub, GitLab, trust_policy
from tests.support.access import PROVIDER
from tests.support.policy_linter import findings

REPOSITORY = GitHub("octo/keys", ["production"])
WITH_IDS = GitHub("octo@12/keys@34", ["production", "staging: eu"], branch=None)


def test_a_pull_request_and_the_scheduled_check_may_preview() -> None:
    """Both forms of `sub`: repositories made since 2026-07-15 send IDs, older ones do not."""
    assert REPOSITORY.preview_subjects() == [
        "repo:octo/keys:pull_request",
        "repo:octo@*/keys@*:pull_request",
        "repo:octo/keys:ref:refs/heads/main",
        "repo:octo@*/keys@*:ref:refs/heads/main",
    ]


def test_only_a_job_in_the_environment_may_apply() -> None:
    """With the IDs nothing is left open; a colon in a name is escaped as GitHub does."""
    assert REPOSITORY.apply_subjects() == [
        "repo:octo/keys:environment:production",
        "repo:octo@*/keys@*:environment:production",
    ]
    assert WITH_IDS.apply_subjects() == [
        "repo:octo/keys:environment:production",
        "repo:octo@12/keys@34:environment:production",
        "repo:octo/keys:environment:staging%3A eu",
        "repo:octo@12/keys@34:environment:staging%3A eu",
    ]
    assert WITH_IDS.preview_subjects() == ["repo:octo/keys:pull_request", "repo:octo@12/keys@34:pull_request"]


def test_a_project_on_gitlab() -> None:
    """Every branch may preview, as pipelines of merge requests do; one branch may apply."""
    project = GitLab("group/sub/keys", "https://gitlab.example")
    assert project.preview_subjects() == ["project_path:group/sub/keys:ref_type:branch:ref:*"]
    assert project.apply_subjects() == ["project_path:group/sub/keys:ref_type:branch:ref:main"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: GitHub("octo", ["production"]),
        lambda: GitHub("*/keys", ["production"]),
        lambda: GitHub("octo@1/keys", ["production"]),
        lambda: GitHub("octo/keys:ref", ["production"]),
        lambda: GitHub("octo/keys", []),
        lambda: GitHub("octo/keys", ["prod*"]),
        lambda: GitHub("octo/keys", ["${aws:username}"]),
        lambda: GitHub("octo/keys", [""]),
        lambda: GitHub("octo/keys", ["production"], branch="*"),
        lambda: GitLab("keys", "x"),
        lambda: GitLab("group/*", "x"),
        lambda: GitLab("group/keys", "x", branch="rel*"),
    ],
    ids=range(12),
)
def test_a_name_that_would_match_more_than_itself_is_refused(make) -> None:  # type: ignore[no-untyped-def]
    """A subject is a pattern: an asterisk in a name would let others in."""
    with pytest.raises(ValueError, match=r"repository|environment|branch|project"):
        make()


def test_the_trust_policy_wants_the_audience_and_a_subject() -> None:
    """Exact subjects are compared exactly; tags of the token may become tags of the session."""
    exact = trust_policy(PROVIDER, "sts.amazonaws.com", WITH_IDS.preview_subjects())["Statement"][0]
    assert exact["Principal"] == {"Federated": PROVIDER}
    assert exact["Action"] == ["sts:AssumeRoleWithWebIdentity", "sts:TagSession"]
    issuer = "token.actions.githubusercontent.com"
    assert exact["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com", f"{issuer}:sub": WITH_IDS.preview_subjects()}
    }
    like = trust_policy(PROVIDER, "sts.amazonaws.com", REPOSITORY.apply_subjects())["Statement"][0]
    assert like["Condition"] == {
        "StringEquals": {f"{issuer}:aud": "sts.amazonaws.com"},
        "StringLike": {f"{issuer}:sub": REPOSITORY.apply_subjects()},
    }


def test_the_issuer_is_that_of_the_provider() -> None:
    """An enterprise on GitHub and a GitLab of one's own have their own."""
    provider = "arn:aws-cn:iam::123456789012:oidc-provider/gitlab.example/auth"
    condition = trust_policy(provider, "aud", ["sub"])["Statement"][0]["Condition"]
    assert condition == {"StringEquals": {"gitlab.example/auth:aud": "aud", "gitlab.example/auth:sub": ["sub"]}}


@pytest.mark.xdist_group("linter")
def test_a_linter_finds_nothing_in_a_trust_policy() -> None:
    """cfn-lint checks principals and actions; an action that does not exist would be found."""
    trusts = [trust_policy(PROVIDER, "sts.amazonaws.com", who.apply_subjects()) for who in (REPOSITORY, WITH_IDS)]
    assert findings(trusts=trusts) == []
    trusts[0]["Statement"][0]["Action"].append("sts:TagSessions")
    assert [finding.split()[0] for finding in findings(trusts=trusts)] == ["W3037"]
