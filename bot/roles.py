"""Runs the application: everything in one process, or its roles apart."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from functools import partial

from bot.app import App, Outside, build, model_of
from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.errors import SettingsError
from bot.folder import DataFolder
from bot.garbage import leave_alone
from bot.jobs import RqJobs
from bot.leader import Leadership
from bot.listening import listen
from bot.mover import Mover
from bot.news import RedisNews
from bot.optout import learn
from bot.process import Process, Talk, background
from bot.pulse import RedisPulse
from bot.redis_link import connect, connect_async
from bot.role import Role
from bot.rq_worker import AsyncWorker
from bot.telemetry.logs import write_logs
from bot.telemetry.tracing import end_traces, send_traces
from bot.telemetry.vitals import RedisVitals
from bot.throttle import RedisThrottle
from bot.worker import RETENTION, SWEEP, run_job
from config.settings import Settings

log = logging.getLogger(__name__)


PERIODIC = {SWEEP: timedelta(seconds=15), RETENTION: timedelta(days=1)}
_JOB_SLACK = timedelta(minutes=3)
# Ctrl-C is to be over within five seconds; a worker alone may let the model finish.
_DRAIN = {Role.RUN: timedelta(seconds=1), Role.WORKER: timedelta(seconds=15)}


def start(role: Role, settings: Settings, folder: DataFolder, talk: Talk) -> None:
    """Run until SIGINT or SIGTERM. Raises SettingsError before anything has happened."""
    os.umask(0o077)
    write_logs(settings.logs.format, settings.secrets)
    if settings.tracing.endpoint is not None:
        send_traces(str(settings.tracing.endpoint), role)
    folder.make()
    if role is Role.RUN:
        folder.take()
    elif settings.redis.url is None:
        raise SettingsError(
            f"redis.url: the role '{role}' shares a Redis with the others; set REDIS_URL, "
            "or start everything in one process with: followup run"
        )
    port, watched = _doors(role, settings)
    embedded = EmbeddedRedis(folder.path) if settings.redis.url is None else None
    if embedded is not None:
        embedded.start()
    try:
        url = embedded.url if embedded is not None else str(settings.redis.url)
        process = Process(role, settings, folder, url, embedded, port, watched)
        asyncio.run(_run(process, talk))
    finally:
        end_traces()
        if embedded is not None:
            embedded.stop()
        for each in (port, watched):
            if each is not None:
                each.close()


async def _run(process: Process, talk: Talk) -> None:
    """Start in order, wait, and stop in the opposite order."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        connection = connect(process.redis_url)
        stack.callback(connection.close)
        timeout = timedelta(seconds=process.settings.model.timeout) + _JOB_SLACK
        jobs = RqJobs(connection, SystemClock(), timeout)
        news = RedisNews(connect_async(process.redis_url))
        throttle = RedisThrottle(connect_async(process.redis_url), SystemClock())
        vitals = RedisVitals(connect_async(process.redis_url), SystemClock())
        stack.push_async_callback(vitals.redis.aclose)
        outside = replace(
            _outside(process, jobs, news, throttle),
            look=talk.look,
            vitals=vitals,
            pulse=RedisPulse(vitals.redis),
        )
        app = build(process.settings, outside)
        stack.push_async_callback(app.close)
        first = await _prepare(app, process)
        await stack.enter_async_context(background([jobs.run, news.run], stop))
        if process.role.works:
            await _work(stack, app, process, stop)
        if process.role.listens:
            await _listen(stack, app, process, stop)
        await _appear(stack, app, process, stop, told=partial(talk.ready, app, process, first))
        await stop.wait()
        log.info("stopping")


def _doors(role: Role, settings: Settings) -> tuple[socket.socket | None, socket.socket | None]:
    """The open ports of a process that has any, see `bot.appearing`."""
    if not role.serves and settings.metrics.port is None:
        return None, None
    # The server's library and the pages take as long to load as all that a worker needs.
    from bot.appearing import open_doors  # noqa: PLC0415

    return open_doors(role, settings)


async def _prepare(app: App, process: Process) -> str | None:
    """Bring the tables up to date; gives a link for the first user, if there has to be one."""
    if not process.role.serves:
        await app.prepare()
        return None
    from bot.appearing import first_link  # noqa: PLC0415  as above

    # What is wrong with the pages is told before anything has happened.
    _ = app.web
    await app.prepare()
    return await first_link(app, process)


async def _appear(
    stack: AsyncExitStack,
    app: App,
    process: Process,
    stop: asyncio.Event,
    *,
    told: Callable[[], None],
) -> None:
    """Open the doors that the process has, and tell."""
    if process.role.serves or process.role.listens:
        learn()
    leave_alone()
    if process.port is None and process.watched is None:
        told()
        return
    from bot.appearing import appear  # noqa: PLC0415  as above

    await appear(stack, app, process, stop, told=told)


async def _work(stack: AsyncExitStack, app: App, process: Process, stop: asyncio.Event) -> None:
    """Take up what was left, then move timers and run jobs."""
    connection = connect(process.redis_url)
    stack.callback(connection.close)
    mover = Mover(connection, PERIODIC, process.embedded)
    worker = AsyncWorker(connection, partial(run_job, app), drain=_DRAIN[process.role])
    app.health.meters.count_jobs(lambda: worker.running)
    await app.begin()
    mover.start()
    stack.callback(mover.stop)
    await stack.enter_async_context(background([worker.run], stop, worker.stop))


async def _listen(stack: AsyncExitStack, app: App, process: Process, stop: asyncio.Event) -> None:
    """Stand for election as the one that listens, for each account."""
    connection = connect_async(process.redis_url)
    stack.push_async_callback(connection.aclose)
    leadership = Leadership(connection, app.runtime.worker)
    await stack.enter_async_context(background(listen(app, leadership), stop))


def _outside(process: Process, jobs: RqJobs, news: RedisNews, throttle: RedisThrottle) -> Outside:
    return Outside(
        database_url=process.settings.database.url or process.folder.database_url,
        jobs=jobs,
        news=news,
        throttle=throttle,
        worker=process.worker,
        model=model_of(process.settings),
        public_url=process.public_url,
    )
