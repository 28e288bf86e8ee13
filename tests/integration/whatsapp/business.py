"""A whole business on a moved clock: the application as `build` makes it behind a real web
server, and Twilio on loopback."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx2
import uvicorn

from bot.app import App, Outside
from bot.model import Chat, ChatRef, Message
from bot.news import LocalNews
from config.settings import Settings
from tests.chaos.twilio import Sent, Twilio, signed, written
from tests.story.world import World

SID, TEMPLATE = "AC" + "0a" * 16, "HX" + "1b" * 16
TOKEN = "the-secret-token"  # noqa: S105  a test's
NUMBER, CLIENT, ADMIN = (
    "whatsapp:+14155238886",
    "whatsapp:+491701112233",
    "whatsapp:+491709998877",
)
VARIABLES = {"1": "{client_name}", "2": "{reminder}"}


def settings_on(
    base: str, chain: Sequence[dict[str, Any]], public: str, **options: Any
) -> Settings:
    """Anna with that chain on WhatsApp; None takes an option out."""
    right = {
        "kind": "whatsapp",
        "employee": "anna",
        "account_sid": SID,
        "auth_token": TOKEN,
        "from": NUMBER,
        "api_base": base,
        "template": {"content_sid": TEMPLATE, "variables": VARIABLES},
    }
    account = {key: value for key, value in (right | options).items() if value is not None}
    return Settings(
        web={"public_url": public},
        admins={"whatsapp": [ADMIN.removeprefix("whatsapp:")]},
        employees={"anna": {"name": "Anna", "followup": {"enabled": True, "steps": list(chain)}}},
        channels={"wa": account},
    )


@dataclass
class Business(World):
    """Everything goes over HTTP: what clients write, what is sent, and what becomes of that."""

    twilio: Twilio = field(kw_only=True)
    public: str = field(kw_only=True)
    http: httpx2.AsyncClient = field(init=False)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def _outside(self, worker: str) -> Outside:
        return Outside(
            database_url=self.url,
            jobs=self.jobs,
            news=LocalNews(),
            clock=self.clock,
            worker=worker,
            model=self.model,
            public_url=self.public,
        )

    async def client_writes(self, text: str = "Do you repair e-bikes?", **more: str) -> int:
        """Twilio posts it; then whatever runs at once runs."""
        fields = written(next(self._numbers), SID, NUMBER, Body=text, **more)
        status = await self.post("/whatsapp/wa/messages", fields)
        await self.run()
        return status

    async def post(self, path: str, fields: dict[str, str], token: str = TOKEN) -> int:
        url = self.public + path
        answer = await self.http.post(url, data=fields, headers=signed(token, url, fields))
        return answer.status_code

    async def tell(self, sent: Sent, status: str, code: int | None = None) -> int:
        """Twilio tells what became of a message, and whatever runs at once runs."""
        url, fields, headers = self.twilio.status(sent, status, code)
        answer = await self.http.post(url, data=fields, headers=headers)
        await self.run()
        return answer.status_code

    async def chat(self, who: str = CLIENT) -> Chat:
        chat = await self.app.runtime.chats.find(ChatRef("wa", who))
        assert chat is not None
        return chat

    async def why(self, who: str = CLIENT) -> str:
        return await super().why(who)

    async def messages(self, who: str = CLIENT) -> Sequence[Message]:
        return await super().messages(who)

    @property
    def sent(self) -> list[str]:
        """How each message went out: as free text, or in the template."""
        return ["template" if "ContentSid" in s.fields else "text" for s in self.twilio.sent]

    async def fates(self) -> list[str]:
        """Every reminder with its state, reason, and how far its message got."""
        found = await self.query(
            "SELECT r.step_id, r.state, r.reason, m.arrival FROM followup_reminders r"
            " LEFT JOIN messages m ON m.id = r.message_id ORDER BY r.id"
        )
        return [" ".join(str(each) for each in row.values() if each) for row in found]


@asynccontextmanager
async def open_for_business(world: Business, listening: socket.socket) -> AsyncIterator[Business]:
    """Its web server runs until the block ends, in this very loop: so does the database."""
    app: App = await world.boot()
    config = uvicorn.Config(app.web, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve([listening]))
    async with httpx2.AsyncClient() as world.http:
        try:
            yield world
        finally:
            server.should_exit = True
            with suppress(asyncio.CancelledError):
                await serving
            await world.app.close()
