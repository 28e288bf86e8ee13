"""Does at once what many ask for: a batch is one transaction instead of hundreds."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

_REMEMBERED = 100_000
MOST = 500
"""So many are done together: more would keep others from the database for too long."""


@dataclass(eq=False, slots=True)
class _Asked(Generic[Wish, Answer]):
    """`tried` is what failed together with others; `left`: nobody waits for the answer any more."""

    wish: Wish
    answer: Answer | None = None
    done: bool = False
    tried: bool = False
    left: bool = False


class Together(Generic[Wish, Answer]):
    """Who comes first is served at once; those who come meanwhile are served together, after that.

    Whoever has the turn acts for all that wait, within their own task. If that fails, each is
    tried alone: a fault harms nobody else.
    """

    def __init__(self, act: Callable[[Sequence[Wish]], Awaitable[Sequence[Answer]]]) -> None:
        self._act = act
        self._waiting: deque[_Asked[Wish, Answer]] = deque()
        self._turn = asyncio.Lock()

    async def ask(self, wish: Wish) -> Answer:
        """What `act` answers to it."""
        mine: _Asked[Wish, Answer] = _Asked(wish)
        self._waiting.append(mine)
        try:
            async with self._turn:
                if not mine.done and not mine.tried:
                    await self._serve(self._next())
                if not mine.done:
                    (mine.answer,) = await self._act([wish])
        finally:
            mine.left = True
        # The answer may be None itself.
        return mine.answer  # type: ignore[return-value]

    def _next(self) -> Sequence[_Asked[Wish, Answer]]:
        """Those who wait, whoever has the turn among them."""
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST))]
        return [each for each in taken if not each.left]

    async def _serve(self, batch: Sequence[_Asked[Wish, Answer]]) -> None:
        if len(batch) == 1:
            return
        for each in batch:
            each.tried = True
        act = self._act([each.wish for each in batch])
        (answers,) = await asyncio.gather(act, return_exceptions=True)
        if isinstance(answers, Exception):
            log.warning("%d are tried one by one", len(batch), exc_info=answers)
        elif isinstance(answers, BaseException):
            raise answers
        else:
            for each, answer in zip(batch, answers, strict=True):
                each.answer, each.done = answer, True


class Room:
    """How many reminders a process has under way, and that one batch at a time is claimed."""

    def __init__(self, size: int = 2000) -> None:
        self._size = size
        self._taken = 0
        self._news = asyncio.Event()
        self._turn = asyncio.Lock()
        self._later: dict[tuple[datetime, int], datetime] = {}

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
