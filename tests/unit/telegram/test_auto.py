"""A shop's handlers as we attach them, in PyPI's tg-auto-test, which needs Python 3.12."""

import sys
from pathlib import Path
from typing import Any

import pytest

from bot.testing import FakeClock

auto = pytest.importorskip(
    "tg_auto_test.test_utils.serverless_telegram_client",
    reason="tg-auto-test needs Python 3.12",
)

from channels.telegram.watching import Watch  # noqa: E402 - nothing is needed where it is skipped
from channels.telegram_ptb import PtbHouse  # noqa: E402

EXAMPLE = Path(__file__).parents[3] / "examples" / "shop_ptb"


class Host:
    """As much of a ChannelHost as the watch needs."""

    def __init__(self) -> None:
        self.receiver = self
        self.clock = FakeClock()
        self.seen: list[tuple[str, str, str]] = []

    async def receive(self, incoming: Any) -> None:
        self.seen.append((incoming.ref.address, str(incoming.author), incoming.text))


async def test_what_the_shop_sends_arrives_and_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOLLOWUP_CHANNELS__TG__TOKEN", "42:AAE_test-token")
    monkeypatch.syspath_prepend(str(EXAMPLE))
    host: Any = Host()

    def attached(builder: Any) -> Any:
        app = builder.build()
        app.add_handlers(__import__("bike_shop").application.handlers)
        PtbHouse(app, None, Watch("tg", host))
        return app

    client = auto.ServerlessTelegramClient(build_application=attached)
    await client.connect()
    async with client.conversation("test_bot") as talk:
        await talk.send_message("/start")
        welcome = await talk.get_response()
        await welcome.click(data=b"brakes")
        price = await talk.get_response()
        await talk.send_message("tomorrow")
        noted = await talk.get_response()
    await client.disconnect()

    texts = [welcome.text, price.text, noted.text]
    assert texts[0] == "Welcome! What does your bike need?"
    assert texts[2] == "Noted: tomorrow. Which day suits you?"
    assert [text for *_, text in host.seen] == texts
    assert {author for _, author, _ in host.seen} == {"employee"}
    assert "bike_shop" in sys.modules
