import asyncio
import logging
import os
import signal
import time
from datetime import UTC, datetime, timedelta

import pytest
import redis

from bot.clock import SystemClock
from bot.jobs import RqJobs
from bot.mover import LOCK, Mover, Periodic
from bot.redis_link import connect, rest
from bot.rq_hints import NEWS

pytestmark = pytest.mark.redis

QUEUE = "rq:queue:followup"
SCHEDULED = "rq:scheduled:followup"
PERIODIC = "rq:scheduler:scheduled_jobs"
START = datetime(2030, 1, 1, tzinfo=UTC)


class MovedClock:
    def __init__(self) -> None:
        self.moment = START

    def now(self) -> datetime:
        return self.moment


@pytest.fixture
def clock():
    return MovedClock()


@pytest.fixture
def periodic(link, clock):
    return Periodic(link, {"sweep": timedelta(seconds=15), "retention": timedelta(days=1)}, clock)


def soon(seconds: float) -> datetime:
    return SystemClock().now() + timedelta(seconds=seconds)


def write(link, hints, at):
    jobs = RqJobs(link, SystemClock(), timedelta(seconds=30))
    for key in range(hints):
        jobs.wake("followup", key, at)
    jobs._write(dict(jobs._hints))


def queued(link):
    return [i.decode() for i in link.lrange(QUEUE, 0, -1)]


async def test_no_hint_moves_before_its_moment_and_all_move_after_it(link, clock, until):
    clock.moment = datetime(2090, 1, 1, tzinfo=UTC) + timedelta(seconds=0.5)
    write(link, 3, clock.moment + timedelta(seconds=0.2))
    mover = Mover(link, {}, clock=clock)

    early = mover._move()
    clock.moment += timedelta(seconds=0.2)
    late = mover._move()

    assert (early, late) == (0, 3)
    assert link.hget(f"rq:job:{queued(link)[0]}", "status") == b"queued"


async def test_with_many_movers_each_hint_moves_once(server, link, until):
    write(link, 2000, soon(0.5))
    links = [connect(server.url) for _ in range(3)]
    movers = [Mover(other, {}, poll=timedelta(milliseconds=5)) for other in links]

    for mover in movers:
        mover.start()

    await until(lambda: link.zcard(SCHEDULED) == 0)
    for mover, other in zip(movers, links, strict=True):
        mover.stop()
        other.close()
    assert len(queued(link)) == len(set(queued(link))) == 2000


async def test_a_hint_that_is_gone_or_is_no_job_is_dropped(link, mover, until):
    link.set("rq:job:wrong", "text")

    link.zadd(SCHEDULED, {"gone": 1, "wrong": 2})

    await until(lambda: link.zcard(SCHEDULED) == 0)
    assert queued(link) == []


async def stopped(mover, link):
    """Woken until it has seen that it is to stop: its own next look is an hour away."""
    stopping = asyncio.create_task(asyncio.to_thread(mover.stop))
    while not stopping.done():
        link.publish(NEWS, "0")
        await rest(0.02)


async def test_a_sleeping_mover_is_told_of_a_hint_that_another_process_writes(server, link, until):
    mover = Mover(link, {}, poll=timedelta(hours=1))
    mover.start()
    await until(lambda: dict(link.pubsub_numsub(NEWS))[NEWS.encode()] == 1)

    with connect(server.url) as other:
        write(other, 3, soon(0.2))

    await until(lambda: len(queued(link)) == 3)
    await stopped(mover, link)


async def test_what_is_no_moment_wakes_nobody_for_long(server, link, until):
    mover = Mover(link, {}, poll=timedelta(hours=1))
    mover.start()
    await until(lambda: dict(link.pubsub_numsub(NEWS))[NEWS.encode()] == 1)

    for nonsense in ("soon", "nan", "inf", "-1e300", b"\xff"):
        link.publish(NEWS, nonsense)
    write(link, 1, soon(0.2))

    await until(lambda: len(queued(link)) == 1)
    await stopped(mover, link)
    assert not mover.alive


async def test_timers_outlive_a_killed_server(server, link, mover, until):
    write(link, 5, soon(3))
    link.execute_command("WAITAOF", 1, 0, 2000)

    os.kill(int(link.info("server")["process_id"]), signal.SIGKILL)

    def moved():
        try:
            return len(queued(link)) == 5
        except redis.RedisError:
            return False

    await until(moved)
    assert mover.alive


async def test_an_outage_of_redis_is_said_once(server, link, caplog, until):
    caplog.set_level(logging.INFO)
    mover = Mover(link, {"sweep": timedelta(seconds=1)}, poll=timedelta(milliseconds=10))
    mover.start()
    await until(lambda: link.exists("rq:job:periodic-sweep"))

    server.stop()
    await until(lambda: "nothing is moved" in caplog.text)
    server.start()

    await until(lambda: "Redis is back" in caplog.text)
    assert caplog.text.count("nothing is moved") == 1
    mover.stop()


def test_a_periodic_job_is_due_at_once_and_then_at_its_interval(link, clock, periodic):
    periodic.turn()
    first = queued(link)
    for job_id in first:
        link.hset(f"rq:job:{job_id}", "status", "finished")
    link.delete(QUEUE)

    clock.moment += timedelta(seconds=14)
    periodic.turn()
    early = queued(link)
    clock.moment += timedelta(seconds=1)
    periodic.turn()

    assert first == []
    assert early == ["periodic-sweep", "periodic-retention"]
    assert queued(link) == early


def test_a_periodic_job_that_waits_or_runs_is_not_piled_up(link, clock, periodic):
    for _ in range(4):
        periodic.turn()
        clock.moment += timedelta(days=2)
    link.hset("rq:job:periodic-sweep", mapping={"status": "started", "worker_name": "alive"})
    link.hset("rq:worker:alive", "state", "busy")
    link.lrem(QUEUE, 0, "periodic-sweep")
    periodic.turn()

    assert queued(link) == ["periodic-retention"]


def test_a_periodic_job_whose_worker_died_runs_again(link, clock, periodic):
    periodic.turn()
    link.hset("rq:job:periodic-sweep", mapping={"status": "started", "worker_name": "dead"})
    link.delete(QUEUE)

    clock.moment += timedelta(seconds=15)
    periodic.turn()

    assert "periodic-sweep" in queued(link)


def test_a_periodic_job_that_was_busy_when_it_was_due_follows_at_once(link, clock, periodic):
    periodic.turn()
    link.delete(QUEUE)
    link.hset("rq:job:periodic-sweep", mapping={"status": "started", "worker_name": "dying"})
    link.hset("rq:worker:dying", "state", "busy")
    clock.moment += timedelta(seconds=15)
    periodic.turn()

    link.delete("rq:worker:dying")
    clock.moment += timedelta(seconds=1)
    periodic.turn()

    assert "periodic-sweep" in queued(link)


def test_periodic_jobs_are_there_again_after_everything_was_deleted(link, clock, periodic):
    periodic.turn()

    link.flushall()
    periodic.turn()
    periodic.turn()

    assert link.zcard(PERIODIC) == 2
    assert queued(link) == ["periodic-sweep", "periodic-retention"]


def test_an_interval_that_became_shorter_counts_at_once(link, clock, periodic):
    periodic.turn()
    periodic.turn()
    periodic.let_go()

    Periodic(link, {"retention": timedelta(hours=1)}, clock).turn()

    assert link.zscore(PERIODIC, "periodic-retention") == (START + timedelta(hours=1)).timestamp()


def test_one_process_at_a_time_runs_the_periodic_jobs(link, clock, periodic):
    other = Periodic(link, {"other": timedelta(seconds=1)}, clock)

    periodic.turn()
    other.turn()
    held = link.get(LOCK)
    periodic.let_go()
    other.turn()

    assert 0 < link.ttl(LOCK) <= 10
    assert link.get(LOCK) != held
    assert link.exists("rq:job:periodic-other")


def test_a_lock_that_another_took_over_is_not_released(link, periodic):
    periodic.turn()
    link.set(LOCK, "another")

    periodic.let_go()

    assert link.get(LOCK) == b"another"


def test_entries_of_other_applications_are_left_alone(link, clock, periodic):
    link.zadd(PERIODIC, {"theirs": 1})

    periodic.turn()

    assert link.zscore(PERIODIC, "theirs") == 1


async def test_a_stop_releases_the_lock(link, until):
    mover = Mover(link, {"sweep": timedelta(seconds=15)}, poll=timedelta(milliseconds=20))
    mover.start()
    await until(lambda: link.exists(LOCK))

    mover.stop()

    assert not link.exists(LOCK)
    assert not mover.alive


def test_a_stop_without_a_server_ends_too(server, link):
    mover = Mover(link, {})
    mover.start()
    server.stop()

    begun = time.monotonic()
    mover.stop()

    assert not mover.alive
    assert time.monotonic() - begun < 5
