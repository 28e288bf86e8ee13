"""A small world on a moved clock: the application as `build` makes it, clients, and time."""

import itertools
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.app import App, Outside, build
from bot.model import Author, ChatRef, Incoming, Message, Receipt
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs, FakeModel, FakeSender
from bot.worker import run_job
from config.settings import Settings

SWEEP = timedelta(seconds=15)


def say(text: str) -> str:
    """A model's verdict: send that."""
    return json.dumps({"verdict": "send", "text": text, "reason": "sent", "until": ""})


def verdict(decision: str, reason: str = "concluded", until: str = "") -> str:
    """A model's other verdicts."""
    return json.dumps({"verdict": decision, "text": "", "reason": reason, "until": until})


def steps(*delays: str, **more: Any) -> list[dict[str, Any]]:
    """Steps s1, s2 … with these delays."""
    return [
        {"id": f"s{n}", "delay": delay, "instruction": f"Do thing number {n}.", **more}
        for n, delay in enumerate(delays, 1)
    ]


@dataclass
class World:
    """One application; `reminders` tells what clients got, with the moments."""

    app: App
    clock: FakeClock
    jobs: FakeJobs
    sender: FakeSender
    url: str
    settings: Settings
    model: FakeModel | None = None
    start: datetime = field(init=False)
    _ids: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.start = self.clock.now()

    async def client(self, text: str = "Hello, do you repair e-bikes?", **more: Any) -> Receipt:
        """The client writes, and whatever runs at once runs."""
        receipt = await self.receive(text, **more)
        await self.run()
        return receipt

    async def manager(self, text: str = "I'll take over.", **more: Any) -> Receipt:
        return await self.client(text, author=Author.MANAGER, **more)

    async def receive(
        self,
        text: str = "Hello",
        *,
        author: Author = Author.CLIENT,
        who: str = "c1",
        account: str = "site",
        message_id: str | None = None,
        at: datetime | None = None,
    ) -> Receipt:
        """Only the inbox: nobody answers yet."""
        message_id = message_id or f"m{next(self._ids)}"
        ref = ChatRef(account, who)
        moment = at or self.clock.now()
        return await self.app.inbox.receive(Incoming(ref, message_id, author, text, moment))

    async def run(self) -> None:
        """Everything that is due now."""
        while (job := self.jobs.pop(self.clock.now())) is not None:
            await run_job(self.app, job[1], job[2])

    async def wait(self, length: timedelta) -> None:
        """Time passes: jobs run at their moments, sweeps where something nears."""
        await self.until(self.clock.now() + length)

    async def until(self, end: datetime) -> None:
        await self.run()
        while True:
            await self.app.sweep()
            step = await self._next_step(end)
            while (job := self.jobs.pop(step)) is not None:
                self.clock.move_to(max(self.clock.now(), job[0]))
                await run_job(self.app, job[1], job[2])
            self.clock.move_to(max(self.clock.now(), step))
            await self.run()
            if step >= end:
                return

    async def _next_step(self, end: datetime) -> datetime:
        """The next moment at which a sweep could find something: it looks minutes ahead."""
        now = self.clock.now()
        query = text("SELECT due_at FROM followup_silences WHERE due_at IS NOT NULL")
        async with self.app.database.read() as connection:
            rows = (await connection.execute(query)).scalars().all()
        leases = text("SELECT lease FROM followup_reminders WHERE lease IS NOT NULL")
        async with self.app.database.read() as connection:
            rows = [*rows, *(await connection.execute(leases)).scalars().all()]
        moments = [datetime.fromisoformat(row).replace(tzinfo=now.tzinfo) for row in rows]
        near = [moment - timedelta(minutes=4) for moment in moments]
        ahead = min((moment for moment in near if moment > now), default=end)
        soon = any(moment <= now + timedelta(minutes=6) for moment in moments)
        return min(end, now + SWEEP if soon else max(ahead, now + SWEEP))

    async def messages(self, who: str = "c1", account: str = "site") -> Sequence[Message]:
        chat = await self.app.runtime.chats.find(ChatRef(account, who))
        return [] if chat is None else await self.app.runtime.chats.messages(chat.id)

    async def reminders(self, who: str = "c1") -> list[str]:
        """What the client was reminded of, as "+4:00:00 s1"-like moments since the start."""
        rows = await self.rows(who)
        return [
            f"{row['step_id']} +{row['at'] - self.start}"
            for row in rows
            if row["state"] in {"sent", "uncertain"}
        ]

    async def rows(self, who: str = "c1") -> list[dict[str, Any]]:
        """Every reminder row of the chat."""
        query = text(
            "SELECT r.*, m.at AS sent_at FROM followup_reminders r JOIN chats c ON c.id = r.chat_id"
            " LEFT JOIN messages m ON m.id = r.message_id WHERE c.address = :who ORDER BY r.id"
        )
        async with self.app.database.read() as connection:
            rows = (await connection.execute(query, {"who": who})).mappings().all()
        zone = self.start.tzinfo
        return [
            {
                **row,
                "at": datetime.fromisoformat(row["sent_at"]).replace(tzinfo=zone)
                if row["sent_at"]
                else None,
            }
            for row in rows
        ]

    async def why(self, who: str = "c1") -> str:
        """Why the chat waits: the cached reason, or "scheduled"."""
        query = text(
            "SELECT s.reason FROM followup_silences s JOIN chats c ON c.id = s.chat_id"
            " WHERE c.address = :who"
        )
        async with self.app.database.read() as connection:
            return (await connection.execute(query, {"who": who})).scalar_one() or "scheduled"

    async def restart(self) -> None:
        """The process dies and another one starts on the same data."""
        await self.app.close()
        self.jobs.lose()
        self.app = build(self.settings, _outside(self))
        await self.app.prepare()
        await self.app.begin()
        await self.run()


def _outside(world: "World") -> Outside:
    return Outside(
        database_url=world.url,
        jobs=world.jobs,
        news=LocalNews(),
        clock=world.clock,
        worker="the-worker",
        model=world.model,
        senders={"site": world.sender, "other": world.sender},
    )


class Worlds:
    """Makes worlds for a test and closes them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: list[World] = []

    async def __call__(
        self,
        chain: list[dict[str, Any]],
        *,
        start: datetime | None = None,
        model: FakeModel | None = None,
        enabled: bool = True,
        **employee: Any,
    ) -> World:
        settings = Settings(
            employees={
                "anna": {
                    "name": "Anna",
                    "persona": "Friendly bike-shop assistant; short sentences.",
                    "followup": {"enabled": enabled, "steps": chain},
                    **employee,
                }
            },
            channels={
                "site": {"kind": "web", "employee": "anna"},
                "other": {"kind": "web", "employee": "anna"},
            },
        )
        clock = FakeClock() if start is None else FakeClock(start)
        url = f"sqlite:///{self._folder}/{len(self._made)}.db"
        parts = {"clock": clock, "jobs": FakeJobs(), "sender": FakeSender(), "model": model}
        world = World(app=None, url=url, settings=settings, **parts)  # type: ignore[arg-type]
        world.app = build(settings, _outside(world))
        self._made.append(world)
        await world.app.prepare()
        await world.app.begin()
        return world

    async def close(self) -> None:
        for world in self._made:
            await world.app.close()


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[Worlds]:
    worlds = Worlds(tmp_path)
    yield worlds
    await worlds.close()
