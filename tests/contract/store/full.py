"""A database with many chats, and how it goes about what it is asked."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import event, insert, text

from bot.store.database import SqlDatabase
from bot.store.tables import alarms, chats, commands, messages
from bot.testing import MONDAY
from plugins.followup.adapters.tables import chains, held, reminders, silences, words

MANY = 3000
MINUTE = timedelta(minutes=1)
SMALL = {
    *("employees", "followup_chains", "followup_latches", "followup_salts", "followup_opt_outs"),
    *("version_runtime", "version_followup"),
    # No table: the numbers that a statement is told.
    "json_each",
}


async def fill(database: SqlDatabase) -> None:
    """Many chats, a few of which have something due."""
    numbers = range(1, MANY + 1)
    rare = [n for n in numbers if n % 300 == 0]
    async with database.write() as tx:
        run = tx.connection.execute
        await run(insert(chains).values(employee_id="anna", enabled=True, steps=[], version=2))
        await run(insert(chats), [_chat(n, rare=n in rare) for n in numbers])
        await run(insert(messages), [_message(n, rare=n in rare) for n in numbers])
        await run(insert(silences), [_silence(n, rare=n in rare) for n in numbers])
        await run(insert(held), [_held(n) for n in numbers])
        await run(insert(words), [_word(n) for n in numbers])
        await run(insert(reminders), [_reminder(n, rare=n in rare) for n in numbers])
        await run(insert(alarms), [_alarm(n) for n in numbers])
        await run(insert(commands), [_command(n) for n in numbers])
        if tx.connection.dialect.name == "postgresql":
            for table in ("chats", "messages", "followup_reminders"):
                await run(text(f"SELECT setval('{table}_id_seq', {MANY})"))
        await run(text("ANALYZE"))


@contextmanager
def explained(database: SqlDatabase) -> Iterator[list[str]]:
    """How the database goes about each statement, as it is asked."""
    found: list[str] = []
    engine = database.engine.sync_engine
    explain = "EXPLAIN" if engine.dialect.name == "postgresql" else "EXPLAIN QUERY PLAN"

    def look(*happened: Any) -> None:
        _, cursor, statement, parameters, _, many = happened
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            cursor.execute(f"{explain} {statement}", parameters[0] if many else parameters)
            found.append(f"{statement}\n" + "\n".join(str(row) for row in cursor.fetchall()))

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", look)


def whole_tables(plan: str) -> list[str]:
    """The big tables that are read from end to end."""
    scans = re.findall(r"Seq Scan on (\w+)|SCAN (\w+)(?! USING (?:COVERING )?INDEX)\b", plan)
    return [name for pair in scans for name in pair if name and name not in SMALL]


def _chat(n: int, *, rare: bool) -> dict[str, Any]:
    return {
        "id": n,
        "account": "site",
        "address": f"c{n}",
        "employee_id": "anna",
        "last_n": 1,
        "client_n": 1,
        "answer_at": MONDAY - n * MINUTE if rare else None,
        "answer_failures": 0,
    }


def _message(n: int, *, rare: bool) -> dict[str, Any]:
    return {
        "id": n,
        "chat_id": n,
        "n": 1,
        "author": "employee",
        "text": "Hello",
        "at": MONDAY - n * MINUTE,
        "external_id": f"m{n}",
        "delivery": "sending" if rare else "sent",
    }


def _silence(n: int, *, rare: bool) -> dict[str, Any]:
    return {
        "chat_id": n,
        "employee_id": "anna",
        "client_n": 1,
        "number": 1,
        "began": MONDAY,
        "anchor": MONDAY,
        "passed": [],
        "used": [],
        "opted_out": False,
        "composer_failures": 0,
        "channel_failures": 0,
        "due_at": MONDAY + (n - MANY + 30) * MINUTE,
        "version": 1 if rare else 2,
        "held_at": MONDAY - n * MINUTE if rare else None,
    }


def _held(n: int) -> dict[str, Any]:
    at = MONDAY - n * MINUTE
    return {"chat_id": n, "silence": 0, "employee_id": "anna", "due_at": at, "replied_at": at}


def _alarm(n: int) -> dict[str, Any]:
    """One that is settled."""
    at = MONDAY - n * MINUTE
    more = {"account": "site", "state": "sent", "tries": 1}
    return {"key": f"k{n}", "admin": "boss", "text": "", "at": at, **more}


def _command(n: int) -> dict[str, Any]:
    """One that is done."""
    at = MONDAY - n * MINUTE
    more = {"account": "site", "address": "boss", "external_id": f"k{n}", "by": "boss"}
    return {"text": "", "at": at, "done_at": at, **more}


def _word(n: int) -> dict[str, Any]:
    return {"chat_id": n, "stem": "k", "word": "kim", "employee_id": "anna", "name": " kim"}


def _reminder(n: int, *, rare: bool) -> dict[str, Any]:
    return {
        "id": n,
        "chat_id": n,
        "silence": 1,
        "step_id": "s1",
        "instruction": "Ask.",
        "state": "claimed" if rare else "sent",
        "intent_at": None if rare else MONDAY - n * MINUTE,
        "settled_at": MONDAY - n * MINUTE,
        "tokens": 7,
        "employee_id": "anna",
        "first_at": MONDAY - n * MINUTE,
        "token": f"w:{n}",
        "lease": MONDAY - MINUTE if rare else None,
    }
