"""Where the pages of the dashboard are."""

from collections.abc import Sequence
from pathlib import Path

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from plugins.followup.dashboard.conversation import Conversation
from plugins.followup.dashboard.everybody import Everybody
from plugins.followup.dashboard.quietly import Quietly
from plugins.followup.dashboard.stopped import PATH, Stopped
from plugins.followup.dashboard.stream import Stream
from plugins.followup.dashboard.table import Table
from plugins.followup.ports import Ports


class Pages:
    """Pages made on the server; they work without a script, and a little better with it."""

    def __init__(self, ports: Ports) -> None:
        environment = ports.runtime.site.environment("plugins.followup.dashboard")
        self._table = Table(ports, environment)
        self._everybody = Everybody(ports, environment)
        self._conversation = Conversation(ports, environment)
        self._quietly = Quietly(ports)
        self._stopped = Stopped(ports, environment)
        self._stream = Stream(ports.runtime.news)

    def routes(self) -> Sequence[BaseRoute]:
        """All of them."""
        chat = "/followup/chats/{chat}"
        static = StaticFiles(directory=Path(__file__).parent / "static")
        return (
            Route("/followup", self._table.page),
            Route("/chats", self._everybody.page),
            Route(PATH, self._stopped.page, methods=["GET"]),
            Route(PATH, self._stopped.act, methods=["POST"]),
            Route(chat, self._conversation.page),
            Route(f"{chat}/download", self._conversation.download),
            Route(f"{chat}/answer", self._conversation.answer, methods=["POST"]),
            Route(f"{chat}/quiet", self._quietly.change, methods=["POST"]),
            Route(f"{chat}/hand", self._conversation.hand_over, methods=["POST"]),
            Route(f"{chat}/erase", self._conversation.erase, methods=["POST"]),
            Route("/followup/events", self._stream.events),
            Mount("/followup/static", static, middleware=[Middleware(GZipMiddleware)]),
        )
