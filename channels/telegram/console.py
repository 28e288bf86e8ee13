"""Screens for admins: text with buttons, changed in place."""

from collections.abc import Mapping, Sequence

from bot.api import BotError, Button, ChatRef, Screen
from channels.cuts import cuts
from channels.telegram.addresses import place_of
from channels.telegram.refusals import meaning
from channels.telegram.wire import RefusedError, Wire

_BAD_REQUEST = 400
_BUTTON_BYTES = 64


class TelegramConsole:
    """Talks to admins by one bot."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def show(self, ref: ChatRef, screen: Screen, edits: str | None) -> None:
        """Buttons stand under the last part; a question is a message of its own to reply to."""
        place = place_of(ref.address)
        try:
            await self._show(place, screen, edits)
        except BotError as error:
            raise meaning(error) from None

    def address(self, admin: str) -> str:
        """A private chat has the number of the person."""
        return admin

    async def _show(self, place: Mapping[str, object], screen: Screen, edits: str | None) -> None:
        asks = screen.ask and not screen.buttons
        text = f"{_told(screen)}\n\n{screen.ask}" if asks else _told(screen)
        *parts, last = [text[start:end] for start, end in cuts(text)] or ["…"]
        if asks:
            markup: Mapping[str, object] = {"force_reply": True}
        else:
            markup = {"inline_keyboard": _rows(screen.buttons)}
        if parts or asks or edits is None or not await self._edited(place, edits, last, markup):
            for part in parts:
                await self._say(place, part)
            await self._say(place, last, markup)
        if screen.ask and not asks:
            await self._say(place, f"Reply to this message.\n\n{screen.ask}", {"force_reply": True})

    async def _edited(
        self, place: Mapping[str, object], screen: str, text: str, markup: Mapping[str, object]
    ) -> bool:
        """Whether that message shows it now; one that is gone cannot."""
        fields = {**place, "message_id": int(screen), "text": text, "reply_markup": markup}
        try:
            await self._wire.call("editMessageText", fields)
        except RefusedError as error:
            if error.says("message is not modified"):
                return True
            if error.code != _BAD_REQUEST or error.says("chat not found"):
                raise
            return False
        return True

    async def _say(
        self, place: Mapping[str, object], text: str, markup: Mapping[str, object] | None = None
    ) -> None:
        more = {"reply_markup": markup} if markup else {}
        await self._wire.call("sendMessage", {**place, "text": text, **more})


def _rows(buttons: Sequence[Sequence[Button]]) -> list[list[dict[str, str]]]:
    rows = [
        [{"text": button.label, "callback_data": button.command} for button in row if _fits(button)]
        for row in buttons
    ]
    return [row for row in rows if row]


def _told(screen: Screen) -> str:
    """The text, with what no button can carry as lines to type."""
    long = [button for row in screen.buttons for button in row if not _fits(button)]
    return "\n".join([screen.text, *(f"{button.label}: {button.command}" for button in long)])


def _fits(button: Button) -> bool:
    return len(button.command.encode()) <= _BUTTON_BYTES
