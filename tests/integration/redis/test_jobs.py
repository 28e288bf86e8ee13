import asyncio
import json
import logging
import zlib
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import SystemClock
from bot.errors import SettingsError
from bot.jobs import RqJobs, connect
from bot.redis_link import connect_async

pytestmark = pytest.mark.redis

LATER = datetime(2099, 1, 1, 12, 0, 0, 750_000, tzinfo=UTC)
QUEUE = "rq:queue:followup"
SCHEDULED = "rq:scheduled:followup"


def ids(link):
    return [i.decode() for i in link.lrange(QUEUE, 0, -1) + link.zrange(SCHEDULED, 0, -1)]


async def test_a_hint_holds_a_path_and_two_arguments_as_json(jobs, link, until):
    jobs.wake("followup", 17, LATER, turn=2)

    await until(lambda: link.zcard(SCHEDULED))
    job = link.hgetall(f"rq:job:{ids(link)[0]}")
    assert json.loads(zlib.decompress(job[b"data"])) == [
        "bot.worker.run",
        None,
        ["followup", 17],
        {},
    ]
    assert (job[b"description"], job[b"result_ttl"], job[b"timeout"]) == (b"-", b"0", b"30")
    assert link.config_get("hash-max-listpack-value")["hash-max-listpack-value"] == "256"
    assert link.object("encoding", f"rq:job:{ids(link)[0]}") == b"listpack"


async def test_the_moment_is_kept_to_the_fraction_of_a_second(jobs, link, until):
    jobs.wake("followup", 17, LATER)

    await until(lambda: link.zcard(SCHEDULED))
    [(_, score)] = link.zrange(SCHEDULED, 0, -1, withscores=True)
    assert score == LATER.timestamp()


async def test_what_is_due_is_queued_at_once(jobs, link, until):
    jobs.wake("followup", 17, datetime(2020, 1, 1, tzinfo=UTC))

    await until(lambda: link.llen(QUEUE) == 1)
    assert link.zcard(SCHEDULED) == 0


async def test_the_same_wake_up_while_it_waits_is_one_job(jobs, link, until):
    for _ in range(3):
        jobs.wake("followup", 17, datetime(2020, 1, 1, tzinfo=UTC))
        jobs.wake("followup", 17, LATER)
        await until(lambda: not jobs._hints)

    assert (link.llen(QUEUE), link.zcard(SCHEDULED)) == (1, 1)


async def test_another_turn_is_another_job(jobs, link, until):
    jobs.wake("followup", 17, LATER)
    jobs.wake("followup", 17, LATER, turn=1)

    await until(lambda: link.zcard(SCHEDULED) == 2)


async def test_a_wake_up_that_failed_can_come_again(jobs, link, until):
    jobs.wake("followup", 17, LATER)
    await until(lambda: link.zcard(SCHEDULED))
    [job_id] = ids(link)
    link.hset(f"rq:job:{job_id}", "status", "failed")
    link.delete(SCHEDULED)

    jobs.wake("followup", 17, LATER)

    await until(lambda: link.zcard(SCHEDULED))
    assert link.hget(f"rq:job:{job_id}", "status") == b"scheduled"


async def test_a_wake_up_whose_worker_died_can_come_again(jobs, link, until):
    jobs.wake("followup", 17, LATER)
    await until(lambda: link.zcard(SCHEDULED))
    [job_id] = ids(link)
    link.hset(f"rq:job:{job_id}", mapping={"status": "started", "worker_name": "dead"})
    link.delete(SCHEDULED)

    jobs.wake("followup", 17, LATER)

    await until(lambda: link.zcard(SCHEDULED))


async def test_a_wake_up_whose_worker_lives_is_the_same_job(jobs, link, until):
    jobs.wake("followup", 17, LATER)
    await until(lambda: link.zcard(SCHEDULED))
    [job_id] = ids(link)
    link.hset(f"rq:job:{job_id}", mapping={"status": "started", "worker_name": "alive"})
    link.hset("rq:worker:alive", "state", "busy")
    link.delete(SCHEDULED)

    jobs.wake("followup", 17, LATER)

    await until(lambda: not jobs._hints)
    assert link.zcard(SCHEDULED) == 0


async def test_a_hint_that_nobody_takes_dies_by_itself(jobs, link, until):
    jobs.wake("followup", 17, datetime(2020, 1, 1, tzinfo=UTC))

    await until(lambda: link.llen(QUEUE))
    assert 0 < link.ttl(f"rq:job:{ids(link)[0]}") <= 3600


async def test_a_kind_with_any_letters_has_a_name_that_rq_allows(jobs, link, until):
    jobs.wake("my.plugin:é", 17, LATER)

    await until(lambda: link.zcard(SCHEDULED))
    assert set(ids(link)[0]) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
    )


async def test_hints_wait_while_redis_is_away_and_one_line_says_so(tmp_path, caplog, until):
    from bot.embedded import EmbeddedRedis  # noqa: PLC0415 - this test starts it by itself

    server = EmbeddedRedis(tmp_path)
    with connect(server.url) as link:
        jobs = RqJobs(link, SystemClock(), timedelta(seconds=30))
        task = asyncio.create_task(jobs.run())
        for key in range(50):
            jobs.wake("followup", key, LATER)
        await until(lambda: caplog.records)

        server.start()

        await until(lambda: not jobs._hints)
        assert link.zcard(SCHEDULED) == 50
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    warnings = [r for r in caplog.records if r.levelno == logging.WARNING]
    assert len([r for r in warnings if "hints wait" in r.message]) == 1
    server.stop()


async def test_no_more_than_room_allows_is_kept_and_the_oldest_goes_first(link, caplog, until):
    jobs = RqJobs(link, SystemClock(), timedelta(seconds=30), room=3)
    for key in range(5):
        jobs.wake("followup", key, LATER + timedelta(seconds=key))

    task = asyncio.create_task(jobs.run())

    await until(lambda: not jobs._hints)
    assert [i.split("-")[1] for i in ids(link)] == ["2", "3", "4"]
    assert "dropped 2 hints" in caplog.text
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize("url", ["nonsense", "redis+sentinel://:hush@a:26379", "redis://h:hush/0"])
@pytest.mark.parametrize("make", [connect, connect_async])
def test_a_wrong_url_is_a_fault_of_the_settings_that_tells_no_secret(make, url):
    with pytest.raises(SettingsError, match=r"^redis\.url: ") as caught:
        make(url)

    assert "hush" not in str(caught.value)


def test_a_sentinel_is_asked_for_its_service():
    client = connect("redis+sentinel://me:p%40ss@a:1,b/shop/2")

    pool = client.connection_pool
    assert pool.service_name == "shop"
    assert [
        s.connection_pool.connection_kwargs["port"] for s in pool.sentinel_manager.sentinels
    ] == [
        1,
        26379,
    ]
    assert pool.connection_kwargs["password"] == "p@ss"  # noqa: S105 - made up
    assert pool.connection_kwargs["db"] == 2
    client.close()


def test_an_encrypted_connection_is_understood():
    with connect("rediss://shop.example:6380/1") as client:
        assert client.connection_pool.connection_class.__name__ == "SSLConnection"
