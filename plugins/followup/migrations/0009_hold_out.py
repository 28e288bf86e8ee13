"""A share of chats without reminders, to compare with: when each would have been due."""

import sqlalchemy as sa
from alembic import op

from bot.api import Id, Moment

revision = "0009"
down_revision = "0008"

_FIRST = sa.text("first_at IS NOT NULL")
_HELD = sa.text("held_at IS NOT NULL")


def upgrade() -> None:
    """Add the columns, the indexes and the table."""
    op.add_column("followup_chains", sa.Column("shares", sa.JSON))
    op.add_column("followup_silences", sa.Column("held_at", Moment))
    op.add_column("followup_reminders", sa.Column("first_at", Moment))
    first = ["first_at", "employee_id", "replied_at"]
    _index("followup_reminders_first", "followup_reminders", first, _FIRST)
    _index("followup_silences_held", "followup_silences", ["held_at", "employee_id"], _HELD)
    op.create_table(
        "followup_held",
        sa.Column("chat_id", Id, primary_key=True, autoincrement=False),
        sa.Column("silence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("employee_id", sa.String(40), nullable=False),
        sa.Column("due_at", Moment, nullable=False),
        sa.Column("replied_at", Moment, nullable=False),
    )
    due = ["due_at", "employee_id", "replied_at"]
    op.create_index("followup_held_due", "followup_held", due)
    op.create_index("followup_held_replied", "followup_held", ["replied_at"])


def _index(name: str, table: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
