"""What real channels need: where and when the client wrote last, commands, and the audit log."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Id, Moment

revision = "0002"
down_revision = "0001"

_CLIENT_AT = """
UPDATE chats SET client_at = (
    SELECT messages.at FROM messages
    WHERE messages.chat_id = chats.id AND messages.n = chats.client_n
)
"""


def upgrade() -> None:
    """Add columns and tables; chats learn when their client wrote last."""
    op.add_column("chats", sa.Column("client_at", Moment))
    op.add_column("chats", sa.Column("route", sa.String(200)))
    op.add_column("messages", sa.Column("arrival", sa.String(10)))
    op.execute(_CLIENT_AT)
    op.create_table(
        "commands",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("account", sa.String(40), nullable=False),
        sa.Column("address", sa.String(200), nullable=False),
        sa.Column("external_id", sa.String(200), nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("edits", sa.String(200)),
        sa.Column("done_at", Moment),
        sa.UniqueConstraint("account", "address", "external_id", name="commands_external_id"),
    )
    todo = sa.text("done_at IS NULL")
    op.create_index("commands_open", "commands", ["at"], sqlite_where=todo, postgresql_where=todo)
    op.create_table(
        "changes",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("employee_id", sa.String(40)),
        sa.Column("chat_id", Id),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON),
        sqlite_autoincrement=True,
    )
    op.create_index("changes_at", "changes", ["at"])
