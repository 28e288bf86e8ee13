"""An attached bot is fed each update once, in order, and nobody waits for it for ever."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from bot.api import ChannelError
from channels.telegram.attached import Attached


class FakeHouse:
    """Keeps what it handled; texts that begin with "wait" last until they are let go."""

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.began: list[str] = []
        self.go = asyncio.Event()
        self.failures: list[Exception] = []

    def kinds(self) -> Sequence[str]:
        return ["message"]

    async def start(self) -> None:
        if self.failures:
            raise self.failures.pop()
        self.began.append("start")

    async def handle(self, update: Mapping[str, Any]) -> None:
        text = update["message"]["text"]
        self.began.append(text)
        if text.startswith("wait"):
            await self.go.wait()
        self.handled.append(text)

    async def stop(self) -> None:
        self.handled.append("stop")


@pytest.fixture
def house() -> FakeHouse:
    return FakeHouse()


@pytest.fixture
def attached(house: FakeHouse) -> Attached:
    return Attached("tg", "json:loads", lambda _found: house)


def update(number: int, text: str, chat: int = 5) -> dict[str, Any]:
    return {"update_id": number, "message": {"text": text, "chat": {"id": chat}}}


async def test_the_same_update_is_fed_once(attached: Attached, house: FakeHouse) -> None:
    for number in (1, 1, 2, 1):
        await attached.feed(update(number, f"m{number}"))

    assert house.began == ["start", "m1", "m2"]


async def test_only_the_latest_are_remembered(attached: Attached, house: FakeHouse) -> None:
    for number in range(1001):
        await attached.feed(update(number, str(number)))

    await attached.feed(update(0, "again"))
    await attached.feed(update(1000, "again"))

    assert house.handled.count("again") == 1


async def test_a_chat_waits_for_its_own_handler_and_not_for_others(
    attached: Attached, house: FakeHouse
) -> None:
    first = asyncio.create_task(attached.feed(update(1, "wait")))
    second = asyncio.create_task(attached.feed(update(2, "after")))
    await attached.feed(update(3, "elsewhere", chat=6))

    assert house.handled == ["elsewhere"]
    house.go.set()
    await asyncio.gather(first, second)
    assert house.handled == ["elsewhere", "wait", "after"]


async def test_a_handler_that_takes_long_goes_on_and_is_not_waited_for(
    attached: Attached, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.telegram.attached._PATIENCE", 0.01)

    await attached.feed(update(1, "wait"))

    assert house.handled == []
    house.go.set()
    await attached.close()
    assert house.handled == ["wait", "stop"]


async def test_one_that_hangs_is_given_up_at_the_end(
    attached: Attached, house: FakeHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("channels.telegram.attached._PATIENCE", 0.01)
    monkeypatch.setattr("channels.telegram.attached._GOODBYE", 0.01)
    await attached.feed(update(1, "wait"))

    await attached.close()

    assert house.handled == ["stop"]


async def test_an_update_is_fed_again_if_the_bot_could_not_start(
    attached: Attached, house: FakeHouse
) -> None:
    house.failures.append(ChannelError("the token is wrong"))
    with pytest.raises(ChannelError):
        await attached.feed(update(1, "m1"))

    await attached.feed(update(1, "m1"))

    assert house.handled == ["m1"]


async def test_what_never_started_is_not_stopped(attached: Attached, house: FakeHouse) -> None:
    assert await attached.kinds() == ["message"]

    await attached.close()

    assert house.handled == []
