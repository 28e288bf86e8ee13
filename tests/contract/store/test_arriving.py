"""Messages of many clients that arrive at once are stored together, each as if it were alone."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from sqlalchemy import event, update
from sqlalchemy.exc import IntegrityError

from bot.errors import NoChatError
from bot.hooks import Hooks
from bot.inbox import Account, Inbox
from bot.model import Author, Chat, ChatRef, Incoming, Message, Receipt
from bot.plugin import Plugin
from bot.ports import Transaction
from bot.store.tables import chats
from bot.testing import MONDAY
from tests.contract.store.conftest import Count, Shop

SECOND = timedelta(seconds=1)


class Names(Plugin):
    """Names each chat by what was said; falls over at a certain word, after it wrote."""

    name: ClassVar[str] = "names"

    def __init__(self) -> None:
        self.heard: list[str] = []

    async def client_wrote(self, tx: Transaction, chat: Chat, message: Message) -> None:
        named = update(chats).where(chats.c.id == chat.id).values(name=message.text)
        await tx.connection.execute(named)
        tx.after_commit(lambda: self.heard.append(message.text))
        if message.text == "fall":
            raise ZeroDivisionError


def said(who: str, key: str, text: str = "", account: str = "site", **more: Any) -> Incoming:
    return Incoming(
        ChatRef(account, who), key, Author.CLIENT, text or f"{who} {key}", MONDAY, **more
    )


@pytest.fixture
def names() -> Names:
    return Names()


@pytest.fixture
def inbox(shop: Shop, names: Names) -> Inbox:
    """Nobody works for the account "odd"."""
    accounts = {name: Account("web", "anna") for name in ("site", "other")}
    accounts["odd"] = Account("web", "nobody")
    hooks = Hooks([names])
    return Inbox(shop.database, accounts, hooks=hooks, jobs=shop.jobs, news=shop.news)


async def texts(shop: Shop, who: str, account: str = "site") -> Sequence[str]:
    chat = await shop.chats.find(ChatRef(account, who))
    return [] if chat is None else [each.text for each in await shop.chats.messages(chat.id)]


async def test_many_at_once_take_few_statements(shop: Shop, inbox: Inbox, count: Count) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    await inbox.receive(said("c0", "m0"))
    event.listen(shop.database.engine.sync_engine, "before_cursor_execute", note)
    receipts = await asyncio.gather(*(inbox.receive(said(f"c{n}", "m1")) for n in range(60)))

    assert all(each.new for each in receipts)
    assert [each.chat.ref.address for each in receipts] == [f"c{n}" for n in range(60)]
    assert [each.message.text for each in receipts] == [f"c{n} m1" for n in range(60)]
    assert await count("messages") == 61
    inserts = [each for each in asked if each.startswith("INSERT INTO messages")]
    assert len(inserts) == 1


async def test_what_is_said_in_one_chat_keeps_its_order(shop: Shop, inbox: Inbox) -> None:
    await asyncio.gather(*(inbox.receive(said(f"c{n % 2}", f"m{n}")) for n in range(10)))

    assert await texts(shop, "c0") == [f"c0 m{n}" for n in range(0, 10, 2)]
    assert await texts(shop, "c1") == [f"c1 m{n}" for n in range(1, 10, 2)]


async def test_the_same_twice_at_once_is_stored_once(shop: Shop, inbox: Inbox) -> None:
    first, *again = await asyncio.gather(*(inbox.receive(said("c1", "m1")) for _ in range(5)))

    assert first.new
    assert [each.new for each in again] == [False] * 4
    assert {each.message.id for each in again} == {first.message.id}
    assert await texts(shop, "c1") == ["c1 m1"]


async def test_one_address_at_two_accounts_is_two_chats(shop: Shop, inbox: Inbox) -> None:
    for key in ("m1", "m2"):
        await asyncio.gather(
            *(inbox.receive(said("c1", key, account=each)) for each in ("site", "other", "site"))
        )

    assert await texts(shop, "c1") == ["c1 m1", "c1 m2"]
    assert await texts(shop, "c1", "other") == ["c1 m1", "c1 m2"]


async def test_what_cannot_be_stored_takes_nothing_else_with_it(
    shop: Shop, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    waiting = [said("c0", "m"), said("c1", "m"), said("c2", "m", account="odd"), said("c3", "m")]
    outcomes = await asyncio.gather(*map(inbox.receive, waiting), return_exceptions=True)

    assert [isinstance(each, IntegrityError) for each in outcomes] == [False, False, True, False]
    assert [await texts(shop, f"c{n}") for n in (0, 1, 3)] == [["c0 m"], ["c1 m"], ["c3 m"]]


async def test_a_plugin_that_fails_at_one_message_hears_the_others(
    shop: Shop, inbox: Inbox, names: Names, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("CRITICAL")
    words = ["one", "two", "fall", "three"]
    waiting = [said(f"c{n}", "m", word, name="before") for n, word in enumerate(words)]
    await asyncio.gather(*map(inbox.receive, waiting))

    found = [await shop.chats.find(each.ref) for each in waiting]
    assert [each and each.name for each in found] == ["one", "two", "before", "three"]
    assert sorted(names.heard) == ["one", "three", "two"]
    assert [await texts(shop, f"c{n}") for n in range(4)] == [[word] for word in words]


async def test_who_gives_up_waiting_takes_nothing_from_the_others(shop: Shop, inbox: Inbox) -> None:
    waiting = [asyncio.create_task(inbox.receive(said(f"c{n}", "m"))) for n in range(4)]
    asyncio.get_running_loop().call_soon(waiting[2].cancel)
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    kept = [0, 1, 3]
    assert isinstance(outcomes[2], asyncio.CancelledError)
    assert [await texts(shop, f"c{n}") for n in kept] == [[f"c{n} m"] for n in kept]


async def test_the_latest_moment_stays_whatever_comes_late(shop: Shop, inbox: Inbox) -> None:
    late = Incoming(ChatRef("site", "c1"), "m2", Author.CLIENT, "late", MONDAY - SECOND)
    await asyncio.gather(inbox.receive(said("c1", "m1")), inbox.receive(late))

    chat = await shop.chats.find(ChatRef("site", "c1"))
    assert chat is not None
    assert chat.client_at == MONDAY


async def test_who_opens_no_chat_and_has_none_is_refused_among_others(
    inbox: Inbox, shop: Shop
) -> None:
    await inbox.receive(said("c1", "m1"))

    known, stranger, newcomer = await asyncio.gather(
        inbox.receive(said("c1", "m2", opens=False)),
        inbox.receive(said("c2", "m1", opens=False)),
        inbox.receive(said("c3", "m1")),
        return_exceptions=True,
    )

    assert isinstance(stranger, NoChatError)
    assert isinstance(known, Receipt)
    assert isinstance(newcomer, Receipt)
    assert await texts(shop, "c1") == ["c1 m1", "c1 m2"]
    assert await shop.chats.find(ChatRef("site", "c2")) is None


async def test_a_stranger_alone_is_refused_too(inbox: Inbox, count: Count) -> None:
    with pytest.raises(NoChatError):
        await inbox.receive(said("c1", "m1", opens=False))

    assert await count("chats") == 0
