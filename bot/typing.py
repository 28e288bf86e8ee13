"""Shows that the employee is writing, for as long as the model works."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.errors import ChannelError, UnknownDeliveryError
from bot.model import Chat
from bot.networks import Typist

# Telegram shows it for five seconds at most.
_AGAIN = 4.5


@asynccontextmanager
async def typing(typist: Typist | None, chat: Chat) -> AsyncIterator[None]:
    """Show it until the block ends; whatever goes wrong with it, the answer matters more."""
    if typist is None:
        yield
        return
    over = asyncio.Event()
    showing = asyncio.create_task(_show(typist, chat, over))
    try:
        yield
    finally:
        over.set()
        showing.cancel()
        await asyncio.gather(showing, return_exceptions=True)


async def _show(typist: Typist, chat: Chat, over: asyncio.Event) -> None:
    while not over.is_set():
        with suppress(ChannelError, UnknownDeliveryError):
            await typist.typing(chat)
        with suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _AGAIN)
