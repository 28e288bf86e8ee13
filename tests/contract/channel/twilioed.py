"""A WhatsApp account on our own Twilio."""

import zlib
from collections.abc import Mapping, Sequence

import httpx2
from starlette.applications import Starlette

from bot.api import Channel, ChannelFactory
from channels.whatsapp_twilio import channel as whatsapp_channel
from tests.chaos.server import Chaos
from tests.chaos.twilio import signed, written
from tests.contract.channel.harness import Fault
from tests.contract.channel.host import ACCOUNT, FullDiskError

SID, TOKEN = "AC" + "0a" * 16, "the-secret-token"
NUMBER = "whatsapp:+14155238886"
PEOPLE = {"kim": "+491701112233", "lee": "+491701112244", "+491701112255": "+491701112255"}
PATH = f"/whatsapp/{ACCOUNT}/messages"
PUBLIC = "http://127.0.0.1:8080"
MOODS = {
    Fault.BUSY: "busy",
    Fault.BLOCKED: "no number",
    Fault.REFUSED: (400, 63049),
    Fault.BROKEN: "fault",
    Fault.LOST: "taken, then reset",
}


class WhatsAppHarness:
    """As `harness.Harness`."""

    factory: ChannelFactory = staticmethod(whatsapp_channel)
    faults = frozenset(MOODS)
    secrets = (TOKEN, PEOPLE["kim"])
    admin = PEOPLE["+491701112255"]

    def __init__(self, chaos: Chaos) -> None:
        chaos.twilio.token = TOKEN
        self.chaos = chaos
        self.options: Mapping[str, object] = {
            "account_sid": SID,
            "auth_token": TOKEN,
            "from": NUMBER,
            "api_base": chaos.url,
        }
        self._channel: Channel | None = None

    async def begin(self, channel: Channel) -> None:
        self._channel = channel

    async def write(self, who: str, text: str, name: str) -> bool:
        number = zlib.crc32(name.encode())
        fields = written(number, SID, NUMBER, Body=text, From=self.address(who))
        try:
            return (await self._post(fields, signed(TOKEN, PUBLIC + PATH, fields))).is_success
        except FullDiskError:
            return False

    def address(self, who: str) -> str:
        return f"whatsapp:{PEOPLE[who]}"

    async def forge(self, text: str) -> bool:
        fields = written(1, SID, NUMBER, Body=text)
        wrong = signed("another token", PUBLIC + PATH, fields)
        answers = [await self._post(fields, headers) for headers in ({}, wrong)]
        return any(answer.is_success for answer in answers)

    async def taken(self) -> Sequence[tuple[str, str]]:
        return [(each.chat, each.text) for each in self.chaos.log.entries()]

    async def fail(self, fault: Fault) -> None:
        self.chaos.twilio.script.append(MOODS[fault])

    async def end(self) -> None:
        if self._channel is not None and self._channel.close is not None:
            await self._channel.close()

    async def _post(self, fields: dict[str, str], headers: dict[str, str]) -> httpx2.Response:
        assert self._channel is not None
        transport = httpx2.ASGITransport(app=Starlette(routes=self._channel.routes))
        async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC) as twilio:
            return await twilio.post(PATH, data=fields, headers=headers)
