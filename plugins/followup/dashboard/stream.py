"""Tells open pages that something happened; they then ask for what they show."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import Request
from starlette.responses import Response

from bot.api import EVERY_CHAT, News
from plugins.followup.dashboard.cursor import number

_HEARTBEAT = 15
_LONGEST = 600.0
"""Then the browser comes again by itself, and is asked again who it is."""
_GAP = 2.0
"""However much happens, a page hears of it at most so often."""


class Stream:
    """Server-sent events: hints without any content."""

    def __init__(self, news: News) -> None:
        self._news = news

    async def events(self, request: Request) -> Response:
        """Of all chats, or of the one in the address."""
        chat = number(request.query_params.get("chat", "")) or EVERY_CHAT
        return EventSourceResponse(self.hints(chat), ping=_HEARTBEAT)

    async def hints(self, chat: int) -> AsyncIterator[ServerSentEvent]:
        """One at once, so that the browser knows it is heard, then one for each piece of news."""
        clock = asyncio.get_running_loop().time
        end = clock() + _LONGEST
        with self._news.follow(chat) as news:
            yield ServerSentEvent(data="", event="open")
            while (left := end - clock()) > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), left)
                    news.clear()
                    yield ServerSentEvent(data="", event="news")
                    await _rest(_GAP)


async def _rest(seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), seconds)
