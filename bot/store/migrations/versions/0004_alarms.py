"""What admins are told by message."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Id, Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "alarms",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("admin", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("employee_id", sa.String(40)),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", Moment),
        sa.UniqueConstraint("key", "admin", name="alarms_key"),
    )
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index(
        "alarms_open", "alarms", ["next_at"], sqlite_where=waiting, postgresql_where=waiting
    )
