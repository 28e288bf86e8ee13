"""What runs often looks things up in an index; nothing reads a whole table of chats."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.model import ChannelAccount, Chat, ChatRef
from bot.ports import Transaction
from bot.recovery import waiting_for_answers
from bot.store.arriving import Newcomer, known_message, open_chats
from bot.store.chats import (
    chat_at,
    forget_messages,
    free_answers,
    lock_chat,
    unfinished_answers,
)
from bot.store.crowd import SqlCrowd
from bot.store.database import SqlDatabase
from bot.store.tables import chats
from bot.testing import MONDAY
from plugins.followup.adapters.figures_sql import SqlLedger
from plugins.followup.adapters.index_sql import SqlIndex
from plugins.followup.adapters.opt_outs_sql import SqlOptOuts
from plugins.followup.adapters.outcomes_sql import SqlOutcomes
from plugins.followup.adapters.reminders_sql import SqlReminders
from plugins.followup.adapters.search_sql import SqlSearch
from plugins.followup.adapters.store_sql import SqlChains, SqlSilences
from plugins.followup.figures.days import Span
from plugins.followup.model import Reason, Silence
from plugins.followup.ports import Record
from tests.contract.store.conftest import Shop
from tests.contract.store.full import MANY, MINUTE, explained, fill, whole_tables

Question = Callable[[Shop, AsyncConnection], Awaitable[object]]


async def _answers_due(_shop: Shop, connection: AsyncConnection) -> None:
    """As the sweep asks."""
    await waiting_for_answers(connection, MONDAY)


async def _opted_out(tx: Transaction) -> None:
    accounts = {"site": ChannelAccount("site", "web", "anna")}
    await SqlOptOuts(accounts).held(tx, [_named(7), _named(8)])


def _at(chat: int) -> ChatRef:
    return ChatRef("site", f"c{chat}")


def _named(chat: int) -> Chat:
    return Chat(chat, _at(chat), "anna", f"Kim {chat}")


_RECORD = Record(7, "anna", 1, Silence(1, MONDAY, MONDAY))
_DAY = Span(MONDAY - 10 * MINUTE, MONDAY)

QUESTIONS: dict[str, Question] = {
    "moments": lambda _, c: SqlSearch().moments(c, MONDAY - MINUTE, MONDAY, 100),
    "ready": lambda _, c: SqlSearch().ready(c, MONDAY, None, 100),
    "ready after": lambda _, c: SqlSearch().ready(c, MONDAY, (MONDAY - MINUTE, 7), 100),
    "expired": lambda _, c: SqlSearch().expired(c, MONDAY, 100),
    "held_by": lambda _, c: SqlSearch().held_by(c, "w"),
    "stale": lambda _, c: SqlSearch().stale(c, 100),
    "silence": lambda _, c: SqlSilences().load(c, 7),
    "silences": lambda _, c: SqlSilences().load_all(c, [7, 8]),
    "reminders": lambda _, c: SqlReminders().get(c, [7, 8]),
    "busy": lambda _, c: SqlReminders().busy(Transaction(c), [7, 8], MONDAY),
    "cancel": lambda _, c: SqlReminders().cancel(Transaction(c), 7, Reason.MUTED, MONDAY),
    "replied": lambda _, c: SqlOutcomes().replied(
        Transaction(c), [(_RECORD, MONDAY), (_RECORD, MONDAY)], MONDAY
    ),
    "opted": lambda _, c: SqlOutcomes().opted(Transaction(c), 7, MONDAY, MONDAY),
    "tallies": lambda _, c: SqlLedger().tallies(c, _DAY, MONDAY),
    "waits": lambda _, c: SqlLedger().waits(c, _DAY, MONDAY),
    "groups": lambda _, c: SqlLedger().groups(c, "anna", _DAY, MONDAY),
    "chain": lambda s, c: SqlChains(s.chats).load(c, "anna"),
    "answers due": _answers_due,
    "unfinished answers": lambda _, c: unfinished_answers(c, MONDAY),
    "answers of a dead worker": lambda _, c: free_answers(c, "w"),
    "chat by address": lambda _, c: chat_at(c, ChatRef("site", "c7")),
    "chat held": lambda _, c: lock_chat(c, 7),
    "chats held": lambda _, c: SqlCrowd().hold(Transaction(c), [7, 8]),
    "chats that are free": lambda _, c: SqlCrowd().hold(Transaction(c), [7, 8], wait=False),
    "messages": lambda _, c: SqlCrowd().messages(c, [7, 8]),
    "latest of many": lambda _, c: SqlCrowd().latest(c, [7, 8], 60),
    "chats opened": lambda _, c: open_chats(c, dict.fromkeys([_at(7), _at(8)], Newcomer("anna"))),
    "known message": lambda _, c: known_message(c, 7, "m7"),
    "names": lambda _, c: SqlIndex().rename(Transaction(c), [_named(7), _named(8)]),
    "opted out": lambda _, c: _opted_out(Transaction(c)),
    "message": lambda s, c: s.chats.message(c, 7),
    "forgetting": lambda _, c: forget_messages(c, MONDAY - 2 * MANY * MINUTE),
}


# Where a wrong index would read nearly everything, and still be an index.
BY = {
    "moments": "followup_silences_due",
    "ready": "followup_silences_due",
    "ready after": "followup_silences_due",
    "expired": "followup_reminders_under_way",
    "held_by": "followup_reminders_under_way",
    "stale": "followup_silences_stale",
    "tallies": "followup_reminders_unsent",
    "waits": "followup_reminders_sent",
    "groups": "followup_silences_held",
    "answers due": "chats_answer_at",
    "unfinished answers": "messages_sending",
    "answers of a dead worker": "chats_answer_lease",
    "chat by address": "chats_address",
    "chats opened": "chats_address",
    "known message": "messages_external_id",
    "forgetting": "messages_at",
}


@pytest.fixture
async def crowd(shop: Shop) -> Shop:
    """Many chats, a few of which have something due."""
    await fill(shop.database)
    return shop


@pytest.fixture
async def plans(crowd: Shop) -> AsyncIterator[list[str]]:
    """How the database goes about each statement, as it is asked."""
    with explained(crowd.database) as found:
        yield found


# SQLite gives the index of a constraint a name of its own.
_UNNAMED = {
    "chats_address": "sqlite_autoindex_chats_1",
    "messages_external_id": "sqlite_autoindex_messages_2",
}


async def test_what_is_asked_often_is_looked_up(crowd: Shop, plans: list[str]) -> None:
    slow: dict[str, list[str]] = {}
    for name, question in QUESTIONS.items():
        plans.clear()
        async with crowd.database.write() as tx:
            await question(crowd, tx.connection)
        assert plans, name
        slow[name] = [plan for plan in plans if whole_tables(plan)]

    assert {name: found for name, found in slow.items() if found} == {}


async def test_what_the_sweep_asks_is_looked_up_where_only_that_is_kept(
    crowd: Shop, plans: list[str], kind: str
) -> None:
    elsewhere: dict[str, str] = {}
    for name, index in BY.items():
        async with crowd.database.write() as tx:
            await QUESTIONS[name](crowd, tx.connection)
        known = _UNNAMED.get(index, index) if kind == "sqlite" else index
        if known not in plans[-1]:
            elsewhere[name] = plans[-1]

    assert elsewhere == {}


async def test_pages_of_messages_are_looked_up(crowd: Shop, plans: list[str]) -> None:
    await crowd.chats.messages(7, after=3)
    await crowd.chats.latest(7, 20)
    await crowd.chats.find(ChatRef("site", "c7"))

    assert len(plans) == 3
    assert [plan for plan in plans if whole_tables(plan)] == []


async def test_a_whole_table_that_is_read_would_be_noticed(
    database: SqlDatabase, plans: list[str]
) -> None:
    async with database.read() as connection:
        await connection.execute(select(chats.c.id).where(chats.c.name == "Kim"))

    assert whole_tables(plans[-1]) == ["chats"]
