"""The runtime's tables; plugins keep their own."""

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from bot.columns import Id, Moment

metadata = MetaData()

employees = Table(
    "employees",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("name", Text, nullable=False),
    Column("persona", Text, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("working_hours", JSON, nullable=False),
    Column("special_days", JSON, nullable=False),
)

# `answer_*` is how the employee's answer gets done exactly by one worker: when it is to be tried,
# who is at it (token) and until when nobody else may be (lease).
chats = Table(
    "chats",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("account", String(40), nullable=False),
    Column("address", String(200), nullable=False),
    Column("employee_id", String(40), ForeignKey("employees.id"), nullable=False),
    Column("name", Text),
    Column("last_n", Integer, nullable=False),
    Column("client_n", Integer, nullable=False),
    Column("waiting_since", Moment),
    Column("paused_since", Moment),
    Column("held_by", String(120)),
    Column("client_at", Moment),
    Column("route", String(200)),
    Column("zone", String(64)),
    Column("answer_at", Moment),
    Column("answer_token", String(80)),
    Column("answer_lease", Moment),
    Column("answer_failures", Integer, nullable=False),
    Column("opted_out_at", Moment),
    Column("farewell_n", Integer),
    UniqueConstraint("account", "address", name="chats_address"),
)
Index(
    "chats_answer_at",
    chats.c.answer_at,
    sqlite_where=chats.c.answer_at.is_not(None),
    postgresql_where=chats.c.answer_at.is_not(None),
)

Index(
    "chats_held",
    chats.c.paused_since,
    chats.c.id,
    sqlite_where=chats.c.paused_since.is_not(None),
    postgresql_where=chats.c.paused_since.is_not(None),
)

Index(
    "chats_answer_lease",
    chats.c.answer_lease,
    sqlite_where=chats.c.answer_lease.is_not(None),
    postgresql_where=chats.c.answer_lease.is_not(None),
)

# `by` and `form_key` are of managers: who wrote it, and the form that it came by.
messages = Table(
    "messages",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("chat_id", Id, ForeignKey("chats.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("author", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("external_id", String(200)),
    Column("delivery", String(10), nullable=False),
    Column("plugin", String(40)),
    Column("tokens", Integer),
    Column("arrival", String(10)),
    Column("by", String(120)),
    Column("form_key", String(64)),
    UniqueConstraint("chat_id", "n", name="messages_n"),
    UniqueConstraint("chat_id", "external_id", name="messages_external_id"),
    # Otherwise SQLite gives the ids of deleted messages to new ones; plugins' rows name them.
    sqlite_autoincrement=True,
)
Index(
    "messages_sending",
    messages.c.at,
    sqlite_where=messages.c.delivery == "sending",
    postgresql_where=messages.c.delivery == "sending",
)
Index("messages_at", messages.c.at)
Index(
    "messages_form",
    messages.c.chat_id,
    messages.c.form_key,
    unique=True,
    sqlite_where=messages.c.form_key.is_not(None),
    postgresql_where=messages.c.form_key.is_not(None),
)

# What admins asked for, once per message of theirs; `done_at` is set before it is done.
commands = Table(
    "commands",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("account", String(40), nullable=False),
    Column("address", String(200), nullable=False),
    Column("external_id", String(200), nullable=False),
    Column("by", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Moment, nullable=False),
    Column("edits", String(200)),
    Column("done_at", Moment),
    UniqueConstraint("account", "address", "external_id", name="commands_external_id"),
)
Index(
    "commands_open",
    commands.c.at,
    sqlite_where=commands.c.done_at.is_(None),
    postgresql_where=commands.c.done_at.is_(None),
)

# What admins are told by message, once per key and admin; `next_at` is when somebody has to look
# at it again, and none when it is settled.
alarms = Table(
    "alarms",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(200), nullable=False),
    Column("admin", String(100), nullable=False),
    Column("text", Text, nullable=False),
    Column("employee_id", String(40)),
    Column("account", String(40), nullable=False),
    Column("at", Moment, nullable=False),
    Column("state", String(10), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_at", Moment),
    UniqueConstraint("key", "admin", name="alarms_key"),
)
Index(
    "alarms_open",
    alarms.c.next_at,
    sqlite_where=alarms.c.next_at.is_not(None),
    postgresql_where=alarms.c.next_at.is_not(None),
)

# The audit log; nothing here is ever changed.
changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Moment, nullable=False),
    Column("by", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("employee_id", String(40)),
    Column("chat_id", Id),
    Column("before", JSON),
    Column("after", JSON),
    sqlite_autoincrement=True,
)
Index("changes_at", changes.c.at)

# Who may sign in to the dashboard. `key` is the name as it is compared.
people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False),
    Column("key", String(200), nullable=False),
    Column("role", String(10), nullable=False),
    Column("password", Text),
    Column("language", String(8)),
    Column("zone", String(64)),
    Column("theme", String(8)),
    Column("made_at", Moment, nullable=False),
    UniqueConstraint("key", name="people_key"),
    sqlite_autoincrement=True,
)

# Of secrets only a hash is kept: whoever reads the database cannot sign in with it.
sessions = Table(
    "sessions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seen_at", Moment, nullable=False),
)
Index("sessions_person", sessions.c.person_id)

# One without a person makes the first one.
setup_links = Table(
    "setup_links",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE")),
    Column("ends_at", Moment, nullable=False),
)
Index("setup_links_person", setup_links.c.person_id)

# Names are hashed here: people type passwords into the wrong field.
sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("name", String(64), nullable=False),
    Column("address", String(64), nullable=False),
    Column("at", Moment, nullable=False),
)
Index("sign_in_failures_at", sign_in_failures.c.at)

# What programs come with; `key` is a fingerprint, `scopes` are words with spaces between.
tokens = Table(
    "tokens",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("person_id", Id, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(40), nullable=False),
    Column("key", String(64), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("ends_at", Moment),
    Column("seen_at", Moment),
    UniqueConstraint("key", name="tokens_key"),
    UniqueConstraint("person_id", "name", name="tokens_name"),
    sqlite_autoincrement=True,
)
