"""Calls boto3 in a loop, in a separate process: `python -m tests.bench.loop list|update FILE WORKERS`.

This is the lower bound of a run. The loop only lists or only updates: it makes no comparisons and no checks, runs no
guards and keeps no state.
"""

import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config


def main(what: str, file: str, workers: str) -> None:
    """Make one call for each line of the file: a user name, or a user name, an access key ID and a status."""
    config = Config(max_pool_connections=int(workers))
    iam = boto3.client("iam", region_name="us-east-1", config=config)
    call: Callable[[Sequence[str]], Any] = {
        "list": lambda words: iam.list_access_keys(UserName=words[0]),
        "update": lambda words: iam.update_access_key(UserName=words[0], AccessKeyId=words[1], Status=words[2]),
    }[what]
    lines = Path(file).read_text(encoding="utf-8").splitlines()
    with ThreadPoolExecutor(int(workers)) as pool:
        for _ in pool.map(call, map(str.split, lines)):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
