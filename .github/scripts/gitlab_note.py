"""GitLab: posts the plan of a stack as a note on the merge request, found again by its marker. Needs no AWS.

It needs a project access token with the scope `api`, because a job's own token cannot write notes.
"""

import os
from pathlib import Path
from typing import Any

from api import Api, Failed, fail, put
from comment import body, marker
from results import read


def main() -> None:
    """Post the note; without a token, say so and succeed: the job's log and its artifact have the plan."""
    token = os.environ.get("KEYSWITCH_GITLAB_TOKEN")
    if not token:
        print("KEYSWITCH_GITLAB_TOKEN is not set: no note is posted. docs/delivery.md says how to set it up")
        return
    result = read(Path(os.environ["RESULT"], "result.json").read_text(encoding="utf-8"))
    notes = f"/projects/{os.environ['CI_PROJECT_ID']}/merge_requests/{int(os.environ['CI_MERGE_REQUEST_IID'])}/notes"
    text = body(result.stack, result, os.environ["HEAD_SHA"], os.environ["CI_PIPELINE_URL"])
    try:
        api = Api(os.environ["CI_API_V4_URL"], {"PRIVATE-TOKEN": token, "User-Agent": "keyswitch"})
        own = api.get("/user")["id"]

        def find() -> dict[str, Any] | None:
            return next(
                (
                    n
                    for n in api.pages(notes)
                    if n["author"]["id"] == own and n["body"].startswith(marker(result.stack))
                ),
                None,
            )

        put(
            find,
            lambda old: api.send("PUT", f"{notes}/{old['id']}", {"body": text}),
            lambda: api.send("POST", notes, {"body": text}),
        )
    except Failed as error:
        fail(error)


if __name__ == "__main__":
    main()
