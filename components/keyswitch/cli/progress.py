"""A progress bar on a terminal; nothing at all where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from keyswitch.switching.concurrently import Progress, unreported


@contextmanager
def progress() -> Iterator[Progress]:
    """Show how far a long run is, on standard error; it leaves nothing behind.

    Yields:
        What receives what is being done, how much of it is done, and how much there is to do.
    """
    if not sys.stderr.isatty():
        yield unreported
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Lines for a file stay in the file: only what goes to a terminal is kept apart from the bar.
    to_terminal = sys.stdout.isatty()
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=to_terminal) as bar:
        tasks = {}

        def report(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done)

        yield report
