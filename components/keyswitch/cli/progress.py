"""A progress bar on a terminal; nothing at all where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from keyswitch.switching.observation import Tell, in_silence


@contextmanager
def progress() -> Iterator[Tell]:
    """Show how far a long run is, on standard error; it leaves nothing behind.

    Yields:
        What is to be told what is done, how much of it, and of how much.
    """
    if not sys.stderr.isatty():
        yield in_silence
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Lines for a file stay in the file: only what goes to a terminal is kept apart from the bar.
    to_terminal = sys.stdout.isatty()
    with Progress(*columns, console=Console(stderr=True), transient=True, redirect_stdout=to_terminal) as bar:
        tasks = {}

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done)

        yield tell
