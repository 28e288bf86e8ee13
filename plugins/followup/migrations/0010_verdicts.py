"""What a verdict says besides its reason, and by which prompts it was made."""

import sqlalchemy as sa
from alembic import op

from bot.api import Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("followup_reminders", sa.Column("until", Moment))
    op.add_column("followup_reminders", sa.Column("said", sa.Text))
    op.add_column("followup_reminders", sa.Column("fault", sa.String(20)))
    op.add_column("followup_reminders", sa.Column("prompt", sa.String(20)))
