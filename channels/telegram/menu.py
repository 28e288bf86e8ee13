"""The menu of commands, which only admins see."""

import logging
import re
from collections.abc import Collection, Mapping, Sequence

from bot.api import BotError
from channels.telegram.wire import Wire

log = logging.getLogger(__name__)

_NAME = re.compile(r"[a-z0-9_]{1,32}")
_LONGEST = 256


class Menu:
    """Shown in the chats of admins, once each as long as the process runs."""

    def __init__(
        self, account: str, wire: Wire, admins: Collection[str], commands: Mapping[str, str]
    ) -> None:
        self._account = account
        self._wire = wire
        self._missing = {admin for admin in admins if admin.isdecimal()} if commands else set()
        self._commands: Sequence[Mapping[str, str]] = [
            {"command": name, "description": description[:_LONGEST] or name}
            for name, description in commands.items()
            if _NAME.fullmatch(name)
        ]

    async def show(self) -> None:
        """To all admins who ever wrote to the bot; the others get it when they do."""
        for admin in sorted(self._missing):
            await self.show_to(admin)

    async def show_to(self, admin: str | None) -> None:
        """As well as it goes: typed commands work without."""
        if admin is None or admin not in self._missing or not self._commands:
            return
        scope = {"type": "chat", "chat_id": int(admin)}
        try:
            await self._wire.call("setMyCommands", {"commands": self._commands, "scope": scope})
        except BotError as error:
            log.info("channels.%s: no menu for an admin yet: %s", self._account, error)
        else:
            self._missing.discard(admin)
