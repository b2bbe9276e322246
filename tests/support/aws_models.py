"""Reads each of botocore's files once a process, where every new session would read it anew.

The files describe services, endpoints and partitions. They are large, and nobody changes them.
"""

from typing import Any

from botocore.loaders import JSONFileLoader


def read_once() -> None:
    """Make all loaders of this process share what they read."""
    read, known = JSONFileLoader.load_file, dict[str, Any]()

    def load_file(self: JSONFileLoader, file_path: str) -> Any:
        if file_path not in known and (content := read(self, file_path)) is not None:
            known[file_path] = content
        return known.get(file_path)

    JSONFileLoader.load_file = load_file
