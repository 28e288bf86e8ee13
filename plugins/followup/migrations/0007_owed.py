"""Which waiting clients the admins were told of."""

import sqlalchemy as sa
from alembic import op

from bot.api import Id, Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column and the table."""
    op.add_column("followup_silences", sa.Column("told", sa.Integer))
    op.create_table(
        "followup_rounds",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("at", Moment, nullable=False),
        sa.Column("chats", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("followup_rounds_at", "followup_rounds", ["at"])
