"""HTTP servers on ports that are open before anything starts."""

import logging
import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from sse_starlette.sse import AppStatus
from starlette.types import ASGIApp

from bot.errors import SettingsError

_CLOSING_SECONDS = 1


class Server(uvicorn.Server):
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
