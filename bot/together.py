"""Does at once what many ask for: a batch is one transaction instead of hundreds."""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Wish = TypeVar("Wish")
Answer = TypeVar("Answer")

log = logging.getLogger(__name__)

_MOST: Final = 500
"""So many are done together: more would keep others from the database for too long."""


@dataclass(eq=False, slots=True)
class _Asked(Generic[Wish, Answer]):
    """`turn` ends when the answer is there, or when it is the asker's turn to act for all.

    `tried` is what failed together with others, and `fault` what all of them suffer from.
    """

    wish: Wish
    turn: asyncio.Future[None]
    answer: Answer | None = None
    fault: Exception | None = None
    done: bool = False
    tried: bool = False
    leads: bool = False

    def go(self) -> None:
        """Let the asker go on."""
        if not self.turn.done():
            self.turn.set_result(None)


class Together(Generic[Wish, Answer]):
    """Those who ask at the same moment, or while others are served, are served together.

    Whoever has the turn acts for all that wait, within their own task; all of them go on at the
    same moment. If that fails, each is tried alone: a fault harms nobody else. Faults of the kinds
    `common` are everybody's: to try each alone would only make all of them wait.
    """

    def __init__(
        self,
        act: Callable[[Sequence[Wish]], Awaitable[Sequence[Answer]]],
        common: tuple[type[Exception], ...] = (),
    ) -> None:
        self._act = act
        self._common = common
        self._waiting: deque[_Asked[Wish, Answer]] = deque()
        self._led = False

    async def ask(self, wish: Wish) -> Answer:
        """What `act` answers to it."""
        mine: _Asked[Wish, Answer] = _Asked(wish, asyncio.get_running_loop().create_future())
        self._waiting.append(mine)
        if not self._led:
            self._pass_on()
        try:
            await mine.turn
            if not mine.done:
                await self._lead(mine)
        finally:
            if mine.leads:
                self._pass_on()
        if mine.fault is not None:
            raise mine.fault
        # The answer may be None itself.
        return mine.answer  # type: ignore[return-value]

    def _pass_on(self) -> None:
        """It is the turn of whoever waits the longest, and still does."""
        while self._waiting and self._waiting[0].turn.done():
            self._waiting.popleft()
        self._led = bool(self._waiting)
        if self._led:
            self._waiting[0].leads = True
            # A moment later: who asks at the same moment is served with it.
            asyncio.get_running_loop().call_soon(self._waiting[0].go)

    async def _lead(self, mine: _Asked[Wish, Answer]) -> None:
        """Act for all that wait; what failed among others acts for itself alone."""
        self._waiting.popleft()
        if others := () if mine.tried else self._next():
            await self._serve([mine, *others])
        if not mine.done:
            (mine.answer,) = await self._act([mine.wish])

    def _next(self) -> Sequence[_Asked[Wish, Answer]]:
        taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), _MOST - 1))]
        return [each for each in taken if not each.turn.done()]

    async def _serve(self, batch: Sequence[_Asked[Wish, Answer]]) -> None:
        for each in batch:
            each.tried = True
        act = self._act([each.wish for each in batch])
        try:
            (outcome,) = await asyncio.gather(act, return_exceptions=True)
            self._share(batch, outcome)
        finally:
            others = batch[1:]
            self._waiting.extendleft([each for each in reversed(others) if not each.done])
            for each in others:
                if each.done:
                    each.go()

    def _share(
        self, batch: Sequence[_Asked[Wish, Answer]], outcome: Sequence[Answer] | BaseException
    ) -> None:
        """Each gets its answer, or the fault that is everybody's; who gets neither tries alone."""
        if isinstance(outcome, self._common):
            for each in batch:
                each.fault, each.done = outcome, True
        elif isinstance(outcome, Exception):
            log.warning("%d are tried one by one", len(batch), exc_info=outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
        else:
            for each, answer in zip(batch, outcome, strict=True):
                each.answer, each.done = answer, True
