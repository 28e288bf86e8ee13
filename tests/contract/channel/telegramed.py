"""A Telegram account, by webhook and on either driver, on our own Bot API server."""

import zlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import httpx2
from starlette.applications import Starlette

from bot.api import Channel, ChannelFactory
from channels.telegram import channel as telegram_channel
from tests.chaos.server import Chaos
from tests.contract.channel.harness import Fault
from tests.contract.channel.host import ACCOUNT, FullDiskError

TOKEN, SECRET = "42:AAE_test-token", "a_Secret-1"
PATH = f"/telegram/{ACCOUNT}/webhook"
PEOPLE = {"kim": 1234500, "lee": 1234501, "1234502": 1234502}
AT = int(datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp())
MOODS = {
    Fault.BUSY: "busy",
    Fault.BLOCKED: "blocked",
    Fault.REFUSED: "refused",
    Fault.BROKEN: "page",
    Fault.LOST: "taken, then reset",
}


class TelegramHarness:
    """As `harness.Harness`."""

    factory: ChannelFactory = staticmethod(telegram_channel)
    faults = frozenset(MOODS)
    secrets = (TOKEN, SECRET, "1234500")
    admin = "1234502"

    def __init__(self, chaos: Chaos, driver: str) -> None:
        self.chaos = chaos
        self.options: Mapping[str, object] = {
            "token": TOKEN,
            "driver": driver,
            "mode": "webhook",
            "secret": SECRET,
            "api_base": chaos.url,
        }
        self._channel: Channel | None = None

    async def begin(self, channel: Channel) -> None:
        self._channel = channel

    async def write(self, who: str, text: str, name: str) -> bool:
        try:
            return (await self._post(who, text, name, SECRET)).is_success
        except FullDiskError:
            return False

    def address(self, who: str) -> str:
        return str(PEOPLE[who])

    async def forge(self, text: str) -> bool:
        answers = [await self._post("kim", text, "m1", secret) for secret in (None, "", "a_Secret")]
        return any(answer.is_success for answer in answers)

    async def taken(self) -> Sequence[tuple[str, str]]:
        return [(each.chat, each.text) for each in self.chaos.log.entries()]

    async def fail(self, fault: Fault) -> None:
        self.chaos.telegram.plan("sendMessage", MOODS[fault])

    async def end(self) -> None:
        if self._channel is not None and self._channel.close is not None:
            await self._channel.close()

    async def _post(self, who: str, text: str, name: str, secret: str | None) -> httpx2.Response:
        assert self._channel is not None
        number, chat = zlib.crc32(name.encode()), PEOPLE[who]
        message = {
            "message_id": number,
            "date": AT,
            "chat": {"id": chat, "type": "private", "first_name": who},
            "from": {"id": chat, "is_bot": False, "first_name": who},
            "text": text,
        }
        headers = {} if secret is None else {"X-Telegram-Bot-Api-Secret-Token": secret}
        transport = httpx2.ASGITransport(app=Starlette(routes=self._channel.routes))
        async with httpx2.AsyncClient(transport=transport, base_url="http://bot") as telegram:
            update = {"update_id": number, "message": message}
            return await telegram.post(PATH, json=update, headers=headers)
