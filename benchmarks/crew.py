"""Processes that are measured from outside: started, listened to, killed; their log is read."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.ground import ROOT, Ground, Size

_PAUSE = 0.02


class RivalError(Exception):
    """A peer did not do what it was asked; what it said last is in the text."""


@dataclass
class Line:
    """One line of a peer's log."""

    what: str
    key: int
    due: float
    at: float


@dataclass
class Crew:
    """The processes of one peer, or of us, on the ground that all share."""

    name: str
    ground: Ground
    size: Size
    running: list[subprocess.Popen[str]] = field(default_factory=list)
    database: str = ""

    @property
    def log(self) -> Path:
        """Where its jobs write."""
        return self.ground.folder / f"{self.name}.log"

    def memory(self) -> float:
        """Megabytes of all its processes."""
        return sum(_memory(each) for each in self.running) / 1e6

    def said(self, process: subprocess.Popen[str], within: float) -> Mapping[str, float]:
        """The next line of JSON that it prints."""
        out = process.stdout
        assert out is not None  # noqa: S101
        with self.ground.within(within, process):
            for line in out:
                with suppress(json.JSONDecodeError):
                    return dict(json.loads(line))
        raise RivalError(self.last_words())

    def start(self, command: Sequence[str], folder: Path = ROOT) -> subprocess.Popen[str]:
        """A process in a session of its own; what it complains of is kept."""
        with self.errors.open("a") as errors:
            return subprocess.Popen(
                command,
                cwd=folder,
                env=self.env(),
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                start_new_session=True,
            )

    def env(self) -> dict[str, str]:
        """Where the servers and the log are."""
        own = {"BENCH_REDIS": self.ground.redis_url, "BENCH_POSTGRES": self.database}
        return {**os.environ, **own, "BENCH_LOG": str(self.log), "PYTHONPATH": str(ROOT)}

    @property
    def errors(self) -> Path:
        """What its processes complained of."""
        return self.ground.folder / f"{self.name}.err"

    def last_words(self) -> str:
        """The end of it."""
        lines = self.errors.read_text(errors="replace").strip().splitlines()
        return lines[-1][:120] if lines else "it ended without a word"

    def lines(self) -> list[Line]:
        """The log; a line that is being written is left out."""
        if not self.log.exists():
            return []
        rows = [row.split() for row in self.log.read_text().splitlines()]
        return [Line(row[0], int(row[1]), float(row[2]), float(row[3])) for row in rows if row[3:]]

    def until(self, wanted: Callable[[list[Line]], list[Line]], within: float) -> list[Line]:
        """What is wanted, as soon as it is there; what there is when the time is over."""
        end = time.monotonic() + max(within, 0)
        size = -1
        while True:
            now = self.log.stat().st_size if self.log.exists() else 0
            if now != size:
                size = now
                found = wanted(self.lines())
                if found:
                    return found
            if time.monotonic() > end:
                return [line for line in self.lines() if line.what == "done" and line.key >= 0]
            time.sleep(_PAUSE)

    def kill_all(self) -> None:
        """Kill -9, with all that they started."""
        for process in self.running:
            for each in _family(process):
                with suppress(psutil.NoSuchProcess):
                    each.kill()
        for process in self.running:
            process.wait()
            if process.stdout is not None:
                process.stdout.close()
        self.running.clear()


def _family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        own = psutil.Process(process.pid)
        return [*own.children(recursive=True), own]
    return []


def _memory(process: subprocess.Popen[str]) -> int:
    total = 0
    for each in _family(process):
        with suppress(psutil.NoSuchProcess):
            total += each.memory_info().rss
    return total


def done(count: int) -> Callable[[list[Line]], list[Line]]:
    """So many jobs that ended."""

    def wanted(lines: list[Line]) -> list[Line]:
        ended = [line for line in lines if line.what == "done" and line.key >= 0]
        return ended if len(ended) >= count else []

    return wanted


def all_done(count: int) -> Callable[[list[Line]], list[Line]]:
    """So many different jobs that ended, once or more."""

    def wanted(lines: list[Line]) -> list[Line]:
        ended = [line for line in lines if line.what == "done" and line.key >= 0]
        return ended if len({line.key for line in ended}) >= count else []

    return wanted
