"""One WhatsApp account of a shop, its client, and what the runtime was told."""

import itertools
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import httpx2
from aiohttp import ClientTimeout
from starlette.applications import Starlette

from bot.api import (
    Arrival,
    Author,
    Channel,
    ChannelError,
    ChannelHost,
    Chat,
    ChatRef,
    Delivery,
    Incoming,
    Message,
    Receipt,
)
from bot.news import LocalNews
from bot.testing import FakeClock
from channels.whatsapp.sender import WhatsAppSender
from channels.whatsapp.twilio_api import Twilio
from channels.whatsapp_twilio import channel
from tests.chaos.server import Chaos
from tests.chaos.twilio import Sent, signed, written

SID, TEMPLATE, SERVICE = "AC" + "0a" * 16, "HX" + "1b" * 16, "MG" + "2c" * 16
TOKEN = "the-secret-token"  # noqa: S105  a test's
NUMBER, CLIENT = "whatsapp:+14155238886", "whatsapp:+491701112233"
PUBLIC = "https://bot.example"
VARIABLES = {"1": "{client_name}", "2": "{reminder}"}


@dataclass
class Notes:
    """Receiver, Desk, Reports and Chats at once: keeps what it is told, in order."""

    said: list[Incoming] = field(default_factory=list)
    commands: list[Incoming] = field(default_factory=list)
    reports: list[tuple[Any, ...]] = field(default_factory=list)
    admins: frozenset[str] = frozenset()

    async def receive(self, incoming: Incoming) -> Receipt:
        new = incoming.id not in {each.id for each in self.said}
        if new:
            self.said.append(incoming)
        message = Message(1, 1, 1, Author.CLIENT, incoming.text, incoming.at)
        return Receipt(Chat(1, incoming.ref, "anna"), message, new)

    async def open(self, ref: ChatRef, name: str | None = None) -> Chat:
        return Chat(1, ref, "anna", name)

    async def move(self, ref: ChatRef, address: str) -> None:
        raise AssertionError("no WhatsApp chat moves")

    async def take(self, incoming: Incoming, edits: str | None = None) -> bool:
        mine = incoming.sender in self.admins and incoming.text.startswith("/followup")
        if mine:
            self.commands.append(incoming)
        return mine

    async def arrived(self, account: str, message: int, arrival: Arrival) -> None:
        self.reports.append((account, message, arrival))

    async def refused(self, account: str, message: int, error: ChannelError) -> None:
        self.reports.append((account, message, type(error)))

    async def unreachable(self, ref: ChatRef, at: Any) -> None:
        raise AssertionError("Twilio tells of messages only")

    async def find(self, ref: ChatRef) -> Chat | None:
        return None

    async def messages(self, chat: int, after: int = 0, limit: int = 200) -> list[Message]:
        return []

    async def latest(self, chat: int, limit: int) -> list[Message]:
        return []


class Shop:
    """The account `wa` on that Twilio."""

    def __init__(self, chaos: Chaos, **options: Any) -> None:
        self.clock = FakeClock()
        self.notes = Notes()
        self.chaos = chaos
        self.twilio = chaos.twilio
        self.twilio.token, self.twilio.clock = TOKEN, self.clock
        self.channel = self.account(**options)
        self._ids = itertools.count(1)

    def account(self, public: str | None = PUBLIC, **options: Any) -> Channel:
        """Another account, with other options; None takes a key out."""
        right = {
            "account_sid": SID,
            "auth_token": TOKEN,
            "from": NUMBER,
            "api_base": self.chaos.url,
            "template": {"content_sid": TEMPLATE, "variables": VARIABLES},
        }
        host = ChannelHost(
            employee="anna",
            clock=self.clock,
            receiver=self.notes,
            desk=self.notes,
            reports=self.notes,
            chats=self.notes,
            news=LocalNews(),
            public_url=public or "http://127.0.0.1:8080",
            public=public is not None,
        )
        given = {key: value for key, value in (right | options).items() if value is not None}
        return channel("wa", given, host)

    async def __aenter__(self) -> "Shop":
        transport = httpx2.ASGITransport(app=Starlette(routes=list(self.channel.routes)))
        # Behind a proxy: the server itself is asked by another name than the public one.
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://10.0.0.7:8080")
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def post(
        self, path: str, fields: dict[str, str], signature: str | None = None
    ) -> httpx2.Response:
        """As Twilio does it, signed for the public address."""
        headers = signed(TOKEN, PUBLIC + path, fields)
        if signature is not None:
            headers = {"X-Twilio-Signature": signature}
        return await self.http.post(path, data=fields, headers=headers)

    async def client_writes(self, number: int | None = None, **fields: str) -> httpx2.Response:
        told = written(number or next(self._ids), SID, NUMBER, **fields)
        return await self.post("/whatsapp/wa/messages", told)

    async def status(self, sent: Sent, status: str, code: int | None = None) -> httpx2.Response:
        """What became of it, as Twilio tells it at the address that the message came with."""
        url, fields, headers = self.twilio.status(sent, status, code)
        assert url.startswith(PUBLIC)
        return await self.http.post(url.removeprefix(PUBLIC), data=fields, headers=headers)

    def chat(self, silent: timedelta = timedelta(), **more: Any) -> Chat:
        """The client's chat, silent for that long."""
        chat = Chat(1, ChatRef("wa", CLIENT), "anna", "Ann", client_n=1)
        return replace(chat, client_at=self.clock.now() - silent, **more)

    def message(self, text: str = "Yes, we do.", plugin: str | None = None) -> Message:
        n = next(self._ids)
        sending = Delivery.SENDING
        return Message(
            70 + n, 1, n, Author.EMPLOYEE, text, self.clock.now(), delivery=sending, plugin=plugin
        )

    def reminder(self, text: str = "Are you still interested?") -> Message:
        return self.message(text, plugin="followup")

    async def send(self, message: Message, silent: timedelta = timedelta()) -> str | None:
        return await self.channel.sender.send(self.chat(silent), message)

    @property
    def delivered(self) -> list[str]:
        """What the client's telephone shows."""
        return [each.text for each in self.chaos.log.entries()]


def hurried(shop: Shop, times: ClientTimeout) -> WhatsAppSender:
    """The account's sender, with less patience."""
    sender = shop.channel.sender
    assert isinstance(sender, WhatsAppSender)
    return replace(sender, twilio=Twilio(sender.options, times))
