"""What the numbers are made from: whose a reminder was, and what the client did after it."""

import sqlalchemy as sa
from alembic import op

from bot.api import Moment

revision = "0005"
down_revision = "0004"

_COUNTED = ["employee_id", "step_id", "variant", "chat_id", "tokens"]
_INTENDED = sa.text("intent_at IS NOT NULL")
_UNSENT = sa.text("intent_at IS NULL AND tokens IS NOT NULL")

_OWNERS = sa.text(
    "UPDATE followup_reminders SET employee_id ="
    " (SELECT c.employee_id FROM chats c WHERE c.id = followup_reminders.chat_id)"
)
_ANSWERS = sa.text(
    "UPDATE followup_reminders SET replied_at ="
    " (SELECT m.at FROM messages m WHERE m.chat_id = followup_reminders.chat_id"
    " AND m.author = 'client' AND m.n >"
    " (SELECT said.n FROM messages said WHERE said.id = followup_reminders.message_id)"
    " ORDER BY m.n LIMIT 1)"
    " WHERE message_id IS NOT NULL"
)


def upgrade() -> None:
    """Add the columns and the indexes; what is known of reminders that are there is filled in."""
    table = "followup_reminders"
    op.add_column(table, sa.Column("employee_id", sa.String(40)))
    op.add_column(table, sa.Column("variant", sa.String(20)))
    op.add_column(table, sa.Column("replied_at", Moment))
    op.add_column(table, sa.Column("opted_at", Moment))
    op.execute(_OWNERS)
    op.execute(_ANSWERS)
    sent = ["intent_at", *_COUNTED, "state", "replied_at", "opted_at"]
    _index("sent", sent, _INTENDED)
    _index("unsent", ["settled_at", *_COUNTED], _UNSENT)


def _index(name: str, columns: list[str], where: sa.TextClause) -> None:
    table = "followup_reminders"
    op.create_index(f"{table}_{name}", table, columns, sqlite_where=where, postgresql_where=where)
