"""Finds chats with a scheduled reminder, in the order of the list, by walking an index.

Every word that is looked for must begin a word of the chat's name or of its employee's. Employees
are few, so their names are looked at here; for the rest of the words one index holds all names'
words by their first letters, in the order of the list, each with the whole name: however many chats
match, the walk ends as soon as the page is full. Of several words the one is walked that is the
rarest from there on. So no search walks more rows than there are chats with the rarest of its
words, and none is sorted or joined. What fits is looked up once more: a chat whose client has just
written keeps its place among the words, but is not in the list until the answer.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Employee, Id, Moment
from plugins.followup.adapters.tables import silences, words
from plugins.followup.folding import STEMS, begins, stem_of, words_of

Place = tuple[datetime, int]
"""Where a chat stands in the list: its due moment and its number."""

_FEW = 20
_HANDFUL = 2_000
_MANY = 10_000
_HASTY = ("sort", "bitmapscan", "seqscan", "hashagg")
# A walk is short: to wait for helpers would take longer, most of all on a busy machine.
_ALONE = "SET LOCAL max_parallel_workers_per_gather = 0"


# The words of who waits for an answer stay where they were; asked row by row, not joined.
_LISTED = (
    select(silences.c.due_at).where(silences.c.chat_id == words.c.chat_id).scalar_subquery()
    == words.c.due_at
)


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
            if rest:
                queries: Sequence[Select[Any]] = [await _by_name(connection, rest, mine, slice_)]
            else:
                queries = _by_employee(mine)
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


def _by_employee(ids: Sequence[str] | None) -> Sequence[Select[Any]]:
    """All chats of those employees; for a few of them each has a walk of their own."""
    query = select(silences.c.due_at, silences.c.chat_id).where(silences.c.due_at.is_not(None))
    if ids is None:
        return [query]
    if len(ids) > _FEW:
        return [query.where(silences.c.employee_id.in_(ids))]
    return [query.where(silences.c.employee_id == each) for each in ids]


async def _by_name(
    connection: AsyncConnection, rest: Sequence[str], mine: Sequence[str] | None, start: "Slice"
) -> Select[Any]:
    """Their chats with all these beginnings, by whichever walk is the shortest."""
    if mine is not None and len(mine) == 1:
        [query] = _by_employee(mine)
        if await _reach(connection, query, start, _HANDFUL) is None:
            return query.where(*(has_word(silences.c.chat_id, each) for each in rest))
    first = await _rarest(connection, rest, start)
    walk = select(words.c.due_at, words.c.chat_id).distinct()
    walk = walk.where(*_all_of(rest, first), words.c.due_at.is_not(None), _LISTED)
    return walk if mine is None else walk.where(words.c.employee_id.in_(mine))


async def _rarest(connection: AsyncConnection, rest: Sequence[str], start: "Slice") -> str:
    """The one whose next rows reach the furthest down the list: the walk by it is the shortest."""
    furthest, reached = rest[0], None
    for each in rest if len(rest) > 1 else ():
        walk = select(words.c.due_at, words.c.chat_id).where(words.c.stem == stem_of(each))
        end = await _reach(connection, walk.where(words.c.due_at.is_not(None)), start, _MANY)
        if end is None:
            return each
        if reached is None or end > reached:
            furthest, reached = each, end
    return furthest


async def _reach(
    connection: AsyncConnection, walk: Select[Any], start: "Slice", rows: int
) -> Place | None:
    """Where that many rows of the walk end; none if it has fewer."""
    place = (await connection.execute(start.of(walk).limit(1).offset(rows))).first()
    return None if place is None else (place[0], place[1])


def _all_of(rest: Sequence[str], first: str) -> Iterator[ColumnElement[bool]]:
    """What a row of the walk by the first of them has to fulfil."""
    yield words.c.stem == stem_of(first)
    for each in rest:
        if each != first or len(each) > STEMS:
            # Folded words are plain letters and digits: nothing here is special to LIKE.
            yield words.c.name.like(f"% {each}%")


def has_word(chat: ColumnElement[int], beginning: str) -> ColumnElement[bool]:
    """Whether that chat has such a word; asked row by row, so only for few chats."""
    other = words.alias()
    same = (other.c.chat_id == chat) & (other.c.stem == stem_of(beginning))
    if len(beginning) > STEMS:
        same &= other.c.word.like(f"{beginning}%")
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
        query = select(words.c.chat_id).where(words.c.employee_id.in_(ids))
        query = query.where(*_all_of(rest, await _fewest(connection, rest)))
        found.update((await connection.execute(query.distinct().limit(limit))).scalars())
        if len(found) >= limit:
            return None
    return sorted(found)


async def _fewest(connection: AsyncConnection, rest: Sequence[str]) -> str:
    """The one with the fewest rows, waiting or not, as far as that matters."""
    counts: dict[str, int] = {}
    for each in rest if len(rest) > 1 else ():
        rows = select(words.c.chat_id).where(words.c.stem == stem_of(each)).limit(_MANY)
        counted = select(func.count()).select_from(rows.subquery())
        counts[each] = int((await connection.execute(counted)).scalar_one())
    return min(rest, key=lambda each: (counts.get(each, 0), -len(each)))


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
        settings = [f"SET LOCAL enable_{plan} = off" for plan in _HASTY]
        await connection.exec_driver_sql("; ".join([*settings, _ALONE]))
        yield
    finally:
        await connection.exec_driver_sql("ROLLBACK")
