"""The plugin's tables."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    or_,
)

from bot.api import Id, Moment
from plugins.followup.folding import LONGEST_LINE

metadata = MetaData()

BLOCKED = ("unreachable", "window_closed", "channel_failed", "rate_limited", "never_opens")
"""Reasons of a chat that somebody should look at."""

chains = Table(
    "followup_chains",
    metadata,
    Column("employee_id", String(40), primary_key=True),
    Column("enabled", Boolean, nullable=False),
    Column("enabled_since", Moment),
    Column("saved_at", Moment),
    Column("steps", JSON, nullable=False),
    Column("version", Integer, nullable=False),
    Column("terms", JSON),
    Column("shares", JSON),
)

# `held_at` is when a chat of the hold-out would be due.
# `due_at`, `step_id` and `reason` are a cache of the due function: what is listed and woken.
# `told` is the number of the silence in which admins were told that the client waits.
# `name` is the line of words that `words` holds of the chat; none until its client next writes, if
# an earlier version was the last to hear of it.
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
    Column("opted_by", String(10)),
    Column("muted_since", Moment),
    Column("snoozed_until", Moment),
    Column("composer_failures", Integer, nullable=False),
    Column("channel_failures", Integer, nullable=False),
    Column("due_at", Moment),
    Column("step_id", String(64)),
    Column("reason", String(20)),
    Column("version", Integer, nullable=False),
    Column("postponed_for", String(20)),
    Column("zone", String(64)),
    Column("told", Integer),
    Column("held_at", Moment),
    Column("postponed_by", JSON(none_as_null=True)),
    Column("name", String(LONGEST_LINE)),
)
_scheduled = silences.c.due_at.is_not(None)
_blocked = silences.c.reason.in_(BLOCKED)
_open = silences.c.answered_at.is_(None)
Index(
    "followup_silences_due",
    silences.c.due_at,
    silences.c.chat_id,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)
Index(
    "followup_silences_mine",
    silences.c.employee_id,
    silences.c.due_at,
    silences.c.chat_id,
    sqlite_where=_scheduled,
    postgresql_where=_scheduled,
)
Index(
    "followup_silences_blocked",
    silences.c.began,
    silences.c.chat_id,
    sqlite_where=_blocked,
    postgresql_where=_blocked,
)
Index(
    "followup_silences_open",
    silences.c.began,
    silences.c.chat_id,
    sqlite_where=_open,
    postgresql_where=_open,
)
Index("followup_silences_stale", silences.c.employee_id, silences.c.version)

# `first_at` is when the first step of a silence came due.
# `replied_at` is when the client wrote next, `opted_at` when they then wanted no more reminders.
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
    Column("employee_id", String(40)),
    Column("variant", String(20)),
    Column("replied_at", Moment),
    Column("opted_at", Moment),
    Column("first_at", Moment),
    Column("until", Moment),
    Column("said", Text),
    Column("fault", String(20)),
    Column("prompt", String(20)),
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

# What an employee spent in a day of its own; there is a row only while something limits it.
spendings = Table(
    "followup_spendings",
    metadata,
    Column("employee_id", String(40), primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("sent", Integer, nullable=False),
    Column("tokens", BigInteger, nullable=False),
)
# One row, once the breaker has latched: with a moment while everything stands still.
latches = Table(
    "followup_latches",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", Moment),
    Column("why", Text, nullable=False),
)

_under_way = reminders.c.state.in_(("claimed", "sending"))
Index(
    "followup_reminders_under_way",
    reminders.c.lease,
    sqlite_where=_under_way,
    postgresql_where=_under_way,
)
Index("followup_reminders_settled", reminders.c.settled_at)
_troubled = or_(reminders.c.state == "uncertain", reminders.c.reason == "composer_failed")
Index(
    "followup_reminders_troubled",
    reminders.c.settled_at,
    reminders.c.chat_id,
    sqlite_where=_troubled,
    postgresql_where=_troubled,
)

# All that the numbers are made from, so that no row is looked up.
_counted = (
    reminders.c.employee_id,
    reminders.c.step_id,
    reminders.c.variant,
    reminders.c.chat_id,
    reminders.c.tokens,
)
_intended = reminders.c.intent_at.is_not(None)
Index(
    "followup_reminders_sent",
    reminders.c.intent_at,
    *_counted,
    reminders.c.state,
    reminders.c.replied_at,
    reminders.c.opted_at,
    sqlite_where=_intended,
    postgresql_where=_intended,
)
_unsent = and_(reminders.c.intent_at.is_(None), reminders.c.tokens.is_not(None))
Index(
    "followup_reminders_unsent",
    reminders.c.settled_at,
    *_counted,
    sqlite_where=_unsent,
    postgresql_where=_unsent,
)

_first = reminders.c.first_at.is_not(None)
Index(
    "followup_reminders_first",
    reminders.c.first_at,
    reminders.c.employee_id,
    reminders.c.replied_at,
    sqlite_where=_first,
    postgresql_where=_first,
)
_held = silences.c.held_at.is_not(None)
Index(
    "followup_silences_held",
    silences.c.held_at,
    silences.c.employee_id,
    sqlite_where=_held,
    postgresql_where=_held,
)

# Silences of the hold-out that came due and ended; those that last have `held_at` instead.
held = Table(
    "followup_held",
    metadata,
    Column("chat_id", Id, primary_key=True, autoincrement=False),
    Column("silence", Integer, primary_key=True, autoincrement=False),
    Column("employee_id", String(40), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("replied_at", Moment, nullable=False),
)
Index("followup_held_due", held.c.due_at, held.c.employee_id, held.c.replied_at)
Index("followup_held_replied", held.c.replied_at)

# The words of the chats' names, each under its first letters. `due_at` and `employee_id` are those
# of the silence, `name` has all words of the name: a search walks one index, in the order of the
# list. While a client waits for an answer, `due_at` stays what it was, as it is going to be another
# soon; so whoever is found is looked up.
words = Table(
    "followup_words",
    metadata,
    Column("chat_id", Id, primary_key=True, autoincrement=False),
    Column("stem", String(3), primary_key=True),
    Column("word", String(40), primary_key=True),
    Column("employee_id", String(40), nullable=False),
    Column("due_at", Moment),
    Column("name", String(LONGEST_LINE)),
    sqlite_with_rowid=False,
)
Index(
    "followup_words_list",
    words.c.stem,
    words.c.due_at,
    words.c.chat_id,
    words.c.employee_id,
    words.c.name,
)

# When admins were told of clients who wait; the number is in the alarm's key.
rounds = Table(
    "followup_rounds",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("chats", Integer, nullable=False),
    sqlite_autoincrement=True,
)
Index("followup_rounds_at", rounds.c.at)
# Who wanted no reminders when their chat was erased; the salt makes the hashes worth nothing
# without this very database.
opt_outs = Table(
    "followup_opt_outs",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)
salts = Table(
    "followup_salts",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("value", String(64), nullable=False),
)
