"""Visitors of the web channel, who fetch what is said to them."""

import hashlib
from collections.abc import Mapping, Sequence

import httpx2
from starlette.applications import Starlette

from bot.api import Channel, ChannelFactory
from channels.web import channel as web_channel
from tests.contract.channel.harness import Fault
from tests.contract.channel.host import ACCOUNT, FullDiskError


class WebHarness:
    """As `harness.Harness`; what is stored is delivered, so nothing can fail."""

    factory: ChannelFactory = staticmethod(web_channel)
    options: Mapping[str, object] = {}
    faults: frozenset[Fault] = frozenset()
    admin = None

    def __init__(self) -> None:
        self._tokens: dict[str, str] = {}
        self._channel: Channel | None = None

    @property
    def secrets(self) -> Sequence[str]:
        return list(self._tokens.values())

    async def begin(self, channel: Channel) -> None:
        self._channel = channel
        for who in ("kim", "lee"):
            answer = await self._ask("POST", "visitors", json={"name": who.title()})
            self._tokens[who] = answer.json()["token"]

    async def write(self, who: str, text: str, name: str) -> bool:
        body = {"id": name, "text": text}
        try:
            return (await self._ask("POST", "messages", self._tokens[who], json=body)).is_success
        except FullDiskError:
            return False

    def address(self, who: str) -> str:
        return hashlib.sha256(self._tokens[who].encode()).hexdigest()[:40]

    async def forge(self, text: str) -> bool:
        body = {"id": "m1", "text": text}
        tokens = (None, "", self._tokens["kim"][:-1])
        answers = [await self._ask("POST", "messages", each, json=body) for each in tokens]
        return any(answer.is_success for answer in answers)

    async def taken(self) -> Sequence[tuple[str, str]]:
        found = []
        for who, token in self._tokens.items():
            page = (await self._ask("GET", "messages", token)).json()["messages"]
            told = [each["text"] for each in page if each["from"] == "employee"]
            found += [(self.address(who), text) for text in told]
        return found

    async def fail(self, fault: Fault) -> None:
        raise AssertionError(fault)

    async def end(self) -> None:
        """Nothing is open."""

    async def _ask(
        self, method: str, path: str, token: str | None = None, **more: object
    ) -> httpx2.Response:
        assert self._channel is not None
        transport = httpx2.ASGITransport(app=Starlette(routes=self._channel.routes))
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1") as browser:
            url = f"/web/{ACCOUNT}/{path}"
            return await browser.request(method, url, headers=headers, **more)
