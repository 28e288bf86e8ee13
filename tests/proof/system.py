"""Two worker processes on one database, a channel, a model, and a clock that stands still."""

import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from bot.api import Delivered
from bot.app import App, Outside, build, people_of
from bot.doctor import violations_of
from bot.model import Author, ChatRef, Incoming, Receipt
from bot.news import LocalNews
from bot.testing import MONDAY, FakeClock, FakeJobs
from bot.worker import run_job
from tests.proof.books import Reader, copied, memory_copy, sure
from tests.proof.faults import Faults
from tests.proof.law import Law
from tests.proof.outside import Channel, Voice
from tests.proof.stage import POINTS, Actor, Stage
from tests.proof.standing import lost
from tests.story.words import settings_of
from tests.story.world import ARMED, SWEEP

WORKERS = ("w1", "w2")
CHATS = ("c1", "c2")
MANY_ROUNDS = 200
MANY_JOBS = 200
LEASE = timedelta(minutes=10)
ANY_JUMP = timedelta(days=30)
"""How far clocks are set back here, all in all."""


class System:
    """Built once, reset for every history: an application keeps nothing but its connections."""

    def __init__(self, folder: Path, stops: frozenset[str] = POINTS) -> None:
        self.path = folder / "proof.db"
        self.clock = FakeClock()
        self.jobs = FakeJobs()
        self.stage = Stage(stops)
        self.channel = Channel(self.stage)
        self.voice = Voice(self.stage)
        self.faults = Faults()
        self.actors: list[Actor] = []
        self.apps = {name: self._built(name) for name in WORKERS}
        self.stage.do(self.app.prepare())
        self.reader = Reader(str(self.path))
        self._empty = memory_copy(self.path)
        self._names = count(1)
        self.law = Law(self.reader, self.clock.now, lambda: self.voice.told)
        self.law.window = lambda: self.channel.window
        self.stage.after = self.law.look

    @property
    def app(self) -> App:
        return self.apps["w1"]

    def _built(self, worker: str) -> App:
        outside = Outside(
            database_url=f"sqlite:///{self.path}",
            jobs=self.jobs,
            news=LocalNews(),
            clock=self.clock,
            worker=worker,
            model=self.voice,
            senders={"site": self.channel, "other": self.channel},
        )
        app = build(settings_of(None), outside)
        self.stage.watch(app)
        return app

    def reset(self, chain: Sequence[dict[str, Any]], **anna: Any) -> None:
        """Nobody has ever written; Anna is as she is described."""
        with closing(sqlite3.connect(self.path)) as target:
            self._empty.backup(target)
        self.clock.move_to(MONDAY)
        self.jobs.lose()
        self.channel.reset()
        self.voice.mood.clear()
        self.faults.found.clear()
        self._names = count(1)
        people = people_of(settings_of(chain, **anna), self.app.plugins)
        self.stage.do(self.app.staff.create_missing(people))
        self.law.reset()

    def remembered(self) -> Callable[[], None]:
        """Leads back to this moment, again and again; nobody is at work in it."""
        there = sqlite3.connect(":memory:")
        copied(sqlite3.connect(self.path), there)
        now, waiting, window = self.clock.now(), self.jobs.waiting, self.channel.window
        lists = (self.channel.sent, self.channel.before, self.channel.after, self.voice.mood)
        held = [[*each] for each in lists]

        def back() -> None:
            with closing(sqlite3.connect(self.path)) as target:
                there.backup(target)
            self.clock.move_to(now)
            self.channel.window = window
            self.jobs.lose()
            for at, kind, key in waiting:
                self.jobs.wake(kind, key, at)
            for each, values in zip(lists, held, strict=True):
                each.clear()
                each.extend(values)
            self.faults.found.clear()
            self.law.reset()

        return back

    def close(self) -> None:
        self.stop_all()
        for app in self.apps.values():
            self.stage.do(app.close())
        self.reader.close()
        self._empty.close()
        self.stage.close()
        self.faults.remove()

    # What people do; nobody else has a turn meanwhile.

    def client(
        self, who: str = "c1", *, name: str | None = None, at: datetime | None = None
    ) -> str:
        """The client writes; gives the channel's id of the message."""
        name = name or f"m{next(self._names)}"
        self.receive(who, Author.CLIENT, name, at or self.clock.now())
        return name

    def opted(self, said: Incoming, *, out: bool) -> None:
        self.stage.do(self.app.inbox.receive(replace(said, opt_out=out)))

    def manager(self, who: str = "c1", *, name: str | None = None) -> None:
        name = name or f"m{next(self._names)}"
        self.receive(who, Author.MANAGER, name, self.clock.now())

    def again(self, who: str, name: str, at: datetime) -> None:
        """The network brings a message that is known already."""
        before = self.law.books.messages
        self.client(who, name=name, at=at)
        if self.law.books.messages != before:
            self.law.broken.append(f"{who}: the message {name} counted twice")

    def receive(self, who: str, author: Author, name: str, at: datetime) -> Receipt:
        return self.stage.do(self.app.inbox.receive(incoming(who, author, name, at)))

    def save(self, chain: Sequence[dict[str, Any]] | None, *, enabled: bool, **anna: Any) -> None:
        people = people_of(settings_of(chain, enabled=enabled, **anna), self.app.plugins)
        self.stage.do(self.app.staff.save(people))

    def switch(self, *, enabled: bool) -> None:
        """Off or on, and everything else as it is."""
        books = self.law.books
        chain = [
            {"id": s.id, "delay": s.delay, "instruction": s.instruction, "once": s.once}
            for s in books.chain.steps
        ]
        zone, week, special = books.hours
        hours = {"timezone": zone, "working_hours": week, "special_days": special}
        self.save(chain, enabled=enabled, **hours)

    def pause(self, chat: int) -> None:
        self.stage.do(self.app.runtime.handover.pause(chat))

    def resume(self, chat: int) -> None:
        self.law.resumed(chat)
        self.stage.do(self.app.runtime.handover.resume(chat))

    # What workers do, step by step.

    def start(self, worker: str, kind: str, key: int) -> Actor:
        """A job begins; the first turn is still to come."""
        app = self.apps[worker]
        return self.begun(f"{kind} {key}", worker, lambda: run_job(app, kind, key))

    def begun(self, name: str, worker: str, work: Callable[[], Awaitable[object]]) -> Actor:
        actor = self.stage.actor(name, worker, work)
        self.actors.append(actor)
        return actor

    def go(self, actor: Actor) -> None:
        """To its next point; one that dies takes its process with it."""
        actor.go()
        if actor.gone:
            self.actors.remove(actor)
            if actor.error is not None:
                self.faults.found.append(repr(actor.error))
            if actor.killed:
                self.kill(actor.worker)
        self.law.channel(self.channel.sent)

    def finish(self, actor: Actor) -> None:
        while not actor.gone:
            self.go(actor)

    def kill(self, worker: str) -> None:
        """Every job of that process dies where it stands."""
        for actor in [each for each in self.actors if each.worker == worker]:
            self.actors.remove(actor)
            actor.die()
        self.law.channel(self.channel.sent)

    def cancel(self, actor: Actor) -> None:
        """Its time is over."""
        actor.cancel()
        if actor.gone:
            self.actors.remove(actor)
        self.law.channel(self.channel.sent)

    def stop_all(self) -> None:
        for worker in WORKERS:
            self.kill(worker)

    def begin(self, worker: str) -> None:
        """A new process by the name of one that died."""
        self.kill(worker)
        self.stage.do(self.apps[worker].begin())

    def sweep(self) -> None:
        self.stage.do(self.app.sweep())

    def run_jobs(self) -> None:
        """Everything that is due, one after the other."""
        for _ in range(MANY_JOBS):
            job = self.jobs.pop(self.clock.now())
            if job is None:
                return
            self.stage.do(run_job(self.app, job[1], job[2]))
            self.law.channel(self.channel.sent)
        self.law.broken.append("jobs wake each other without an end")

    # What must come of it.

    def settle(self) -> None:
        """Nobody dies any more, and all that is due goes out: nothing may be left."""
        self.channel.calm()
        self.voice.mood.clear()
        for actor in [*self.actors]:
            self.finish(actor)
        self.jobs.lose()
        for worker in WORKERS:
            self.begin(worker)
        self._until_quiet()
        found = self.stage.do(violations_of(self.app, self._delivered(), clock=ANY_JUMP))
        self.law.broken += [f"{each.invariant} chat {each.chat}: {each.text}" for each in found]
        for chat in self.law.books.standings:
            self.law.broken += [f"chat {chat}: {fault}" for fault in lost(self.law.books, chat)]

    def _until_quiet(self) -> None:
        recovered = self.clock.now() + LEASE
        for _ in range(MANY_ROUNDS):
            if any(at <= self.clock.now() for at, _, _ in self.jobs.waiting[:1]):
                self.run_jobs()
            else:
                self.sweep()
                self.run_jobs()
            moment = self._next_moment()
            if moment is None:
                return
            if moment > recovered and self.law.quiet_since is None:
                self.law.quiet_since = moment
            self.clock.move_to(moment)
        self.law.broken.append("it never becomes quiet")

    def _next_moment(self) -> datetime | None:
        """When something could happen next; nothing ever, if all is done."""
        now, books = self.clock.now(), self.law.books
        jobs = [at for at, _, _ in self.jobs.waiting[:1]]
        due = [s.due_at for s in books.standings.values() if s.due_at is not None]
        soon = [
            *(row for row in books.reminders.values() if row["lease"] is not None),
            *(row for row in books.messages.values() if row["delivery"] == "sending"),
            *(row for row in books.chats.values() if row["answer_lease"] is not None),
            *(at for at in due if at <= now),
        ]
        waiting = (row for row in books.chats.values() if row["paused_since"] is None)
        answers = [sure(row["answer_at"]) for row in waiting if row["answer_at"] is not None]
        moments = [*jobs, *answers]
        moments += [at - ARMED if at - ARMED > now else at for at in due if at > now]
        if soon:
            moments.append(now + SWEEP)
        return max(min(moments), now + timedelta(milliseconds=1)) if moments else None

    def _delivered(self) -> list[Delivered]:
        """What the network says it delivered, so nothing that it refused later."""
        return [
            Delivered(ref, message.id, message.at)
            for ref, message in self.channel.sent
            if self.law.books.messages[message.id]["delivery"] != "failed"
            or not self.law.was_refused(message.id)
        ]

    def faults_found(self) -> list[str]:
        """Everything that was wrong since the reset."""
        return [*self.law.broken, *self.faults.found]


def incoming(who: str, author: Author, name: str, at: datetime) -> Incoming:
    return Incoming(ChatRef("site", who), name, author, "Do you repair e-bikes?", at)
