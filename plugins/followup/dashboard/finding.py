"""Finds chats with a scheduled reminder, in the order of the list, by walking an index.

Every word that is looked for must begin a word of the chat's name or of its employee's. Employees
are few, so their names are looked at here; for the rest of the words one index holds all names'
words by their first letters, in the order of the list: however many chats match, the walk ends
as soon as the page is full.
"""

from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Employee, Id, Moment
from plugins.followup.adapters.tables import silences, words
from plugins.followup.folding import STEMS, begins, stem_of, words_of

Place = tuple[datetime, int]
"""Where a chat stands in the list: its due moment and its number."""

_FEW = 20
_SOME = 5_000
_MANY = 100_000
_HASTY = ("sort", "bitmapscan", "seqscan", "hashagg", "hashjoin", "nestloop")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody looks for: folded beginnings of words, an employee's id."""

    words: tuple[str, ...] = ()
    employee: str | None = None


async def find(
    connection: AsyncConnection, wish: Wish, people: Sequence[Employee], slice_: "Slice"
) -> Sequence[Place]:
    """The next places in the list after `slice_.after`, at most `slice_.limit`."""
    found: set[Place] = set()
    async with walking(connection):
        for rest, ids in groups(wish, people).items():
            everyone = len(ids) == len(people)
            mine = None if everyone else ids
            queries = await _by_name(connection, rest, mine) if rest else _by_employee(mine)
            for query in queries:
                found.update((at, chat) for at, chat in await connection.execute(slice_.of(query)))
    return sorted(found)[: slice_.limit]


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of the list; keyset: it stays where it is while rows before it come and go."""

    limit: int
    after: Place | None = None

    def of(self, query: Select[Any]) -> Select[Any]:
        """That part of a query whose columns are due moment and chat."""
        at, chat = query.selected_columns
        if self.after is not None:
            after = tuple_(literal(self.after[0], Moment), literal(self.after[1], Id))
            query = query.where(tuple_(at, chat) > after)
        return query.order_by(at, chat).limit(self.limit)


def groups(wish: Wish, people: Iterable[Employee]) -> Mapping[tuple[str, ...], Sequence[str]]:
    """Employees by the words that are not in their names: those must be in the chat's."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for person in people:
        if wish.employee not in {None, person.id}:
            continue
        name = words_of(person.name)
        rest = tuple(word for word in wish.words if not begins(name, word))
        groups.setdefault(rest, []).append(person.id)
    return groups


def _by_employee(ids: Collection[str] | None) -> Sequence[Select[Any]]:
    """All chats of those employees; for a few of them each has a walk of their own."""
    query = select(silences.c.due_at, silences.c.chat_id).where(silences.c.due_at.is_not(None))
    if ids is None:
        return [query]
    if len(ids) > _FEW:
        return [query.where(silences.c.employee_id.in_(ids))]
    return [query.where(silences.c.employee_id == each) for each in ids]


async def _by_name(
    connection: AsyncConnection, rest: Sequence[str], ids: Collection[str] | None
) -> Sequence[Select[Any]]:
    """Their chats with all these beginnings: the rarest is walked, the others are asked.

    PostgreSQL is slow to ask but quick to merge, so there many rows are walked side by side.
    """
    counts = await _counts(connection, rest)
    first = min(rest, key=lambda each: (counts[each], -len(each)))
    others = [each for each in rest if each != first]
    merged = counts[first] > _SOME and connection.dialect.name == "postgresql"
    query = select(words.c.due_at, words.c.chat_id).distinct()
    query = query.where(_starts(words, first), words.c.due_at.is_not(None))
    if merged:
        query = query.select_from(_beside(others))
    else:
        query = query.where(*(_has(each) for each in others))
    return [query if ids is None else query.where(words.c.employee_id.in_(ids))]


def _beside(others: Iterable[str]) -> FromClause:
    """The walk, with one beside it for each of these."""
    walk: FromClause = words
    for beginning in others:
        other = words.alias()
        same = (other.c.due_at == words.c.due_at) & (other.c.chat_id == words.c.chat_id)
        walk = walk.join(other, same & _starts(other, beginning))
    return walk


async def _counts(connection: AsyncConnection, beginnings: Sequence[str]) -> Mapping[str, int]:
    """How many rows each has, as far as that matters."""
    if len(beginnings) == 1:
        return {beginnings[0]: 0}
    counts: dict[str, int] = {}
    for each in beginnings:
        rows = select(words.c.chat_id).where(words.c.stem == stem_of(each))
        counted = select(func.count()).select_from(rows.limit(_MANY).subquery())
        counts[each] = int((await connection.execute(counted)).scalar_one())
    return counts


def _starts(table: FromClause, beginning: str) -> ColumnElement[bool]:
    stem = table.c.stem == stem_of(beginning)
    # Folded words are plain letters and digits: nothing here is special to LIKE.
    return stem if len(beginning) <= STEMS else stem & table.c.word.like(f"{beginning}%")


def _has(beginning: str) -> ColumnElement[bool]:
    """Whether the chat that is looked at has such a word; asked row by row, as the walk goes.

    The place in the list is asked for, so that the answers lie beside each other on the disk; as a
    range, so that no database prefers to look the chat up, which is a jump each time.
    """
    other = words.alias()
    here = other.c.chat_id.between(words.c.chat_id, words.c.chat_id)
    same = _starts(other, beginning) & (other.c.due_at == words.c.due_at) & here
    return select(literal(1)).where(same).limit(1).scalar_subquery().is_not(None)


def has_word(chat: ColumnElement[int], beginning: str) -> ColumnElement[bool]:
    """Whether that chat has such a word."""
    other = words.alias()
    same = (other.c.chat_id == chat) & _starts(other, beginning)
    return select(literal(1)).where(same).limit(1).scalar_subquery().is_not(None)


async def rare(
    connection: AsyncConnection, wish: Wish, people: Sequence[Employee], limit: int
) -> Sequence[int] | None:
    """All chats, waiting or not, that fit; none if they are too many to be worth a look-up."""
    if not wish.words:
        return None
    found: set[int] = set()
    for rest, ids in groups(wish, people).items():
        if not rest:
            return None
        counts = await _counts(connection, rest)
        first = min(rest, key=lambda each: (counts[each], -len(each)))
        query = select(words.c.chat_id).where(_starts(words, first), words.c.employee_id.in_(ids))
        query = query.where(*(has_word(words.c.chat_id, each) for each in rest if each != first))
        found.update((await connection.execute(query.distinct().limit(limit))).scalars())
        if len(found) >= limit:
            return None
    return sorted(found)


@asynccontextmanager
async def walking(connection: AsyncConnection) -> AsyncIterator[None]:
    """Have PostgreSQL go by the index, which ends with the page, instead of sorting all matches.

    The settings hold until the end of a transaction, and reads have none.
    """
    if connection.dialect.name != "postgresql":
        yield
        return
    await connection.exec_driver_sql("BEGIN READ ONLY")
    try:
        settings = "; ".join(f"SET LOCAL enable_{plan} = off" for plan in _HASTY)
        await connection.exec_driver_sql(settings)
        yield
    finally:
        await connection.exec_driver_sql("ROLLBACK")
