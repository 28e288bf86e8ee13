"""Opens the doors of a process that has any: the web server, or a port for those who look after it.

Loaded only there, with the server's library and all pages.
"""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

from bot.app import App
from bot.errors import SettingsError
from bot.process import Process, background
from bot.role import Role
from bot.serving import Server, closing, open_port, server
from bot.web.addresses import Proxied
from bot.web.guard import LOOPBACK
from bot.web.server import health_app
from config.settings import Settings


def open_doors(role: Role, settings: Settings) -> tuple[socket.socket | None, socket.socket | None]:
    """The port of the web server, and that for who looks after a process without one."""
    if role.serves:
        return open_port(settings.web.host, settings.web.port, "web"), None
    return None, _watched(settings)


async def appear(
    stack: AsyncExitStack,
    app: App,
    process: Process,
    stop: asyncio.Event,
    *,
    told: Callable[[], None],
) -> None:
    """Open the doors that the process has, and tell."""
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
    await stack.enter_async_context(background([serve], stop, closing(web)))


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


async def first_link(app: App, process: Process) -> str | None:
    """A link that makes the first user, if there is nobody yet.

    Raises SettingsError where the network would get to them without any sign-in.
    """
    if await app.keys.sessions.anybody():
        return None
    host = process.settings.web.host
    if host not in LOOPBACK:
        raise SettingsError(
            f"web.host: {host} can be reached from other computers, and nobody can sign in yet; "
            "make the first user with: followup users add NAME --role admin"
        )
    secret = await app.keys.people.first_link()
    return None if secret is None else f"{process.public_url}/set-up/{secret}"
