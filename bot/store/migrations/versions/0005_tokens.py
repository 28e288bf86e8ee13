"""Tokens of the API: only their fingerprints are kept."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Id, Moment

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the table."""
    owner = sa.ForeignKey("people.id", ondelete="CASCADE")
    op.create_table(
        "tokens",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("person_id", Id, owner, nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("scopes", sa.String(200), nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("ends_at", Moment),
        sa.Column("seen_at", Moment),
        sa.UniqueConstraint("key", name="tokens_key"),
        sa.UniqueConstraint("person_id", "name", name="tokens_name"),
        sqlite_autoincrement=True,
    )
