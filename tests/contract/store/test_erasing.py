"""An erased chat leaves no byte: neither in the tables nor in SQLite's files."""

import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url

from bot.erasing import COMPACT
from bot.model import Said
from bot.optout import Wish, wish_in
from bot.store.compacting import compacted
from bot.testing import FakeClock, FakeModel
from bot.worker import run_job
from tests.contract.store.conftest import Connect
from tests.story.desk import Office
from tests.story.words import say, settings_of, steps
from tests.story.world import DeafJobs, World

WHO = "491705551234"
NAME = "Wilhelmina Zaunkoenig"
WORDS = {
    "the address": WHO,
    "the route": "1190-topic",
    "the name": "Wilhelmina",
    "the name, folded": "wilhelmina",
    "the surname": "aunkoenig",
    "the client's text": "Kanarienvogel",
    "the message's id": "msg-kanari",
    "a reminder": "Stieglitz",
    "what was said of it": "Buchfink",
    "a manager's text": "Gimpel",
    "an open command": "Bluthaenfling",
    "the zone": "Pacific/Chatham",
}
STOP = "Please stop writing to me"


@pytest.fixture
async def shop_of_two(url: str) -> AsyncIterator[World]:
    """Two clients; all that can be known of the first is, and a little of the second."""
    model = FakeModel([say("Is the Stieglitz frame still of interest?")])
    world = World(settings_of(steps("4h", "4h")), url, FakeClock(), DeafJobs(), model)
    await world.boot()
    yield world
    await world.app.close()


async def lived(w: World) -> Office:
    """Everything happens to the first client that leaves something behind."""
    assert wish_in(STOP) is Wish.OUT
    office = Office(w)
    first: Any = {"who": WHO, "name": NAME, "route": "1190-topic", "zone": "Pacific/Chatham"}
    await w.client("A Kanarienvogel sings", message_id="msg-kanari-1", **first)
    await w.client("Do you have it?", who="other", name="Other Person")
    w.pass_by("11m")
    await w.app.sweep()
    await w.run()
    assert any("Wilhelmina" in text for text in office.console.texts)
    await w.employee("We do, dear Wilhelmina", who=WHO)
    w.pass_by("5h")
    await w.app.sweep()
    await w.run()
    assert any("Stieglitz" in text for text in w.sender.texts)
    await office.admin(f"/followup mute {NAME}")
    await w.client("Wilhelmina again", message_id="msg-kanari-2", **first)
    await w.client(STOP, message_id="msg-kanari-3", **first)
    await w.app.runtime.managers.answer(1, Said("The Gimpel is sold", "Olga", "k1"))
    await w.run()
    async with w.app.database.write() as tx:
        await tx.connection.exec_driver_sql("UPDATE followup_reminders SET said = 'Buchfink'")
    return office


def stored(url: str) -> str:
    """Every byte of SQLite's files, every row of PostgreSQL's tables."""
    parts = make_url(url)
    if parts.get_backend_name() == "sqlite":
        path = Path(str(parts.database))
        files = (path.with_name(path.name + end) for end in ("", "-wal", "-shm"))
        return "".join(file.read_bytes().decode("latin-1") for file in files if file.exists())
    with psycopg.connect(url) as connection:
        names = connection.execute(
            "SELECT c.oid::regclass::text FROM pg_class c"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
        )
        return "\n".join(
            str(row)
            for (name,) in names.fetchall()
            for row in connection.execute(f"SELECT t::text FROM {name} t").fetchall()  # noqa: S608
        )


def found(url: str) -> list[str]:
    there = stored(url)
    return [what for what, word in WORDS.items() if word in there]


async def test_an_erased_chat_leaves_no_byte(shop_of_two: World, url: str) -> None:
    w = shop_of_two
    await lived(w)
    before = found(url)

    await w.app.runtime.eraser.erase(1, "Olga")

    assert sorted(before) == sorted(set(WORDS) - {"an open command"})
    assert found(url) == []
    assert "Do you have it?" in stored(url)
    assert "Other Person" in stored(url)
    [hashed] = await w.query("SELECT hash FROM followup_opt_outs")
    assert WHO not in hashed["hash"]


async def test_a_command_that_is_done_later_leaves_no_byte_either(
    shop_of_two: World, url: str
) -> None:
    w = shop_of_two
    office = await lived(w)
    await w.says("/followup mute Bluthaenfling", sender="7", who="boss")

    await w.app.runtime.eraser.erase(1, "Olga")
    waiting = found(url)
    await w.run()
    await run_job(w.app, COMPACT, 0)

    assert waiting == ["an open command"]
    assert office.done[-1] == "/followup mute Bluthaenfling"
    assert found(url) == []


async def test_admins_who_are_told_later_hear_of_the_others_only(
    shop_of_two: World, url: str
) -> None:
    w = shop_of_two
    office = Office(w)
    for who, name in ((WHO, NAME), ("other", "Other Person")):
        await w.client("Kanarienvogel", who=who, name=name)
    w.pass_by("11m")
    await w.app.sweep()

    await w.app.runtime.eraser.erase(1, "Olga")
    left = found(url)
    await w.run()

    assert left == ["the client's text"]
    [told] = office.console.texts
    assert told.startswith("Other Person waits for an answer")
    assert told.endswith("/followup/chats/2")


async def test_nobody_is_told_of_an_erased_chat_alone(shop_of_two: World) -> None:
    w = shop_of_two
    office = Office(w)
    await w.client("Kanarienvogel", who=WHO, name=NAME)
    w.pass_by("11m")
    await w.app.sweep()

    await w.app.runtime.eraser.erase(1, "Olga")
    await w.run()

    assert office.console.texts == []
    assert await w.query("SELECT * FROM alarms") == []


@pytest.fixture
def file(sqlite_template: Path, tmp_path: Path) -> str:
    """The address of a SQLite file: only it keeps a log, and pages of its own."""
    shutil.copy(sqlite_template, tmp_path / "alone.db")
    return f"sqlite:///{tmp_path}/alone.db"


async def test_while_somebody_reads_the_log_is_emptied_later(file: str) -> None:
    w = World(settings_of(steps("4h")), file, FakeClock(), DeafJobs(), model=None)
    await w.boot()
    await w.client("Kanarienvogel", who=WHO, name=NAME)

    with closing(sqlite3.connect(str(make_url(file).database), isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM messages").fetchall()
        await w.app.runtime.eraser.erase(1, "Olga")
        meanwhile = found(file)
    w.pass_by("1m")
    await w.run()
    after = found(file)
    await w.app.close()

    assert "the client's text" in meanwhile
    assert after == []


async def test_pages_that_were_split_and_joined_keep_no_copies(file: str, connect: Connect) -> None:
    database, dice = connect(file), Random(1)  # noqa: S311  the same moves each time
    gone = set(dice.sample(range(CROWD), 600))
    with closing(sqlite3.connect(str(make_url(file).database), isolation_level=None)) as hand:
        hand.execute("PRAGMA secure_delete = ON")
        hand.execute("PRAGMA synchronous = OFF")
        hand.execute("BEGIN")
        hand.executemany(ADDED, [(n, k, named(n)) for n in range(CROWD) for k in "abc"])
        hand.execute("COMMIT")
        for _ in range(50):
            hand.execute("BEGIN")
            places = [(f"{dice.random()}", dice.randrange(CROWD)) for _ in range(100)]
            hand.executemany("UPDATE followup_words SET due_at = ? WHERE chat_id = ?", places)
            hand.execute("COMMIT")
        for n in gone:
            hand.execute("DELETE FROM followup_words WHERE chat_id = ?", (n,))
        hand.execute("PRAGMA wal_checkpoint(TRUNCATE)")

        log_emptied = stored(file)
    assert await compacted(database)

    there = stored(file)
    assert any(named(n) in log_emptied for n in gone)
    assert {n for n in range(CROWD) if named(n) in there} == set(range(CROWD)) - gone


CROWD = 2000
ADDED = """
INSERT INTO followup_words (chat_id, stem, word, employee_id, name) VALUES (?, ?, ?, 'anna', '-')
"""


def named(n: int) -> str:
    return f"Kanari{n:04d} and some more names"
