"""What happens when somebody writes.

One transaction stores the message, once per chat and id, and tells the plugins; it commits
before the channel acknowledges. The employee answers afterwards, in a job of its own.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import partial

from bot.hooks import Hooks
from bot.model import Author, Chat, ChatRef, Incoming, Message, Receipt
from bot.optout import Wish, wish_in
from bot.pause import pause_chat
from bot.ports import Database, Jobs, News, Transaction
from bot.store.chats import add_incoming, change_chat, known_message, move_chat, open_chat

ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose channel account it is; `answers`: whether the employee answers there, or other code.

    `admins` are the ids, on that network, of those who may give commands.
    """

    kind: str
    employee: str
    answers: bool = True
    admins: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Inbox:
    """Receives for every channel account, by its name in the settings."""

    database: Database
    accounts: Mapping[str, Account]
    hooks: Hooks
    jobs: Jobs
    news: News

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        """The chat at that address, made when there is none."""
        async with self.database.write() as tx:
            return await open_chat(tx.connection, ref, self.accounts[ref.account].employee, name)

    async def move(self, ref: ChatRef, address: str) -> None:
        """The network moved the chat to another address."""
        async with self.database.write() as tx:
            await move_chat(tx.connection, ref, address)

    async def receive(self, incoming: Incoming) -> Receipt:
        """Store a message once per chat and id; returns after the commit."""
        account = self.accounts[incoming.ref.account]
        incoming = _heard(incoming)
        async with self.database.write() as tx:
            chat = await open_chat(tx.connection, incoming.ref, account.employee, incoming.name)
            known = await known_message(tx.connection, chat.id, incoming.id)
            if known is not None:
                return Receipt(chat, known, new=False)
            if chat.client_n == 0:
                chat = await self._assigned(tx, chat)
            chat, message = await add_incoming(
                tx.connection, chat, incoming, answered=account.answers
            )
            await self._tell(tx, chat, message, incoming)
            tx.after_commit(partial(self.news.publish, chat.id))
        return Receipt(chat, message, new=True)

    async def _assigned(self, tx: Transaction, chat: Chat) -> Chat:
        """A chat belongs to the employee who has the account when the client first writes."""
        employee = self.accounts[chat.ref.account].employee
        await change_chat(tx.connection, chat.id, {"employee_id": employee})
        return replace(chat, employee=employee)

    async def _tell(
        self, tx: Transaction, chat: Chat, message: Message, incoming: Incoming
    ) -> None:
        match message.author:
            case Author.CLIENT:
                await self.hooks.tell(tx, lambda plugin: plugin.client_wrote(tx, chat, message))
                out = incoming.opt_out
                if out is not None:
                    await self.hooks.tell(
                        tx, lambda plugin: plugin.client_opted(tx, chat, message.at, out=out)
                    )
                tx.after_commit(partial(self.jobs.wake, ANSWER, chat.id, message.at))
            case Author.MANAGER:
                await self.hooks.tell(tx, lambda plugin: plugin.manager_wrote(tx, chat, message))
                who = incoming.by or self.accounts[chat.ref.account].kind
                await pause_chat(tx, self.hooks, chat, message.at, by=who)
            case Author.EMPLOYEE:
                await self.hooks.tell(tx, lambda plugin: plugin.employee_wrote(tx, chat, message))


def _heard(incoming: Incoming) -> Incoming:
    """With what the client's own words wish, where the network has no word of its own for it."""
    if incoming.author is not Author.CLIENT or incoming.opt_out is not None:
        return incoming
    wish = wish_in(incoming.text)
    return incoming if wish is None else replace(incoming, opt_out=wish is Wish.OUT)
