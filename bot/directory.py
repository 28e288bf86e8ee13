"""What plugins and pages read of chats and people, and how a conversation is erased, as shapes."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import Chat, Employee, Erasure, Message
from bot.ports import Transaction


class Directory(Protocol):
    """Looks up chats and employees on a connection of the caller's choice."""

    async def chat(self, connection: AsyncConnection, chat: int) -> Chat | None:
        """The chat with that id."""
        ...

    async def named(self, connection: AsyncConnection, part: str, limit: int) -> Sequence[Chat]:
        """Chats whose name holds that, in any case, the latest written to first."""
        ...

    async def lock_chat(self, tx: Transaction, chat: int) -> Chat | None:
        """The same, held until the transaction ends: nobody else writes to that chat."""
        ...

    async def employee(self, connection: AsyncConnection, employee: str) -> Employee | None:
        """The employee with that id."""
        ...

    async def message(self, connection: AsyncConnection, message: int) -> Message | None:
        """The message with that id."""
        ...


class Crowd(Protocol):
    """Looks up hundreds of chats at once, in one statement; empty for none."""

    async def hold(
        self, tx: Transaction, chats: Sequence[int], *, wait: bool = True
    ) -> Mapping[int, Chat]:
        """Those that there are, held until the transaction ends.

        Who does not `wait` is given those only that nobody else holds.
        """
        ...

    async def messages(
        self, connection: AsyncConnection, messages: Sequence[int]
    ) -> Mapping[int, Message]:
        """Those of the messages that there are."""
        ...

    async def latest(
        self, connection: AsyncConnection, chats: Sequence[int], most: int
    ) -> Mapping[int, Sequence[Message]]:
        """The last `most` messages of each, in order; those that failed are left out."""
        ...


class Lists(Protocol):
    """Reads many at once, on a connection of the caller's choice."""

    async def people(self, connection: AsyncConnection) -> Sequence[Employee]:
        """Every employee, by name."""
        ...

    async def chats(self, connection: AsyncConnection, chats: Sequence[int]) -> Mapping[int, Chat]:
        """Those of the chats that there are."""
        ...

    async def alike(
        self, connection: AsyncConnection, accounts: Sequence[str], address: str
    ) -> Sequence[int]:
        """The chats at that address on these accounts: those of one person, on one network."""
        ...

    async def newest(
        self, connection: AsyncConnection, before: int | None, limit: int
    ) -> Sequence[tuple[Message, Chat]]:
        """The latest message of each chat, the newest first; only ids below `before`."""
        ...

    async def latest(
        self, connection: AsyncConnection, chats: Sequence[int]
    ) -> Sequence[tuple[Message, Chat]]:
        """The same of these chats."""
        ...

    async def held(
        self, connection: AsyncConnection, before: tuple[datetime, int] | None, limit: int
    ) -> Sequence[Chat]:
        """Chats that a human has, the latest taken first; those before a moment and number."""
        ...

    async def held_count(self, connection: AsyncConnection, most: int) -> int:
        """How many those are, counted up to that many."""
        ...

    async def history(
        self, connection: AsyncConnection, chat: int, before: int | None, limit: int
    ) -> Sequence[Message]:
        """The last messages numbered below `before`, in order; those that failed too."""
        ...


class Eraser(Protocol):
    """Deletes conversations for good."""

    async def erase(self, chat: int, by: str) -> Erasure:
        """Delete all that is known of the chat, in one transaction; the audit log tells who did."""
        ...
