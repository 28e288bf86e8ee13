"""What other code sends to clients by the same bot counts as the employee's words."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from bot.api import Author, ChannelHost, ChatRef, Incoming
from channels.telegram.addresses import address_of
from channels.telegram.content import content
from channels.telegram.hearing import moment
from channels.telegram.shapes import Said

log = logging.getLogger(__name__)

_SENDING = ("send", "copyMessage", "forwardMessage")
_COPIED = "[copied message]"


class Watch:
    """Told of every call that a guest's library made and Telegram did."""

    def __init__(self, account: str, host: ChannelHost) -> None:
        self._account = account
        self._host = host

    async def saw(self, method: str, chat: object, result: object) -> None:
        """Store the messages that came of it; a fault here is none of the guest's."""
        if not method.startswith(_SENDING):
            return
        sent = result if isinstance(result, list) else [result]
        for message in sent:
            incoming = self._incoming(message, chat)
            if incoming is not None:
                await self._store(incoming)

    async def _store(self, incoming: Incoming) -> None:
        (ended,) = await asyncio.gather(
            self._host.receiver.receive(incoming), return_exceptions=True
        )
        if isinstance(ended, Exception):
            what = "an answer of the attached bot was not stored"
            log.error("channels.%s: %s", self._account, what, exc_info=ended)

    def _incoming(self, message: object, chat: object) -> Incoming | None:
        if not isinstance(message, dict):
            return None
        if "chat" not in message:
            return self._copy(message, chat)
        try:
            said = Said.model_validate(message)
        except ValidationError:
            return None
        text = content(said)
        if said.chat.type != "private" or text is None:
            return None
        address = address_of(said.chat.id, said.business_connection_id)
        ref = ChatRef(self._account, address)
        return Incoming(ref, str(said.message_id), Author.EMPLOYEE, text, moment(said.date))

    def _copy(self, message: Mapping[str, Any], chat: object) -> Incoming | None:
        """Of a copy Telegram tells only the number; a negative chat is a group."""
        number = message.get("message_id")
        if not isinstance(number, int) or not str(chat).isdecimal():
            return None
        ref = ChatRef(self._account, str(chat))
        now = self._host.clock.now()
        return Incoming(ref, str(number), Author.EMPLOYEE, _COPIED, now)
