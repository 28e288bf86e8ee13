"""Telegram brings updates to us."""

import asyncio
import hmac
import json
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.api import BotError, Receiver
from channels.telegram.intake import Intake
from channels.telegram.waiting import Troubles
from channels.telegram.wire import Wire

log = logging.getLogger(__name__)

HEADER = "X-Telegram-Bot-Api-Secret-Token"
NEEDED = (
    "channels.{} has mode 'webhook', so set the https:// address where Telegram reaches this "
    "machine"
)
_LARGEST = 1 << 20


def path_of(account: str) -> str:
    """Where Telegram posts."""
    return f"/telegram/{account}/webhook"


class Door:
    """Lets in who knows the secret; 200 after the commit, anything else makes Telegram repeat."""

    def __init__(self, account: str, secret: SecretStr, intake: Intake) -> None:
        self._account = account
        self._secret = secret.get_secret_value().encode()
        self._intake = intake

    def route(self) -> Route:
        """The one path of the account."""
        return Route(path_of(self._account), self.post, methods=["POST"])

    async def post(self, request: Request) -> Response:
        """One update."""
        shown = request.headers.get(HEADER, "").encode()
        if not hmac.compare_digest(shown, self._secret):
            return Response(status_code=403)
        body = await _read(request)
        if body is None:
            return Response(status_code=413)
        update = _update(body)
        if update is None:
            return Response(status_code=400)
        await self._intake.take(update)
        return Response(status_code=200)


class Announcer:
    """Tells Telegram where to post, and then only waits."""

    def __init__(self, account: str, secret: SecretStr, wire: Wire, intake: Intake) -> None:
        self._account = account
        self._secret = secret
        self._host = intake.host
        self._wire = wire
        self._intake = intake

    async def listen(self, receiver: Receiver) -> None:
        """As `Listener.listen`; what is posted comes by the web server."""
        if self._host.public:
            await self._announce()
            await self._intake.menu.show()
        else:
            log.warning("web.public_url: %s", NEEDED.format(self._account))
        await asyncio.Event().wait()

    async def _announce(self) -> None:
        fields = {
            "url": self._host.public_url.rstrip("/") + path_of(self._account),
            "secret_token": self._secret.get_secret_value(),
            "allowed_updates": await self._intake.kinds(),
            "drop_pending_updates": False,
        }
        troubles = Troubles(self._account)
        while True:
            try:
                await self._wire.call("setWebhook", fields)
            except BotError as error:
                await troubles.pause(error)
            else:
                return


async def _read(request: Request) -> bytes | None:
    """The body; None for one that is larger than any update."""
    body = b""
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            return None
    return body


def _update(body: bytes) -> Mapping[str, Any] | None:
    try:
        update = json.loads(body)
    # Deeply nested brackets exhaust the parser's stack.
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None
