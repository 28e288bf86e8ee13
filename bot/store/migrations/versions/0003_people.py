"""People who sign in to the dashboard: their sessions, set-up links, and failed attempts."""

import sqlalchemy as sa
from alembic import op

from bot.columns import Id, Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "people",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("language", sa.String(8)),
        sa.Column("zone", sa.String(64)),
        sa.Column("theme", sa.String(8)),
        sa.Column("made_at", Moment, nullable=False),
        sa.UniqueConstraint("key", name="people_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), primary_key=True),
        _person(nullable=False),
        sa.Column("made_at", Moment, nullable=False),
        sa.Column("seen_at", Moment, nullable=False),
    )
    op.create_index("sessions_person", "sessions", ["person_id"])
    op.create_table(
        "setup_links",
        sa.Column("id", sa.String(64), primary_key=True),
        _person(nullable=True),
        sa.Column("ends_at", Moment, nullable=False),
    )
    op.create_index("setup_links_person", "setup_links", ["person_id"])
    op.create_table(
        "sign_in_failures",
        sa.Column("id", Id, primary_key=True, autoincrement=True),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("at", Moment, nullable=False),
    )
    op.create_index("sign_in_failures_at", "sign_in_failures", ["at"])


def _person(*, nullable: bool) -> sa.Column[int]:
    return sa.Column(
        "person_id", Id, sa.ForeignKey("people.id", ondelete="CASCADE"), nullable=nullable
    )
