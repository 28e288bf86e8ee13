"""What a manager writes on the page of a conversation: whether it can be sent, and what it was."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.api import (
    ChannelAccount,
    ChannelBusyError,
    ChannelError,
    Chat,
    ChatUnreachableError,
    Clock,
    Delivery,
    Message,
    Runtime,
    Said,
    WindowClosedError,
    phrase,
)
from plugins.followup.model import Reason
from plugins.followup.ports import Record

LONGEST = 4000
_KEY = re.compile(r"[A-Za-z0-9_-]{16,64}")
_GONE = phrase("The client cannot be reached: they blocked us, or are gone.")
_CLOSED = phrase(
    "The network takes no message of yours any more: the client's last one is too long ago. "
    "You can answer when they have written again."
)
_ACCOUNT = phrase("The channel account of this chat is not connected: followup check tells why.")
BLANK = phrase("Write something first.")
LONG = phrase("That is too long: at most 4000 characters fit.")
_TWICE = phrase(
    "This form had sent another message already, so this text was not sent. Look above, and send "
    "it if it is still wanted."
)
_FAILED = phrase("The channel did not take the message, so the client has not got it. Try again.")
# The first that fits.
_WHY: tuple[tuple[type[ChannelError], str], ...] = (
    (ChatUnreachableError, _GONE),
    (WindowClosedError, _CLOSED),
    (ChannelBusyError, phrase("The network asks us to wait. Try again in a minute.")),
)


@dataclass(frozen=True, slots=True)
class Draft:
    """The form as it is shown: a text that is kept, its key, what was wrong."""

    text: str = ""
    key: str = ""
    error: str = ""

    @classmethod
    def blank(cls, text: str = "", error: str = "") -> "Draft":
        """With a key of its own: one form sends one message."""
        return cls(text, secrets.token_urlsafe(16), error)


def said_in(form: Mapping[str, object], by: str) -> Said | None:
    """What was written, without blanks around it; None for a form that is none of ours."""
    text = str(form.get("text", "")).replace("\r\n", "\n").strip()
    key = str(form.get("key", ""))
    return Said(text, by, key) if _KEY.fullmatch(key) else None


def fault_of(said: Said) -> str:
    """What is wrong with the text, if anything is."""
    if not said.text:
        return BLANK
    return LONG if len(said.text) > LONGEST else ""


def obstacle(
    chat: Chat, record: Record | None, accounts: Mapping[str, ChannelAccount], clock: Clock
) -> str:
    """Why nothing can be sent there now, if so."""
    account = accounts.get(chat.ref.account)
    if account is None or account.fault is not None:
        return _ACCOUNT
    if not account.takes(chat, clock.now()):
        return _CLOSED
    gone = record is not None and record.silence.stopped is Reason.UNREACHABLE
    return _GONE if gone else ""


def refusal_of(error: ChannelError) -> str:
    """Why it was not sent, in plain words."""
    return next((why for kind, why in _WHY if isinstance(error, kind)), _FAILED)


def not_as_asked(message: Message, said: Said) -> str:
    """Why the message that the form made is not what was asked for now, if so."""
    if message.delivery is Delivery.FAILED:
        return _FAILED
    return "" if message.text == said.text else _TWICE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why it was not sent. `bad`: the text cannot be; `spent`: its key was used for a try."""

    why: str
    bad: bool = False
    spent: bool = False


async def answer(
    runtime: Runtime, chat: Chat, record: Record | None, said: Said
) -> Message | Refusal | None:
    """The message as it is stored, or why there is none; None if the chat is gone."""
    if fault := fault_of(said):
        return Refusal(fault, bad=True)
    if fault := obstacle(chat, record, runtime.accounts, runtime.clock):
        return Refusal(fault)
    try:
        message = await runtime.managers.answer(chat.id, said)
    except ChannelError as error:
        return Refusal(refusal_of(error), spent=True)
    if message is not None and (fault := not_as_asked(message, said)):
        return Refusal(fault, spent=True)
    return message
