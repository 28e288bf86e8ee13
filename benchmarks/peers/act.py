"""`python -m benchmarks.peers.act PEER WHAT`: what the arming side does, in the peer's Python.

Prints one line of JSON when it is done; with `--stay` it then goes on until it is killed.
"""

import argparse
import asyncio
import importlib
import json
import random
import sys
import time
from collections.abc import Sequence
from typing import Any

_CHATS = 5000
_BATCH = 500


async def main() -> None:
    """One task of one peer."""
    told = _arguments()
    module = importlib.import_module(f"benchmarks.peers.{told.peer}")
    if told.what == "commands":
        _say(module.commands(told.width))
        return
    peer = module.Peer()
    await peer.open()
    _say({"ready": True})
    if told.what == "rearm":
        _say(await _rearm(peer, told.limit, module.IN_FLIGHT))
    elif told.what == "fill":
        _say(await _fill(peer, told))
    elif told.what == "trickle":
        _say(await _trickle(peer, told))
    if told.stay:
        await asyncio.Event().wait()


async def _rearm(peer: Any, seconds: float, in_flight: int) -> object:
    """Clients write at random, each message puts its chat's timer off; as fast as it goes."""
    dice, spent = random.Random(7), []  # noqa: S311  always the same chats
    for key in range(0, _CHATS, 50):
        await peer.arm(key, time.time() + 4000, 0)
    cpu, began = time.process_time(), time.perf_counter()

    async def write() -> None:
        while (at := time.perf_counter()) - began < seconds:
            await peer.arm(dice.randrange(0, _CHATS), time.time() + 4000, 0)
            spent.append(time.perf_counter() - at)

    await asyncio.gather(*(write() for _ in range(in_flight)))
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    spent.sort()
    most = spent[len(spent) * 99 // 100] * 1000
    return {"rate": len(spent) / wall, "p99": most, "cpu": cpu / len(spent) * 1000}


async def _fill(peer: Any, told: argparse.Namespace) -> object:
    """So many timers, due at one second; as many as the limit leaves time for."""
    began, done, due = time.time(), 0, _whole(told.due)
    while done < told.count and time.time() - began < told.limit:
        keys = range(done, min(told.count, done + _BATCH))
        await peer.fill([(key, due, told.work) for key in keys])
        done = keys.stop
    if told.last:
        await peer.arm(-1, time.time() + told.last, 0)
    return {"armed": done, "seconds": time.time() - began, "due": due}


async def _trickle(peer: Any, told: argparse.Namespace) -> object:
    """So many a second, each due at a moment of its own."""
    dice, due = random.Random(7), _whole(told.due)  # noqa: S311  always the same moments
    for key in range(told.count):
        await peer.arm(key, due + (key + dice.random()) / told.rate, told.work)
    return {"armed": told.count, "due": due}


def _whole(ahead: float) -> float:
    """A whole second, so far from now at least: by now everything is connected."""
    return float(int(time.time() + ahead) + 1)


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def _arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers.act")
    parser.add_argument("peer")
    parser.add_argument("what", choices=["commands", "rearm", "fill", "trickle", "work"])
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--due", type=float, default=0, help="in so many seconds")
    parser.add_argument("--work", type=float, default=0, help="seconds that each job takes")
    parser.add_argument(
        "--last", type=float, default=0, help="arm one more, due in so many seconds"
    )
    parser.add_argument("--limit", type=float, default=10)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--width", type=int, default=1)
    parser.add_argument("--stay", action="store_true")
    return parser.parse_args(given)


if __name__ == "__main__":
    asyncio.run(main())
