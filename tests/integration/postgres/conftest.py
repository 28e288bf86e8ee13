"""Two machines that share one PostgreSQL: whole applications on a moved clock."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from bot.app import App, Outside, build
from bot.model import Author, ChatRef, Incoming, Receipt
from bot.news import LocalNews
from bot.testing import FakeClock, FakeJobs, FakeModel, FakeSender
from bot.worker import run_job
from config.settings import Settings

STEPS = [
    {"id": f"s{n}", "delay": delay, "instruction": f"Do thing number {n}."}
    for n, delay in enumerate(("4h", "24h"), 1)
]
SETTINGS: dict[str, Any] = {
    "employees": {"anna": {"name": "Anna", "followup": {"steps": STEPS}}},
    "channels": {"site": {"kind": "web", "employee": "anna"}},
}


@dataclass
class Machines:
    """They share the database, the clock, the wake-ups and the network."""

    url: str
    clock: FakeClock = field(default_factory=FakeClock)
    jobs: FakeJobs = field(default_factory=FakeJobs)
    sender: FakeSender = field(default_factory=FakeSender)
    model: FakeModel | None = None
    apps: list[App] = field(default_factory=list)
    _ids: Any = field(default_factory=itertools.count)

    def add(self) -> App:
        app = build(
            Settings.model_validate(SETTINGS),
            Outside(
                database_url=self.url,
                jobs=self.jobs,
                news=LocalNews(),
                clock=self.clock,
                worker=f"machine-{len(self.apps)}",
                model=self.model,
                senders={"site": self.sender},
            ),
        )
        self.apps.append(app)
        return app

    async def says(self, text: str = "Hello", who: str = "c1", machine: int = 0) -> Receipt:
        ref, at = ChatRef("site", who), self.clock.now()
        said = Incoming(ref, f"m{next(self._ids)}", Author.CLIENT, text, at)
        return await self.apps[machine].inbox.receive(said)

    async def run(self) -> None:
        """What is due now, by turns on each machine."""
        turns = itertools.cycle(self.apps)
        while (job := self.jobs.pop(self.clock.now())) is not None:
            await run_job(next(turns), job[1], job[2])

    async def wait(self, length: timedelta) -> None:
        """Time passes, a sweep finds what is due, and it is done."""
        self.clock.advance(length)
        await self.apps[0].sweep()
        await self.run()


@pytest.fixture
async def machines(postgres_url: str) -> AsyncIterator[Machines]:
    machines = Machines(postgres_url)
    for _ in range(2):
        await machines.add().prepare()
    yield machines
    for app in machines.apps:
        await app.close()
