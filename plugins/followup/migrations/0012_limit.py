"""Which limit put a chat off."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the column; what was put off before names none, and waits as it was told."""
    op.add_column("followup_silences", sa.Column("postponed_by", sa.JSON))
