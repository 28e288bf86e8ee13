"""The same suite for both drivers."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.chaos.server import Chaos, serving
from tests.contract.telegram.stage import Stage


@pytest.fixture
def chaos() -> Iterator[Chaos]:
    with serving(Chaos()) as chaos:
        chaos.dice.calm = True
        yield chaos


@pytest.fixture(params=["aiogram", "python-telegram-bot"])
async def stage(
    request: pytest.FixtureRequest, chaos: Chaos, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Stage]:
    monkeypatch.setattr("channels.telegram.waiting._FIRST", 0.01)
    monkeypatch.setattr("channels.telegram.probing._LOOK", 0)
    stage = Stage(chaos, request.param)
    yield stage
    await stage.close()
