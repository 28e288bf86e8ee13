"""What the doctor finds: each broken promise, made by hand, and nothing where all is well."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import Executable, update

from bot.app import App, Outside, build
from bot.audit import Delivered, Violation
from bot.doctor import examine, report, violations_of
from bot.model import Author, ChatRef, Incoming
from bot.news import LocalNews
from bot.testing import MONDAY, FakeClock, FakeJobs, FakeSender
from bot.worker import run_job
from plugins.followup.adapters.tables import chains
from tests.conftest import migrated
from tests.proof.by_hand import (
    HANDS,
    HOUR,
    SECRET,
    Hand,
    another_message,
    failed,
    of_the_chat,
    standing,
    under_way,
)
from tests.story.words import settings_of, step, weekdays

CHAIN = [step("s1", "4h", once=True), step("s2", "4h")]


@dataclass
class Office:
    """An application in which two clients were served, one of them reminded twice."""

    app: App
    clock: FakeClock
    jobs: FakeJobs
    sender: FakeSender

    async def says(self, who: str, at: datetime, author: Author = Author.CLIENT) -> None:
        await self.until(at)
        name = f"{who} {at} {author}"
        await self.app.inbox.receive(Incoming(ChatRef("site", who), name, author, SECRET, at))
        await self.until(at)

    async def until(self, at: datetime) -> None:
        while job := self.jobs.pop(at):
            self.clock.move_to(max(job[0], self.clock.now()))
            await run_job(self.app, job[1], job[2])
        self.clock.move_to(at)
        await self.app.sweep()
        while job := self.jobs.pop(at):
            await run_job(self.app, job[1], job[2])

    async def change(self, *statements: Executable) -> None:
        """By hand, as no code of ours would."""
        async with self.app.database.write() as tx:
            for statement in statements:
                await tx.connection.execute(statement)

    @property
    def log(self) -> list[Delivered]:
        return [Delivered(ref, message.id, message.at) for ref, message in self.sender.sent]

    def id_of(self, n: int) -> int:
        """Of what was sent to the first client as number `n`."""
        sent = (m.id for ref, m in self.sender.sent if (ref.address, m.n) == ("c1", n))
        return next(sent)

    async def found(self, **more: Any) -> Sequence[Violation]:
        return await violations_of(self.app, more.pop("log", self.log), **more)


both = pytest.mark.parametrize(
    "kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)


@pytest.fixture
def kind() -> str:
    """Which database, where a test does not say."""
    return "sqlite"


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables, to copy."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    migrated(f"sqlite:///{path}")
    return path


@pytest.fixture
def url(request: pytest.FixtureRequest, kind: str, empty: Path, tmp_path: Path) -> str:
    if kind == "postgresql":
        return str(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{copyfile(empty, tmp_path / 'office.db')}"


@pytest.fixture
async def office(url: str) -> AsyncIterator[Office]:
    """Client 1: 9:00, s1 at 13:00; again at 14:00, s2 at 18:00. Client 2: 17:00, s1 tomorrow."""
    clock, jobs, sender = FakeClock(), FakeJobs(), FakeSender()
    outside = Outside(
        url, jobs, LocalNews(), clock, worker="w", senders={"site": sender, "other": sender}
    )
    app = build(settings_of(CHAIN, working_hours=weekdays("08:00-20:00")), outside)
    await app.prepare()
    made = Office(app, clock, jobs, sender)
    await made.says("c1", MONDAY)
    await made.until(MONDAY + 4 * HOUR)
    await made.says("c1", MONDAY + 5 * HOUR)
    await made.says("c2", MONDAY + 8 * HOUR)
    await made.until(MONDAY + 9 * HOUR)
    assert [m.n for ref, m in sender.sent if ref.address == "c1"] == [2, 3, 5, 6]
    yield made
    await app.close()


@both
async def test_where_all_is_well_nothing_is_found(office: Office) -> None:
    found = await office.found(patience=timedelta(minutes=5))

    assert found == []
    assert all(line.startswith("ok ") for line in report(office.app, found))


@pytest.mark.parametrize(("name", "words", "hand"), HANDS)
async def test_what_was_broken_by_hand_is_found_and_nothing_that_was_said_is_told(
    office: Office, name: str, words: str, hand: Hand
) -> None:
    await office.change(*hand(office.id_of))

    found = await office.found()

    assert [v for v in found if v.invariant == name and words in v.text], found
    lines = list(report(office.app, found))
    assert any(line.startswith(f"FAULT {name} ") for line in lines)
    assert SECRET not in "".join(lines)


def test_every_invariant_of_the_plugins_and_the_runtime_has_a_test_that_breaks_it() -> None:
    assert {name for name, _, _ in HANDS} == {f"I{n}" for n in range(1, 14)}


@both
async def test_what_has_waited_for_too_long_is_found(office: Office) -> None:
    patience = timedelta(minutes=5)
    await office.change(
        *standing(2, due_at=MONDAY + 8 * HOUR),
        under_way("s3"),
        *of_the_chat(waiting_since=MONDAY, answer_at=MONDAY),
        *another_message(7, delivery="sending"),
        update(chains).values(version=2, saved_at=MONDAY),
    )
    office.clock.move_to(MONDAY + 30 * HOUR)

    text = "\n".join(violation.text for violation in await office.found(patience=patience))

    for words in (
        "its reminder is due since",
        "its lease ended at",
        "an answer is due since",
        "is being sent since",
        "it goes by settings from before",
    ):
        assert words in text


async def test_without_patience_nothing_is_late(office: Office) -> None:
    office.clock.move_to(MONDAY + 300 * HOUR)

    assert await office.found() == []


async def test_a_delivery_that_the_database_does_not_know_is_found(office: Office) -> None:
    nowhere = Delivered(ChatRef("site", "c9"), 1)
    unknown = Delivered(ChatRef("site", "c1"), 999, office.clock.now())

    found = await office.found(log=[*office.log, nowhere, unknown])

    assert [(v.invariant, v.chat) for v in found] == [("I6", 1), ("I6", 0)]


async def test_a_delivery_that_did_not_happen_or_happened_twice_is_found(office: Office) -> None:
    log = [entry for entry in office.log if entry.message != office.id_of(6)]

    found = await office.found(log=[*log, log[0]])

    assert sorted(v.invariant for v in found) == ["I1", "I6"]


async def test_a_delivery_of_what_counts_as_not_sent_is_found(office: Office) -> None:
    await office.change(failed(6))

    found = await office.found()

    assert any("was delivered, and counts as not sent" in v.text for v in found)


async def test_a_delivery_outside_the_hours_is_found_by_its_own_moment(office: Office) -> None:
    late = Delivered(ChatRef("site", "c1"), office.id_of(6), MONDAY + 12 * HOUR)
    log = [entry for entry in office.log if entry.message != late.message]

    found = await office.found(log=[*log, late])

    assert [v.invariant for v in found] == ["I3"]


@both
async def test_what_retention_deleted_is_missed_by_nobody(office: Office) -> None:
    office.clock.move_to(MONDAY + timedelta(days=366))
    await office.app.forget()

    assert await office.found(log=None) == []


@both
async def test_what_somebody_does_meanwhile_is_no_violation(office: Office) -> None:
    """Each page is read as of one moment, on both databases."""
    pages = examine(office.app)
    first = await anext(pages)
    await office.says("c3", office.clock.now())

    rest = [violation async for page in pages for violation in page.found]

    assert (first.chats, [*first.found, *rest]) == (2, [])


async def test_messages_of_a_chat_that_is_gone_are_found(office: Office) -> None:
    path = office.app.database.url.database
    assert path is not None
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM chats WHERE id = 2")

    found = await office.found(log=None)

    assert {v.text for v in found if v.chat == 2} == {
        "has messages, and is not stored",
        "has follow-ups, and is not stored",
    }
