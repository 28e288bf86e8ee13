"""What the brakes need to know: what went out already, and whether everything stands still."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Transaction
from plugins.followup.model import Limits
from plugins.followup.restraint import Spent


@dataclass(frozen=True, slots=True)
class Account:
    """What is counted together: an employee's day in its zone, a chat, the chats of the person."""

    employee: str
    zone: ZoneInfo
    chat: int
    alike: Sequence[int] = ()


class Spendings(Protocol):
    """What reminders and tokens were spent."""

    async def spent(
        self, connection: AsyncConnection, account: Account, limits: Limits, now: datetime
    ) -> Spent:
        """As much of it as the limits ask for, with what is being written right now."""
        ...

    async def hold(
        self, tx: Transaction, accounts: Sequence[tuple[Account, Limits]], now: datetime
    ) -> None:
        """Nobody else spends of these until the transaction ends."""
        ...

    async def add(
        self, tx: Transaction, account: Account, now: datetime, *, sent: int, tokens: int
    ) -> None:
        """Count it to the employee's day, if that is counted."""
        ...

    async def forget(self, tx: Transaction, employee: str) -> None:
        """Count the day anew, by what went out: the limits may be others now."""
        ...


@dataclass(frozen=True, slots=True)
class Latch:
    """Everything stands still since then, and why."""

    at: datetime
    why: str


class Breaker(Protocol):
    """Stops all reminders of the installation; only a person lets them go on."""

    async def latched(self, connection: AsyncConnection) -> Latch | None:
        """Why nothing goes out; None if it does."""
        ...

    async def latch(self, tx: Transaction, latch: Latch | None) -> bool:
        """Stop, or with None let go on; false if somebody was faster."""
        ...

    async def went(self, connection: AsyncConnection, since: datetime, most: int) -> int:
        """How many reminders went out since then; no more than `most` are counted."""
        ...

    async def bad(self, connection: AsyncConnection, last: int) -> int:
        """How many of the last ones are uncertain or failed, or made the client opt out."""
        ...


@dataclass(frozen=True, slots=True)
class Rates:
    """What makes the breaker latch; None never does.

    More than so many reminders in that time, or so many bad ones among the last ones.
    """

    rush: tuple[int, timedelta] | None = None
    bad: tuple[int, int] | None = None


@dataclass(slots=True)
class Watch:
    """When this process last looked whether the breaker has to latch, and by what."""

    rates: Rates = Rates()
    looked_at: datetime | None = None
