"""The real command in a process of its own, and clients that talk to it over HTTP."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from redis import Redis

from bot.embedded import EmbeddedRedis
from bot.redis_link import connect

PATIENCE = 180.0
COMMAND = Path(sys.executable).parent / "followup"


def eventually(look: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """What `look` gives once it gives something; another process gets there in its own time."""
    end = time.monotonic() + patience
    pause = threading.Event()
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        pause.wait(0.05)
    raise AssertionError(f"{what} did not happen within {patience:.0f} s")


@dataclass
class Running:
    """A process of the application and what it printed."""

    process: subprocess.Popen[str]
    base: str = ""
    lines: list[str] = field(default_factory=list)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def printed(self) -> str:
        return "\n".join(self.lines)


class Visitor:
    """One client of the web channel."""

    def __init__(self, base: str) -> None:
        self.base = base
        answer = httpx2.post(f"{base}/web/site/visitors", json={})
        assert answer.status_code == 201, answer.text
        self.chat = answer.json()["chat"]
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}

    def say(self, text: str, message_id: str | None = None) -> int:
        body = {"id": message_id or f"id-{text}", "text": text}
        url = f"{self.base}/web/site/messages"
        return httpx2.post(url, json=body, headers=self.headers).status_code

    def heard(self) -> list[str]:
        """What the employee said, in order."""
        url = f"{self.base}/web/site/messages?after=0"
        page = httpx2.get(url, headers=self.headers).json()["messages"]
        return [message["text"] for message in page if message["from"] == "employee"]

    def reminders(self) -> list[str]:
        return [text for text in self.heard() if "reminder" in text]

    def hears(self, count: int, what: str = "reminders", patience: float = PATIENCE) -> list[str]:
        look = self.reminders if what == "reminders" else self.heard
        eventually(lambda: len(look()) >= count, f"{count} {what}", patience)
        return look()


@dataclass
class Place:
    """A settings file and a data folder, and whatever runs on them."""

    folder: Path
    started: list[Running] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def settings(self, *delays: str, extra: str = "") -> None:
        steps = "".join(
            f'[[employees.anna.followup.steps]]\nid = "s{n}"\ndelay = "{delay}"\n'
            f'instruction = "Do thing {n}."\n'
            for n, delay in enumerate(delays, 1)
        )
        (self.folder / "bot.toml").write_text(
            f'{extra}\n[web]\nport = 0\n[employees.anna]\nname = "Anna"\npersona = "Kind."\n'
            "[employees.anna.followup]\nenabled = true\n"
            f'{steps}[channels.site]\nkind = "web"\nemployee = "anna"\n'
        )

    def start(self, role: str = "run") -> Running:
        """Start it and wait until it tells where it is."""
        arguments = ["--config", str(self.folder / "bot.toml"), "--data", str(self.data)]
        process = subprocess.Popen(  # noqa: S603  our own command
            [str(COMMAND), role, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={"PATH": "/usr/bin:/bin", **_measured(), **self.environment},
        )
        running = Running(process)
        self.started.append(running)
        threading.Thread(target=_read, args=(running,), daemon=True).start()
        eventually(
            lambda: "Stop with Ctrl-C" in running.printed() or process.poll() is not None,
            f"the start of {role}",
        )
        found = re.search(r"http://[^/\s]+", running.printed())
        running.base = found[0] if found else ""
        assert process.poll() is None, running.printed()
        return running

    def rows(self, query: str) -> list[dict[str, Any]]:
        with sqlite3.connect(f"file:{self.data}/followup.db?mode=ro", uri=True) as connection:
            connection.row_factory = sqlite3.Row
            found = [dict(row) for row in connection.execute(query)]
        connection.close()
        return found

    def redis(self) -> Redis:
        """A client of the embedded Redis."""
        return connect(EmbeddedRedis(self.data).url)

    def flush(self) -> None:
        """Empty the embedded Redis."""
        with self.redis() as connection:
            connection.flushall()

    def redis_process(self) -> int:
        with self.redis() as connection:
            return int(connection.info("server")["process_id"])

    def close(self) -> None:
        for running in self.started:
            if running.process.poll() is None:
                running.kill()
            if running.process.stdout is not None:
                running.process.stdout.close()


def _measured() -> dict[str, str]:
    """What makes coverage look into processes of ours too; no settings of the application."""
    return {key: text for key, text in os.environ.items() if key.startswith("COVERAGE")}  # noqa: TID251


def _read(running: Running) -> None:
    assert running.process.stdout is not None
    try:
        for line in running.process.stdout:
            running.lines.append(line.rstrip())
    except ValueError:
        return


class SlowModel:
    """A model on loopback that answers when it is let, in the format of chat completions."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.go = threading.Event()
        self.verdicts = 0

    def answer(self, body: dict[str, Any]) -> dict[str, Any]:
        content = "Hello from the model."
        if body.get("response_format"):
            self.verdicts += 1
            self.asked.set()
            self.go.wait(PATIENCE)
            text = f"A model's reminder, the {self.verdicts}. one."
            verdict = {"verdict": "send", "text": text, "reason": "sent", "until": ""}
            content = json.dumps(verdict)
        message = {"role": "assistant", "content": content}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 10, "completion_tokens": 7, "total_tokens": 17}
        return {
            "id": "x",
            "object": "chat.completion",
            "created": 0,
            "model": "m",
            "choices": [choice],
            "usage": usage,
        }
