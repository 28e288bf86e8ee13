"""Forgets that a client said no: a manager allows messages again."""

from bot.model import Chat
from bot.ports import Transaction
from bot.store.chats import change_chat


class SqlConsent:
    """Changes the chat (`Consent`)."""

    async def allow(self, tx: Transaction, chat: Chat) -> None:
        """The held chat's next wish for no more messages is a new one, confirmed again."""
        if chat.opted_out_at is not None or chat.farewell_n is not None:
            done = {"opted_out_at": None, "farewell_n": None}
            await change_chat(tx.connection, chat.id, done)
