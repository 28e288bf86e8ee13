"""The plugin's tables."""

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.api import Id, Moment

metadata = MetaData()

chains = Table(
    "followup_chains",
    metadata,
    Column("employee_id", String(40), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_since", Moment),
    Column("saved_at", Moment),
    Column("steps", JSON, nullable=False),
    Column("version", Integer, nullable=False),
)

# `due_at`, `step_id` and `reason` are a cache of the due function: what is listed and woken.
silences = Table(
    "followup_silences",
    metadata,
    Column("chat_id", Id, primary_key=True, autoincrement=False),
    Column("employee_id", String(40), nullable=False),
    Column("client_n", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("began", Moment, nullable=False),
    Column("anchor", Moment, nullable=False),
    Column("answered_at", Moment),
    Column("passed", JSON, nullable=False),
    Column("used", JSON, nullable=False),
    Column("postponed_until", Moment),
    Column("hurried_at", Moment),
    Column("frozen_since", Moment),
    Column("stopped", String(20)),
    Column("opted_out", Boolean, nullable=False),
    Column("composer_failures", Integer, nullable=False),
    Column("channel_failures", Integer, nullable=False),
    Column("due_at", Moment),
    Column("step_id", String(64)),
    Column("reason", String(20)),
    Column("version", Integer, nullable=False),
)
Index(
    "followup_silences_due",
    silences.c.due_at,
    sqlite_where=silences.c.due_at.is_not(None),
    postgresql_where=silences.c.due_at.is_not(None),
)
Index("followup_silences_stale", silences.c.employee_id, silences.c.version)

reminders = Table(
    "followup_reminders",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("chat_id", Id, nullable=False),
    Column("silence", Integer, nullable=False),
    Column("step_id", String(64), nullable=False),
    Column("instruction", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("reason", String(20)),
    Column("token", String(80)),
    Column("lease", Moment),
    Column("claimed_at", Moment),
    Column("hurried_at", Moment),
    Column("intent_at", Moment),
    Column("settled_at", Moment),
    Column("message_id", Id),
    Column("tokens", Integer),
    UniqueConstraint("chat_id", "silence", "step_id", name="followup_reminders_step"),
)
# The chain before the latest change that an admin made; `version` is that of the chain after it.
undos = Table(
    "followup_undos",
    metadata,
    Column("employee_id", String(40), primary_key=True),
    Column("by", String(100), nullable=False),
    Column("version", Integer, nullable=False),
    Column("chain", JSON, nullable=False),
)

_under_way = reminders.c.state.in_(("claimed", "sending"))
Index(
    "followup_reminders_under_way",
    reminders.c.lease,
    sqlite_where=_under_way,
    postgresql_where=_under_way,
)
Index("followup_reminders_settled", reminders.c.settled_at)
