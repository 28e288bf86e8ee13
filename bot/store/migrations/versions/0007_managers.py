"""Who has a chat, and what managers write from the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns, and what finds them."""
    op.add_column("chats", sa.Column("held_by", sa.String(120)))
    op.add_column("messages", sa.Column("by", sa.String(120)))
    op.add_column("messages", sa.Column("form_key", sa.String(64)))
    _index("chats_held", "chats", ["paused_since", "id"], "paused_since IS NOT NULL")
    _index(
        "messages_form", "messages", ["chat_id", "form_key"], "form_key IS NOT NULL", unique=True
    )


def _index(name: str, table: str, columns: list[str], only: str, *, unique: bool = False) -> None:
    where = sa.text(only)
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
