"""Asking Telegram for updates, again and again."""

from collections.abc import Sequence
from typing import Any

from bot.api import BotError, Receiver
from channels.telegram.intake import Intake
from channels.telegram.waiting import Troubles
from channels.telegram.wire import Wire

_LONG = 25
_SLACK = 15.0


class Poller:
    """An update is confirmed by the next question, so only after it was stored."""

    def __init__(self, account: str, wire: Wire, intake: Intake) -> None:
        self._account = account
        self._wire = wire
        self._intake = intake

    async def listen(self, receiver: Receiver) -> None:
        """As `Listener.listen`."""
        kinds = await self._intake.kinds()
        troubles = Troubles(self._account)
        await self._until_done(troubles)
        await self._intake.menu.show()
        offset = 0
        while True:
            updates = await self._ask(offset, kinds, troubles)
            await self._intake.take_all(updates)
            offset = max([offset, *(update["update_id"] + 1 for update in updates)])

    async def _until_done(self, troubles: Troubles) -> None:
        """As long as a webhook is set, nothing can be asked for."""
        while True:
            try:
                await self._wire.call("deleteWebhook", {"drop_pending_updates": False})
            except BotError as error:
                await troubles.pause(error)
            else:
                return

    async def _ask(
        self, offset: int, kinds: Sequence[str], troubles: Troubles
    ) -> Sequence[dict[str, Any]]:
        """Nothing, after a pause, while there is trouble."""
        fields = {"offset": offset, "timeout": _LONG, "allowed_updates": kinds}
        try:
            found = await self._wire.call("getUpdates", fields, _LONG + _SLACK)
        except BotError as error:
            await troubles.pause(error)
            return []
        troubles.over()
        listed = found if isinstance(found, list) else []
        return [each for each in listed if _is_update(each)]


def _is_update(thing: Any) -> bool:
    """Whether it can be confirmed at all."""
    return isinstance(thing, dict) and isinstance(thing.get("update_id"), int)
