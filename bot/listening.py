"""Keeps the listeners of channels running, each in one process of all.

One that breaks never takes another with it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import Any

from bot.app import App
from bot.leader import Leadership
from bot.networks import Listener, Receiver
from bot.redis_link import rest

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 60.0
# One that listened for so long is well; what breaks it then is new trouble.
_HEALTHY = 60.0


def listen(app: App, leadership: Leadership) -> Sequence[Callable[[], Coroutine[Any, Any, None]]]:
    """A coroutine function for each channel account that has a listener."""
    return [
        partial(
            leadership.lead, f"channels.{name}", partial(_keep, name, channel.listener, app.inbox)
        )
        for name, channel in app.channels.items()
        if channel.listener is not None
    ]


async def _keep(name: str, listener: Listener, receiver: Receiver) -> None:
    """Start it again whenever it ends; with growing pauses, as long as it is never well."""
    pause = 1.0
    time = asyncio.get_running_loop().time
    while True:
        began = time()
        (ended,) = await asyncio.gather(listener.listen(receiver), return_exceptions=True)
        if isinstance(ended, asyncio.CancelledError):
            raise ended
        if time() - began >= _HEALTHY:
            pause = 1.0
        fault = ended if isinstance(ended, Exception) else None
        log.error("channels.%s stopped listening; again in %.0f s", name, pause, exc_info=fault)
        await rest(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
