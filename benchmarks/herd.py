"""`python -m benchmarks.herd`: many chats due at one second, through claim, gate and mark.

Everything is real but the model and the channel, which answer at once: the database syncs each
commit, wake-ups go through RQ, the limits are kept in Redis. `--think 1` has the model take a
second instead; `--profile FILE` names the functions where the time goes.
"""

import argparse
import asyncio
import cProfile
import resource
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import text

from benchmarks.stand import Channel, Model, app_on, fill, soon, table
from bot.app import App
from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.garbage import leave_alone
from bot.jobs import RqJobs
from bot.mover import Mover
from bot.redis_link import connect, connect_async, rest
from bot.rq_worker import AsyncWorker
from bot.throttle import RedisThrottle
from bot.worker import run_job
from tests.torture.store import postgres

_LEFT = text("SELECT count(*) FROM followup_silences WHERE step_id = 's1'")
_HEAD = ("", "due", "s", "per s", "CPU s", "per CPU s", "lost", "twice", "early", "MiB")
_SENT = text("SELECT count(*) FROM followup_reminders WHERE state = 'sent'")


@asynccontextmanager
async def working(app: App, redis_url: str, jobs: RqJobs) -> AsyncIterator[None]:
    """A worker process's own parts: hints are written, moved, taken and run."""
    connection = connect(redis_url)
    mover = Mover(connection, {})
    worker = AsyncWorker(connection, partial(run_job, app), drain=timedelta(seconds=1))
    tasks = [asyncio.create_task(work()) for work in (jobs.run, worker.run)]
    mover.start()
    try:
        yield
    finally:
        mover.stop()
        await worker.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        connection.close()


async def herd(url: str, redis_url: str, told: argparse.Namespace) -> Sequence[object]:
    """How long it takes from the due second until the last one is marked as sent."""
    model, channel = Model(), Channel()
    if told.think:
        model.before = partial(rest, told.think)
    connection = connect(redis_url)
    connection.flushall()
    jobs = RqJobs(connection, SystemClock(), timedelta(minutes=4))
    throttle = RedisThrottle(connect_async(redis_url), SystemClock())
    app = app_on(url, jobs, model, channel, throttle=throttle)
    await app.prepare()
    due = soon(told.chats / 8000 + 2)
    await fill(app, [due] * told.chats)
    profile = cProfile.Profile(time.thread_time)
    async with working(app, redis_url, jobs):
        await app.begin()
        await rest(max(0.0, (due - SystemClock().now()).total_seconds()))
        cpu, began = time.process_time(), SystemClock().now()
        if told.profile:
            profile.enable()
        while channel.count < told.chats or await _count(app, _LEFT):
            await rest(0.02)
        profile.disable()
        cpu, wall = time.process_time() - cpu, (SystemClock().now() - began).total_seconds()
    if told.profile:
        profile.dump_stats(told.profile)
    sent = await _count(app, _SENT)
    twice = channel.count - len(channel.at)
    await app.close()
    early = sum(at < due for each in channel.at.values() for at in each)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return (
        f"{told.chats} x {told.think:g} s",
        f"{wall:.2f}",
        round(told.chats / wall),
        f"{cpu:.2f}",
        round(told.chats / cpu),
        told.chats - sent,
        twice,
        early,
        memory,
    )


async def _count(app: App, query: object) -> int:
    async with app.database.read() as connection:
        return int((await connection.execute(query)).scalar_one())  # type: ignore[call-overload]


def main() -> None:
    """Measure on each database, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chats", type=int, default=20_000)
    parser.add_argument("--think", type=float, default=0.0, help="seconds that the model takes")
    parser.add_argument("--store", choices=["sqlite", "postgres"], action="append")
    parser.add_argument("--profile", metavar="FILE", help="write cProfile's findings there")
    told = parser.parse_args()
    rows = []
    # As a worker's process does.
    leave_alone()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        server = EmbeddedRedis(folder)
        server.start()
        stack.callback(server.stop)
        for store in told.store or ["sqlite", "postgres"]:
            url = f"sqlite:///{folder / 'herd.db'}"
            if store == "postgres":
                url = stack.enter_context(postgres()).new()
            rows.append((store, *asyncio.run(herd(url, server.url, told))))
    head = (
        "",
        "chats x model",
        "s",
        "per s",
        "CPU s",
        "per CPU s",
        "lost",
        "twice",
        "early",
        "MiB",
    )
    table(head, rows)


if __name__ == "__main__":
    main()
