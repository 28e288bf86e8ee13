"""The command on settings and data of its own: mostly within this process, which is quick."""

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue

import pytest
from click.testing import CliRunner, Result

from bot.cli import main

COMMAND = Path(sys.executable).with_name("followup")
CONFIG = """
[employees.anna]
name = "Anna"

[[employees.anna.followup.steps]]
id = "available"
delay = "4h"
instruction = "Gently remind that we're available."

[channels.site]
kind = "web"
employee = "anna"
"""


def environment(folder: Path, more: dict[str, str]) -> dict[str, str]:
    """Nothing of this machine's settings; what measures coverage goes along."""
    kept = {name: text for name, text in os.environ.items() if name.startswith("COV")}  # noqa: TID251  a test's own
    return {"PATH": os.defpath, "HOME": str(folder), **kept, **more}


class Place:
    """A folder with settings and data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config = folder / "bot.toml"
        self.data = folder / "data"
        self.config.write_text(CONFIG, encoding="utf-8")

    @property
    def options(self) -> list[str]:
        return ["--config", str(self.config), "--data", str(self.data)]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def bare(self, *words: object, **variables: str) -> Result:
        """The command with these words alone."""
        runner = CliRunner(env=variables)
        return runner.invoke(main, [str(word) for word in words], prog_name="followup")

    def followup(self, *words: object, **variables: str) -> Result:
        """The same on this place."""
        return self.bare(*words, *self.options, **variables)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    for name in ("DATABASE_URL", "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    before, level = os.umask(0), logging.getLogger().handlers[:]
    os.umask(before)
    yield Place(tmp_path)
    # The command takes the process for its own.
    os.umask(before)
    logging.getLogger().handlers[:] = level


class Running:
    """A command that goes on; its lines are read as they come."""

    def __init__(self, place: Place, words: list[str], more: dict[str, str]) -> None:
        self.process = subprocess.Popen(  # noqa: S603  our own command
            [COMMAND, *words, *place.options],
            cwd=place.folder,
            env=environment(place.folder, {"PYTHONUNBUFFERED": "1", **more}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.seen: list[str] = []
        self._lines: Queue[str | None] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)

    def until(self, words: str) -> str:
        """The first line with these words."""
        while True:
            try:
                line = self._lines.get(timeout=40)
            except Empty:
                line = None
            assert line is not None, f"never said “{words}”: {self.seen}"
            self.seen.append(line)
            if words in line:
                return line

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(20)

    def close(self) -> None:
        """Ends it, whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def running(place: Place) -> Iterator[Callable[..., Running]]:
    made: list[Running] = []

    def started(*words: str, **variables: str) -> Running:
        made.append(Running(place, list(words), variables))
        return made[-1]

    yield started
    for each in made:
        each.close()


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]
