"""Every word knows the other words of its name, so that a search of several walks one index."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_LONGEST = 200
# Each word is kept once under its first letter. Of a long name some words are left out.
_NAMED = """
UPDATE followup_words SET name = (
  SELECT substr(' ' || {joined}(w.word, ' '), 1, {longest})
  FROM followup_words w WHERE w.chat_id = followup_words.chat_id AND length(w.stem) = 1
)
"""


def upgrade() -> None:
    """Add the column, fill it, and put it into the index."""
    joined = "string_agg" if op.get_bind().dialect.name == "postgresql" else "group_concat"
    op.drop_index("followup_words_due", "followup_words")
    op.add_column("followup_words", sa.Column("name", sa.String(_LONGEST)))
    op.execute(_NAMED.format(longest=_LONGEST, joined=joined))
    columns = ["stem", "due_at", "chat_id", "employee_id", "name"]
    op.create_index("followup_words_list", "followup_words", columns)
