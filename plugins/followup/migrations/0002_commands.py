"""What admins do by commands: reminders that they hurried, and changes that they can undo."""

import sqlalchemy as sa
from alembic import op

from bot.api import Moment

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("followup_silences", sa.Column("hurried_at", Moment))
    op.add_column("followup_reminders", sa.Column("hurried_at", Moment))
    op.create_table(
        "followup_undos",
        sa.Column("employee_id", sa.String(40), primary_key=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("chain", sa.JSON, nullable=False),
    )
