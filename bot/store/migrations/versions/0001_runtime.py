"""Employees, chats and messages."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Id, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "employees",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("persona", sa.Text, nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("working_hours", sa.JSON, nullable=False),
        sa.Column("special_days", sa.JSON, nullable=False),
    )
    op.create_table(
        "chats",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("employee_id", sa.String(40), sa.ForeignKey("employees.id"), nullable=False),
        sa.Column("name", sa.Text),
        sa.Column("last_n", sa.Integer, nullable=False),
        sa.Column("client_n", sa.Integer, nullable=False),
        sa.Column("waiting_since", Moment),
        sa.Column("paused_since", Moment),
        sa.Column("answer_at", Moment),
        sa.Column("answer_token", sa.String(80)),
        sa.Column("answer_lease", Moment),
        sa.Column("answer_failures", sa.Integer, nullable=False),
        sa.UniqueConstraint("account", "address", name="chats_address"),
    )
    to_answer = sa.text("answer_at IS NOT NULL")
    op.create_index(
        "chats_answer_at",
        "chats",
        ["answer_at"],
        sqlite_where=to_answer,
        postgresql_where=to_answer,
    )
    op.create_table(
        "messages",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("chat_id", Id, sa.ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("author", sa.String(10), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("external_id", sa.String(200)),
        sa.Column("delivery", sa.String(10), nullable=False),
        sa.Column("plugin", sa.String(40)),
        sa.Column("tokens", sa.Integer),
        sa.UniqueConstraint("chat_id", "n", name="messages_n"),
        sa.UniqueConstraint("chat_id", "external_id", name="messages_external_id"),
        sqlite_autoincrement=True,
    )
    sending = sa.text("delivery = 'sending'")
    op.create_index(
        "messages_sending", "messages", ["at"], sqlite_where=sending, postgresql_where=sending
    )
    op.create_index("messages_at", "messages", ["at"])
