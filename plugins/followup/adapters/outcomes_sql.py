"""What clients do after their reminders, kept in the rows of those; each is one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    case,
    func,
    insert,
    null,
    or_,
    select,
    update,
)

from bot.api import Moment, Transaction, among
from plugins.followup.adapters.tables import held, reminders
from plugins.followup.model import Reason, State
from plugins.followup.ports import Record

# A list of states could not be asked for many chats at once.
_PENDING = or_(reminders.c.state == State.SCHEDULED, reminders.c.state == State.CLAIMED)
_OVER = reminders.c.silence == bindparam("over")


def _if_pending(column: ColumnElement[Any], value: Any) -> ColumnElement[Any]:
    return case((_PENDING, value), else_=column)


_ENDED = (
    update(reminders)
    .where(
        reminders.c.chat_id == bindparam("chat"),
        or_(_PENDING, and_(_OVER, reminders.c.replied_at.is_(None))),
    )
    .values(
        state=_if_pending(reminders.c.state, State.CANCELLED),
        reason=_if_pending(reminders.c.reason, Reason.CLIENT_REPLIED),
        settled_at=_if_pending(reminders.c.settled_at, bindparam("now", type_=Moment)),
        token=_if_pending(reminders.c.token, null()),
        lease=_if_pending(reminders.c.lease, null()),
        replied_at=case(
            (_OVER, func.coalesce(reminders.c.replied_at, bindparam("at", type_=Moment))),
            else_=reminders.c.replied_at,
        ),
    )
)
_LATEST = (
    select(reminders.c.id)
    .where(
        reminders.c.chat_id == bindparam("chat"),
        reminders.c.intent_at >= bindparam("since", type_=Moment),
        reminders.c.state.in_((State.SENDING, State.SENT, State.UNCERTAIN)),
    )
    .order_by(reminders.c.intent_at.desc())
    .limit(1)
)
_OPTED = (
    update(reminders)
    .where(reminders.c.id == _LATEST.scalar_subquery(), reminders.c.opted_at.is_(None))
    .values(opted_at=bindparam("now", type_=Moment))
)


# Most messages follow upon no reminder: one look at all chats is cheaper than a change of each.
_CONCERNED = (
    select(reminders.c.chat_id)
    .where(among(reminders.c.chat_id), or_(_PENDING, reminders.c.replied_at.is_(None)))
    .distinct()
)


class SqlOutcomes:
    """Looks at the rows of each chat, by their index."""

    async def replied(
        self, tx: Transaction, ended: Sequence[tuple[Record, datetime]], now: datetime
    ) -> None:
        """Clients wrote, each then: drop what waits, put down that the others led to it."""
        if not ended:
            return
        keys = [record.chat for record, _ in ended]
        concerned = set((await tx.connection.execute(_CONCERNED, {"keys": keys})).scalars())
        values = [
            {"chat": record.chat, "over": record.silence.number, "at": at, "now": now}
            for record, at in ended
            if record.chat in concerned
        ]
        if values:
            await tx.connection.execute(_ENDED, values)
        replies = [
            {
                "chat_id": record.chat,
                "silence": record.silence.number,
                "employee_id": record.employee,
                "due_at": record.held_at,
                "replied_at": at,
            }
            for record, at in ended
            if record.held_at is not None and record.held_at <= at
        ]
        if replies:
            await tx.connection.execute(insert(held), replies)

    async def opted(self, tx: Transaction, chat: int, since: datetime, now: datetime) -> None:
        """The client wants no more reminders: put that down with the latest one sent since then."""
        await tx.connection.execute(_OPTED, {"chat": chat, "since": since, "now": now})
