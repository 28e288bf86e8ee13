"""What can be told about an account without asking Telegram much."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.api import BotError, ChannelHost
from bot.testing import FakeClock
from channels.telegram.options import TelegramOptions
from channels.telegram.probing import Probe
from channels.telegram.waiting import trouble
from channels.telegram.wire import NotReachedError, RefusedError

WEBHOOK = {"token": "42:AAE", "mode": "webhook", "secret": "s"}


class FakeWire:
    """Gives what it was told to give, by method."""

    def __init__(self, **results: Any) -> None:
        self.results = {"getMe": {"id": 42}, "getWebhookInfo": {}, "getUpdates": [], **results}

    async def call(self, method: str, fields: Mapping[str, object], patience: float = 1.0) -> Any:
        result = self.results[method]
        if isinstance(result, BotError):
            raise result
        return result

    async def close(self) -> None:
        return


async def look(table: dict[str, Any], public_url: str = "https://a.b", **results: Any) -> list[str]:
    nothing: Any = None
    host = ChannelHost(
        employee="anna",
        clock=FakeClock(),
        receiver=nothing,
        desk=nothing,
        reports=nothing,
        chats=nothing,
        news=nothing,
        public_url=public_url,
        public=True,
    )
    probe = Probe("tg", TelegramOptions(**table), host, FakeWire(**results))
    return list(await probe.look(None))


@pytest.mark.parametrize("url", ["https://a.b", "https://a.b:8443", "https://a.b:88/bot"])
async def test_telegram_posts_to_these_addresses(url: str) -> None:
    assert await look(WEBHOOK, url) == []


@pytest.mark.parametrize(
    ("url", "line"),
    [
        ("http://a.b", "web.public_url: Telegram posts only to an https:// address"),
        (
            "https://a.b:8080",
            "web.public_url: Telegram posts only to the ports 443, 80, 88 and 8443",
        ),
    ],
)
async def test_telegram_does_not_post_to_those(url: str, line: str) -> None:
    assert await look(WEBHOOK, url) == [line]


async def test_a_bot_api_server_of_ones_own_posts_anywhere() -> None:
    assert await look({**WEBHOOK, "api_base": "http://10.0.0.2:8081"}, "http://10.0.0.1:8080") == []


async def test_a_fault_of_the_past_is_over() -> None:
    hook = {"url": "https://a.b/telegram/tg/webhook", "last_error_message": "Timeout"}

    assert await look(WEBHOOK, getWebhookInfo={**hook, "pending_update_count": 0}) == []
    assert len(await look(WEBHOOK, getWebhookInfo={**hook, "pending_update_count": 1})) == 1


async def test_other_refusals_while_asking_are_told() -> None:
    busy = RefusedError(429, "Too Many Requests", {"retry_after": 3})

    assert await look({"token": "42:AAE"}, getUpdates=busy) == [
        "channels.tg: Telegram asks to wait 3 s"
    ]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RefusedError(401, "Unauthorized"), "channels.tg.token: "),
        (RefusedError(404, "Not Found"), "channels.tg.token: "),
        (RefusedError(409, "Conflict: terminated by other getUpdates request"), "another program"),
        (RefusedError(409, "Conflict: can't use it while webhook is active"), "channels.tg.mode: "),
        (RefusedError(400, "Bad Request: bad webhook"), "Telegram says: Bad Request: bad webhook"),
        (NotReachedError("Telegram cannot be reached"), "channels.tg.api_base: "),
    ],
)
def test_a_trouble_names_the_setting_where_it_is_one(error: BotError, words: str) -> None:
    assert words in trouble("tg", error)
