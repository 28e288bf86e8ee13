"""Who wants no more messages, and whether that was confirmed."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("chats", sa.Column("opted_out_at", Moment))
    op.add_column("chats", sa.Column("farewell_n", sa.Integer))
