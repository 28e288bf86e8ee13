"""`python -m benchmarks.trickle`: reminders that fall due one by one; how late each is sent.

Fifty a second, each at a moment of its own. The lag is from the due moment to the call of the
channel; a reminder that was sent before its moment is counted as early.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from random import Random

from benchmarks.herd import working
from benchmarks.stand import Channel, Model, app_on, fill, soon, table
from bot.clock import SystemClock
from bot.embedded import EmbeddedRedis
from bot.jobs import RqJobs
from bot.redis_link import connect, connect_async, rest
from bot.throttle import RedisThrottle


async def trickle(url: str, redis_url: str, told: argparse.Namespace) -> Sequence[object]:
    """The lags of all reminders, in milliseconds."""
    channel, clock = Channel(), SystemClock()
    connection = connect(redis_url)
    jobs = RqJobs(connection, clock, timedelta(minutes=4))
    throttle = RedisThrottle(connect_async(redis_url), clock)
    app = app_on(url, jobs, Model(), channel, throttle=throttle)
    await app.prepare()
    dice, start = Random(7), soon(4)  # noqa: S311  a repeatable test
    count = int(told.rate * told.seconds)
    due = [start + timedelta(seconds=dice.random() * told.seconds) for _ in range(count)]
    await fill(app, due)
    async with working(app, redis_url, jobs):
        await app.begin()
        left = (max(due) - clock.now()).total_seconds() + 3
        await rest(left)
    await app.close()
    lags = sorted(
        (at - due[chat - 1]).total_seconds() * 1000
        for chat, times in channel.at.items()
        for at in times
    )
    return (
        f"{told.rate:g} a second",
        len(lags),
        f"{lags[len(lags) // 2]:.1f}",
        f"{lags[len(lags) * 99 // 100]:.1f}",
        f"{lags[-1]:.1f}",
        sum(lag < 0 for lag in lags),
        count - len(channel.at),
    )


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        server = EmbeddedRedis(Path(folder))
        server.start()
        row = asyncio.run(trickle(f"sqlite:///{folder}/trickle.db", server.url, told))
        server.stop()
    table(("", "sent", "p50 ms", "p99 ms", "longest ms", "early", "lost"), [row])


if __name__ == "__main__":
    main()
