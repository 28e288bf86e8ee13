"""`python -m tests.torture.load`: a page with many visitors, and connections that only wait."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from statistics import quantiles
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import psutil

from bot.embedded import EmbeddedRedis
from tests.running import Place

ALONE: Final = ("run",)
APART: Final = ("web", "worker")
_AT_ONCE = 50
_DRIBBLE = 1.0
_PATIENCE = 60.0
_LIMIT = 0.2
_HEAD = b"GET /web/site/messages HTTP/1.1\r\nHost: x\r\n"
_BODY = b"POST /web/site/visitors HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n"


@dataclass
class Visitor:
    """Somebody with the page open: what was taken from them, and what their own line brought."""

    headers: Mapping[str, str]
    taken: set[str] = field(default_factory=set)
    heard: set[str] = field(default_factory=set)
    answers: int = 0
    last: int = 0
    open: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Tally:
    """Seconds from the moment a message was due until it was taken; and what went wrong."""

    acknowledged: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    cut_off: int = 0
    closed: int = 0

    @property
    def p99(self) -> float:
        return quantiles(self.acknowledged, n=100)[98]

    @property
    def p50(self) -> float:
        return quantiles(self.acknowledged, n=100)[49]


@dataclass
class Crowd:
    """Visitors of one server; each listens all the time."""

    http: aiohttp.ClientSession
    base: str
    visitors: list[Visitor] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def gather(self, count: int) -> None:
        """They come, and open their lines."""
        for first in range(0, count, _AT_ONCE):
            some = range(first, min(first + _AT_ONCE, count))
            self.visitors += await asyncio.gather(*(self._arrive() for _ in some))
        self._tasks += [asyncio.create_task(self._listen(each)) for each in self.visitors]
        await asyncio.gather(*(each.open.wait() for each in self.visitors))

    async def write(self, rate: float, seconds: float, name: str) -> None:
        """So many messages a second, each at its moment, however long the ones before take."""
        start = asyncio.get_running_loop().time() + 0.5
        said = [
            self._say(self.visitors[n % len(self.visitors)], f"{name}-{n}", start + n / rate)
            for n in range(int(rate * seconds))
        ]
        await asyncio.gather(*said)

    async def heard(self) -> bool:
        """Whether everybody's line brought what was taken from them, and an answer, in the end."""
        loop = asyncio.get_running_loop()
        end = loop.time() + _PATIENCE
        while self.missing() and loop.time() < end:
            await until(loop.time() + 0.2)
        return not self.missing()

    def missing(self) -> int:
        """Messages that were taken, and never came by a line."""
        return sum(len(each.taken - each.heard) for each in self.visitors)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _arrive(self) -> Visitor:
        async with self.http.post(f"{self.base}/visitors", json={}) as answer:
            token = (await answer.json())["token"]
        return Visitor({"Authorization": f"Bearer {token}"})

    async def _listen(self, visitor: Visitor) -> None:
        while True:
            headers = {**visitor.headers, "Last-Event-ID": str(visitor.last)}
            with suppress(aiohttp.ClientError):
                async with self.http.get(f"{self.base}/events", headers=headers) as answer:
                    visitor.open.set()
                    async for line in answer.content:
                        if line.startswith(b"data:"):
                            _hear(visitor, json.loads(line[5:]))
            self.tally.cut_off += 1
            await until(asyncio.get_running_loop().time() + 0.5)

    async def _say(self, visitor: Visitor, name: str, at: float) -> None:
        await until(at)
        said = {"id": name, "text": "Do you repair e-bikes?"}
        url = f"{self.base}/messages"
        try:
            async with self.http.post(url, json=said, headers=visitor.headers) as answer:
                if answer.status != HTTPStatus.CREATED:
                    self.tally.refused.append(f"status {answer.status}")
                    return
        except aiohttp.ClientError as error:
            self.tally.refused.append(type(error).__name__)
            return
        self.tally.acknowledged.append(asyncio.get_running_loop().time() - at)
        visitor.taken.add(name)


def _hear(visitor: Visitor, message: Mapping[str, object]) -> None:
    visitor.last = int(str(message["n"]))
    if message["from"] == "client":
        visitor.heard.add(str(message["id"]))
    else:
        visitor.answers += 1


async def loris(base: str, tally: Tally, piece: int) -> None:
    """A connection that dribbles a header, or a body; cut off, it comes again."""
    parts = urlsplit(base)
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            try:
                writer.write(_BODY if piece % 2 else _HEAD)
                while not reader.at_eof() and not writer.is_closing():
                    writer.write(b"x" if piece % 2 else b"X-a: b\r\n")
                    await writer.drain()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(reader.read(1000), _DRIBBLE)
            finally:
                writer.close()
        tally.closed += 1


async def until(moment: float) -> None:
    """At that moment of the loop."""
    loop = asyncio.get_running_loop()
    there = loop.create_future()
    timer = loop.call_at(moment, there.set_result, None)
    try:
        await there
    finally:
        timer.cancel()


@dataclass(frozen=True)
class Wanted:
    """How much of everything."""

    visitors: int = 1000
    rate: float = 100
    seconds: float = 30
    loris: int = 200


@dataclass(frozen=True)
class Seen:
    """What came of one run of it."""

    name: str
    tally: Tally
    missing: int
    answers: int
    seconds: float


async def loaded(address: str, wanted: Wanted) -> Sequence[Seen]:
    """The crowd alone, and then with the dribblers."""
    base = f"{address}/web/site"
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=3)
    async with aiohttp.ClientSession(
        connector=connector, timeout=aiohttp.ClientTimeout(total=None, sock_connect=30)
    ) as http:
        crowd = Crowd(http, base)
        await crowd.gather(wanted.visitors)
        seen = [await _round(crowd, wanted, "visitors")]
        crowd.tally = Tally()
        slow = [asyncio.create_task(loris(address, crowd.tally, n)) for n in range(wanted.loris)]
        seen.append(await _round(crowd, wanted, f"and {wanted.loris} that dribble"))
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        await crowd.close()
    return seen


async def _round(crowd: Crowd, wanted: Wanted, name: str) -> Seen:
    loop = asyncio.get_running_loop()
    start, before = loop.time(), sum(each.answers for each in crowd.visitors)
    await crowd.write(wanted.rate, wanted.seconds, name.rsplit(maxsplit=1)[-1])
    took = loop.time() - start
    await crowd.heard()
    answers = sum(each.answers for each in crowd.visitors) - before
    return Seen(name, crowd.tally, crowd.missing(), answers, took)


@contextmanager
def shop(*roles: str) -> Iterator[tuple[Place, str]]:
    """The application in one process, or its web server and its worker apart."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="load-")))
        place = Place(folder)
        stack.callback(place.close)
        place.settings("23h")
        if len(roles) > 1:
            server = EmbeddedRedis(folder)
            server.start()
            stack.callback(server.stop)
            place.environment["REDIS_URL"] = server.url
        running = [place.start(role) for role in roles]
        yield place, running[0].base


def main() -> None:
    given = _given()
    wanted = Wanted(given.visitors, given.rate, given.seconds, given.loris)
    with shop(*(ALONE if given.alone else APART)) as (place, base):
        before = _worked(place)
        seen = asyncio.run(loaded(base, wanted))
        after = _worked(place)
        stored = place.rows("SELECT count(*) AS n FROM messages WHERE author = 'client'")[0]["n"]
    taken = sum(len(each.tally.acknowledged) for each in seen)
    for line in _table(seen):
        print(line)  # noqa: T201  what was asked for
    spent = ", ".join(f"{name} {after[name] - before[name]:.0f} s" for name in after)
    print(f"\n{taken:,} taken, {stored:,} stored. CPU: {spent}.")  # noqa: T201
    slow = [each for each in seen if each.missing or each.tally.refused or each.tally.p99 > _LIMIT]
    sys.exit(1 if slow or stored != taken else 0)


def _table(seen: Sequence[Seen]) -> Iterator[str]:
    yield "| | messages/s | refused | lost | p50 ms | p99 ms | max ms | lines cut off | closed |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for each in seen:
        tally = each.tally
        times = [f"{1000 * at:.0f}" for at in (tally.p50, tally.p99, max(tally.acknowledged))]
        rate = len(tally.acknowledged) / each.seconds
        cells = [f"{rate:.0f}", len(tally.refused), each.missing, *times, tally.cut_off]
        yield f"| {each.name} | {' | '.join(map(str, [*cells, tally.closed]))} |"


def _worked(place: Place) -> dict[str, float]:
    """Seconds that each process has computed; the visitors are this one."""
    found = {}
    for each in place.started:
        process = psutil.Process(each.process.pid)
        found[process.cmdline()[2]] = sum(process.cpu_times()[:2])
    return found | {"visitors": sum(psutil.Process().cpu_times()[:2])}


def _given() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.torture.load", description=__doc__)
    words.add_argument("--visitors", type=int, default=1000)
    words.add_argument("--rate", type=float, default=100)
    words.add_argument("--seconds", type=float, default=30)
    words.add_argument("--loris", type=int, default=200)
    words.add_argument("--alone", action="store_true", help="everything in one process")
    return words.parse_args()


if __name__ == "__main__":
    main()
