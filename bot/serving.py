"""HTTP servers on ports that are open before anything starts."""

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from bot.errors import SettingsError

_CLOSING_SECONDS = 1
_HEADERS: Final = timedelta(seconds=10)
# The server ticks ten times a second; twice a second is often enough.
_TICKS = 5


class Server(uvicorn.Server):
    """Leaves the signals to us, and tells when it listens.

    A connection on which no request arrives is closed: `headers` is how long it may take.
    """

    def __init__(
        self, config: uvicorn.Config, ready: Callable[[], None], headers: timedelta = _HEADERS
    ) -> None:
        super().__init__(config)
        self._ready = ready
        self._headers = headers.total_seconds()
        self._silent: dict[Any, tuple[Any, float]] = {}

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Not here: one place stops everything, in order."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell."""
        await super().startup(sockets)
        self._ready()

    async def on_tick(self, counter: int) -> bool:
        """Whether to finish."""
        if counter % _TICKS == 0:
            self._see_off(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    def _see_off(self, now: float) -> None:
        """Close what has been without a request for too long, however many bytes trickle in."""
        silent: dict[Any, tuple[Any, float]] = {}
        for each in self.server_state.connections:
            # That of its last request; a whole header makes another one.
            cycle = getattr(each, "cycle", None)
            if cycle is None or cycle.response_complete:
                known, since = self._silent.get(each, (cycle, now))
                silent[each] = (cycle, since if known is cycle else now)
        self._silent = silent
        for connection, (_, since) in silent.items():
            if now - since > self._headers:
                connection.transport.close()


def server(app: ASGIApp, ready: Callable[[], None]) -> Server:
    """A server of that application; `ready` is called once it listens."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        lifespan="off",
        timeout_graceful_shutdown=_CLOSING_SECONDS,
    )
    return Server(config, ready)


def closing(server: Server) -> Callable[[], Coroutine[Any, Any, None]]:
    """What asks it to finish."""

    async def close() -> None:
        server.should_exit = True
        # The streams' library finds a server by its signal handlers, and these are ours.
        AppStatus.should_exit = True
        # A stream that is cut off now is no fault.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)

    return close


def open_port(host: str, port: int, section: str) -> socket.socket:
    """The open port of that table of the settings. Raises SettingsError if it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise SettingsError(
            f"{section}.port: cannot listen on {host}:{port} ({error.strerror}); stop what uses "
            f"it, or choose another with FOLLOWUP_{section.upper()}__PORT"
        ) from None
