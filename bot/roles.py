"""Runs the application: everything in one process, or its roles apart."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

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
from bot.pulse import RedisPulse
from bot.redis_link import connect, connect_async
from bot.rq_worker import AsyncWorker
from bot.serving import Server, closing, open_port, server
from bot.telemetry.logs import write_logs
from bot.telemetry.tracing import end_traces, send_traces
from bot.telemetry.vitals import RedisVitals
from bot.throttle import RedisThrottle
from bot.web.addresses import Proxied
from bot.web.guard import LOOPBACK
from bot.web.server import health_app
from bot.web.status_page import Look
from bot.worker import RETENTION, SWEEP, run_job
from config.settings import Settings

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a process does."""

    RUN = "run"
    WEB = "web"
    WORKER = "worker"
    LISTEN = "listen"

    @property
    def serves(self) -> bool:
        """Whether it has the web server."""
        return self in {Role.RUN, Role.WEB}

    @property
    def works(self) -> bool:
        """Whether it runs jobs."""
        return self in {Role.RUN, Role.WORKER}

    @property
    def listens(self) -> bool:
        """Whether it asks the networks that bring nothing by themselves what is new."""
        return self in {Role.RUN, Role.LISTEN}


PERIODIC = {SWEEP: timedelta(seconds=15), RETENTION: timedelta(days=1)}
_JOB_SLACK = timedelta(minutes=3)
# Ctrl-C is to be over within five seconds; a worker alone may let the model finish.
_DRAIN = {Role.RUN: timedelta(seconds=1), Role.WORKER: timedelta(seconds=15)}


@dataclass(frozen=True, slots=True)
class Process:
    """What is settled before the loop starts: where Redis is, and the open ports.

    `watched` is for those who look after a process that has no web server.
    """

    role: Role
    settings: Settings
    folder: DataFolder
    redis_url: str
    embedded: EmbeddedRedis | None
    port: socket.socket | None
    watched: socket.socket | None

    @property
    def worker(self) -> str:
        """Under `run` the folder's own name, so that a restart finds what it had under way."""
        return self.folder.worker() if self.role is Role.RUN else uuid4().hex

    @property
    def public_url(self) -> str:
        """Where the outside reaches the web server, or where this machine does."""
        web = self.settings.web
        if web.public_url is not None:
            return web.public_url
        port = self.port.getsockname()[1] if self.port is not None else web.port
        return f"http://{f'[{web.host}]' if ':' in web.host else web.host}:{port}"


@dataclass(frozen=True, slots=True)
class Talk:
    """What a process tells people: that it is ready, and what it finds in its settings.

    `ready` is given a link that makes the first user, if there is nobody yet.
    """

    ready: Callable[[App, Process, str | None], None]
    look: Look


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
    port = open_port(settings.web.host, settings.web.port, "web") if role.serves else None
    watched = None if role.serves else _watched(settings)
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
        await app.prepare()
        first = await _first_link(app, process)
        await stack.enter_async_context(_background([jobs.run, news.run], stop))
        if process.role.works:
            await _work(stack, app, process, stop)
        if process.role.listens:
            await _listen(stack, app, process, stop)
        await _appear(stack, app, process, stop, told=partial(talk.ready, app, process, first))
        await stop.wait()
        log.info("stopping")


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
    await stack.enter_async_context(_background([worker.run], stop, worker.stop))


async def _appear(
    stack: AsyncExitStack,
    app: App,
    process: Process,
    stop: asyncio.Event,
    *,
    told: Callable[[], None],
) -> None:
    """Open the doors that the process has, and tell."""
    leave_alone()
    if process.port is not None:
        web = Proxied(app.web, process.settings.web.trusted_proxies)
        await _serve(stack, server(web, told), process.port, stop)
        return
    if process.watched is not None:
        watched = server(health_app(app.health), lambda: None)
        await _serve(stack, watched, process.watched, stop)
    told()


async def _serve(
    stack: AsyncExitStack, web: Server, port: socket.socket, stop: asyncio.Event
) -> None:
    serve = partial(web.serve, [port])
    await stack.enter_async_context(_background([serve], stop, closing(web)))


def _watched(settings: Settings) -> socket.socket | None:
    """A port for /healthz, /readyz and /metrics, if the settings name one."""
    metrics = settings.metrics
    if metrics.port is None:
        return None
    if metrics.host not in LOOPBACK and metrics.token is None:
        raise SettingsError(
            f"metrics.token: is required where others can reach the measures ({metrics.host})"
        )
    return open_port(metrics.host, metrics.port, "metrics")


async def _listen(stack: AsyncExitStack, app: App, process: Process, stop: asyncio.Event) -> None:
    """Stand for election as the one that listens, for each account."""
    connection = connect_async(process.redis_url)
    stack.push_async_callback(connection.aclose)
    leadership = Leadership(connection, app.runtime.worker)
    await stack.enter_async_context(_background(listen(app, leadership), stop))


async def _first_link(app: App, process: Process) -> str | None:
    """A link that makes the first user, where pages are served and there is nobody yet.

    Raises SettingsError where the network would get to them without any sign-in.
    """
    if not process.role.serves or await app.keys.sessions.anybody():
        return None
    host = process.settings.web.host
    if host not in LOOPBACK:
        raise SettingsError(
            f"web.host: {host} can be reached from other computers, and nobody can sign in yet; "
            "make the first user with: followup users add NAME --role admin"
        )
    secret = await app.keys.people.first_link()
    return None if secret is None else f"{process.public_url}/set-up/{secret}"


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


@asynccontextmanager
async def _background(
    works: Sequence[Callable[[], Coroutine[Any, Any, None]]],
    stop: asyncio.Event,
    end: Callable[[], Coroutine[Any, Any, None]] | None = None,
) -> AsyncIterator[None]:
    """Run them beside the block; one that fails stops the process. `end` asks them to finish."""
    tasks = [asyncio.create_task(work()) for work in works]
    for task in tasks:
        task.add_done_callback(lambda _done: stop.set())
    try:
        yield
    finally:
        if end is not None:
            await end()
        else:
            for task in tasks:
                task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                raise outcome
