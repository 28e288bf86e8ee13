"""On what terms a chain goes out: hours of its own, the client's zone, limits; why a chat waits."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the columns."""
    op.add_column("followup_chains", sa.Column("terms", sa.JSON))
    op.add_column("followup_silences", sa.Column("postponed_for", sa.String(20)))
    op.add_column("followup_silences", sa.Column("zone", sa.String(64)))
