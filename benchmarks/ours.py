"""Measures this application on the same ground: its own processes, everything real but two.

The model and the channel answer at once. A reminder is claimed, composed, passes the gate and is
settled; SQLite syncs each commit, as PostgreSQL does.
"""

import asyncio
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median, quantiles

import psycopg
import redis
from sqlalchemy import text

from benchmarks.crew import Crew, Line, RivalError, all_done, done
from benchmarks.ground import CLOCK
from benchmarks.stand import fill, soon
from benchmarks.visitors import visitors
from benchmarks.works import prepared
from bot.app import App

_AHEAD = timedelta(hours=1)
_MANY = """
INSERT INTO {table} ({names})
WITH RECURSIVE number(n) AS (
  SELECT CAST(1 AS bigint) UNION ALL SELECT n + 1 FROM number WHERE n < :last
)
SELECT {values} FROM number
"""


@dataclass
class Ours(Crew):
    """The application on one kind of database: `ours, SQLite` or `ours, PostgreSQL`."""

    def rearm(self) -> Mapping[str, object]:
        """(a) The whole inbound transaction, 32 at a time: stored, and the silence begun anew."""
        with self._clean(5000):
            process = self._begin("write", limit=self.size.seconds)
            return self.said(process, self.size.seconds + 40)

    def waiting(self) -> Mapping[str, object]:
        """(b) Redis with so many waiting, none of them due within the hour."""
        return self._started(self.size.waiting)

    def great(self) -> Mapping[str, object]:
        """(g) From the start of the process to the first due reminder."""
        return self._started(self.size.great)

    def herd(self) -> Mapping[str, object]:
        """(c) Through claim, gate and mark, with a model that answers at once."""
        return self._due_at_once(self.size.due, 0)

    def slow(self) -> Mapping[str, object]:
        """(d) With a model that takes a second."""
        return self._due_at_once(self.size.slow, 1)

    def trickle(self) -> Mapping[str, object]:
        """(e) Fifty a second, each at a moment of its own."""
        count = int(50 * self.size.seconds)
        apart = [timedelta(seconds=(n + n * 0.618 % 1) / 50) for n in range(count)]
        with self._armed(apart) as first:
            wait = (first - CLOCK.now()).total_seconds() + self.size.seconds
            lines = self.until(done(count), wait + self.size.patience)
        moments = [first + each for each in apart]
        due = {n: at.timestamp() for n, at in enumerate(moments, 1)}
        late = [(line.at - due[line.key]) * 1000 for line in lines]
        if len(late) < 2:
            raise RivalError("nothing was sent")
        cuts = quantiles(late, n=100)
        return {"p50": median(late), "p99": cuts[98], "earliest": min(late), "ran": len(late)}

    def kill(self) -> Mapping[str, object]:
        """(f) Killed several times when a third is sent; the model takes a second."""
        sums: Counter[str] = Counter()
        back: list[float] = []
        for _ in range(self.size.kills):
            found = self._killed()
            back += [each for each in [found.pop("back")] if each is not None]
            sums.update(found)
        return {**sums, "kills": self.size.kills, "back": max(back, default=None)}

    def widget(self) -> Mapping[str, object]:
        """(h) 500 messages a second over HTTP, each stored before it is acknowledged."""
        with self._clean(()):
            port = int(self.said(self._start("serve"), 40)["port"])
            said = int(500 * self.size.seconds)
            limit = self.size.seconds + self.size.patience
            spent = sorted(asyncio.run(visitors(port, said, limit)))
        if not spent:
            raise RivalError("nothing was acknowledged")
        # What was not acknowledged in time is later than anything that was.
        late = sorted([*spent, *[limit] * (said - len(spent))])
        found = {"p50": median(late) * 1000, "p99": late[said * 99 // 100] * 1000}
        return {**found, "said": said, "acknowledged": len(spent)}

    def _killed(self) -> dict[str, float | None]:
        count = self.size.killed
        with self._armed([timedelta(seconds=n / 50) for n in range(count)], think=1) as first:
            wait = (first - CLOCK.now()).total_seconds() + count / 50
            self.until(done(count // 3), wait + self.size.patience)
            self.kill_all()
            sent = {line.key for line in self.lines()}
            broken = self._claimed()
            began = time.time()
            self._work(think=1)
            lines = self.until(all_done(count), self.size.patience + count / 50)
            unsure = "SELECT count(*) FROM followup_reminders WHERE state = 'uncertain'"
            uncertain = self._asked(unsure)[0][0]
        times = Counter(line.key for line in lines)
        again = [line.at for line in lines if line.key in broken - sent and line.at > began]
        return {
            "lost": count - len(times),
            "in flight": len(broken - sent),
            "uncertain": uncertain,
            "twice": sum(each > 1 for each in times.values()),
            # What is noted is the end: the model's second went before.
            "back": min(again) - began - 1 if again else None,
        }

    def _due_at_once(self, count: int, think: float) -> Mapping[str, object]:
        with self._armed([timedelta()] * count, think=think) as due:
            wait = (due - CLOCK.now()).total_seconds()
            self.until(done(count), wait + self.size.patience)
            lines, memory = self._settled(count), self.memory()
        if not lines:
            raise RivalError("nothing was sent")
        ran = {line.key for line in lines}
        wall = max(line.at for line in lines) - due.timestamp()
        early = sum(line.at < due.timestamp() for line in lines)
        found = {"wall": wall, "rate": len(ran) / wall, "armed": count, "ran": len(ran)}
        return {**found, "early": early, "twice": len(lines) - len(ran), "memory": memory}

    def _settled(self, count: int) -> list[Line]:
        """The lines, when the last one is marked in the database too; that counts."""
        query = "SELECT count(*) FROM followup_reminders WHERE state = 'sent'"
        end = time.monotonic() + self.size.patience
        while self._asked(query)[0][0] < count and time.monotonic() < end:
            time.sleep(0.02)
        lines = [line for line in self.lines() if line.what == "done"]
        return lines and [*lines[:-1], Line("done", lines[-1].key, 0, time.time())]

    def _started(self, count: int) -> Mapping[str, object]:
        """What a process finds that starts with so many waiting and one due."""
        with self._clean(()) as app:
            asyncio.run(_fill_many(app, count))
            asyncio.run(fill(app, [CLOCK.now() - timedelta(seconds=1)], first=count + 1))
            asyncio.run(app.close())
            client = redis.Redis.from_url(self.ground.redis_url)
            before = int(client.info("memory")["used_memory"])
            began = time.time()
            self._start("work")
            first = self.until(done(1), self.size.patience)
            after = int(client.info("memory")["used_memory"])
            memory = self.memory()
        start = first[0].at - began if first else None
        used = max(0, after - before)
        return {"bytes": used / count, "waiting": count, "start": start, "memory": memory}

    @contextmanager
    def _armed(self, apart: Sequence[timedelta], think: float = 0) -> Iterator[datetime]:
        """A process at work before the first moment, and a chat for each so long after it.

        Filling takes as long as the machine is busy: what comes too late is done anew.
        """
        room = 6 + len(apart) / 2000
        for _ in range(4):
            first = soon(room)
            with self._clean([first + each for each in apart]):
                self._work(think)
                if CLOCK.now() < first:
                    yield first
                    return
            room *= 2
        raise RivalError("the database could not be filled in time")

    @contextmanager
    def _clean(self, chats: Sequence[datetime] | int) -> Iterator[App]:
        """An empty Redis and a new database with chats that are due then."""
        self.ground.emptied()
        self.log.write_text("")
        sqlite = self.ground.folder / f"{time.monotonic_ns()}.db"
        self.database = f"sqlite:///{sqlite}"
        if "PostgreSQL" in self.name:
            self.database = self.ground.postgres.new()
        if isinstance(chats, int):
            chats = [CLOCK.now() + _AHEAD] * chats
        try:
            yield asyncio.run(_filled(self.database, chats))
        finally:
            self.kill_all()
            for each in self.ground.folder.glob(f"{sqlite.name}*"):
                each.unlink()

    def _work(self, think: float = 0) -> None:
        self._begin("work", think=think)

    def _begin(self, what: str, **told: float) -> subprocess.Popen[str]:
        process = self._start(what, **told)
        if what == "work":
            self.said(process, 40)
        return process

    def _start(self, what: str, **told: float) -> subprocess.Popen[str]:
        words = [word for name, value in told.items() for word in (f"--{name}", str(value))]
        own = [sys.executable, "-m", "benchmarks.works", what, "--database", self.database]
        self.running.append(self.start([*own, *words]))
        return self.running[-1]

    def _claimed(self) -> set[int]:
        query = "SELECT chat_id FROM followup_reminders WHERE state IN ('claimed', 'sending')"
        return {row[0] for row in self._asked(query)}

    def _asked(self, query: str) -> Sequence[tuple[int]]:
        if "PostgreSQL" in self.name:
            with psycopg.connect(self.database) as connection:
                return connection.execute(query).fetchall()
        with closing(sqlite3.connect(self.database.removeprefix("sqlite:///"))) as connection:
            return connection.execute(query).fetchall()


async def _filled(database: str, moments: Sequence[datetime]) -> App:
    app = await prepared(database)
    await fill(app, moments)
    await app.close()
    return app


async def _fill_many(app: App, count: int) -> None:
    """So many chats that wait for an hour to a day; made by the database itself."""
    now = CLOCK.now()
    sqlite = app.database.engine.dialect.name == "sqlite"
    began = (now - timedelta(hours=4)).replace(tzinfo=None).isoformat(" ", "microseconds")
    ahead = (
        f"strftime('%Y-%m-%d %H:%M:%f000', '{began}', '+' || (18000 + n % 82800) || ' seconds')"
        if sqlite
        else f"timestamptz '{began}+00' + (18000 + n % 82800) * interval '1 second'"
    )
    then = f"'{began}'" if sqlite else f"timestamptz '{began}+00'"
    false = "0" if sqlite else "false"
    chat = {
        "id": "n",
        "account": "'site'",
        "address": "'c' || n",
        "employee_id": "'anna'",
        "last_n": "2",
        "client_n": "1",
        "client_at": then,
        "answer_failures": "0",
    }
    silence = {
        "chat_id": "n",
        "employee_id": "'anna'",
        "client_n": "1",
        "number": "1",
        "began": then,
        "anchor": then,
        "answered_at": then,
        "passed": "'[]'",
        "used": "'[]'",
        "opted_out": false,
        "composer_failures": "0",
        "channel_failures": "0",
        "due_at": ahead,
        "step_id": "'s1'",
        "version": "1",
    }
    async with app.database.write() as tx:
        for table, row in (("chats", chat), ("followup_silences", silence)):
            names, values = ", ".join(row), ", ".join(row.values())
            made = _MANY.format(table=table, names=names, values=values)
            await tx.connection.execute(text(made), {"last": count})
