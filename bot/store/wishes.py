"""What a chat keeps of its client's wish for no more messages."""

from collections.abc import Mapping
from typing import Any

from bot.model import Author, Chat, Incoming


def wish_of(chat: Chat, incoming: Incoming, *, answered: bool) -> dict[str, Any]:
    """What changes because the client wants no more messages, or wants them again."""
    if incoming.opt_out is None or incoming.author is not Author.CLIENT:
        return {}
    if not incoming.opt_out:
        return {"opted_out_at": None, "farewell_n": None}
    if chat.opted_out_at is None:
        confirm = answered and not incoming.told
        return {"opted_out_at": incoming.at, "farewell_n": chat.last_n + 1 if confirm else None}
    return {"farewell_n": chat.last_n + 1} if chat.farewell_n is not None else {}


def needs_no_answer(chat: Chat, incoming: Incoming, wish: Mapping[str, Any]) -> bool:
    """Whether a wish for no more messages is confirmed already: then that is all there is to do."""
    return incoming.opt_out is True and wish.get("farewell_n", chat.farewell_n) is None
