"""How the employee's messages leave, and the sign that one is being written."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.api import (
    BotError,
    ChannelError,
    Chat,
    ChatRef,
    Message,
    Receiver,
    UnknownDeliveryError,
)
from channels.telegram.addresses import is_business, moved, place_in
from channels.telegram.refusals import is_unreadable, meaning
from channels.telegram.richtext import Part, composed
from channels.telegram.wire import RefusedError, Wire

BUSINESS_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent where; a refusal may tell how it would be taken instead."""

    ref: ChatRef
    place: Mapping[str, object]
    part: Part
    rich: bool = True
    moved: bool = False

    @property
    def fields(self) -> dict[str, object]:
        """As sendMessage has it."""
        if self.rich:
            return {**self.place, "text": self.part.html, "parse_mode": "HTML"}
        return {**self.place, "text": self.part.plain}


class TelegramSender:
    """Sends by one bot, from any process."""

    def __init__(self, wire: Wire, receiver: Receiver) -> None:
        self._wire = wire
        self._receiver = receiver

    async def send(self, chat: Chat, message: Message) -> str | None:
        """The id of the first part; a later part that fails leaves the whole uncertain."""
        parts = composed(message.text)
        letter = Letter(chat.ref, place_in(chat), parts[0])
        letter, sent = await self._say(letter)
        for part in parts[1:]:
            try:
                letter, _ = await self._say(replace(letter, part=part, rich=True))
            except ChannelError as error:
                raise UnknownDeliveryError("a part of it was sent, the rest was not") from error
        number = sent.get("message_id")
        return None if number is None else str(number)

    async def was_sent(self, chat: Chat, message: Message) -> bool | None:
        """Telegram does not tell."""
        return None

    def is_open(self, chat: Chat, at: datetime) -> bool:
        """A person's own chats take words of a bot for a day after the other side wrote."""
        if not is_business(chat.ref.address):
            return True
        return chat.client_at is not None and at - chat.client_at < BUSINESS_WINDOW

    async def typing(self, chat: Chat) -> None:
        """Telegram shows it for some five seconds."""
        try:
            await self._wire.call("sendChatAction", {**place_in(chat), "action": "typing"})
        except BotError as error:
            raise ChannelError(str(meaning(error))) from None

    async def _say(self, letter: Letter) -> tuple[Letter, Mapping[str, Any]]:
        """The message as Telegram took it. A clear refusal that can be helped is no harm."""
        while True:
            try:
                sent = await self._wire.call("sendMessage", letter.fields)
            except RefusedError as error:
                better = await self._better(letter, error)
                if better is None:
                    raise meaning(error) from None
                letter = better
            except BotError as error:
                raise meaning(error) from None
            else:
                return letter, sent if isinstance(sent, dict) else {}

    async def _better(self, letter: Letter, error: RefusedError) -> Letter | None:
        """What Telegram may take instead; each help is tried once."""
        if letter.rich and is_unreadable(error):
            return replace(letter, rich=False)
        if "message_thread_id" in letter.place and error.says("message thread not found"):
            rest = {key: it for key, it in letter.place.items() if key != "message_thread_id"}
            return replace(letter, place=rest)
        number = error.parameters.get("migrate_to_chat_id")
        if isinstance(number, int) and not letter.moved:
            address = moved(letter.ref.address, number)
            await self._receiver.move(letter.ref, address)
            ref = ChatRef(letter.ref.account, address)
            return replace(letter, ref=ref, place={**letter.place, "chat_id": number}, moved=True)
        return None
