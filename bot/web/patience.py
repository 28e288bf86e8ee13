"""How long a request may take to arrive."""

import asyncio
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY: Final = timedelta(seconds=30)
"""Long enough for the largest body that anybody takes, over a bad line."""


class Patience:
    """Refuses bodies that come too slowly, with status 408, to whoever reads them."""

    def __init__(self, app: ASGIApp, most: timedelta = BODY) -> None:
        self._app = app
        self._most = most.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on; once the body is there, nobody is hurried any more."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ends: float | None = None
        there = False

        async def hear() -> Message:
            nonlocal ends, there
            if there:
                return await receive()
            ends = ends or asyncio.get_running_loop().time() + self._most
            try:
                async with asyncio.timeout_at(ends):
                    message = await receive()
            except TimeoutError:
                told = "The body took too long to arrive."
                raise HTTPException(408, told, {"Connection": "close"}) from None
            there = not message.get("more_body", False)
            return message

        await self._app(scope, hear, send)
