"""A package of somebody else's, found by entry point: channel `carrier`, plugin `counter`."""

import sys
from pathlib import Path
from textwrap import dedent

import pytest

CODE = """
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa
from pydantic import BaseModel, ConfigDict
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bot.api import (
    Author,
    Channel,
    ChannelHost,
    ChatRef,
    Chats,
    Id,
    Incoming,
    Message,
    Moment,
    Plugin,
    Runtime,
    validated,
)

SENT = []

METADATA = sa.MetaData()
COUNTS = sa.Table(
    "counter_counts",
    METADATA,
    sa.Column("chat_id", Id, primary_key=True, autoincrement=False),
    sa.Column("messages", sa.Integer, nullable=False),
    sa.Column("latest", Moment, nullable=False),
)
LIMITS = sa.Table(
    "counter_limits",
    METADATA,
    sa.Column("employee_id", sa.String(40), primary_key=True),
    sa.Column("most", sa.Integer, nullable=False),
)


class CarrierOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    loft: str
    birds: int = 1


class Carrier:
    def __init__(self, account, options, host):
        self.account, self.options, self.host = account, options, host

    async def send(self, chat, message):
        SENT.append((chat.ref, message.text))
        return f"ring-{len(SENT)}"

    async def was_sent(self, chat, message):
        return None

    def is_open(self, chat, at):
        return True

    async def listen(self, receiver):
        for n in range(self.options.birds):
            at = self.host.clock.now()
            ref = ChatRef(self.account, self.options.loft)
            await receiver.receive(Incoming(ref, f"bird-{n}", Author.CLIENT, f"Coo {n}", at, "Kim"))


def channel(account, options, host):
    table = validated(CarrierOptions, options, f"channels.{account}")
    carrier = Carrier(account, table, host)
    return Channel(sender=carrier, listener=carrier, links={"Loft": f"/loft/{account}"})


class CounterOptions(BaseModel):
    model_config = ConfigDict(extra="forbid")

    most: int


class Counter(Plugin):
    name = "counter"
    migrations = Path(__file__).parent / "steps"
    employee_options = CounterOptions

    def __init__(self, runtime):
        self.runtime = runtime

    async def employee_created(self, tx, employee, options):
        if options is not None:
            values = {"employee_id": employee.id, "most": options.most}
            await tx.connection.execute(sa.insert(LIMITS).values(values))

    async def employee_edited(self, tx, employee, options):
        await tx.connection.execute(sa.delete(LIMITS).where(LIMITS.c.employee_id == employee.id))
        await self.employee_created(tx, employee, options)

    async def employee_exported(self, connection, employee):
        query = sa.select(LIMITS.c.most).where(LIMITS.c.employee_id == employee)
        most = (await connection.execute(query)).scalar_one_or_none()
        return None if most is None else {"most": most}

    async def client_wrote(self, tx, chat, message):
        limit = sa.select(LIMITS.c.most).where(LIMITS.c.employee_id == chat.employee)
        most = (await tx.connection.execute(limit)).scalar_one_or_none()
        values = {"chat_id": chat.id, "messages": message.n, "latest": message.at}
        await tx.connection.execute(sa.delete(COUNTS).where(COUNTS.c.chat_id == chat.id))
        await tx.connection.execute(sa.insert(COUNTS).values(values))
        if most is not None and message.n > most:
            raise RuntimeError("that is too much")

    async def _page(self, request):
        query = sa.select(sa.func.coalesce(sa.func.sum(COUNTS.c.messages), 0))
        async with self.runtime.database.read() as connection:
            total = (await connection.execute(query)).scalar_one()
        return PlainTextResponse(f"{total} messages")

    def routes(self):
        return [Route("/counter", self._page)]

    def menu(self):
        return {"Counter": "/counter"}


def plugin(runtime):
    return Counter(runtime)
"""

STEP = """
import sqlalchemy as sa
from alembic import op

from bot.api import Id, Moment

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "counter_counts",
        sa.Column("chat_id", Id, primary_key=True, autoincrement=False),
        sa.Column("messages", sa.Integer, nullable=False),
        sa.Column("latest", Moment, nullable=False),
    )
    op.create_table(
        "counter_limits",
        sa.Column("employee_id", sa.String(40), primary_key=True),
        sa.Column("most", sa.Integer, nullable=False),
    )
"""

ENTRIES = """
[followup_bot.plugins]
counter = strangers:plugin
[followup_bot.channels]
carrier = strangers:channel
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the package, on the path as an installation would put it there."""
    folder = tmp_path / "site-packages"
    marks = folder / "strangers-1.0.dist-info"
    package = folder / "strangers"
    for each in (marks, package / "steps"):
        each.mkdir(parents=True)
    (marks / "METADATA").write_text("Metadata-Version: 2.1\nName: strangers\nVersion: 1.0\n")
    (marks / "entry_points.txt").write_text(dedent(ENTRIES))
    (package / "__init__.py").write_text(CODE)
    (package / "steps" / "0001_counter.py").write_text(STEP)
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "strangers", raising=False)
    return folder
