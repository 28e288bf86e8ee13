"""What is kept of people whose chat was erased."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.api import Chat, Transaction


class OptOuts(Protocol):
    """Who wanted no reminders when their chat was erased; nothing but a salted hash is kept."""

    async def keep(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        """Remember the chat's person."""
        ...

    async def held(self, tx: Transaction, chats: Sequence[Chat]) -> Collection[int]:
        """Those of the chats whose person is remembered."""
        ...

    async def drop(self, tx: Transaction, chat: Chat) -> None:
        """Forget the person."""
        ...
