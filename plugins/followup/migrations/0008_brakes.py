"""Brakes: what an employee spent in a day, and whether everything stands still."""

import sqlalchemy as sa
from alembic import op

from bot.api import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "followup_spendings",
        sa.Column("employee_id", sa.String(40), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("sent", sa.Integer, nullable=False),
        sa.Column("tokens", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "followup_latches",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", Moment),
        sa.Column("why", sa.Text, nullable=False),
    )
