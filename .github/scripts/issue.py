"""Keeps one issue per stack that drifted: opens it, updates it, and closes it when the drift is gone. Needs no AWS.

It sets two outputs for the repair: `digests`, of what each stack would switch back, and `stacks`, those that would.
"""

import json
import os
from typing import Any

from api import Api, Failed, fail, github, output, put
from comment import is_own
from fitting import COMMENT, fit
from results import Result, results


def main() -> None:
    """Bring the issue of each stack up to date. A stack whose check failed keeps its issue as it is."""
    repository, run = os.environ["GITHUB_REPOSITORY"], int(os.environ["GITHUB_RUN_ID"])
    page = f"{os.environ['GITHUB_SERVER_URL']}/{repository}/actions/runs/{run}"
    stacks = json.loads(os.environ["STACKS"])
    try:
        api = github()
        found = {result.stack: result for result in results(api, repository, run, "drift")}
        for stack in (each["stack"] for each in stacks):
            if stack in found:
                tell(api, repository, found[stack], page)
    except Failed as error:
        fail(error)
    drifted = {stack: result.digest for stack, result in found.items() if result.code == 2 and result.writes}
    output("digests", json.dumps(drifted))
    output("stacks", json.dumps([each for each in stacks if each["stack"] in drifted]))


def marker(stack: str) -> str:
    """Return the first line of a stack's issue."""
    return f"<!-- keyswitch drift {stack} -->"


def tell(api: Api, repository: str, result: Result, page: str) -> None:
    """Open, update or close the issue of a stack."""
    text = fit(f"{marker(result.stack)}\n{result.drift}", COMMENT, f"[the job summary]({page}) has all")

    def find() -> dict[str, Any] | None:
        issues = api.pages(f"/repos/{repository}/issues?state=open")
        return next(
            (
                issue
                for issue in issues
                if "pull_request" not in issue
                and is_own(issue["user"])
                and (issue["body"] or "").startswith(marker(result.stack))
            ),
            None,
        )

    if result.code == 2:
        put(
            find,
            lambda old: (
                old["body"] == text or api.send("PATCH", f"/repos/{repository}/issues/{old['number']}", {"body": text})
            ),
            lambda: api.send(
                "POST", f"/repos/{repository}/issues", {"title": f"keyswitch: drift in {result.stack}", "body": text}
            ),
        )
    elif result.code == 0:
        closed = {"state": "closed", "state_reason": "completed", "body": text}
        put(
            find,
            lambda old: api.send("PATCH", f"/repos/{repository}/issues/{old['number']}", closed),
            lambda: None,
        )


if __name__ == "__main__":
    main()
