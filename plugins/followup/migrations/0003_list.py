"""What the list is made from: words of names, and indexes in the order of its rows."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from bot.api import Chat, ChatRef, Id, Moment
from plugins.followup.folding import stems_of, words_of

revision = "0003"
down_revision = "0002"

_BATCH = 5000
_SCHEDULED = sa.text("due_at IS NOT NULL")
_BLOCKED = sa.text(
    "reason IN ('unreachable', 'window_closed', 'channel_failed', 'rate_limited', 'never_opens')"
)
_OPEN = sa.text("answered_at IS NULL")
_TROUBLED = sa.text("state = 'uncertain' OR reason = 'composer_failed'")
_CHATS = sa.text(
    "SELECT c.id, c.account, c.address, c.name, c.employee_id, s.due_at FROM chats c"
    " LEFT JOIN followup_silences s ON s.chat_id = c.id"
    " WHERE c.id > :after ORDER BY c.id LIMIT :most"
)


def upgrade() -> None:
    """Add the table and the indexes; chats that are there already get their words."""
    op.drop_index("followup_silences_due", "followup_silences")
    _index("followup_silences", "due", ["due_at", "chat_id"], _SCHEDULED)
    _index("followup_silences", "mine", ["employee_id", "due_at", "chat_id"], _SCHEDULED)
    _index("followup_silences", "blocked", ["began", "chat_id"], _BLOCKED)
    _index("followup_silences", "open", ["began", "chat_id"], _OPEN)
    _index("followup_reminders", "troubled", ["settled_at", "chat_id"], _TROUBLED)
    words = op.create_table(
        "followup_words",
        sa.Column("chat_id", Id, primary_key=True, autoincrement=False),
        sa.Column("stem", sa.String(3), primary_key=True),
        sa.Column("word", sa.String(40), primary_key=True),
        sa.Column("employee_id", sa.String(40), nullable=False),
        sa.Column("due_at", Moment),
        sqlite_with_rowid=False,
    )
    _fill(words)
    op.create_index(
        "followup_words_due",
        "followup_words",
        ["stem", "due_at", "chat_id", "word", "employee_id"],
    )


def _index(table: str, name: str, columns: list[str], where: sa.TextClause) -> None:
    op.create_index(f"{table}_{name}", table, columns, sqlite_where=where, postgresql_where=where)


def _fill(words: sa.Table) -> None:
    connection = op.get_bind()
    chats = _CHATS.columns(due_at=Moment)
    after = 0
    while found := connection.execute(chats, {"after": after, "most": _BATCH}).mappings().all():
        rows = [row for chat in found for row in _rows(chat)]
        if rows:
            connection.execute(sa.insert(words), rows)
        after = found[-1]["id"]


def _rows(row: Any) -> list[dict[str, Any]]:
    chat = Chat(row["id"], ChatRef(row["account"], row["address"]), row["employee_id"], row["name"])
    return [
        {
            "chat_id": chat.id,
            "stem": stem,
            "word": word,
            "employee_id": chat.employee,
            "due_at": row["due_at"],
        }
        for word in words_of(chat.title)
        for stem in stems_of(word)
    ]
