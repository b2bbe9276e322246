"""Posts the plan of each stack as a comment on the pull request: one per stack, found again by its marker.

It needs no AWS. A comment is for people: nothing is applied because of what a comment says. Only comments by the
workflow's own token count; one that has a stack's marker but another author is left alone.
"""

import json
import os
from typing import Any

from api import Api, Failed, fail, github, put
from fitting import COMMENT, fit
from results import Result, results

AUTHOR = "github-actions[bot]"
"""The user to whom GITHUB_TOKEN belongs."""


def main() -> None:
    """Post a comment for every stack, also for one whose job failed before there was a result."""
    repository, number = os.environ["GITHUB_REPOSITORY"], int(os.environ["PULL_REQUEST"])
    run, head = int(os.environ["GITHUB_RUN_ID"]), os.environ["HEAD_SHA"]
    page = f"{os.environ['GITHUB_SERVER_URL']}/{repository}/actions/runs/{run}"
    try:
        api = github()
        found = {result.stack: result for result in results(api, repository, run, "preview")}
        for stack in (each["stack"] for each in json.loads(os.environ["STACKS"])):
            post(api, repository, number, stack, body(stack, found.get(stack), head, page))
    except Failed as error:
        fail(error)


def marker(stack: str) -> str:
    """Return the first line of a stack's comment."""
    return f"<!-- keyswitch stack {stack} -->"


def body(stack: str, result: Result | None, head: str, page: str) -> str:
    """Word the comment; a plan that is too long is cut, and the job summary has the rest."""
    title = f"{marker(stack)}\n**{stack}** at {head[:10]} · [run]({page})"
    if result is None:
        return f"{title}\n\n### keyswitch: no plan\n\nThe job failed before there was a plan."
    return fit(f"{title}\n\n{result.plan}", COMMENT, f"[the job summary]({page}) has the whole plan")


def post(api: Api, repository: str, number: int, stack: str, text: str) -> None:
    """Create the comment, or update the one that is there."""
    of_pull_request = f"/repos/{repository}/issues/{number}/comments"

    def find() -> dict[str, Any] | None:
        comments = api.pages(of_pull_request)
        return next((c for c in comments if is_own(c["user"]) and (c["body"] or "").startswith(marker(stack))), None)

    put(
        find,
        lambda old: api.send("PATCH", f"/repos/{repository}/issues/comments/{old['id']}", {"body": text}),
        lambda: api.send("POST", of_pull_request, {"body": text}),
    )


def is_own(user: dict[str, Any] | None) -> bool:
    """Whether a comment or an issue is of the workflow's own token; the user of a deleted account is null."""
    return user is not None and (user["login"], user["type"]) == (AUTHOR, "Bot")


if __name__ == "__main__":
    main()
