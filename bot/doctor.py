"""Looks whether every promise is kept, over the whole database and, if given, a channel's log.

For tests, with an application and what its channels really delivered:

    found = await violations_of(app)
    found = await violations_of(app, [Delivered(ref, message.id) for ref, message in sender.sent])

Both take `clock`, how far the clock may have jumped back, and `patience`, how long what is due
may wait; without patience nothing is called late. Reads only, a page of chats at a time.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from sqlalchemy.exc import DBAPIError

from bot.app import App
from bot.audit import Audit, Conversation, Delivered, Invariant, Page, Violation
from bot.errors import SettingsError
from bot.invariants import INVARIANTS, violations
from bot.model import ChatRef
from bot.store.pages import count_chats, page_after, still

CLOCKS = timedelta(seconds=5)
"""How far the clocks of machines, and a transaction's look at one and its commit, are apart."""
PATIENCE = timedelta(minutes=5)
_EXACT = timedelta()

_SHOWN = 5

Log = dict[ChatRef, list[Delivered]]


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
    """How many chats there are to look at. Raises SettingsError."""
    empty = SettingsError("database.url: nothing is stored there yet; start `followup run` once")
    if not _is_made(app):
        raise empty
    await app.database.reach()
    try:
        async with app.database.read() as connection:
            return await count_chats(connection)
    except DBAPIError:
        raise empty from None


def _is_made(app: App) -> bool:
    """Whether there is anything to connect to; with SQLite, to connect would make it."""
    url = app.database.url
    return url.get_backend_name() != "sqlite" or Path(url.database or "").is_file()


async def visit(app: App) -> Sequence[Violation]:
    """Everything that is wrong on a live system, with a bar on a terminal; closes the application.

    Raises SettingsError.
    """
    console = Console(stderr=True)
    found: list[Violation] = []
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        try:
            task = progress.add_task("Chats", total=await how_many(app))
            async for page in examine(app):
                found += page.found
                progress.advance(task, page.chats)
        finally:
            await app.close()
    return found


def report(app: App, found: Sequence[Violation]) -> Iterator[str]:
    """A line for each invariant; below a broken one the first chats, and what to do."""
    for name, promises in _by_number(app):
        broken = [violation for violation in found if violation.invariant == name]
        mark, count = ("FAULT", f": {len(broken)}") if broken else ("ok", "")
        yield f"{mark:<6}{name:<4} {'; '.join(each.promise for each in promises)}{count}"
        for violation in broken[:_SHOWN]:
            yield f"{'':11}chat {violation.chat}: {violation.text}"
        if len(broken) > _SHOWN:
            yield f"{'':11}and {len(broken) - _SHOWN} more"
        if broken:
            advice = "; ".join(dict.fromkeys(each.advice for each in promises))
            yield f"{'':11}What to do: {advice}."


def _by_number(app: App) -> Sequence[tuple[str, Sequence[Invariant]]]:
    known = defaultdict(list)
    for invariant in [*INVARIANTS, *(each for plugin in app.plugins for each in plugin.invariants)]:
        known[invariant.id].append(invariant)
    return sorted(known.items(), key=lambda item: (len(item[0]), item[0]))


async def _next(
    app: App, after: int, log: Log | None, audit: Audit
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


def _with_log(talk: Conversation, log: Log | None) -> Conversation:
    """The chat with what was delivered there, which is taken out of the log."""
    return talk if log is None else replace(talk, delivered=log.pop(talk.chat.ref, ()))


def _by_chat(delivered: Iterable[Delivered] | None) -> Log | None:
    if delivered is None:
        return None
    log: Log = defaultdict(list)
    for entry in delivered:
        log[entry.ref].append(entry)
    return dict(log)


def _nowhere(ref: ChatRef) -> Violation:
    return Violation("I6", 0, f"something was delivered by {ref.account} to nobody we know")
