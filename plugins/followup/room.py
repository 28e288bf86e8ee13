"""How much a process has under way."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

_REMEMBERED = 100_000
MOST: Final = 500
"""So many are claimed in one go: more would keep others from the database for too long."""


class Room:
    """How many reminders a process has under way, and that one batch at a time is claimed.

    `begun` counts the looks at what is due, `seen` is the latest that went well.
    """

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._taken = 0
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._later: dict[tuple[datetime, int], datetime] = {}
        self.begun = 0
        self.seen = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait until a batch has room and nobody else claims one."""
        async with self._turn:
            while self._taken + MOST > self._size:
                self._news.clear()
                await self._news.wait()
            yield

    def defer(self, place: tuple[datetime, int], until: datetime) -> None:
        """That chat, due since then, waits for its turn in a crowd; it has a timer of its own."""
        if len(self._later) >= _REMEMBERED:
            # To look at them once more costs time and nothing else.
            self._later.clear()
        self._later[place] = until

    def waits(self, place: tuple[datetime, int], now: datetime) -> bool:
        """Whether its turn is still to come, as far as is remembered."""
        until = self._later.get(place)
        if until is not None and until <= now:
            del self._later[place]
        return until is not None and until > now

    def fill(self, tasks: Sequence[asyncio.Task[None]]) -> None:
        """They have begun, and take their room until they end."""
        self._taken += len(tasks)
        for task in tasks:
            task.add_done_callback(self._end)

    def _end(self, _task: asyncio.Task[None]) -> None:
        self._taken -= 1
        self._news.set()
