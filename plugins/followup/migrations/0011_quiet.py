"""Chats that managers want quiet, and who wanted no reminders when their chat was erased."""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

from bot.api import Id, Moment

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns and the tables; the salt is made here, once for this database."""
    op.add_column("followup_silences", sa.Column("opted_by", sa.String(10)))
    op.add_column("followup_silences", sa.Column("muted_since", Moment))
    op.add_column("followup_silences", sa.Column("snoozed_until", Moment))
    op.create_table(
        "followup_opt_outs",
        sa.Column("hash", sa.String(64), primary_key=True),
        sa.Column("at", Moment, nullable=False),
    )
    salts = op.create_table(
        "followup_salts",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("value", sa.String(64), nullable=False),
    )
    op.bulk_insert(salts, [{"value": token_hex(32)}])
