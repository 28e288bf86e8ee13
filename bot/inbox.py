"""What happens when somebody writes.

One transaction stores the message, once per chat and id, and tells the plugins; it commits
before the channel acknowledges. The employee answers afterwards, in a job of its own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.exc import OperationalError

from bot.errors import NoChatError
from bot.hooks import Hooks
from bot.model import Author, Chat, ChatRef, Incoming, Message, Receipt
from bot.optout import Wish, wish_in
from bot.pause import pause_chat
from bot.ports import Database, Jobs, News, Transaction
from bot.store.arriving import (
    Arriving,
    Newcomer,
    add_incoming,
    known_message,
    open_chat,
    open_chats,
)
from bot.store.chats import move_chat
from bot.together import Together

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


class Inbox:
    """Receives for every channel account, by its name in the settings.

    Messages that arrive while others are being stored are stored together, in one transaction; a
    fault of one harms no other, and a database that is away refuses all of them at once.
    """

    def __init__(
        self,
        database: Database,
        accounts: Mapping[str, Account],
        *,
        hooks: Hooks,
        jobs: Jobs,
        news: News,
    ) -> None:
        self.accounts = accounts
        self._database = database
        self._hooks = hooks
        self._jobs = jobs
        self._news = news
        self._crowd = Together(self._receive, common=(OperationalError,))

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        """The chat at that address, made when there is none."""
        async with self._database.write() as tx:
            return await open_chat(tx.connection, ref, self.accounts[ref.account].employee, name)

    async def move(self, ref: ChatRef, address: str) -> None:
        """The network moved the chat to another address."""
        async with self._database.write() as tx:
            await move_chat(tx.connection, ref, address)

    async def receive(self, incoming: Incoming) -> Receipt:
        """Store a message once per chat and id; returns after the commit."""
        receipt = await self._crowd.ask(_heard(incoming))
        if receipt is None:
            raise NoChatError(f"there is no such chat of {incoming.ref.account}")
        return receipt

    async def _receive(self, batch: Sequence[Incoming]) -> Sequence[Receipt | None]:
        """All of them in one transaction; what is said in one chat, in its order."""
        receipts: dict[int, Receipt] = {}
        async with self._database.write() as tx:
            for turn in _turns(batch):
                taken = await self._take(tx, {batch[place].ref: batch[place] for place in turn})
                receipts |= {
                    place: taken[batch[place].ref] for place in turn if batch[place].ref in taken
                }
        return [receipts.get(place) for place in range(len(batch))]

    async def _take(
        self, tx: Transaction, said: Mapping[ChatRef, Incoming]
    ) -> Mapping[ChatRef, Receipt]:
        """One message of each chat; nothing of whoever opens none and has none."""
        wanted = {ref: self._newcomer(each) for ref, each in said.items()}
        chats = await open_chats(tx.connection, wanted)
        if not chats:
            return {}
        arriving = [self._arriving(chat, said[ref]) for ref, chat in chats.items()]
        stored = await add_incoming(tx.connection, arriving)
        clients = [both for both in stored.values() if both[1].author is Author.CLIENT]
        await self._hooks.tell_of(tx, clients, lambda plugin, said: plugin.clients_wrote(tx, said))
        return {
            each.chat.ref: await self._taken(tx, each, stored.get(each.chat.ref))
            for each in arriving
        }

    def _newcomer(self, incoming: Incoming) -> Newcomer | None:
        if not incoming.opens:
            return None
        return Newcomer(self.accounts[incoming.ref.account].employee, incoming.name)

    async def _taken(
        self, tx: Transaction, arriving: Arriving, stored: tuple[Chat, Message] | None
    ) -> Receipt:
        incoming = arriving.incoming
        if stored is None:
            known = await known_message(tx.connection, arriving.chat.id, incoming.id)
            return Receipt(arriving.chat, known, new=False)
        await self._tell(tx, *stored, incoming)
        tx.after_commit(partial(self._news.publish, arriving.chat.id))
        return Receipt(*stored, new=True)

    def _arriving(self, chat: Chat, incoming: Incoming) -> Arriving:
        """A chat belongs to the employee who has the account when the client first writes."""
        account = self.accounts[chat.ref.account]
        if chat.client_n == 0:
            chat = replace(chat, employee=account.employee)
        return Arriving(chat, incoming, account.answers)

    async def _tell(
        self, tx: Transaction, chat: Chat, message: Message, incoming: Incoming
    ) -> None:
        match message.author:
            case Author.CLIENT:
                out = incoming.opt_out
                if out is not None:
                    await self._hooks.tell(
                        tx, lambda plugin: plugin.client_opted(tx, chat, message.at, out=out)
                    )
                tx.after_commit(partial(self._jobs.wake, ANSWER, chat.id, message.at))
            case Author.MANAGER:
                await self._hooks.tell(tx, lambda plugin: plugin.manager_wrote(tx, chat, message))
                who = incoming.by or self.accounts[chat.ref.account].kind
                await pause_chat(tx, self._hooks, chat, message.at, by=who)
            case Author.EMPLOYEE:
                await self._hooks.tell(tx, lambda plugin: plugin.employee_wrote(tx, chat, message))


def _heard(incoming: Incoming) -> Incoming:
    """With what the client's own words wish, where the network has no word of its own for it."""
    if incoming.author is not Author.CLIENT or incoming.opt_out is not None:
        return incoming
    wish = wish_in(incoming.text)
    return incoming if wish is None else replace(incoming, opt_out=wish is Wish.OUT)


def _turns(batch: Sequence[Incoming]) -> Iterable[Sequence[int]]:
    """The places of a batch in turns, in each of which no chat is twice."""
    turns: dict[int, list[int]] = {}
    said: Counter[ChatRef] = Counter()
    for place, incoming in enumerate(batch):
        turns.setdefault(said[incoming.ref], []).append(place)
        said[incoming.ref] += 1
    return turns.values()
