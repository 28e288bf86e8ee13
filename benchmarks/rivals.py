"""Measures the timers of others: their own worker processes, the same servers, the same job."""

import json
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import psutil
import psycopg
import redis

from benchmarks.crew import Crew, RivalError, all_done, done
from benchmarks.ground import ROOT

_PYTHON = {"arq": ROOT / ".venv-bench-arq/bin/python"}
_NODE = ROOT / "benchmarks/peers/bullmq"
_ALONE = {"apscheduler", "ptb"}


@dataclass
class Rival(Crew):
    """One peer on the ground that all share; `rate` is how fast it arms, once that is known."""

    rate: float = 300.0

    def rearm(self) -> Mapping[str, object]:
        """(a) Messages that put a timer off, as many as it can."""
        with self._clean():
            return self._act("rearm", limit=self.size.seconds)

    def waiting(self) -> Mapping[str, object]:
        """(b) and (g) What a waiting timer takes, and how long a start takes with all of them."""
        with self._clean():
            before = self._stored()
            told = {"count": self.size.waiting, "due": 14400.0, "last": 1.0}
            filling = self._begin("fill", stay=self.name in _ALONE, limit=self.size.fill, **told)
            resident = psutil.Process(filling.pid).memory_info().rss
            found = self.said(filling, self.size.fill + 20)
            armed = int(found["armed"])
            self.rate = armed / float(found["seconds"])
            if self.name == "ptb":
                after, before = psutil.Process(filling.pid).memory_info().rss, resident
            else:
                after = self._stored()
            self.kill_all()
            time.sleep(1.2)
            began = time.time()
            self._work(1)
            first = self.until(lambda lines: [x for x in lines if x.key == -1], self.size.patience)
        start = first[0].at - began if first else None
        return {"bytes": (after - before) / armed, "waiting": armed, "start": start}

    def herd(self) -> Mapping[str, object]:
        """(c) Many due at one second, whose jobs do nothing."""
        return self._due_at_once(self.size.due, 0, 16)

    def slow(self) -> Mapping[str, object]:
        """(d) Many due at one second, whose jobs take a second each."""
        return self._due_at_once(self.size.slow, 1, 1000)

    def trickle(self) -> Mapping[str, object]:
        """(e) Fifty a second, each at a moment of its own: how late, or how early."""
        with self._clean():
            self._warm(50)
            count = int(50 * self.size.seconds)
            told = {"count": count, "due": self._arming(count)}
            arming = self._begin("trickle", stay=self.name in _ALONE, **told)
            due = self.said(arming, self.size.fill + 40)["due"]
            wait = due - time.time() + self.size.seconds + self.size.patience
            ran = self.until(done(count), wait)
        late = [(line.at - line.due) * 1000 for line in ran]
        if len(late) < 2:
            raise RivalError("nothing ran")
        cuts = quantiles(late, n=100)
        return {"p50": median(late), "p99": cuts[98], "earliest": min(late), "ran": len(late)}

    def kill(self) -> Mapping[str, object]:
        """(f) Killed when a third is done: what was never done, done twice, and when it went on."""
        count = self.size.killed
        with self._clean():
            if self.name not in _ALONE:
                self._warm(50)
            told = {"count": count, "due": self._arming(count), "work": 1, "rate": 50}
            arming = self._begin("trickle", stay=self.name in _ALONE, **told)
            found = self.said(arming, 60)
            armed, due = int(found["armed"]), found["due"]
            self.until(done(armed // 3), due - time.time() + self.size.patience)
            self.kill_all()
            before = self.lines()
            ended = {line.key for line in before if line.what == "done"}
            broken = {line.key for line in before if line.what == "began"} - ended
            began = time.time()
            self._work(50)
            self.until(all_done(armed), self.size.patience)
            lines = [line for line in self.lines() if line.key >= 0]
        times = Counter(line.key for line in lines if line.what == "done")
        again = [x.at for x in lines if x.what == "began" and x.key in broken and x.at > began]
        return {
            "lost": armed - len(times),
            "in flight": len(broken),
            "twice": sum(each > 1 for each in times.values()),
            "back": min(again) - began if again else None,
        }

    def _due_at_once(self, count: int, work: float, width: int) -> Mapping[str, object]:
        with self._clean():
            if self.name not in _ALONE:
                self._warm(width)
            limit = self._arming(count)
            told = {"count": count, "due": limit, "work": work, "limit": limit}
            filling = self._begin("fill", stay=self.name in _ALONE, **told)
            found = self.said(filling, limit + 30)
            armed, due = int(found["armed"]), found["due"]
            ran = self.until(done(armed), due - time.time() + self.size.patience)
            memory = self.memory()
        if not ran:
            raise RivalError("nothing ran")
        wall = max(line.at for line in ran) - due
        late = {"wall": wall, "rate": len(ran) / wall, "armed": armed, "ran": len(ran)}
        return {**late, "memory": memory}

    def _arming(self, count: int) -> float:
        """Seconds to arm so many, with some room."""
        return min(self.size.fill, 1.5 * count / self.rate + 1)

    @contextmanager
    def _clean(self) -> Iterator[None]:
        """An empty Redis, a new database, no log; afterwards nothing runs."""
        self.ground.emptied()
        self.log.unlink(missing_ok=True)
        if self.name == "procrastinate":
            self.database = self.ground.postgres.new()
            self._act("fill")
        try:
            yield
        finally:
            self.kill_all()

    def _warm(self, width: int) -> None:
        """Workers that have done a job."""
        self._work(width)
        if self.name not in _ALONE:
            self._act("fill", last=0.1)
            if not self.until(lambda lines: lines, self.size.patience + 20):
                raise RivalError("its workers did not come up")
        self.log.write_text("")

    def _work(self, width: int) -> None:
        """Start its worker processes."""
        if self.name in _ALONE:
            self.running.append(self.start([*self._python(), "work", "--stay"]))
        elif self.name == "bullmq":
            command = ["node", "act.mjs", "work", "--width", str(max(200, width // 2))]
            self.running += [self.start(command, _NODE) for _ in range(2)]
        else:
            told = [*self._python(), "commands", "--width", str(width)]
            said = subprocess.run(told, env=self.env(), capture_output=True, text=True, check=True)
            self.running += [self.start(each) for each in json.loads(said.stdout)]

    def _act(self, what: str, **told: float) -> Mapping[str, float]:
        """Do it and return what it says."""
        process = self._begin(what, **told)
        found = self.said(process, told.get("limit", 0) + 40)
        process.wait(20)
        return found

    def _begin(self, what: str, *, stay: bool = False, **told: float) -> subprocess.Popen[str]:
        """Start the arming side, and return when it is ready."""
        words = [word for name, value in told.items() for word in (f"--{name}", str(value))]
        if self.name == "bullmq":
            process = self.start(["node", "act.mjs", what, *words], _NODE)
        else:
            more = ["--stay"] if stay else []
            process = self.start([*self._python(), what, *words, *more])
        self.running.append(process)
        self.said(process, 40)
        return process

    def _python(self) -> list[str]:
        python = _PYTHON.get(self.name, ROOT / ".venv-bench/bin/python")
        return [str(python), "-m", "benchmarks.peers.act", self.name]

    def _stored(self) -> int:
        if self.name == "procrastinate":
            with psycopg.connect(self.database) as connection:
                query = "SELECT pg_database_size(current_database())"
                return int(connection.execute(query).fetchall()[0][0])
        return int(redis.Redis.from_url(self.ground.redis_url).info("memory")["used_memory"])
