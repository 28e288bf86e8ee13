"""What every peer's job does: it notes that it began, takes its time, and notes that it ended."""

import asyncio
import os
import time
from functools import cache

REDIS = os.environ.get("BENCH_REDIS", "redis://127.0.0.1:6379/0")
POSTGRES = os.environ.get("BENCH_POSTGRES", "")
LOG = os.environ.get("BENCH_LOG", "build/bench.log")


@cache
def _log() -> int:
    return os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)


def note(what: str, key: int, due: float) -> None:
    """One line, written at once: a killed process has said what it had done."""
    os.write(_log(), f"{what} {key} {due:.6f} {time.time():.6f}\n".encode())


def work(key: int, due: float, seconds: float) -> None:
    """The job of peers whose workers are threads or processes."""
    if seconds:
        note("began", key, due)
        time.sleep(seconds)
    note("done", key, due)


async def work_async(key: int, due: float, seconds: float) -> None:
    """The job of peers whose workers are coroutines."""
    if seconds:
        note("began", key, due)
        await asyncio.sleep(seconds)
    note("done", key, due)
