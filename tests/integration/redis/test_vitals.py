"""What waits in Redis, as it is measured: jobs, delayed ones, living workers, the last sweep."""

from datetime import timedelta

import pytest
import redis

from bot.embedded import EmbeddedRedis
from bot.jobs import RqJobs
from bot.redis_link import OUTAGE, connect_async
from bot.telemetry.vitals import Queues, RedisVitals
from bot.testing import FakeClock
from tests.integration.redis.conftest import Running, Until

pytestmark = pytest.mark.redis


async def test_an_empty_redis_has_nothing_to_tell(server: EmbeddedRedis) -> None:
    async with connect_async(server.url) as client:
        assert await RedisVitals(client, FakeClock()).queues() == Queues(0, 0, 0, None)


async def test_jobs_and_workers_are_counted_and_a_dead_worker_is_not(
    server: EmbeddedRedis, link: redis.Redis, jobs: RqJobs, working: Running, until: Until
) -> None:
    clock = FakeClock()
    async with connect_async(server.url) as client:
        vitals = RedisVitals(client, clock)
        later = jobs._clock.now() + timedelta(hours=1)
        jobs.wake("followup", 1, later)
        jobs.wake("followup", 2, later)
        jobs.wake("followup", 3, jobs._clock.now())
        await until(lambda: link.zcard("rq:scheduled:followup") == 2)
        await until(lambda: link.llen("rq:queue:followup") == 1)
        before = await vitals.queues()
        link.sadd("rq:workers:followup", "rq:worker:long-dead")
        async with working():
            await until(lambda: link.keys("rq:worker:*"))
            during = await vitals.queues()

    assert (before.ready, before.delayed, before.workers) == (1, 2, 0)
    assert during.workers == 1


async def test_the_age_of_the_last_sweep_is_told_to_every_process(server: EmbeddedRedis) -> None:
    clock = FakeClock()
    async with connect_async(server.url) as here, connect_async(server.url) as there:
        await RedisVitals(here, clock).swept()
        clock.advance(timedelta(seconds=40))

        assert (await RedisVitals(there, clock).queues()).swept == 40


async def test_a_redis_that_is_away_is_an_outage(server: EmbeddedRedis) -> None:
    async with connect_async(server.url) as client:
        server.stop()

        with pytest.raises(OUTAGE):
            await RedisVitals(client, FakeClock()).queues()
