"""What is kept of people whose chat was erased."""

from datetime import datetime
from typing import Protocol

from bot.api import Chat, Transaction


class OptOuts(Protocol):
    """Who wanted no reminders when their chat was erased; nothing but a salted hash is kept."""

    async def keep(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """Remember the chat's person."""
        ...

    async def holds(self, tx: Transaction, chat: Chat) -> bool:
        """Whether that person is remembered."""
        ...

    async def drop(self, tx: Transaction, chat: Chat) -> None:
        """Forget the person."""
        ...
