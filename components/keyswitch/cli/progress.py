"""Shows a progress bar on a terminal. Prints nothing if standard error is not a terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from keyswitch.switching.concurrently import Progress, unreported


@contextmanager
def progress() -> Iterator[Progress]:
    """Show the progress of a long run on standard error, and remove it at the end.

    Yields:
        A function that receives the name of the activity, the number of finished items and the number of all items.
    """
    if not sys.stderr.isatty():
        yield unreported
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    # Rich redirects standard output only to a terminal, to keep lines and bar apart. Output to a file stays there.
    to_terminal = sys.stdout.isatty()
    with Bar(*columns, console=Console(stderr=True), transient=True, redirect_stdout=to_terminal) as bar:
        tasks = {}

        def report(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done)

        yield report
