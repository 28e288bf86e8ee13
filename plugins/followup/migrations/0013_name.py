"""The folded name of a chat, beside where it stands."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column; a chat without one is named anew when its client next writes."""
    op.add_column("followup_silences", sa.Column("name", sa.String(200)))
