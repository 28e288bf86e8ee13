"""The network of the page's example, and its code as an installed package."""

import re
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import httpx2
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from starlette.applications import Starlette

from bot.api import Channel, ChannelFactory
from tests.contract.channel.harness import Fault
from tests.contract.channel.host import ACCOUNT, FullDiskError

PAGE = Path(__file__).parents[3] / "docs" / "add-a-channel.md"
SECRET = "a-long-enough-secret"  # noqa: S105  the page's own
STATUS = {Fault.BUSY: 429, Fault.BLOCKED: 410, Fault.REFUSED: 400, Fault.BROKEN: 502}


def blocks(language: str) -> list[str]:
    """The page's pieces of code in that language."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The page's package, on the path as an installation would put it there."""
    marks = folder / "followup_hook-1.0.dist-info"
    marks.mkdir(parents=True)
    project, *_ = blocks("toml")
    entry = re.search(r'\[project\.entry-points\."(.+?)"\]\n(\w+) = "(.+?)"', project)
    assert entry is not None
    group, name, value = entry.groups()
    (marks / "METADATA").write_text("Metadata-Version: 2.1\nName: followup-hook\nVersion: 1.0\n")
    (marks / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
    (code,) = blocks("python")
    (folder / "hook.py").write_text(dedent(code))
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(__import__("sys").modules, "hook", raising=False)
    return import_module("hook")


class Network:
    """Takes what is posted to it; fails at the next message as it was told."""

    def __init__(self) -> None:
        self.posts: list[tuple[str, str]] = []
        self.fault: Fault | None = None
        app = web.Application()
        app.router.add_post("/say", self._post)
        self.server = TestServer(app)

    async def _post(self, request: web.Request) -> web.Response:
        fault, self.fault = self.fault, None
        table = await request.json()
        if request.headers["X-Hook-Secret"] != SECRET:
            return web.Response(status=403)
        if fault in STATUS:
            return web.Response(status=STATUS[fault], headers={"Retry-After": "7"})
        self.posts.append((table["user"], table["text"]))
        if fault is Fault.LOST:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=204)


class HookHarness:
    """As `harness.Harness`, for the channel of the page."""

    faults = frozenset(Fault)
    secrets = (SECRET,)
    admin = "boss"

    def __init__(self, factory: ChannelFactory, network: Network) -> None:
        self.factory = factory
        self.network = network
        url = f"http://127.0.0.1:{network.server.port}/say"
        self.options: Mapping[str, object] = {"url": url, "secret": SECRET}
        self._channel: Channel | None = None

    async def begin(self, channel: Channel) -> None:
        self._channel = channel

    async def write(self, who: str, text: str, name: str) -> bool:
        table = {"id": name, "user": who, "text": text, "name": who.title()}
        try:
            return (await self._post(table, SECRET)).is_success
        except FullDiskError:
            return False

    def address(self, who: str) -> str:
        return who

    async def forge(self, text: str) -> bool:
        table = {"id": "m1", "user": "kim", "text": text}
        answers = [await self._post(table, secret) for secret in ("", "a-wrong-secret-it-is", "é")]
        return any(answer.is_success for answer in answers)

    async def taken(self) -> Sequence[tuple[str, str]]:
        return self.network.posts

    async def fail(self, fault: Fault) -> None:
        if fault is Fault.AWAY:
            await self.network.server.close()
        self.network.fault = fault

    async def end(self) -> None:
        if self._channel is not None and self._channel.close is not None:
            await self._channel.close()
        await self.network.server.close()

    async def _post(self, table: Mapping[str, object], secret: str) -> httpx2.Response:
        assert self._channel is not None
        transport = httpx2.ASGITransport(app=Starlette(routes=self._channel.routes))
        headers = {"X-Hook-Secret": secret.encode()}
        async with httpx2.AsyncClient(transport=transport, base_url="http://bot") as network:
            return await network.post(f"/hook/{ACCOUNT}", json=table, headers=headers)
