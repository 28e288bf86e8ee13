"""Looks whether every promise is kept, over the whole database and, if given, a channel's log.

For tests, with an application and what its channels really delivered:

    found = await violations_of(app)
    found = await violations_of(app, [Delivered(ref, message.id) for ref, message in sender.sent])

Both take `clock`, how far the clock may have jumped back, and `patience`, how long what is due
may wait; without patience nothing is called late. Reads only, a page of chats at a time.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from bot.app import App
from bot.audit import Audit, Conversation, Delivered, Invariant, Page, Violation
from bot.invariants import INVARIANTS, violations
from bot.model import ChatRef
from bot.store.pages import count_chats, page_after, still

CLOCKS = timedelta(seconds=5)
"""How far the clocks of machines, and a transaction's look at one and its commit, are apart."""
PATIENCE = timedelta(minutes=5)
_EXACT = timedelta()

Log = Mapping[ChatRef, Sequence[Delivered]]


@dataclass(frozen=True, slots=True)
class Examined:
    """So many chats were looked at, and that is what was found."""

    chats: int
    found: Sequence[Violation]


async def violations_of(
    app: App,
    delivered: Iterable[Delivered] | None = None,
    *,
    clock: timedelta = _EXACT,
    patience: timedelta | None = None,
) -> Sequence[Violation]:
    """Everything that is wrong, at one go."""
    pages = examine(app, delivered, clock=clock, patience=patience)
    return [violation async for page in pages for violation in page.found]


async def examine(
    app: App,
    delivered: Iterable[Delivered] | None = None,
    *,
    clock: timedelta = CLOCKS,
    patience: timedelta | None = PATIENCE,
) -> AsyncIterator[Examined]:
    """The same, page by page; the tolerances are those of a live system."""
    log = _by_chat(delivered)
    after: int | None = 0
    while after is not None:
        now = app.runtime.clock.now()
        kept_since = now - timedelta(days=app.settings.retention.days)
        page, found = await _next(app, after, log, Audit(now, kept_since, clock, patience))
        yield Examined(len(page.talks), found)
        after = page.upto
    yield Examined(0, [_nowhere(ref) for ref in log or ()])


async def how_many(app: App) -> int:
    """How many chats there are to look at."""
    async with app.database.read() as connection:
        return await count_chats(connection)


def promises(app: App) -> Sequence[tuple[str, Sequence[Invariant]]]:
    """All that is looked at, by the number of the invariant."""
    known = defaultdict(list)
    for invariant in [*INVARIANTS, *(each for plugin in app.plugins for each in plugin.invariants)]:
        known[invariant.id].append(invariant)
    return sorted(known.items(), key=lambda item: (len(item[0]), item[0]))


async def _next(
    app: App, after: int, log: dict[ChatRef, list[Delivered]] | None, audit: Audit
) -> tuple[Page, Sequence[Violation]]:
    """One page, all of it as it was at one moment."""
    async with app.database.read() as connection:
        await still(connection)
        page = await page_after(connection, after)
        page = replace(page, talks=[_with_log(talk, log) for talk in page.talks])
        found = [Violation("I9", chat, "has messages, and is not stored") for chat in page.strays]
        found += [violation for talk in page.talks for violation in violations(talk, audit)]
        for plugin in app.plugins:
            found += await plugin.examine(connection, page, audit)
    return page, found


def _with_log(talk: Conversation, log: dict[ChatRef, list[Delivered]] | None) -> Conversation:
    """The chat with what was delivered there, which is taken out of the log."""
    return talk if log is None else replace(talk, delivered=log.pop(talk.chat.ref, ()))


def _by_chat(delivered: Iterable[Delivered] | None) -> dict[ChatRef, list[Delivered]] | None:
    if delivered is None:
        return None
    log: dict[ChatRef, list[Delivered]] = defaultdict(list)
    for entry in delivered:
        log[entry.ref].append(entry)
    return dict(log)


def _nowhere(ref: ChatRef) -> Violation:
    return Violation("I6", 0, f"something was delivered by {ref.account} to nobody we know")
