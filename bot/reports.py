"""What a network tells later: that a message arrived, or did not; that a client is gone.

Reports come in any order, many times, and perhaps before our own request returned. A failure is
final, an arrival never goes back, and each changes something once.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from bot.directory import Directory
from bot.errors import ChannelError, ChatUnreachableError
from bot.hooks import Hooks
from bot.model import Arrival, Author, Chat, ChatRef, Delivery, Message
from bot.ports import Database, News, Outbox, Transaction
from bot.store.chats import answered_since, change_chat, chat_at, note_arrival


@dataclass(frozen=True, slots=True)
class NetworkReports:
    """Takes them for every channel, and tells the plugins."""

    database: Database
    directory: Directory
    outbox: Outbox
    hooks: Hooks
    news: News

    async def arrived(self, account: str, message: int, arrival: Arrival) -> None:
        """It reached the client's device, or was read; so it was sent, if that was uncertain."""
        async with self.database.write() as tx:
            found = await self._load(tx, account, message)
            if found is None or found[1].delivery is Delivery.FAILED:
                return
            chat, stored = found
            await note_arrival(tx.connection, message, arrival)
            if stored.delivery is Delivery.UNCERTAIN:
                await self.outbox.settle(tx, stored, Delivery.SENT)
                await self.hooks.tell(tx, lambda plugin: plugin.message_confirmed(tx, chat, stored))
            tx.after_commit(partial(self.news.publish, chat.id))

    async def refused(self, account: str, message: int, error: ChannelError) -> None:
        """It was accepted first, and not delivered after all; what arrived cannot fail."""
        async with self.database.write() as tx:
            found = await self._load(tx, account, message)
            if found is None:
                return
            chat, stored = found
            if stored.delivery is Delivery.FAILED or stored.arrival is not None:
                return
            await self.outbox.settle(tx, stored, Delivery.FAILED)
            await self.hooks.tell(
                tx, lambda plugin: plugin.message_refused(tx, chat, stored, error)
            )
            if stored.plugin is None:
                await self._waits_again(tx, chat, stored)
            if isinstance(error, ChatUnreachableError) and stored.n > chat.client_n:
                await self._gone(tx, chat, stored.at)

    async def _waits_again(self, tx: Transaction, chat: Chat, answer: Message) -> None:
        """The client was not answered after all, which is not tried again until they write."""
        latest = answer.n > chat.client_n
        if latest and not await answered_since(tx.connection, chat.id, chat.client_n):
            waits = {"waiting_since": chat.client_at, "answer_failures": 1}
            await change_chat(tx.connection, chat.id, waits)

    async def unreachable(self, ref: ChatRef, at: datetime) -> None:
        """The client blocked us, or is gone; nothing if they never wrote."""
        async with self.database.write() as tx:
            chat = await chat_at(tx.connection, ref)
            held = await self.directory.lock_chat(tx, chat.id) if chat is not None else None
            if held is not None and (held.client_at is None or held.client_at <= at):
                await self._gone(tx, held, at)

    async def _gone(self, tx: Transaction, chat: Chat, at: datetime) -> None:
        await self.hooks.tell(tx, lambda plugin: plugin.chat_unreachable(tx, chat, at))

    async def _load(
        self, tx: Transaction, account: str, message: int
    ) -> tuple[Chat, Message] | None:
        """The account's own message, with its chat held; a report of another's is nobody's."""
        stored = await self.directory.message(tx.connection, message)
        chat = await self.directory.lock_chat(tx, stored.chat) if stored is not None else None
        if stored is None or chat is None or chat.ref.account != account:
            return None
        now = await self.directory.message(tx.connection, message)
        return (chat, now) if now is not None and now.author is not Author.CLIENT else None
