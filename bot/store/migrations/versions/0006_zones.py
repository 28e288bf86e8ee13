"""The time zone that a client's own device tells."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the column."""
    op.add_column("chats", sa.Column("zone", sa.String(64)))
