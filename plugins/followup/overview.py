"""What admins are told of many chats at once, as a shape."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Employee
from plugins.followup.model import Silence


class Overview(Protocol):
    """What admins are told of many chats at once."""

    async def employees(self, connection: AsyncConnection) -> Sequence[Employee]:
        """Everyone, by id."""
        ...

    async def waiting(
        self, connection: AsyncConnection, employee: str
    ) -> tuple[int, datetime | None]:
        """How many chats of theirs have a reminder scheduled, and when the first is due."""
        ...

    async def scheduled(
        self, connection: AsyncConnection, employee: str, first: int, limit: int
    ) -> Sequence[Chat]:
        """A page of those chats, the earliest due first."""
        ...

    async def latest(self, connection: AsyncConnection, employee: str) -> Chat | None:
        """The chat in which a client wrote last."""
        ...

    async def standing(
        self, connection: AsyncConnection, employee: str, limit: int
    ) -> Sequence[Silence]:
        """Silences that a save may change, those with a reminder scheduled first."""
        ...
