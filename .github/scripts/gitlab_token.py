"""GitLab: writes the job's identity token to the file from which AWS's libraries take it to assume the role."""

import os
from pathlib import Path


def main() -> None:
    """Write the token; nobody else on the machine may read it."""
    file = Path(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"])
    file.unlink(missing_ok=True)
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as opened:
        opened.write(os.environ["KEYSWITCH_TOKEN"])


if __name__ == "__main__":
    main()
