"""`python -m tests.bench.message`: what a message, its answer and a reminder cost.

Statements are counted, and what the process computes is its own CPU time: whatever else runs on
the machine changes little. `--profile` names the functions where that time goes.
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import redis
from sqlalchemy import event, insert, update
from sqlalchemy.engine import Connection, Engine

from bot.app import App, Outside, build
from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.jobs import RqJobs
from bot.model import Author, Delivery
from bot.news import LocalNews
from bot.redis_link import connect
from bot.rq_worker import AsyncWorker
from bot.store.tables import chats, messages
from bot.testing import FakeClock, FakeJobs
from bot.worker import run_job
from config.settings import Settings
from tests.torture.store import postgres

DELAY = timedelta(minutes=1)
PAST = 60
"""So many messages were said before, as many as a voice is ever told."""
_WARM = 20
_HEAD = ("", "statements", "SQL round trips", "Redis round trips", "jobs woken", "CPU s per 1,000")


@dataclass
class Counts:
    """What was seen since the last look."""

    statements: int = 0
    trips: int = 0
    woken: int = 0
    listing: list[str] = field(default_factory=list)


@dataclass
class Watch:
    """Counts what one engine says to its database.

    On SQLite a round trip is a hop to the connection's thread; on PostgreSQL a statement, BEGIN,
    the end of a transaction, or a ping.
    """

    engine: Engine
    counts: Counts = field(default_factory=Counts)

    def __post_init__(self) -> None:
        event.listen(self.engine, "before_cursor_execute", self._statement)
        if self.engine.dialect.name == "postgresql":
            for moment in ("begin", "commit", "rollback"):
                event.listen(self.engine, moment, self._bound)
            ping = self.engine.dialect.do_ping

            def do_ping(connection: Any) -> bool:
                self._trip()
                return ping(connection)

            self.engine.dialect.do_ping = do_ping  # type: ignore[method-assign]  # to count it
        else:
            _count_hops(self._trip)

    def _statement(self, _connection: object, _cursor: object, text: str, *_rest: object) -> None:
        self.counts.statements += 1
        self.counts.listing.append(" ".join(text.split()))
        if self.engine.dialect.name == "postgresql":
            self.counts.trips += 1

    def _bound(self, connection: Connection) -> None:
        if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
            self._trip()

    def _trip(self) -> None:
        self.counts.trips += 1


def _count_hops(hop: Callable[[], None]) -> None:
    plain = aiosqlite.Connection._execute

    async def counted(self: aiosqlite.Connection, *args: Any, **options: Any) -> Any:
        hop()
        return await plain(self, *args, **options)

    aiosqlite.Connection._execute = counted  # type: ignore[method-assign]  # to count it


class CountedJobs(FakeJobs):
    """How often something was woken, the same job twice as well."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def wake(self, *args: Any, **options: Any) -> None:
        self.count += 1
        super().wake(*args, **options)


@dataclass
class Bench:
    """One application on one database, without Redis and HTTP connections."""

    app: App
    watch: Watch
    clock: FakeClock
    jobs: CountedJobs
    rows: list[Sequence[str]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=count)

    async def measure(self, name: str, keys: Sequence[Any], act: Callable[[Any], Any]) -> None:
        """Act once for each key, and note the mean cost."""
        self.watch.counts = Counts()
        woken, began = self.jobs.count, time.process_time()
        for key in keys:
            await act(key)
        cpu = (time.process_time() - began) / len(keys) * 1000
        seen = self.watch.counts
        figures = (seen.statements, seen.trips, None, self.jobs.count - woken)
        self.rows.append((name, *_means(figures, len(keys)), f"{cpu:.1f}"))

    async def said(self, token: str) -> None:
        """A client's message as it comes over HTTP, the connection aside."""
        body = json.dumps({"id": f"m{next(self._ids)}", "text": "Hello, do you repair bikes?"})
        await _asked(self.app, "/web/site/messages", body, token)

    async def job(self, chat: int) -> None:
        await run_job(self.app, "answer", chat)

    async def timer(self, chat: int) -> None:
        await run_job(self.app, "followup", chat)


async def _asked(app: App, path: str, body: str, token: str) -> Any:
    headers = [(b"host", b"127.0.0.1"), (b"authorization", f"Bearer {token}".encode())]
    scope = {
        "type": "http",
        "method": "POST",
        "path": path,
        "root_path": "",
        "query_string": b"",
        "headers": headers,
    }
    answers: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body.encode()}

    async def send(message: Any) -> None:
        answers.append(message)

    await app.web(scope, receive, send)
    assert answers[0]["status"] < 300, answers
    return json.loads(answers[1]["body"])


@contextmanager
def profiled(file: str | None) -> Iterator[None]:
    if file is None:
        yield
        return
    with cProfile.Profile() as profile:
        yield
    profile.dump_stats(file)
    pstats.Stats(profile, stream=sys.stdout).sort_stats("tottime").print_stats(30)


async def on_database(url: str, number: int, told: argparse.Namespace) -> Sequence[Sequence[str]]:
    clock, jobs = FakeClock(), CountedJobs()
    outside = Outside(database_url=url, jobs=jobs, news=LocalNews(), clock=clock)
    app = build(_settings(), outside)
    await app.prepare()
    bench = Bench(app, Watch(app.database.engine.sync_engine), clock, jobs)
    visitors = [await _asked(app, "/web/site/visitors", "{}", "") for _ in range(number + _WARM)]
    tokens = [each["token"] for each in visitors]
    known = [int(each["chat"]) for each in visitors]
    await _past(bench, known)
    await _round(bench, tokens[:_WARM], known[:_WARM])
    # The second round is measured: chats that have a silence, and reminders that were sent.
    await _round(bench, tokens[_WARM:], known[_WARM:])
    bench.rows.clear()
    with profiled(told.profile):
        await _round(bench, tokens[_WARM:], known[_WARM:], listing=told.statements)
    await app.close()
    return bench.rows


async def _past(bench: Bench, known: Sequence[int]) -> None:
    rows = [
        {
            "chat_id": chat,
            "n": n,
            "author": Author.CLIENT if n % 2 else Author.EMPLOYEE,
            "text": f"What was said before, the message {n}.",
            "at": bench.clock.now(),
            "delivery": Delivery.SENT,
        }
        for chat in known
        for n in range(1, PAST + 1)
    ]
    async with bench.app.database.write() as tx:
        await tx.connection.execute(insert(messages), rows)
        await tx.connection.execute(update(chats).values(last_n=PAST))


async def _round(
    bench: Bench, tokens: Sequence[str], known: Sequence[int], *, listing: bool = False
) -> None:
    steps: Sequence[tuple[str, Sequence[Any], Callable[[Any], Awaitable[None]]]] = (
        ("client's message", tokens, bench.said),
        ("answer", known, bench.job),
        ("timer in vain", known, bench.timer),
        ("reminder", known, bench.timer),
    )
    for name, keys, act in steps:
        if name == "reminder":
            bench.clock.advance(DELAY)
        await bench.measure(name, keys, act)
        if listing:
            each = len(bench.watch.counts.listing) // len(keys)
            sys.stdout.write("".join(f"  {text}\n" for text in bench.watch.counts.listing[:each]))


async def on_redis(folder: Path, number: int) -> Sequence[str]:
    """A hint that is written, taken and done alone, as happens on a quiet system."""
    server = EmbeddedRedis(folder)
    server.start()
    with connect(server.url) as connection, _counted_trips() as trips:
        done = asyncio.Event()

        async def handler(_kind: str, _key: int) -> None:
            done.set()

        clock = SystemClock()
        jobs = RqJobs(connection, clock, timedelta(minutes=1))
        worker = AsyncWorker(connection, handler, drain=timedelta(milliseconds=100))
        tasks = [asyncio.create_task(work()) for work in (jobs.run, worker.run)]
        began = 0.0
        for key in range(number + _WARM):
            if key == _WARM:
                trips.clear()
                began = time.process_time()
            jobs.wake("answer", key, clock.now())
            await done.wait()
            done.clear()
        cpu = (time.process_time() - began) / number * 1000
        row = ("a job by RQ", *_means((None, None, len(trips), number), number), f"{cpu:.1f}")
        await worker.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    server.stop()
    return row


@contextmanager
def _counted_trips() -> Iterator[list[None]]:
    """An item for each that any connection to Redis makes."""
    trips: list[None] = []
    connections = redis.connection.AbstractConnection
    plain = connections.send_packed_command

    def counted(self: Any, *args: Any, **options: Any) -> None:
        trips.append(None)
        plain(self, *args, **options)

    connections.send_packed_command = counted  # type: ignore[method-assign]  # to count it
    try:
        yield trips
    finally:
        connections.send_packed_command = plain  # type: ignore[method-assign]  # as it was


def _means(figures: Sequence[int | None], number: int) -> Sequence[str]:
    return ["" if figure is None else f"{figure / number:.1f}" for figure in figures]


def _settings() -> Settings:
    steps = [{"id": "s1", "delay": "1m", "instruction": "Ask whether there are questions."}]
    anna = {"name": "Anna", "persona": "Kind.", "followup": {"enabled": True, "steps": steps}}
    return Settings(
        employees={"anna": anna}, channels={"site": {"kind": "web", "employee": "anna"}}
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=300)
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--statements", action="store_true", help="list those of one message")
    parser.add_argument("--profile", metavar="FILE", help="write cProfile's findings there")
    told = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        for store in told.store or ["sqlite", "postgres"]:
            url = f"sqlite:///{folder / 'bench.db'}"
            if store == "postgres":
                url = stack.enter_context(postgres()).new()
            rows = asyncio.run(on_database(url, told.messages, told))
            _print(store, rows)
        _print("valkey", [asyncio.run(on_redis(folder, told.messages))])


def _print(store: str, rows: Sequence[Sequence[str]]) -> None:
    table = [(f"**{store}**", *_HEAD[1:]), ["---"] * len(_HEAD), *rows]
    sys.stdout.write("".join(f"| {' | '.join(row)} |\n" for row in table) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
