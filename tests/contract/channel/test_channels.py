"""The contract, over every channel."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.server import Chaos, serving
from tests.contract.channel.contract import ChannelContract
from tests.contract.channel.hooked import HookHarness, Network, installed
from tests.contract.channel.telegramed import TelegramHarness
from tests.contract.channel.twilioed import WhatsAppHarness
from tests.contract.channel.webbed import WebHarness


class TestTheExampleOfThePage(ChannelContract):
    @pytest.fixture
    async def harness(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[HookHarness]:
        network = Network()
        await network.server.start_server()
        harness = HookHarness(installed(tmp_path, monkeypatch).channel, network)
        yield harness
        await harness.end()


class TestTheWebChannel(ChannelContract):
    @pytest.fixture
    def harness(self) -> WebHarness:
        return WebHarness()


class TestWhatsApp(ChannelContract):
    @pytest.fixture
    async def harness(self) -> AsyncIterator[WhatsAppHarness]:
        with serving(Chaos()) as chaos:
            chaos.dice.calm = True
            harness = WhatsAppHarness(chaos)
            yield harness
            await harness.end()


class TestTelegram(ChannelContract):
    @pytest.fixture(params=["aiogram", "python-telegram-bot"])
    async def harness(self, request: pytest.FixtureRequest) -> AsyncIterator[TelegramHarness]:
        with serving(Chaos()) as chaos:
            chaos.dice.calm = True
            harness = TelegramHarness(chaos, str(request.param))
            yield harness
            await harness.end()
