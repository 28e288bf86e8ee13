"""How much a process has under way."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from math import inf
from typing import Final

Place = tuple[datetime, int]
"""Where a chat stands among those that are due: since when, and which it is."""

_REMEMBERED = 100_000
MOST: Final = 500
"""So many are claimed in one go: more would keep others from the database for too long."""
_AHEAD = 10.0
"""So many seconds' worth of its pace an account may have under way."""
_SHARE = 8
"""And no more than this part of all room: a few slow accounts keep nobody else waiting."""


class Room:
    """How many reminders a process has under way, and that one batch at a time is claimed.

    `begun` counts the looks at what is due, `seen` is the latest that went well, and `left` counts
    how often a chat was left for later because its account has enough under way.
    """

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._taken = 0
        self._by_account = Counter[str]()
        self._behind: dict[Place, tuple[str, int]] = {}
        self.left = 0
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._later: dict[Place, datetime] = {}
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

    def admits(self, place: Place, account: str, pace: float, begun: int) -> bool:
        """Whether that account, of so many a second, may have one more than it has and just began.

        If not, the chat is passed over from now on without a question, until there is room.
        """
        if pace == inf:
            return True
        most = max(1, int(min(pace * _AHEAD, self._size // _SHARE)))
        if self._by_account[account] + begun < most:
            self._behind.pop(place, None)
            return True
        if len(self._behind) >= _REMEMBERED:
            self._behind.clear()
        self._behind[place] = (account, most)
        self.left += 1
        return False

    def picked(self, found: Sequence[Place], now: datetime) -> Sequence[int]:
        """Those chats whose turn it may be, as far as is remembered; the longest due first."""
        begun = Counter[str]()
        picked = []
        for place in found:
            account, most = self._behind.get(place, ("", 1))
            if self._by_account[account] + begun[account] >= most:
                self.left += 1
            elif not self._waits(place, now):
                picked.append(place[1])
                begun[account] += bool(account)
        return picked

    def defer(self, place: Place, until: datetime) -> None:
        """That chat, due since then, waits for its turn in a crowd; it has a timer of its own."""
        if len(self._later) >= _REMEMBERED:
            # To look at them once more costs time and nothing else.
            self._later.clear()
        self._later[place] = until

    def _waits(self, place: Place, now: datetime) -> bool:
        """Whether its turn is still to come, as far as is remembered."""
        until = self._later.get(place)
        if until is not None and until <= now:
            del self._later[place]
        return until is not None and until > now

    def fill(self, tasks: Mapping[asyncio.Task[None], str]) -> None:
        """They have begun, each for an account, and take their room until they end."""
        self._taken += len(tasks)
        self._by_account.update(tasks.values())
        for task, account in tasks.items():
            task.add_done_callback(partial(self._end, account))

    def _end(self, account: str, _task: asyncio.Task[None]) -> None:
        self._taken -= 1
        self._by_account[account] -= 1
        if not self._by_account[account]:
            del self._by_account[account]
        self._news.set()
