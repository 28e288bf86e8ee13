import asyncio
import json
import logging
import pickle
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rq import Queue
from rq.registry import FailedJobRegistry, StartedJobRegistry
from rq.worker import BaseWorker

from bot.redis_link import connect
from bot.rq_worker import AsyncWorker

pytestmark = pytest.mark.redis

PAST = datetime(2020, 1, 1, tzinfo=UTC)
QUEUE = "rq:queue:followup"


def leftovers(link):
    keys = {key.decode() for key in link.keys("*")}
    return {key for key in keys if not key.startswith(("rq:worker", "rq:queues", "rq:clean"))}


def forged(link, job_id, data, **fields):
    link.hset(f"rq:job:{job_id}", mapping={"data": data, "origin": "followup", **fields})
    link.rpush(QUEUE, job_id)


async def test_a_job_reaches_the_handler_and_leaves_nothing_behind(
    jobs, link, working, seen, until
):
    async with working():
        jobs.wake("followup", 17, PAST)
        await until(lambda: seen.calls)

    assert seen.calls == [("followup", 17)]
    assert leftovers(link) == set()


async def test_a_job_is_never_early(jobs, mover, working, seen, until):
    at = datetime.now(UTC) + timedelta(seconds=0.7)  # noqa: TID251 - RQ's own moments are real

    async with working():
        jobs.wake("followup", 17, at)
        await until(lambda: seen.calls)

    assert seen.moments[0] >= at


async def test_two_hundred_jobs_are_in_flight_at_once(jobs, working, seen, until):
    seen.gate.clear()
    for key in range(250):
        jobs.wake("followup", key, PAST)

    async with working():
        await until(lambda: seen.running == 200)
        seen.gate.set()
        await until(lambda: len(seen.calls) == 250)

    assert seen.most == 200
    assert len(set(seen.calls)) == 250


async def test_rq_sees_the_worker_and_what_it_runs(jobs, link, working, seen, until):
    seen.gate.clear()
    jobs.wake("followup", 17, PAST)

    async with working() as worker:
        await until(lambda: seen.running)
        [known] = BaseWorker.all(connection=link)
        started = StartedJobRegistry("followup", connection=link).get_job_ids()
        running = worker.get_current_executions(refresh=True)
        seen.gate.set()

    assert known.name == worker.name
    assert started == [running[0].job_id]
    assert BaseWorker.all(connection=link) == []


async def test_a_foreign_path_is_neither_imported_nor_called(
    link, working, tmp_path, caplog, until
):
    (tmp_path / "trap_that_is_imported.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    trap = json.dumps(["trap_that_is_imported.run", None, ["followup", 1], {}]).encode()

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        async with working():
            forged(link, "trap", zlib.compress(trap))
            await until(lambda: link.hget("rq:job:trap", "status") == b"failed")

    assert not (tmp_path / "sprung").exists()
    assert "refused the job trap" in caplog.text
    assert FailedJobRegistry("followup", connection=link).get_job_ids() == ["trap"]
    assert 0 < link.ttl("rq:job:trap") <= 3600


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


OURS = ["bot.worker.run", None, ["followup", 1], {}]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        zlib.compress(b"not json"),
        zlib.compress(b"[" * 4000),
        zlib.compress(b" " * 5_000_000 + json.dumps(OURS).encode()),
        zlib.compress(json.dumps({}).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, ["followup", "1"], {}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, ["followup", True], {}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, ["followup", 2**80], {}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, [1, 1], {}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, ["followup"], {}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", None, ["followup", 1], {"x": 1}]).encode()),
        zlib.compress(json.dumps(["bot.worker.run", "x", ["followup", 1], {}]).encode()),
    ],
)
async def test_a_job_that_is_not_exactly_ours_is_refused(link, working, seen, until, data):
    async with working():
        forged(link, "odd", data)
        await until(lambda: link.hget("rq:job:odd", "status") == b"failed")

    assert seen.calls == []


async def test_nothing_is_unpickled(link, working, tmp_path, until):
    bomb = pickle.dumps(Bomb(tmp_path / "sprung"))

    async with working():
        forged(link, "bomb", zlib.compress(bomb), meta=bomb, result=bomb)
        await until(lambda: link.hget("rq:job:bomb", "status") == b"failed")

    assert not (tmp_path / "sprung").exists()


async def test_a_callback_in_redis_is_not_called_when_a_job_is_abandoned(
    link, working, tmp_path, until
):
    (tmp_path / "trap_in_callback.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')")
    callbacks = {f"{when}_callback_name": "trap_in_callback.run" for when in ("failure", "success")}
    data = zlib.compress(json.dumps(OURS).encode())
    link.hset("rq:job:left", mapping={"data": data, "status": "started", **callbacks})
    link.zadd("rq:wip:followup", {"left:execution": 1})

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(tmp_path)
        async with working():
            await until(lambda: link.hget("rq:job:left", "status") == b"failed")

    assert not (tmp_path / "sprung").exists()


async def test_things_in_redis_that_make_no_sense_do_not_end_the_worker(
    jobs, link, working, seen, until
):
    link.set("rq:job:text", "no hash")
    link.rpush(QUEUE, "gone", "text", "not an id: \xff")
    link.zadd("rq:wip:followup", {"no-execution": 1, "a:b:c": 1, "text:1": 1})

    async with working(beat=timedelta(milliseconds=20)):
        jobs.wake("followup", 17, PAST)
        await until(lambda: seen.calls)


async def test_a_job_that_takes_too_long_fails(link, working, seen, until, caplog):
    seen.gate.clear()
    data = zlib.compress(json.dumps(OURS).encode())

    async with working():
        forged(link, "slow", data, timeout="0.05")
        await until(lambda: link.hget("rq:job:slow", "status") == b"failed")

    assert "slow failed: TimeoutError" in caplog.text
    assert seen.running == 0


async def test_a_handler_that_raises_fails_its_job_and_its_words_stay_out_of_the_log(
    jobs, link, working, until, caplog
):
    async def broken(kind: str, key: int) -> None:
        raise ValueError("my number is 0170")

    async with working(broken):
        jobs.wake("followup", 17, PAST)
        await until(lambda: FailedJobRegistry("followup", connection=link).get_job_ids())

    assert "ValueError" in caplog.text
    assert "0170" not in caplog.text
    [job_id] = FailedJobRegistry("followup", connection=link).get_job_ids()
    assert b"0170" not in zlib.decompress(link.hget(f"rq:job:{job_id}", "exc_info"))


async def test_a_stop_lets_jobs_end(jobs, link, working, seen, until):
    seen.gate.clear()
    for key in range(20):
        jobs.wake("followup", key, PAST)
    async with working(drain=timedelta(seconds=20)) as worker:
        await until(lambda: seen.running == 20)

        stop = asyncio.create_task(worker.stop())
        await until(worker._stopping.is_set)
        seen.gate.set()
        await stop

    assert leftovers(link) == set()


async def test_jobs_that_a_stop_interrupts_run_again_at_the_next_start(
    jobs, link, working, seen, until
):
    seen.gate.clear()
    for key in range(5):
        jobs.wake("followup", key, PAST)
    async with working(drain=timedelta(milliseconds=10)) as worker:
        await until(lambda: seen.running == 5)
        await worker.stop()
    waiting = link.llen(QUEUE)

    seen.gate.set()
    async with working():
        await until(lambda: len(seen.calls) == 10)

    assert waiting == 5
    assert leftovers(link) == set()


async def test_a_cancelled_worker_gives_its_jobs_back(jobs, link, seen, until):
    seen.gate.clear()
    worker = AsyncWorker(link, seen)
    task = asyncio.create_task(worker.run())
    jobs.wake("followup", 17, PAST)
    await until(lambda: seen.running)

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await worker.stop()

    assert link.llen(QUEUE) == 1
    assert seen.running == 0


async def test_what_a_worker_took_and_did_not_start_is_queued_again(
    jobs, link, working, seen, until
):
    jobs.wake("followup", 17, PAST)
    await until(lambda: link.llen(QUEUE))
    link.lmove(QUEUE, f"{QUEUE}:intermediate")

    async with working(beat=timedelta(milliseconds=20)):
        await until(lambda: seen.calls)


@pytest.mark.parametrize("fields", [{"status": "no such"}, {"data": b"", "status": "started"}])
async def test_an_abandoned_job_that_makes_no_sense_is_cleared_away(link, working, until, fields):
    link.hset("rq:job:odd", mapping={"created_at": "never", **fields})
    link.zadd("rq:wip:followup", {"odd:execution": 1})

    async with working():
        await until(lambda: not link.exists("rq:wip:followup"))


async def test_jobs_of_a_dead_worker_do_not_stay_started(jobs, link, working, until):
    data = zlib.compress(json.dumps(OURS).encode())
    link.hset("rq:job:left", mapping={"data": data, "status": "started", "failure_ttl": 3600})
    link.zadd("rq:wip:followup", {"left:execution": 1})
    link.sadd("rq:workers:followup", "rq:worker:dead")

    async with working():
        await until(lambda: link.hget("rq:job:left", "status") == b"failed")
        await until(lambda: not link.sismember("rq:workers:followup", "rq:worker:dead"))

    assert 0 < link.ttl("rq:job:left") <= 3600


async def test_a_worker_shows_itself_again_after_everything_was_deleted(link, working, until):
    async with working(beat=timedelta(milliseconds=20)) as worker:
        await until(lambda: link.exists(worker.key))

        link.flushall()

        await until(lambda: BaseWorker.all(connection=link, queue=Queue("followup", link)))
        assert 0 < link.ttl(worker.key) <= 60


async def test_a_worker_outlives_an_outage_and_notes_what_ended_meanwhile(
    server, jobs, link, working, seen, until, caplog
):
    seen.gate.clear()
    jobs.wake("followup", 1, PAST)
    async with working():
        await until(lambda: seen.running)
        link.execute_command("WAITAOF", 1, 0, 2000)
        server.stop()
        await until(lambda: "no jobs are taken" in caplog.text)
        seen.gate.set()
        await until(lambda: not seen.running)

        server.start()
        jobs.wake("followup", 2, PAST)

        await until(lambda: len(seen.calls) == 2)

    assert leftovers(link) == set()
    lines = [r.message for r in caplog.records if r.levelno >= logging.WARNING]
    assert len([line for line in lines if "no jobs are taken" in line]) == 1


async def test_a_stop_without_a_server_ends_too(tmp_path, seen, until, caplog):
    with connect(f"unix://{tmp_path}/none") as link:
        worker = AsyncWorker(link, seen)
        task = asyncio.create_task(worker.run())
        await until(lambda: "no jobs are taken" in caplog.text)

        await worker.stop()

        await task


async def test_a_periodic_job_stays_for_its_next_time(link, working, seen, until):
    data = zlib.compress(json.dumps(OURS).encode())

    async with working():
        forged(link, "periodic-sweep", data, result_ttl="-1")
        await until(lambda: link.hget("rq:job:periodic-sweep", "status") == b"finished")

    assert link.hget("rq:job:periodic-sweep", "data") == data
