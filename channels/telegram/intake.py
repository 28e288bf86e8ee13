"""WHAT HAPPENS WHEN TELEGRAM BRINGS AN UPDATE."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import ValidationError

from bot.api import BotError, ChannelHost
from channels.telegram.hearing import Blocked, Ear, Heard
from channels.telegram.menu import Menu
from channels.telegram.shapes import KINDS, Update
from channels.telegram.wire import Wire

log = logging.getLogger(__name__)


class Guest(Protocol):
    """The business's own bot, which answers its clients."""

    async def kinds(self) -> Sequence[str]:
        """The kinds of updates that it wants."""
        ...

    async def feed(self, update: Mapping[str, Any]) -> None:
        """Have it handle an update; its faults stay its own."""
        ...

    async def close(self) -> None:
        """Let it end."""
        ...


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes every update of one bot; returns after the commit. `guest` sees them afterwards."""

    ear: Ear
    host: ChannelHost
    wire: Wire
    menu: Menu
    guest: Guest | None = None

    async def kinds(self) -> Sequence[str]:
        """The kinds of updates to ask Telegram for, ours and the guest's."""
        wanted = list(KINDS)
        if self.guest is not None:
            wanted += [kind for kind in await self.guest.kinds() if kind not in wanted]
        return wanted

    async def take_all(self, updates: Sequence[Mapping[str, Any]]) -> None:
        """In order within a chat, chats side by side. Raises what the first failure raised."""
        chats: dict[object, list[Mapping[str, Any]]] = {}
        for update in updates:
            chats.setdefault(chat_in(update), []).append(update)
        results = await asyncio.gather(*map(self._in_order, chats.values()), return_exceptions=True)
        for failure in filter(None, results):
            raise failure

    async def take(self, raw: Mapping[str, Any]) -> None:
        """One update; the same one again changes nothing."""
        admins = await self._ours(raw)
        if self.guest is not None and not admins:
            await self.guest.feed(raw)

    async def _in_order(self, updates: Sequence[Mapping[str, Any]]) -> None:
        for update in updates:
            await self.take(update)

    async def _ours(self, raw: Mapping[str, Any]) -> bool:
        """Whether it was an admin's command; else it is stored, if it is anybody's word."""
        try:
            update = Update.model_validate(raw)
        except ValidationError:
            # Nobody can mend it, so it must not come for ever.
            log.warning("channels.%s: an update has a form unknown here", self.ear.account)
            return False
        match self.ear.hear(update, self.host.clock.now()):
            case Blocked(ref, at):
                await self.host.reports.unreachable(ref, at)
            case Heard() as heard:
                return await self._heard(heard)
            case None:
                pass
        return False

    async def _heard(self, heard: Heard) -> bool:
        if heard.pressed and self.guest is None:
            await self._acknowledge(heard.pressed)
        if heard.command is None or not await self.host.desk.take(heard.command, heard.edits):
            await self.host.receiver.receive(heard.incoming)
            return False
        if heard.pressed and self.guest is not None:
            await self._acknowledge(heard.pressed)
        await self.menu.show_to(heard.incoming.sender)
        return True

    async def _acknowledge(self, press: str) -> None:
        """The button stops to turn; it does no harm if Telegram finds that too late."""
        try:
            await self.wire.call("answerCallbackQuery", {"callback_query_id": press}, 5.0)
        except BotError as error:
            log.info("channels.%s: a button was not acknowledged: %s", self.ear.account, error)


def chat_in(update: Mapping[str, Any]) -> object:
    """What the order of updates must be kept in: the chat, else the person."""
    for thing in update.values():
        if isinstance(thing, Mapping):
            message = thing.get("message")
            holder = message if isinstance(message, Mapping) else thing
            chat = holder.get("chat") or thing.get("from")
            if isinstance(chat, Mapping):
                found = chat.get("id")
                return found if isinstance(found, int) else None
    return None
