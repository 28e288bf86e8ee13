"""Runs the application: everything in one process, or the web and worker roles apart."""

import asyncio
import logging
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Generator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import uuid4

import uvicorn
from sse_starlette.sse import AppStatus

from bot.app import App, Outside, build, model_of
from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.errors import SettingsError
from bot.folder import DataFolder
from bot.jobs import RqJobs
from bot.listening import listen
from bot.mover import Mover
from bot.news import RedisNews
from bot.redis_link import connect, connect_async
from bot.rq_worker import AsyncWorker
from bot.throttle import RedisThrottle
from bot.web.guard import LOOPBACK
from bot.web.status_page import Look
from bot.worker import RETENTION, SWEEP, run_job
from config.settings import Settings

log = logging.getLogger(__name__)


class Role(StrEnum):
    """What a process does."""

    RUN = "run"
    WEB = "web"
    WORKER = "worker"

    @property
    def serves(self) -> bool:
        """Whether it has the web server."""
        return self is not Role.WORKER

    @property
    def works(self) -> bool:
        """Whether it runs jobs."""
        return self is not Role.WEB


PERIODIC = {SWEEP: timedelta(seconds=15), RETENTION: timedelta(days=1)}
_JOB_SLACK = timedelta(minutes=3)
_CLOSING_SECONDS = 1
# Ctrl-C is to be over within five seconds; a worker alone may let the model finish.
_DRAIN = {Role.RUN: timedelta(seconds=1), Role.WORKER: timedelta(seconds=15)}


@dataclass(frozen=True, slots=True)
class Process:
    """What is settled before the loop starts: where Redis is, and the open port."""

    role: Role
    settings: Settings
    folder: DataFolder
    redis_url: str
    embedded: EmbeddedRedis | None
    port: socket.socket | None

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


class _Server(uvicorn.Server):
    """Leaves the signals to us, and tells when it listens."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Not here: one place stops everything, in order."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self._ready()


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
    folder.make()
    if role is Role.RUN:
        folder.take()
    elif settings.redis.url is None:
        raise SettingsError(
            f"redis.url: the role '{role}' shares a Redis with the others; set REDIS_URL, "
            "or start everything in one process with: followup run"
        )
    port = _port(settings) if role.serves else None
    embedded = EmbeddedRedis(folder.path) if settings.redis.url is None else None
    if embedded is not None:
        embedded.start()
    try:
        url = embedded.url if embedded is not None else str(settings.redis.url)
        process = Process(role, settings, folder, url, embedded, port)
        asyncio.run(_run(process, talk))
    finally:
        if embedded is not None:
            embedded.stop()
        if port is not None:
            port.close()


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
        outside = replace(_outside(process, jobs, news, throttle), look=talk.look)
        app = build(process.settings, outside)
        stack.push_async_callback(app.close)
        await app.prepare()
        first = await _first_link(app, process)
        await stack.enter_async_context(_background([jobs.run, news.run], stop))
        if process.role.works:
            await _work(stack, app, process, stop)
        if process.role is Role.RUN:
            await stack.enter_async_context(_background(listen(app), stop))
        told = partial(talk.ready, app, process, first)
        if process.port is None:
            told()
        else:
            server = _server(app, told)
            serve = partial(server.serve, [process.port])
            await stack.enter_async_context(_background([serve], stop, _closing(server)))
        await stop.wait()
        log.info("stopping")


async def _work(stack: AsyncExitStack, app: App, process: Process, stop: asyncio.Event) -> None:
    """Take up what was left, then move timers and run jobs."""
    connection = connect(process.redis_url)
    stack.callback(connection.close)
    mover = Mover(connection, PERIODIC, process.embedded)
    worker = AsyncWorker(connection, partial(run_job, app), drain=_DRAIN[process.role])
    await app.begin()
    mover.start()
    stack.callback(mover.stop)
    await stack.enter_async_context(_background([worker.run], stop, worker.stop))


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


def _server(app: App, ready: Callable[[], None]) -> _Server:
    config = uvicorn.Config(
        app.web,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    return _Server(config, ready)


def _closing(server: _Server) -> Callable[[], Coroutine[Any, Any, None]]:
    async def close() -> None:
        server.should_exit = True
        # The streams' library finds a server by its signal handlers, and these are ours.
        AppStatus.should_exit = True
        # A stream that is cut off now is no fault.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)

    return close


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


def _port(settings: Settings) -> socket.socket:
    """The open port, so that a taken one is told before anything starts."""
    web = settings.web
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        return socket.create_server((web.host, web.port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"web.port: cannot listen on {web.host}:{web.port} ({error.strerror}); stop what uses "
            "it, or choose another with FOLLOWUP_WEB__PORT"
        ) from None
