"""A process as its parts know it, and how it runs things beside each other."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from bot.app import App
from bot.embedded import EmbeddedRedis
from bot.findings import Look
from bot.folder import DataFolder
from bot.role import Role
from config.settings import Settings


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


@asynccontextmanager
async def background(
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
