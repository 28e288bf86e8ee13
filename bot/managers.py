"""What happens when a manager answers from the dashboard.

One transaction stores the intent to send, once per form, gives the chat to that manager and drops
what the employee was about to say; then the channel is called. What a crash leaves in between is
found by the sweep: asked for where the channel can tell, else uncertain, and never sent again.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import select, update

from bot.clock import Clock
from bot.directory import Directory
from bot.errors import (
    ChannelError,
    ChatUnreachableError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.hooks import Hooks
from bot.inbox import ANSWER
from bot.model import Change, ChannelAccount, Chat, Delivery, Message, Reply, Said
from bot.pause import pause_chat
from bot.ports import Database, Jobs, Journal, Outbox, Transaction
from bot.store.chats import answered_since, change_chat
from bot.store.rows import message_of
from bot.store.tables import messages

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SqlManagers:
    """Sends what managers write (`Managers`)."""

    database: Database
    directory: Directory
    outbox: Outbox
    hooks: Hooks
    journal: Journal
    jobs: Jobs
    accounts: Mapping[str, ChannelAccount]
    clock: Clock

    async def answer(self, chat: int, said: Said) -> Message | None:
        """Send it once; see `Managers.answer`."""
        async with self.database.write() as tx:
            found = await self.directory.lock_chat(tx, chat)
            if found is None:
                return None
            known = await _known(tx, chat, said.key)
            if known is not None:
                return known
            self._see_open(found)
            message = await self._intend(tx, found, said)
        return await self._deliver(found, message)

    async def finish(self, message: Message, *, arrived: bool | None) -> None:
        """Settle one whose sending nobody finished, by what the channel says of it."""
        if arrived is False:
            async with self.database.read() as connection:
                chat = await self.directory.chat(connection, message.chat)
            await self._failed(message, chat.client_at if chat is not None else None, None)
        else:
            await self._settle(message, Delivery.SENT if arrived else Delivery.UNCERTAIN)

    def _see_open(self, chat: Chat) -> None:
        """Raises ChannelError where nothing can be sent, before anything is stored."""
        account = self.accounts.get(chat.ref.account)
        if account is None or account.fault is not None:
            raise ChannelError(f"channels.{chat.ref.account}: is not connected")
        if not account.takes(chat, self.clock.now()):
            raise WindowClosedError("the client's last message is too long ago")

    async def _intend(self, tx: Transaction, chat: Chat, said: Said) -> Message:
        """The intent, and that the chat is the manager's, who answers what the client said."""
        message = await self.outbox.post(tx, chat, Reply(said.text), by=said.by)
        this = update(messages).where(messages.c.id == message.id)
        await tx.connection.execute(this.values(form_key=said.key))
        await pause_chat(tx, self.hooks, chat, message.at, by=said.by)
        await change_chat(tx.connection, chat.id, {"waiting_since": None, "farewell_n": None})
        paused = {"paused": chat.paused_since is not None}
        change = Change(said.by, "chat.answered", chat.employee, chat.id, paused, {"paused": True})
        await self.journal.record(tx, change)
        return message

    async def _deliver(self, chat: Chat, message: Message) -> Message:
        try:
            external_id = await self.outbox.deliver(chat, message)
        except UnknownDeliveryError as error:
            log.warning("chat %d: the fate of a manager's message is unknown: %s", chat.id, error)
            if self.outbox.can_ask(chat):
                return message
            return await self._settle(message, Delivery.UNCERTAIN)
        except ChannelError as error:
            log.warning("chat %d: the channel did not take a manager's message: %s", chat.id, error)
            await self._failed(message, chat.waiting_since, error)
            raise
        return await self._settle(message, Delivery.SENT, external_id)

    async def _settle(
        self, message: Message, delivery: Delivery, external_id: str | None = None
    ) -> Message:
        """It is out, or may be: the client is answered, unless they wrote once more."""
        async with self.database.write() as tx:
            chat = await self.directory.lock_chat(tx, message.chat)
            settled = await self.outbox.settle(tx, message, delivery, external_id)
            if chat is not None and settled and message.n > chat.client_n:
                await self.hooks.tell(tx, lambda plugin: plugin.manager_wrote(tx, chat, message))
        return replace(message, delivery=delivery)

    async def _failed(
        self, message: Message, waited: datetime | None, error: ChannelError | None
    ) -> None:
        """Surely not sent: who waited waits again, for the manager or for whoever has the chat."""
        async with self.database.write() as tx:
            chat = await self.directory.lock_chat(tx, message.chat)
            await self.outbox.settle(tx, message, Delivery.FAILED)
            if chat is None or message.n < chat.client_n:
                return
            if isinstance(error, ChatUnreachableError):
                await self.hooks.tell(
                    tx, lambda plugin: plugin.chat_unreachable(tx, chat, message.at)
                )
            if waited is not None and not await answered_since(
                tx.connection, chat.id, chat.client_n
            ):
                await self._waits_again(tx, chat, waited)

    async def _waits_again(self, tx: Transaction, chat: Chat, since: datetime) -> None:
        now = self.clock.now() if chat.paused_since is None else None
        await change_chat(tx.connection, chat.id, {"waiting_since": since, "answer_at": now})
        if now is not None:
            tx.after_commit(partial(self.jobs.wake, ANSWER, chat.id, now))


async def _known(tx: Transaction, chat: int, key: str) -> Message | None:
    """The message that the form with that key made, if it did already."""
    query = select(messages).where(messages.c.chat_id == chat, messages.c.form_key == key)
    row = (await tx.connection.execute(query)).mappings().one_or_none()
    return message_of(row) if row is not None else None
