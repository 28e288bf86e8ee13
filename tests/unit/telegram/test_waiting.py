"""Pauses grow as long as there is trouble, and obey what Telegram asks for."""

import pytest

from channels.telegram.waiting import Troubles
from channels.telegram.wire import NoAnswerError, RefusedError

BUSY = RefusedError(429, "Too Many Requests", {"retry_after": 100})


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    found: list[float] = []

    async def note(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr("channels.telegram.waiting.rest", note)
    return found


async def test_pauses_double_up_to_a_minute_and_begin_anew_when_it_is_over(
    pauses: list[float],
) -> None:
    troubles = Troubles("tg")

    for _ in range(8):
        await troubles.pause(NoAnswerError("nothing"))
    troubles.over()
    await troubles.pause(NoAnswerError("nothing"))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60, 1]


async def test_telegrams_own_wait_counts_if_it_is_longer(pauses: list[float]) -> None:
    troubles = Troubles("tg")

    await troubles.pause(BUSY)

    assert pauses == [100]
