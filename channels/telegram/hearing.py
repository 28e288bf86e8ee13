"""What an update means to us."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from bot.api import Author, ChatRef, Incoming
from channels.telegram.addresses import address_of
from channels.telegram.content import content
from channels.telegram.shapes import Change, Press, Said, Update

_PRIVATE = "private"
_BUSINESS = "Telegram Business"
# An admin who passes on what somebody else wrote has not said it.
_FOREIGN = ("forward_origin", "forward_from", "forward_date", "via_bot")
_TO_ME = re.compile(r"(/\w+)@\w+")


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody said something, or pressed a button (`pressed` is the id of that).

    `command` is how it looks to the desk, where it may be one; `edits` is the screen with the
    button.
    """

    incoming: Incoming
    command: Incoming | None = None
    edits: str | None = None
    pressed: str | None = None


@dataclass(frozen=True, slots=True)
class Blocked:
    """The client put the bot out."""

    ref: ChatRef
    at: datetime


@dataclass(frozen=True, slots=True)
class Ear:
    """One bot's. `commands` are the names that admins may type."""

    account: str
    bot: int
    admins: Collection[str] = ()
    commands: Collection[str] = ()

    def hear(self, update: Update, now: datetime) -> Heard | Blocked | None:
        """None for all that is no client's word: groups, other bots, edits, service messages."""
        if update.message is not None:
            return self._said(update.message)
        if update.business_message is not None:
            return self._business(update.business_message)
        if update.callback_query is not None:
            return self._pressed(update.callback_query, now)
        if update.my_chat_member is not None:
            return self._changed(update.my_chat_member)
        return None

    def _said(self, said: Said) -> Heard | None:
        if said.chat.type != _PRIVATE or said.author is None or said.author.is_bot:
            return None
        incoming = self._incoming(said, Author.CLIENT)
        if incoming is None:
            return None
        own = said.text is not None and not any(said.rest.get(mark) for mark in _FOREIGN)
        return Heard(incoming, self._command(incoming, said) if own else None)

    def _business(self, said: Said) -> Heard | None:
        """In a person's own chat: the other side is the client, the person is our colleague."""
        if said.chat.type != _PRIVATE or said.author is None or said.author.is_bot:
            return None
        if said.sender_business_bot is not None or said.business_connection_id is None:
            return None
        client = said.author.id == said.chat.id
        incoming = self._incoming(said, Author.CLIENT if client else Author.MANAGER)
        if incoming is not None and not client:
            incoming = replace(incoming, by=", ".join(filter(None, (said.author.name, _BUSINESS))))
        return None if incoming is None else Heard(incoming)

    def _pressed(self, press: Press, now: datetime) -> Heard | None:
        said = press.message
        if said is None or said.chat.type != _PRIVATE or press.data is None:
            return None
        incoming = Incoming(
            self._ref(said),
            f"callback:{press.id}",
            Author.CLIENT,
            _label(said.rest.get("reply_markup"), press.data),
            now,
            press.author.name,
            str(press.author.id),
            _route(said),
        )
        command = None
        if said.business_connection_id is None:
            command = replace(incoming, text=press.data)
        return Heard(incoming, command, str(said.message_id), press.id)

    def _changed(self, change: Change) -> Blocked | None:
        if change.chat.type != _PRIVATE or change.new_chat_member.status != "kicked":
            return None
        ref = ChatRef(self.account, address_of(change.chat.id))
        return Blocked(ref, moment(change.date))

    def _incoming(self, said: Said, author: Author) -> Incoming | None:
        text = content(said)
        if text is None or said.author is None:
            return None
        client = author is Author.CLIENT
        return Incoming(
            self._ref(said),
            str(said.message_id),
            author,
            text,
            moment(said.date),
            said.author.name if client else None,
            str(said.author.id) if client else None,
            _route(said),
        )

    def _command(self, incoming: Incoming, said: Said) -> Incoming:
        """Without the bot's own name; a reply to a question of ours completes what it asks for."""
        text = _TO_ME.sub(r"\1", incoming.text, count=1) if incoming.text[:1] == "/" else None
        return replace(incoming, text=text or self._completed(incoming, said))

    def _completed(self, incoming: Incoming, said: Said) -> str:
        asked = said.reply_to_message
        if asked is None or asked.author is None or asked.author.id != self.bot:
            return incoming.text
        if incoming.sender not in self.admins:
            return incoming.text
        beginning = (asked.text or "").rstrip().rpartition("\n")[2]
        known = beginning[:1] == "/" and beginning[1:].partition(" ")[0] in self.commands
        return f"{beginning} {incoming.text}" if known else incoming.text

    def _ref(self, said: Said) -> ChatRef:
        return ChatRef(self.account, address_of(said.chat.id, said.business_connection_id))


def moment(seconds: int) -> datetime:
    """As Telegram writes it."""
    return datetime.fromtimestamp(seconds, UTC)


def _route(said: Said) -> str | None:
    return None if said.message_thread_id is None else str(said.message_thread_id)


def _label(markup: Any, data: str) -> str:
    """What is written on the button with that data, else the data."""
    rows = markup.get("inline_keyboard") if isinstance(markup, Mapping) else None
    for row in rows if isinstance(rows, list) else []:
        for button in row if isinstance(row, list) else []:
            if isinstance(button, Mapping) and button.get("callback_data") == data:
                return str(button.get("text") or data)
    return data
