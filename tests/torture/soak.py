"""`python -m tests.torture.soak`: many messages for long; memory and latency over time."""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from urllib.parse import urlsplit

import httpx2
import psutil

from bot.clock import SystemClock
from tests.torture.audit import violations
from tests.torture.books import Books, findings
from tests.torture.crowd import Client, Said
from tests.torture.fleet import ALONE, APART, Fleet, Setting
from tests.torture.plot import Line, plot
from tests.torture.store import postgres
from tests.torture.watch import settle_alone

BUILD = Path("build/soak")
_WRITERS = 16
_WINDOWS = 12
_SAMPLE = 5.0
_PATIENCE = 300.0


@dataclass
class Measured:
    """Seconds since the start, with what was seen then."""

    latency: list[tuple[float, float]] = field(default_factory=list)
    memory: list[tuple[float, Mapping[str, float]]] = field(default_factory=list)
    refused: int = 0
    busy: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Load:
    """So many messages a second, whether the answers come quickly or not, for so long."""

    fleet: Fleet
    clients: Sequence[Client]
    rate: float
    seconds: float
    measured: Measured = field(default_factory=Measured)
    _chance: Random = field(default_factory=lambda: Random(7))  # noqa: S311  a repeatable test
    _began: float = 0.0
    _next: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> Measured:
        self._began = time.monotonic()
        writers = [threading.Thread(target=self._write, daemon=True) for _ in range(_WRITERS)]
        for writer in writers:
            writer.start()
        pause = threading.Event()
        before = self._worked()
        while (at := time.monotonic() - self._began) < self.seconds:
            self.measured.memory.append((at, self.fleet.memory()))
            pause.wait(_SAMPLE)
        for writer in writers:
            writer.join()
        after = self._worked()
        self.measured.busy = {name: after[name] - before.get(name, 0.0) for name in after}
        return self.measured

    def _worked(self) -> Mapping[str, float]:
        """Seconds that each process has computed; the clients are this one."""
        processes = {name: [each.process.pid] for name, each in self.fleet.members.items()}
        processes |= {"valkey": [self.fleet.redis_process() or 0], "clients": [os.getpid()]}
        host = urlsplit(self.fleet.store.url).query.partition("host=")[2]
        if host:
            server = psutil.Process(int((Path(host) / "postmaster.pid").read_text().split()[0]))
            family = [server, *server.children()]
            processes["postgres"] = [process.pid for process in family]
        return {name: sum(map(_computed, pids)) for name, pids in processes.items()}

    def _write(self) -> None:
        pause = threading.Event()
        with httpx2.Client(timeout=60) as http:
            while True:
                with self._lock:
                    number = self._next
                    self._next += 1
                    # At random, so that some are silent for long enough to be reminded.
                    client = self._chance.choice(self.clients)
                    said = Said(f"{client.chat}-{len(client.said) + 1}")
                    client.said.append(said)
                moment = number / self.rate
                if moment >= self.seconds:
                    return
                pause.wait(max(0.0, self._began + moment - time.monotonic()))
                self._say(http, client, said, moment)

    def _say(self, http: httpx2.Client, client: Client, said: Said, moment: float) -> None:
        """Counted from the moment it should have been said: a slow server hides nothing."""
        base = self.fleet.bases[int(client.chat) % len(self.fleet.bases)]
        body = {"id": said.id, "text": f"Word {said.id}"}
        headers = {"Authorization": f"Bearer {client.token}"}
        url = f"{base}/web/site/messages"
        try:
            answer = http.post(url, json=body, headers=headers)
        except httpx2.TransportError:
            # The server may close an idle connection just then; the same id again is no other.
            answer = http.post(url, json=body, headers=headers)
        took = time.monotonic() - self._began - moment
        with self._lock:
            if answer.is_success:
                said.accepted = SystemClock().now()
                self.measured.latency.append((moment, took))
            else:
                self.measured.refused += 1


def main() -> None:
    given = _given()
    BUILD.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="soak-")))
        url = stack.enter_context(postgres()).new() if given.store == "postgres" else None
        roles = ALONE if given.alone else APART
        delays = ("3s", "10s", "20s")
        setting = Setting(folder, roles, "http://127.0.0.1:9", url, delays, model=False)
        fleet = Fleet(setting)
        stack.callback(fleet.close)
        fleet.up()
        clients = _visitors(fleet, given.clients)
        measured = Load(fleet, clients, given.rate, given.minutes * 60).run()
        recovery = settle_alone(fleet.store, _PATIENCE)
        books = Books(fleet.store, [], clients, len(delays), {})
        found = findings(books, violations(fleet))
        (BUILD / "log.txt").write_text(fleet.printed())
    table = f"{_table(measured, given.minutes)}\n{_costs(measured)}"
    (BUILD / "soak.svg").write_text(_drawn(measured))
    (BUILD / "soak.md").write_text(table)
    sys.stdout.write(
        f"{table}\n{len(measured.latency)} messages, {measured.refused} refused, "
        f"{books.reminders_out()} reminders, {len(found.lost)} lost, {len(found.twice)} twice; "
        f"after the end due rows waited {recovery.due:.0f} s at most.\n{found.text()}\n"
        f"Plot: {BUILD / 'soak.svg'}\n"
    )
    sys.exit(0 if found.clean else 1)


def _computed(pid: int) -> float:
    with suppress(psutil.Error):
        times = psutil.Process(pid).cpu_times()
        return float(times.user + times.system)
    return 0.0


def _visitors(fleet: Fleet, count: int) -> Sequence[Client]:
    clients: list[Client] = []
    with httpx2.Client(timeout=60) as http:
        for _ in range(count):
            answer = http.post(f"{fleet.bases[0]}/web/site/visitors", json={})
            told = answer.raise_for_status().json()
            clients.append(Client("site", told["chat"], told["token"]))
    return clients


def _table(measured: Measured, minutes: float) -> str:
    """A row for each stretch of time: messages a second, acknowledgement, memory."""
    members = list(measured.memory[-1][1])
    head = ["minutes", "messages/s", "p50 ms", "p95 ms", "p99 ms", "max ms"]
    rows = [[*head, *(f"{name} MB" for name in members)], ["---"] * (len(head) + len(members))]
    width = minutes * 60 / _WINDOWS
    for number in range(_WINDOWS):
        low, high = number * width, (number + 1) * width
        took = sorted(each * 1000 for at, each in measured.latency if low <= at < high)
        seen = [table for at, table in measured.memory if low <= at < high] or [{}]
        cuts = quantiles(took, n=100) if len(took) > 1 else [0.0] * 99
        figures = [len(took) / width, cuts[49], cuts[94], cuts[98], max(took, default=0.0)]
        sizes = [median(table.get(name, 0.0) for table in seen) for name in members]
        told = [f"{low / 60:.1f}-{high / 60:.1f}", *(f"{each:.0f}" for each in figures + sizes)]
        rows.append(told)
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def _costs(measured: Measured) -> str:
    said = len(measured.latency) / 1000
    each = (f"{name} {seconds / said:.1f}" for name, seconds in measured.busy.items())
    return f"CPU seconds per 1,000 messages: {', '.join(each)}.\n"


def _drawn(measured: Measured) -> str:
    by_second: dict[int, list[float]] = {}
    for at, took in measured.latency:
        by_second.setdefault(int(at // _SAMPLE), []).append(took * 1000)
    spans = sorted(by_second.items())
    latency: dict[str, Line] = {
        "median": [(n * _SAMPLE / 60, median(took)) for n, took in spans],
        "slowest of 5 s": [(n * _SAMPLE / 60, max(took)) for n, took in spans],
    }
    memory: dict[str, Line] = {
        name: [(at / 60, table[name]) for at, table in measured.memory if name in table]
        for name in measured.memory[-1][1]
    }
    titles = {"Acknowledgement of a client's message, ms": latency, "Resident memory, MB": memory}
    return plot(titles, "minutes")


def _given() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=50, help="messages a second")
    parser.add_argument("--clients", type=int, default=100)
    parser.add_argument("--store", choices=["sqlite", "postgres"], default="postgres")
    parser.add_argument("--alone", action="store_true", help="everything in one process")
    return parser.parse_args()


if __name__ == "__main__":
    main()
