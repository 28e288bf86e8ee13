"""What the pages show, straight from SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.api import Chat, Directory
from plugins.followup.adapters.tables import reminders, silences
from plugins.followup.model import Reason, State


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A chat with a scheduled reminder."""

    chat: Chat
    employee: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Attempt:
    """A reminder as the conversation shows it."""

    silence: int
    step: str
    instruction: str
    state: State
    reason: Reason | None
    message: int | None
    tokens: int | None
    at: datetime | None


async def count_scheduled(connection: AsyncConnection) -> int:
    """How many chats have a reminder scheduled."""
    query = select(func.count()).where(silences.c.due_at.is_not(None))
    return int((await connection.execute(query)).scalar_one())


async def scheduled(
    connection: AsyncConnection, directory: Directory, first: int, limit: int
) -> Sequence[Scheduled]:
    """A page of them, the earliest due first."""
    query = (
        select(silences.c.chat_id, silences.c.due_at)
        .where(silences.c.due_at.is_not(None))
        .order_by(silences.c.due_at, silences.c.chat_id)
        .offset(first)
        .limit(limit)
    )
    found: list[Scheduled] = []
    names: dict[str, str] = {}
    for key, due_at in (await connection.execute(query)).all():
        chat = await directory.chat(connection, key)
        if chat is None:
            continue
        if chat.employee not in names:
            employee = await directory.employee(connection, chat.employee)
            names[chat.employee] = employee.name if employee else chat.employee
        found.append(Scheduled(chat, names[chat.employee], due_at))
    return found


async def attempts(connection: AsyncConnection, chat: int) -> Sequence[Attempt]:
    """The reminders of a chat, in the order in which they were taken up."""
    query = select(reminders).where(reminders.c.chat_id == chat).order_by(reminders.c.id)
    return [
        Attempt(
            silence=row["silence"],
            step=row["step_id"],
            instruction=row["instruction"],
            state=State(row["state"]),
            reason=Reason(row["reason"]) if row["reason"] else None,
            message=row["message_id"],
            tokens=row["tokens"],
            at=row["settled_at"] or row["intent_at"] or row["claimed_at"],
        )
        for row in (await connection.execute(query)).mappings()
    ]
