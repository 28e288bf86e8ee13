"""Chains, silences and reminders."""

import sqlalchemy as sa
from alembic import op

from bot.api import Id, Moment

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "followup_chains",
        sa.Column("employee_id", sa.String(40), primary_key=True),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("enabled_since", Moment),
        sa.Column("saved_at", Moment),
        sa.Column("steps", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    _silences()
    _reminders()


def _silences() -> None:
    op.create_table(
        "followup_silences",
        sa.Column("chat_id", Id, primary_key=True, autoincrement=False),
        sa.Column("employee_id", sa.String(40), nullable=False),
        sa.Column("client_n", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("began", Moment, nullable=False),
        sa.Column("anchor", Moment, nullable=False),
        sa.Column("answered_at", Moment),
        sa.Column("passed", sa.JSON, nullable=False),
        sa.Column("used", sa.JSON, nullable=False),
        sa.Column("postponed_until", Moment),
        sa.Column("frozen_since", Moment),
        sa.Column("stopped", sa.String(20)),
        sa.Column("opted_out", sa.Boolean, nullable=False),
        sa.Column("composer_failures", sa.Integer, nullable=False),
        sa.Column("channel_failures", sa.Integer, nullable=False),
        sa.Column("due_at", Moment),
        sa.Column("step_id", sa.String(64)),
        sa.Column("reason", sa.String(20)),
        sa.Column("version", sa.Integer, nullable=False),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index(
        "followup_silences_due",
        "followup_silences",
        ["due_at"],
        sqlite_where=due,
        postgresql_where=due,
    )
    op.create_index("followup_silences_stale", "followup_silences", ["employee_id", "version"])


def _reminders() -> None:
    op.create_table(
        "followup_reminders",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("silence", sa.Integer, nullable=False),
        sa.Column("step_id", sa.String(64), nullable=False),
        sa.Column("instruction", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(20)),
        sa.Column("token", sa.String(80)),
        sa.Column("lease", Moment),
        sa.Column("claimed_at", Moment),
        sa.Column("intent_at", Moment),
        sa.Column("settled_at", Moment),
        sa.Column("message_id", Id),
        sa.Column("tokens", sa.Integer),
        sa.UniqueConstraint("chat_id", "silence", "step_id", name="followup_reminders_step"),
    )
    under_way = sa.text("state IN ('claimed', 'sending')")
    op.create_index(
        "followup_reminders_under_way",
        "followup_reminders",
        ["lease"],
        sqlite_where=under_way,
        postgresql_where=under_way,
    )
    op.create_index("followup_reminders_settled", "followup_reminders", ["settled_at"])
