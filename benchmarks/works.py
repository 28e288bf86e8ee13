"""`python -m benchmarks.works WHAT`: a process of the application that is measured from outside.

As `followup run` starts it, with a model and a channel that answer at once (`--think`: the model
takes so long); the database, Redis and the web server are the real ones. Prints JSON lines.
"""

import argparse
import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import update

from benchmarks.peers.note import REDIS, note
from benchmarks.stand import Channel, Model, app_on
from bot.app import App
from bot.clock import SystemClock
from bot.garbage import leave_alone
from bot.jobs import RqJobs
from bot.model import Author, Chat, ChatRef, Incoming, Message
from bot.mover import Mover
from bot.optout import learn
from bot.redis_link import connect, connect_async, rest
from bot.roles import PERIODIC
from bot.rq_worker import AsyncWorker
from bot.testing import FakeJobs
from bot.throttle import RedisThrottle
from bot.together import Together
from bot.worker import run_job
from plugins.followup.adapters.index_sql import SqlIndex
from plugins.followup.adapters.tables import chains

_CHATS = 5000
_IN_FLIGHT = 32
_WARM = 100


@dataclass
class Noted(Channel):
    """Writes what it takes into the log that all who are compared write."""

    async def send(self, chat: Chat, message: Message) -> str | None:
        """As `networks.Sender.send`."""
        note("done", chat.id, 0)
        return f"sent-{message.id}"


async def main() -> None:
    """One process."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.works")
    parser.add_argument("what", choices=["work", "write", "serve"])
    parser.add_argument("--database", required=True)
    parser.add_argument("--think", type=float, default=0)
    parser.add_argument("--limit", type=float, default=4)
    told = parser.parse_args()
    model = Model(before=partial(rest, told.think)) if told.think else Model()
    connection = connect(REDIS)
    jobs = RqJobs(connection, SystemClock(), timedelta(minutes=4))
    throttle = RedisThrottle(connect_async(REDIS), SystemClock())
    # A restart finds what its predecessor had under way by the worker's name, as `run` does.
    app = app_on(told.database, jobs, model, Noted(), throttle=throttle, worker="bench")
    await app.prepare()
    writing = asyncio.create_task(jobs.run())
    if told.what != "work":
        learn()
    leave_alone()
    if told.what == "work":
        async with _working(app):
            _say({"ready": True})
            await asyncio.Event().wait()
    elif told.what == "write":
        _say(await _write(app, told.limit))
    else:
        from bot.serving import open_port, server  # noqa: PLC0415  as a worker, which has none

        with open_port("127.0.0.1", 0, "web") as port:
            number = port.getsockname()[1]
            await server(app.web, lambda: _say({"port": number})).serve([port])
    writing.cancel()


@asynccontextmanager
async def _working(app: App) -> AsyncIterator[None]:
    """A worker's own parts: take up what was left, then move timers and run jobs."""
    connection = connect(REDIS)
    worker = AsyncWorker(connection, partial(run_job, app), drain=timedelta(seconds=1))
    await app.begin()
    mover = Mover(connection, PERIODIC)
    mover.start()
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        running.cancel()
        mover.stop()


async def _write(app: App, seconds: float) -> Mapping[str, float]:
    """Clients write at random, 32 at a time: each message is stored, and its chat is put off.

    Then the timers alone, as those who are compared put them off, without any message.
    """
    clock = SystemClock()
    (plugin,) = app.plugins
    # They wrote before, so their names are known.
    known = [Chat(n, ChatRef("site", f"c{n}"), "anna") for n in range(1, _CHATS + 1)]
    async with app.database.write() as tx:
        await SqlIndex().rename(tx, known)

    async def write(n: int, chat: Chat) -> None:
        said = Incoming(chat.ref, f"m{n}", Author.CLIENT, "And on Sunday?", clock.now())
        await app.inbox.receive(said)

    async def put_off(chats: Sequence[Chat]) -> Sequence[None]:
        async with app.database.write() as tx:
            said = {chat.id: (chat, _said(chat, clock.now())) for chat in chats}
            await plugin.clients_wrote(tx, list(said.values()))
        return [None] * len(chats)

    timers = Together(put_off)
    whole = await _timed(write, known, seconds)
    alone = await _timed(lambda _n, chat: timers.ask(chat), known, seconds)
    return {**alone, **{f"whole {name}": found for name, found in whole.items()}}


async def _timed(
    act: Callable[[int, Chat], Awaitable[None]], chats: Sequence[Chat], seconds: float
) -> Mapping[str, float]:
    dice, spent, numbers = random.Random(7), [], iter(range(10**9))  # noqa: S311  always the same
    # As the peers, who arm as many before the clock runs.
    await asyncio.gather(*(act(next(numbers), dice.choice(chats)) for _ in range(_WARM)))
    cpu, began = time.process_time(), time.perf_counter()

    async def client() -> None:
        while (at := time.perf_counter()) - began < seconds:
            await act(next(numbers), dice.choice(chats))
            spent.append(time.perf_counter() - at)

    await asyncio.gather(*(client() for _ in range(_IN_FLIGHT)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent.sort()
    most = spent[len(spent) * 99 // 100] * 1000
    return {"rate": len(spent) / wall, "p99": most, "cpu": cpu / len(spent) * 1000}


def _said(chat: Chat, at: datetime) -> Message:
    return Message(1, chat.id, 1, Author.CLIENT, "", at)


async def prepared(database: str) -> App:
    """An application beside it, for filling: nobody is woken.

    Its settings were saved long ago: after a save a crowd is spread over minutes, on purpose.
    """
    app = app_on(database, FakeJobs(), Model(), Channel())
    await app.prepare()
    async with app.database.write() as tx:
        await tx.connection.execute(update(chains).values(saved_at=None))
    return app


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
