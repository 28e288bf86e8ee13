"""Messages leave by the channel that the chat came from; the intent is stored first."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from math import inf

from bot.clock import Clock
from bot.errors import ChannelBusyError, ChannelError, UnknownDeliveryError
from bot.model import Author, Chat, Delivery, Message, Rate, Reply, Settled
from bot.networks import Sender, Throttle
from bot.ports import News, Transaction
from bot.redis_link import rest
from bot.store.chats import add_outgoing, settle_message
from bot.store.crowd import add_replies, settle_messages
from bot.store.texts import named

SEND_TIMEOUT = timedelta(seconds=30)
# At Telegram's 25 a second that is a queue of 750; who is behind it asks again.
LONGEST_WAIT = timedelta(seconds=30)
_CROWD = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class SqlOutbox:
    """Posts, delivers and settles; `senders` and `rates` are by channel account.

    `remembering` are the accounts whose channel can tell afterwards.
    """

    senders: Mapping[str, Sender]
    rates: Mapping[str, Sequence[Rate]]
    throttle: Throttle
    news: News
    clock: Clock
    remembering: Set[str] = frozenset()

    async def post(
        self,
        tx: Transaction,
        chat: Chat,
        reply: Reply,
        plugin: str | None = None,
        *,
        by: str | None = None,
    ) -> Message:
        """Record the intent to send, in the caller's transaction that holds the chat."""
        values = {"text": reply.text, "tokens": reply.tokens, "plugin": plugin}
        if by is not None:
            values |= {"author": Author.MANAGER, "by": named(by)}
        message = await add_outgoing(tx.connection, chat, self.clock.now(), values)
        tx.after_commit(partial(self.news.publish, chat.id))
        return message

    async def post_all(
        self, tx: Transaction, replies: Sequence[tuple[Chat, Reply]], at: datetime, plugin: str
    ) -> Sequence[Message]:
        """The same for many held chats, one message each, in that order."""
        posted = await add_replies(tx.connection, replies, at, plugin) if replies else ()
        for message in posted:
            tx.after_commit(partial(self.news.publish, message.chat))
        return posted

    async def held(self, chat: Chat) -> timedelta:
        """How long the network still wants us to wait."""
        return await self.throttle.held(chat.ref.account)

    def pace(self, chat: Chat) -> float:
        """As `ports.Outbox.pace`."""
        rates = self.rates.get(chat.ref.account, ())
        whole = [each.count / each.per.total_seconds() for each in rates if not each.each_chat]
        return min(whole, default=inf)

    async def slot(self, chat: Chat) -> timedelta:
        """Wait, but not for long, for the right to send once; zero, or how long it takes yet."""
        _, left = await self._through("gate", chat, LONGEST_WAIT)
        return left

    async def deliver(
        self, chat: Chat, message: Message, still: Callable[[], Awaitable[bool]] | None = None
    ) -> str | None:
        """Call the channel; no answer in time means that it may have been sent.

        A process that was frozen after the intent sends no more: others may have taken it over.
        """
        # Those who passed the gate in order may come here in a crowd.
        waited, left = await self._through("send", chat, _CROWD)
        if left:
            raise ChannelBusyError(left)
        if waited and still is not None and not await still():
            raise ChannelError("it was called off while it waited")
        if self.clock.now() - message.at > SEND_TIMEOUT:
            raise ChannelError("its sending was held up for too long")
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return await self._sender(chat).send(chat, message)
        except TimeoutError:
            raise UnknownDeliveryError(f"{chat.ref.account} did not answer in time") from None
        except ChannelBusyError as error:
            await self.throttle.hold(chat.ref.account, error.wait)
            raise

    async def _through(
        self, door: str, chat: Chat, longest: timedelta
    ) -> tuple[timedelta, timedelta]:
        """Wait at most that long for the door: how long it was, and is yet."""
        rates = self.rates.get(chat.ref.account, ())
        waited = timedelta()
        while wait := await self.throttle.slot(door, chat, rates):
            if waited + wait > longest:
                return waited, wait
            await rest(wait.total_seconds())
            waited += wait
        return waited, timedelta()

    async def settle(
        self, tx: Transaction, message: Message, delivery: Delivery, external_id: str | None = None
    ) -> bool:
        """Record what became of it, in the caller's transaction; false for what had failed."""
        settled = await settle_message(tx.connection, message.id, delivery, external_id)
        tx.after_commit(partial(self.news.publish, message.chat))
        return settled

    async def settle_all(self, tx: Transaction, settled: Sequence[Settled]) -> None:
        """The same for many messages."""
        await settle_messages(tx.connection, settled)
        for each in settled:
            tx.after_commit(partial(self.news.publish, each.chat))

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """Whether the network lets us write there then; a channel that is gone tells so later."""
        sender = self.senders.get(chat.ref.account)
        return sender is None or sender.is_open(chat, at)

    def can_ask(self, chat: Chat) -> bool:
        """Whether the channel can tell later what became of a send of unknown fate."""
        return chat.ref.account in self.remembering

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """Ask the channel what became of a message; None where it cannot tell, or is away."""
        if message.arrival is not None:
            return True
        sender = self.senders.get(chat.ref.account)
        if sender is None:
            return None
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return await sender.was_sent(chat, message)
        except (TimeoutError, ChannelError):
            return None

    def _sender(self, chat: Chat) -> Sender:
        sender = self.senders.get(chat.ref.account)
        if sender is None:
            raise ChannelError(f"channels.{chat.ref.account}: is not in the settings any more")
        return sender
