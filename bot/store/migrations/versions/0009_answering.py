"""Which chats somebody is answering right now, without looking at all the others."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

_CLAIMED = sa.text("answer_lease IS NOT NULL")


def upgrade() -> None:
    """Index the claimed alone."""
    op.create_index(
        "chats_answer_lease",
        "chats",
        ["answer_lease"],
        sqlite_where=_CLAIMED,
        postgresql_where=_CLAIMED,
    )
