"""Rows of the runtime's tables as values."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import RowMapping

from bot.model import Arrival, Author, Chat, ChatRef, Delivery, Message


def chat_of(row: RowMapping) -> Chat:
    """A row of `chats` as a value."""
    return Chat(
        id=row["id"],
        ref=ChatRef(row["account"], row["address"]),
        employee=row["employee_id"],
        name=row["name"],
        last_n=row["last_n"],
        client_n=row["client_n"],
        waiting_since=row["waiting_since"],
        paused_since=row["paused_since"],
        client_at=row["client_at"],
        route=row["route"],
        zone=row["zone"],
        held_by=row["held_by"],
        opted_out_at=row["opted_out_at"],
        farewell_n=row["farewell_n"],
    )


def message_of(row: Mapping[Any, Any]) -> Message:
    """A row of `messages` as a value."""
    return Message(
        id=row["id"],
        chat=row["chat_id"],
        n=row["n"],
        author=Author(row["author"]),
        text=row["text"],
        at=row["at"],
        external_id=row["external_id"],
        delivery=Delivery(row["delivery"]),
        plugin=row["plugin"],
        tokens=row["tokens"],
        arrival=Arrival(row["arrival"]) if row["arrival"] else None,
        by=row["by"],
    )
