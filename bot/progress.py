"""A bar for those who wait, on a terminal."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

from rich.console import Console
from rich.progress import Progress

_STEP = 20_000


@contextmanager
def bar(source: IO[bytes]) -> Iterator[Iterator[bytes]]:
    """The lines, with a bar on a terminal."""
    console = Console(stderr=True)
    total = os.fstat(source.fileno()).st_size or None
    # What is printed goes where it was sent, not through the bar.
    with Progress(
        console=console,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
        disable=not console.is_terminal,
    ) as progress:
        task = progress.add_task("Events", total=total)

        def lines() -> Iterator[bytes]:
            read = 0
            for number, line in enumerate(source):
                read += len(line)
                if number % _STEP == 0:
                    progress.update(task, completed=read)
                yield line

        yield lines()
