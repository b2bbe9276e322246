"""Finds the digest that was reviewed for each stack, and sets the outputs `digests` and `stacks`. Needs no AWS.

After a merge, the digest comes from the artifact of the newest preview of the merged commit: a run of preview.yml, for
a pull request of this repository, at exactly the head that was merged, that succeeded. Comments do not count, because
everybody with write access can edit them. A run that is started by hand is held to the digest that is given to it.
"""

import json
import os
from typing import Any

from api import Api, Failed, fail, github, output
from results import results

WORKFLOW = "preview.yml"


def main() -> None:
    """Set the outputs, or end the step with the reason why nothing may be applied."""
    repository, stacks = os.environ["GITHUB_REPOSITORY"], json.loads(os.environ["STACKS"])
    try:
        if os.environ["GITHUB_EVENT_NAME"] == "workflow_dispatch":
            digests = {os.environ["STACK"]: os.environ["REVIEWED"]}
        else:
            api = github()
            pull = merged(api, repository, os.environ["GITHUB_SHA"], os.environ["GITHUB_REF_NAME"])
            digests = of_preview(api, repository, pull)
            print(f"The change was reviewed in pull request {pull['number']}, at {pull['head']['sha']}.")
    except Failed as error:
        fail(error)
    chosen = [each for each in stacks if os.environ["GITHUB_EVENT_NAME"] == "push" or each["stack"] in digests]
    missing = [each["stack"] for each in chosen if not digests.get(each["stack"])]
    if missing or not chosen:
        fail(f"no digest was reviewed for {', '.join(missing) or 'a stack of KEYSWITCH_STACKS'}: nothing is applied")
    for each in chosen:
        print(f"{each['stack']}: the reviewed digest is {digests[each['stack']][:16]}")
    output("digests", json.dumps(digests))
    output("stacks", json.dumps(chosen))


def merged(api: Api, repository: str, commit: str, branch: str) -> dict[str, Any]:
    """Return the pull request whose merge made a commit.

    Raises:
        Failed: there is none, or more than one.
    """
    pulls = [
        pull
        for pull in api.pages(f"/repos/{repository}/commits/{commit}/pulls")
        if pull["merged_at"] and pull["merge_commit_sha"] == commit and pull["base"]["ref"] == branch
    ]
    if len(pulls) != 1:
        raise Failed(
            f"{commit} is the merge of {len(pulls) or 'no'} pull request{'s' if len(pulls) > 1 else ''}: nothing is "
            "applied. Run this workflow by hand, with the digest that was reviewed"
        )
    return dict(pulls[0])


def of_preview(api: Api, repository: str, pull: dict[str, Any]) -> dict[str, str]:
    """Return the digest of each stack in the newest preview of a pull request's head.

    Raises:
        Failed: there is no such run, it did not succeed, or its artifact is of another commit.
    """
    head = pull["head"]["sha"]
    runs = [
        run
        for run in api.pages(
            f"/repos/{repository}/actions/workflows/{WORKFLOW}/runs?event=pull_request&head_sha={head}", "workflow_runs"
        )
        if run["head_sha"] == head
        and run["event"] == "pull_request"
        and run["path"].partition("@")[0] == f".github/workflows/{WORKFLOW}"
        and run["head_branch"] == pull["head"]["ref"]
        and run["head_repository"]["full_name"] == repository
    ]
    newest = max(runs, key=lambda run: run["id"], default=None)
    if newest is None:
        raise Failed(f"pull request {pull['number']} has no preview at {head}: nothing is applied")
    if newest["conclusion"] != "success":
        raise Failed(f"the newest preview of pull request {pull['number']} did not succeed: nothing is applied")
    found = list(results(api, repository, newest["id"], "preview"))
    if others := sorted({result.head for result in found} - {head}):
        raise Failed(f"the preview of {head} has a result of {', '.join(others)}: nothing is applied")
    return {result.stack: result.digest for result in found}


if __name__ == "__main__":
    main()
