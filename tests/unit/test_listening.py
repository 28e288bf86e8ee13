"""How long a listener that breaks is left alone."""

import asyncio

import pytest

from bot import listening
from bot.networks import Receiver


class Broken:
    async def listen(self, receiver: Receiver) -> None:
        raise ConnectionError


async def pauses_of(monkeypatch: pytest.MonkeyPatch, healthy: float, count: int) -> list[float]:
    """The first pauses of a listener that breaks each time; `healthy` is how long is long."""
    seen: list[float] = []

    async def rest(seconds: float) -> None:
        seen.append(seconds)
        if len(seen) == count:
            raise asyncio.CancelledError

    monkeypatch.setattr(listening, "rest", rest)
    monkeypatch.setattr(listening, "_HEALTHY", healthy)
    with pytest.raises(asyncio.CancelledError):
        await listening._keep("wire", Broken(), None)
    return seen


async def test_one_that_breaks_at_once_rests_longer_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses = await pauses_of(monkeypatch, healthy=3600, count=8)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_one_that_had_listened_for_long_is_soon_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses = await pauses_of(monkeypatch, healthy=0, count=4)

    assert pauses == [1, 1, 1, 1]
