"""A small world on a moved clock: the application as `build` makes it, clients, and time."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
from sqlalchemy import event, text

from bot.app import App, Outside, build, people_of
from bot.model import Author, Chat, ChatRef, Incoming, Message, Receipt
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs, FakeModel, FakePulse, FakeSender, FakeThrottle
from bot.web.status_page import Look
from bot.worker import run_job
from config.settings import Settings
from plugins.followup.model import delay_of, delay_text
from tests.story.words import settings_of

SWEEP = timedelta(seconds=15)
ARMED = timedelta(minutes=4)
"""The sweep looks five minutes ahead: one at this distance surely arms a timer."""
MANY_JOBS = 500


class Killed(BaseException):
    """The process dies right here."""


class DeafJobs(FakeJobs):
    """Nobody answers by itself: only what a test has the employee say counts."""

    def wake(self, kind: str, key: int, at: datetime, turn: int = 0) -> None:
        if kind != "answer":
            super().wake(kind, key, at, turn)


@dataclass
class World:
    """One application on one database; `restart` makes another one on the same."""

    settings: Settings
    url: str
    clock: FakeClock
    jobs: FakeJobs
    model: FakeModel | None
    sender: FakeSender = field(default_factory=FakeSender)
    throttle: FakeThrottle = field(default_factory=FakeThrottle)
    pulse: FakePulse = field(default_factory=FakePulse)
    look: Look | None = None
    public_url: str = "http://127.0.0.1:8080"
    start: datetime = field(init=False)
    app: App = field(init=False)
    _ids: Iterator[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.start = self.clock.now()

    async def boot(self, worker: str = "the-worker") -> App:
        """A process starts."""
        self.app = build(self.settings, self._outside(worker))
        if self.url.startswith("sqlite"):
            event.listen(self.app.database.engine.sync_engine, "connect", _hurry)
        await self.app.prepare()
        await self.app.begin()
        return self.app

    async def restart(self) -> None:
        """The process dies, Redis is empty, and another process starts on the same data."""
        await self.app.close()
        self.jobs.lose()
        await self.boot()
        await self.run()

    def _outside(self, worker: str) -> Outside:
        return Outside(
            database_url=self.url,
            jobs=self.jobs,
            news=LocalNews(),
            clock=self.clock,
            worker=worker,
            throttle=self.throttle,
            pulse=self.pulse,
            model=self.model,
            senders={"site": self.sender, "other": self.sender},
            look=self.look,
            public_url=self.public_url,
        )

    # What people do.

    async def client(self, text: str = "Hello, do you repair e-bikes?", **more: Any) -> Receipt:
        """The client writes, and whatever runs at once runs: the employee answers."""
        receipt = await self.receive(text, **more)
        await self.run()
        return receipt

    async def employee(self, text: str = "Yes, we do.", **more: Any) -> Receipt:
        """The employee writes, by another way than an answer of ours."""
        return await self.client(text, author=Author.EMPLOYEE, **more)

    async def manager(self, text: str = "I'll take over.", **more: Any) -> Receipt:
        return await self.client(text, author=Author.MANAGER, **more)

    async def receive(
        self,
        text: str = "Hello",
        *,
        author: Author = Author.CLIENT,
        who: str = "c1",
        **more: Any,
    ) -> Receipt:
        """Only the inbox: nobody answers yet."""
        return await self.app.inbox.receive(self.incoming(text, author=author, who=who, **more))

    def incoming(
        self,
        text: str,
        *,
        author: Author = Author.CLIENT,
        who: str = "c1",
        message_id: str | None = None,
        at: datetime | None = None,
        **more: Any,
    ) -> Incoming:
        """What a channel makes of it; `more` are fields of `Incoming`."""
        known_as = message_id or f"m{next(self._ids)}"
        moment = at or self.clock.now()
        return Incoming(ChatRef("site", who), known_as, author, text, moment, **more)

    async def says(self, text: str, *, edits: str | None = None, **more: Any) -> bool:
        """Somebody writes in a private chat, as a channel tells it: was it a command?"""
        incoming = self.incoming(text, **more)
        taken = await self.app.desk.take(incoming, edits)
        if not taken:
            await self.app.inbox.receive(incoming)
        return taken

    async def save(
        self, chain: Sequence[dict[str, Any]] | None = None, *, enabled: bool = True, **anna: Any
    ) -> None:
        """Anna is edited while everything runs; without a chain hers stays as it is."""
        edited = settings_of(chain, enabled=enabled, **anna)
        await self.app.staff.save(people_of(edited, self.app.plugins))
        await self.run()

    async def pause(self, who: str = "c1") -> None:
        assert await self.app.runtime.handover.pause((await self.chat(who)).id)

    async def resume(self, who: str = "c1") -> None:
        assert await self.app.runtime.handover.resume((await self.chat(who)).id)

    # Time.

    async def run(self) -> None:
        """Everything that is due now."""
        await self._run(self.clock.now())

    async def wait(self, length: str) -> None:
        """Time passes: jobs run at their moments, sweeps where one could find something."""
        await self.until(self.clock.now() + delay_of(length))

    async def until(self, end: datetime) -> None:
        await self.run()
        while (now := self.clock.now()) < end:
            await self.app.sweep()
            await self.run()
            moment = min([end, *await self._moments(now)])
            await self._run(moment)
            self.clock.move_to(moment)
            await self.run()

    def pass_by(self, length: str) -> None:
        """Time passes and nothing runs: the system is down, or hangs."""
        self.clock.advance(delay_of(length))

    async def _run(self, until: datetime) -> None:
        for _ in range(MANY_JOBS):
            if (job := self.jobs.pop(until)) is None:
                return
            self.clock.move_to(max(self.clock.now(), job[0]))
            await run_job(self.app, job[1], job[2])
        raise AssertionError("jobs wake each other without an end")

    async def _moments(self, now: datetime) -> list[datetime]:
        """When something could happen next: a job, or a sweep that finds something."""
        row = (await self.query(NEXT, now=column(now), armed=column(now + ARMED)))[0]
        due = moment_of(row["due_at"])
        jobs = [at for at, _, _ in self.jobs.waiting[:1]]
        sweeps = [due - ARMED] if due is not None else []
        return [*jobs, *sweeps, *([now + SWEEP] if row["unsettled"] else [])]

    # What came of it.

    async def query(self, sql: str, **values: Any) -> Sequence[dict[str, Any]]:
        async with self.app.database.read() as connection:
            rows = (await connection.execute(text(sql), values)).mappings().all()
        return [dict(row) for row in rows]

    async def chat(self, who: str = "c1") -> Chat:
        chat = await self.app.runtime.chats.find(ChatRef("site", who))
        assert chat is not None
        return chat

    async def messages(self, who: str = "c1") -> Sequence[Message]:
        """What was said in the chat, what failed to be sent aside."""
        return await self.app.runtime.chats.messages((await self.chat(who)).id)

    async def texts(self, who: str = "c1") -> list[str]:
        return [f"{message.author}: {message.text}" for message in await self.messages(who)]

    async def rows(self, who: str = "c1") -> Sequence[dict[str, Any]]:
        """Every reminder of the chat, with the moment of its message as `at`."""
        found = await self.query(
            "SELECT r.*, m.at FROM followup_reminders r JOIN chats c ON c.id = r.chat_id"
            " LEFT JOIN messages m ON m.id = r.message_id WHERE c.address = :who ORDER BY r.id",
            who=who,
        )
        return [{**row, "at": moment_of(row["at"])} for row in found]

    async def states(self, who: str = "c1") -> list[str]:
        """Every reminder of the chat as "s1 skipped too_late"."""
        return [
            " ".join(str(row[key]) for key in ("step_id", "state", "reason"))
            for row in await self.rows(who)
        ]

    async def reminders(self, who: str = "c1") -> list[str]:
        """What went to the client, as "+1d4h s1" since the start."""
        out = await self._out(who)
        return [f"+{delay_text(at - self.start) or '0s'} {name}" for at, name in out]

    async def calendar(self, zone: str = "UTC", who: str = "c1") -> list[str]:
        """What went to the client, as "Mon 2 13:00:00 s1" on the wall clock there."""
        return [
            f"{local:%a} {local.day} {local:%H:%M:%S} {name}"
            for at, name in await self._out(who)
            for local in (at.astimezone(ZoneInfo(zone)),)
        ]

    async def _out(self, who: str) -> list[tuple[datetime, str]]:
        """Reminders that went to the channel, in that order, with their steps."""
        names = {row["message_id"]: row["step_id"] for row in await self.rows(who)}
        return [
            (message.at, names.get(message.id, "?"))
            for ref, message in self.sender.sent
            if ref.address == who and message.plugin == "followup"
        ]

    async def why(self, who: str = "c1") -> str:
        """Why the chat waits, or when its reminder is due."""
        rows = await self.query(
            "SELECT due_at, reason FROM followup_silences s JOIN chats c ON c.id = s.chat_id"
            " WHERE c.address = :who",
            who=who,
        )
        due = moment_of(rows[0]["due_at"]) if rows else None
        if due is not None:
            return f"+{delay_text(due - self.start)}"
        return str(rows[0]["reason"]) if rows else "no silence"

    async def page(self, path: str, **headers: str) -> httpx2.Response:
        """What a browser on this machine gets."""
        transport = httpx2.ASGITransport(app=self.app.web)
        address = "http://127.0.0.1:8080"
        async with httpx2.AsyncClient(transport=transport, base_url=address) as browser:
            return await browser.get(path, headers={"accept": "text/html", **headers})


NEXT = """
SELECT
  (SELECT min(due_at) FROM followup_silences WHERE due_at > :armed) AS due_at,
  EXISTS (SELECT 1 FROM followup_silences WHERE due_at <= :now)
  OR EXISTS (SELECT 1 FROM followup_reminders WHERE lease IS NOT NULL)
  OR EXISTS (SELECT 1 FROM chats WHERE answer_lease IS NOT NULL)
  OR EXISTS (SELECT 1 FROM messages WHERE delivery = 'sending') AS unsettled
"""
"""The next due moment that no timer is armed for, and whether somebody left work to the sweep."""


def _hurry(connection: Any, _record: object) -> None:
    """No test pulls the plug, so nobody needs to wait for the disk."""
    connection.execute("PRAGMA synchronous=OFF")


def column(moment: datetime) -> str:
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


def moment_of(text_or_none: str | None) -> datetime | None:
    if text_or_none is None:
        return None
    return datetime.fromisoformat(text_or_none).replace(tzinfo=UTC)
