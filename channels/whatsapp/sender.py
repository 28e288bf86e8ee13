"""Sends by one WhatsApp sender: free text inside the 24 hours, the template outside of them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.api import (
    BotError,
    ChannelHost,
    Chat,
    ChatRef,
    Message,
    Screen,
    UnknownDeliveryError,
    WindowClosedError,
)
from channels.whatsapp.history import History, Wanted
from channels.whatsapp.markup import whatsapp_text
from channels.whatsapp.parts import parts
from channels.whatsapp.settings import WhatsAppOptions
from channels.whatsapp.template import filled
from channels.whatsapp.twilio_api import Twilio

WINDOW = timedelta(hours=24)
# A message on its way needs time too, and clocks differ.
MARGIN = timedelta(seconds=60)
LONGEST = 1600


@dataclass(frozen=True, slots=True)
class WhatsAppSender:
    """As `networks.Sender` and `networks.Console`; `callback` is where Twilio tells how it went."""

    options: WhatsAppOptions
    host: ChannelHost
    twilio: Twilio
    history: History
    callback: str | None = None

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """Whether free text or at least the template may be sent then."""
        return self.options.template is not None or _in_window(chat, at)

    async def send(self, chat: Chat, message: Message) -> str | None:
        """Send, in several parts if it is long; the id is that of the first."""
        common = self._from(chat.route) | {"to": chat.ref.address}
        if self.callback is not None:
            common["status_callback"] = f"{self.callback}?message={message.id}"
        if _in_window(chat, self.host.clock.now()):
            texts = parts(whatsapp_text(message.text), LONGEST)
            return await self._send([common | {"body": text} for text in texts])
        return await self._send([common | self._template(chat, message)])

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """Look it up in Twilio's list; None where that proves nothing."""
        texts = tuple(parts(whatsapp_text(message.text), LONGEST))
        reminder = None
        if self.options.template is not None and message.plugin is not None:
            reminder = filled(self.options.template, chat.name, message.text).reminder
        number = self._from(chat.route).get("from_")
        wanted = Wanted(chat.ref.address, number, message.at, texts, reminder)
        return await self.history.has(wanted)

    async def show(self, ref: ChatRef, screen: Screen, edits: str | None) -> None:
        """Show it as text: nothing can be edited here, and buttons are lines to type."""
        common = self._from(None) | {"to": ref.address}
        await self._send([common | {"body": text} for text in parts(_as_text(screen), LONGEST)])

    def address(self, admin: str) -> str:
        """Where an admin with that number is reached."""
        return f"whatsapp:{admin}"

    def _from(self, route: str | None) -> dict[str, str]:
        """Who sends; of a service's numbers the one to which the client wrote."""
        if self.options.number is not None:
            return {"from_": self.options.number}
        service = {"messaging_service_sid": self.options.messaging_service_sid or ""}
        return service if route is None else service | {"from_": route}

    def _template(self, chat: Chat, message: Message) -> dict[str, str]:
        """Only for reminders: an answer in a template made for them would mislead."""
        if self.options.template is None or message.plugin is None:
            raise WindowClosedError("the client's last message is over 24 hours old")
        given = filled(self.options.template, chat.name, message.text)
        return {"content_sid": given.content_sid, "content_variables": given.variables}

    async def _send(self, drafts: list[dict[str, str]]) -> str | None:
        """All of them or, as far as we can tell, none."""
        sids: list[str] = []
        async with self.twilio.client() as client:
            for draft in drafts:
                try:
                    sids.append(await self.twilio.send(client, **draft))
                except BotError as error:
                    if not sids:
                        raise
                    raise UnknownDeliveryError(
                        f"{len(sids)} of {len(drafts)} parts were sent: {error}"
                    ) from None
        return sids[0] if sids else None


def _in_window(chat: Chat, at: datetime) -> bool:
    return chat.client_at is not None and at < chat.client_at + WINDOW - MARGIN


def _as_text(screen: Screen) -> str:
    lines = [f"{each.label}: {each.command}" for row in screen.buttons for each in row]
    asked = f"Send: {screen.ask.strip()} … (with your text in place of …)" if screen.ask else ""
    return "\n\n".join(block for block in (screen.text, "\n".join(lines), asked) if block)
