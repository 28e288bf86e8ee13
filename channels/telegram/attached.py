"""The business's own bot: its handlers answer, and what they send is seen."""

import asyncio
import logging
import pkgutil
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from bot.api import SettingsError
from channels.telegram.intake import chat_in

log = logging.getLogger(__name__)

# A handler that takes longer goes on, and nobody waits for it any more.
_PATIENCE = 30.0
_GOODBYE = 5.0
# So many updates are remembered, in case Telegram brings one again.
_REMEMBERED = 1000
# What importing a foreign module may plausibly end in.
_BROKEN = (
    ImportError,
    AttributeError,
    SyntaxError,
    NameError,
    LookupError,
    TypeError,
    ValueError,
    RuntimeError,
    OSError,
)


class House(Protocol):
    """The other bot, by its own library."""

    def kinds(self) -> Sequence[str]:
        """The kinds of updates that it has handlers for."""
        ...

    async def start(self) -> None:
        """Before the first update. Raises ChannelError."""
        ...

    async def handle(self, update: Mapping[str, Any]) -> None:
        """Raises whatever the handlers raise."""
        ...

    async def stop(self) -> None:
        """After the last one."""
        ...


Builder = Callable[[object], House]


class Attached:
    """As `intake.Guest`: loaded when first needed, fed each update once, in order per chat."""

    def __init__(self, account: str, app: str, build: Builder) -> None:
        self._account = account
        self._app = app
        self._build = build
        self._house: House | None = None
        self._started = False
        self._starting = asyncio.Lock()
        self._fed: dict[object, None] = {}
        self._last: dict[object, asyncio.Task[None]] = {}

    def load(self) -> House:
        """Import it. Raises SettingsError."""
        if self._house is None:
            self._house = self._build(self._found())
        return self._house

    async def kinds(self) -> Sequence[str]:
        """As `Guest.kinds`."""
        return self.load().kinds()

    async def feed(self, update: Mapping[str, Any]) -> None:
        """As `Guest.feed`; returns when it is handled, or takes too long."""
        house = await self._ready()
        number = update.get("update_id")
        if number in self._fed:
            return
        self._fed[number] = None
        if len(self._fed) > _REMEMBERED:
            del self._fed[next(iter(self._fed))]
        chat = chat_in(update)
        task = asyncio.create_task(self._handle(house, update, self._last.get(chat)))
        self._last[chat] = task
        task.add_done_callback(partial(self._done, chat))
        await asyncio.wait({task}, timeout=_PATIENCE)

    async def close(self) -> None:
        """As `Guest.close`."""
        running = set(self._last.values())
        if running:
            await asyncio.wait(running, timeout=_GOODBYE)
        for task in running:
            task.cancel()
        if self._started and self._house is not None:
            self._started = False
            await self._alone(self._house.stop())

    async def _ready(self) -> House:
        house = self.load()
        async with self._starting:
            if not self._started:
                await house.start()
                self._started = True
        return house

    async def _handle(
        self, house: House, update: Mapping[str, Any], before: asyncio.Task[None] | None
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        await self._alone(house.handle(update))

    async def _alone(self, work: Awaitable[None]) -> None:
        """What fails there is told, and harms nothing here."""
        (ended,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(ended, Exception):
            log.error("channels.%s.app: a handler failed", self._account, exc_info=ended)

    def _done(self, chat: object, task: asyncio.Task[None]) -> None:
        if self._last.get(chat) is task:
            del self._last[chat]

    def _found(self) -> object:
        """From an installed package, or from the current folder as for `python -m`."""
        folder = str(Path.cwd())
        if folder not in sys.path:
            sys.path.append(folder)
        try:
            return pkgutil.resolve_name(self._app)
        except _BROKEN as error:
            raise SettingsError(self._unusable(error)) from error

    def _unusable(self, error: Exception) -> str:
        own = self._app.partition(":")[0].partition(".")[0]
        hint = ""
        if own in {"bot", "channels", "config", "plugins"}:
            hint = f"; '{own}' is a package of this application: give your module another name"
        fault = f"{type(error).__name__}: {error}"
        return f"channels.{self._account}.app: '{self._app}' cannot be loaded ({fault}){hint}"
