"""Whether a worker is alive, as the pages learn it from a real Redis."""

from collections.abc import AsyncIterator

import pytest
import redis

from bot.embedded import EmbeddedRedis
from bot.ports import Ailment
from bot.pulse import RedisPulse, SoundPulse
from bot.redis_link import connect_async
from tests.integration.redis.conftest import Running, Until


@pytest.fixture
async def pulse(server: EmbeddedRedis) -> AsyncIterator[RedisPulse]:
    async with connect_async(server.url) as client:
        yield RedisPulse(client)


async def test_without_a_worker_nothing_is_sent(pulse: RedisPulse) -> None:
    assert await pulse.ailment() is Ailment.NO_WORKER


async def test_a_worker_that_lives_is_enough(
    pulse: RedisPulse, working: Running, link: redis.Redis, until: Until
) -> None:
    async with working():
        await until(lambda: link.keys("rq:worker:*"))

        assert await pulse.ailment() is None


async def test_a_worker_that_stopped_is_missed(pulse: RedisPulse, working: Running) -> None:
    async with working():
        pass

    assert await pulse.ailment() is Ailment.NO_WORKER


async def test_a_redis_that_is_away_is_told(server: EmbeddedRedis, pulse: RedisPulse) -> None:
    server.stop()

    assert await pulse.ailment() is Ailment.NO_REDIS


async def test_redis_is_not_asked_by_every_page(server: EmbeddedRedis, pulse: RedisPulse) -> None:
    first = await pulse.ailment()

    server.stop()

    assert await pulse.ailment() is first


async def test_where_nobody_is_served_nothing_is_the_matter() -> None:
    assert await SoundPulse().ailment() is None
