"""What the benchmarks share: databases full of chats, a model and a channel, a table."""

import json
import os
import platform
import sqlite3
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

from sqlalchemy import insert

from bot.app import App, Outside, build
from bot.clock import SystemClock
from bot.model import Author, Chat, ChatRef, Delivery, Message, Reply
from bot.news import LocalNews
from bot.ports import Jobs
from bot.store.tables import chats, messages
from bot.testing import FakeSender
from config.settings import Settings
from plugins.followup.adapters.tables import silences
from plugins.followup.folding import name_of

DELAY = timedelta(hours=4)
_ROWS = 5000
_SENT = json.dumps({"verdict": "send", "text": "Any questions left?", "reason": "sent"})


@dataclass
class Model:
    """Says at once, or after a while, that and what to send; `before` awaits the while."""

    before: Callable[[], Any] | None = None
    asked: int = 0

    async def complete(
        self, messages: Sequence[tuple[str, str]], schema: dict[str, object] | None = None
    ) -> Reply:
        """As `ports.Model.complete`."""
        self.asked += 1
        if self.before is not None:
            await self.before()
        return Reply(_SENT if schema else "Yes, we do.", 42)


@dataclass
class Channel(FakeSender):
    """Takes everything at once, and notes when, by chat."""

    at: dict[int, list[datetime]] = field(default_factory=dict)
    count: int = 0
    clock: SystemClock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        super().__init__()

    async def send(self, chat: Chat, message: Message) -> str | None:
        """As `networks.Sender.send`."""
        self.at.setdefault(chat.id, []).append(self.clock.now())
        self.count += 1
        return f"sent-{message.id}"


def app_on(url: str, jobs: Jobs, model: Model, channel: Channel, **more: Any) -> App:
    """An application with one employee on one web channel."""
    steps = [
        {"id": "s1", "delay": "4h", "instruction": "Ask whether there are questions."},
        {"id": "s2", "delay": "24h", "instruction": "Ask again."},
    ]
    anna = {"name": "Anna", "persona": "Kind.", "followup": {"enabled": True, "steps": steps}}
    settings = Settings(
        employees={"anna": anna}, channels={"site": {"kind": "web", "employee": "anna"}}
    )
    outside = Outside(
        database_url=url,
        jobs=jobs,
        news=LocalNews(),
        model=model,
        senders={"site": channel},
        **more,
    )
    return build(settings, outside)


async def fill(app: App, moments: Sequence[datetime], first: int = 1) -> None:
    """A chat for each moment: asked and answered a delay before, due then."""
    for start in range(0, len(moments), _ROWS):
        part = list(enumerate(moments[start : start + _ROWS], first + start))
        async with app.database.write() as tx:
            await tx.connection.execute(insert(chats), [_chat(n, at) for n, at in part])
            said = [row for n, at in part for row in _said(n, at)]
            await tx.connection.execute(insert(messages), said)
            await tx.connection.execute(insert(silences), [_silence(n, at) for n, at in part])


def _chat(n: int, due: datetime) -> dict[str, Any]:
    return {
        "id": n,
        "account": "site",
        "address": f"c{n}",
        "employee_id": "anna",
        "last_n": 2,
        "client_n": 1,
        "client_at": due - DELAY,
        "answer_failures": 0,
    }


def _said(n: int, due: datetime) -> Sequence[dict[str, Any]]:
    both = {"chat_id": n, "at": due - DELAY, "delivery": Delivery.SENT}
    return (
        {**both, "n": 1, "author": Author.CLIENT, "text": "Do you repair e-bikes?"},
        {**both, "n": 2, "author": Author.EMPLOYEE, "text": "Yes, we do: bring it any day."},
    )


def _silence(n: int, due: datetime) -> dict[str, Any]:
    began = due - DELAY
    return {
        "chat_id": n,
        "employee_id": "anna",
        "client_n": 1,
        "number": 1,
        "began": began,
        "anchor": began,
        "answered_at": began,
        "passed": [],
        "used": [],
        "opted_out": False,
        "composer_failures": 0,
        "channel_failures": 0,
        "due_at": due,
        "step_id": "s1",
        "version": 1,
        "name": name_of(Chat(n, ChatRef("site", f"c{n}"), "anna").title),
    }


def soon(seconds: float) -> datetime:
    """A whole second, so far from now at least."""
    at = SystemClock().now() + timedelta(seconds=seconds + 1)
    return at.replace(microsecond=0)


def machine() -> str:
    """Versions, and how busy the machine is: without the load no figure means anything."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    parts = [f"Python {platform.python_version()}", f"SQLite {sqlite3.sqlite_version}"]
    parts += [f"{name} {version(name)}" for name in ("rq", "redis", "SQLAlchemy")]
    return f"{', '.join(parts)}; {os.cpu_count()} cores, load {load}"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print it as Markdown, with the machine below."""
    lines = [head, ["---"] * len(head), *rows]
    text = "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)
    sys.stdout.write(f"\n{text}\n{machine()}\n")
    sys.stdout.flush()
