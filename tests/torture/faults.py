"""What goes wrong: kills, freezes, locks, outages, full disks and odd clocks."""

import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from tests.torture.fleet import Fleet


@dataclass
class Ordeal:
    """What a round's faults work with."""

    fleet: Fleet
    chance: Random
    kills: int
    notes: list[str] = field(default_factory=list)

    def wait(self, low: float, high: float) -> None:
        """The members that died by themselves are started again meanwhile."""
        end = time.monotonic() + self.chance.uniform(low, high)
        while (left := end - time.monotonic()) > 0:
            self.fleet.tend()
            threading.Event().wait(min(left, 0.5))


Fault = Callable[[Ordeal], None]


def kill_at_random(redis: float = 0.2, starting: float = 0.15, calm: float = 1.2) -> Fault:
    """Kill one after another until all kills are done.

    `redis` is the share of Valkey; `starting` that of processes which may not be up yet. Others
    live for up to `calm` seconds more.
    """

    def fault(ordeal: Ordeal) -> None:
        fleet, chance = ordeal.fleet, ordeal.chance
        while fleet.kills < ordeal.kills:
            if chance.random() < redis:
                fleet.kill_redis()
            else:
                name = chance.choice(list(fleet.members))
                if chance.random() > starting:
                    fleet.ready(name)
                    ordeal.wait(0.05, calm)
                fleet.kill(name)
            ordeal.wait(0.05, calm / 3)
        fleet.ready()

    return fault


def freeze(name: str, seconds: float, times: int = 1) -> Fault:
    def fault(ordeal: Ordeal) -> None:
        for _ in range(times):
            ordeal.fleet.freeze(name)
            ordeal.wait(seconds, seconds)
            ordeal.fleet.thaw(name)
            ordeal.wait(2, 4)
        ordeal.notes.append(f"{name} frozen {times} times {seconds:.0f} s")

    return fault


def lock(seconds: float, times: int) -> Fault:
    def fault(ordeal: Ordeal) -> None:
        for _ in range(times):
            with ordeal.fleet.store.locked():
                ordeal.wait(seconds, seconds)
            ordeal.wait(3, 5)
        ordeal.notes.append(f"database locked {times} times {seconds:.0f} s")

    return fault


def redis_away(seconds: float) -> Fault:
    """Frozen, which is worse than gone: every command waits for its timeout."""

    def fault(ordeal: Ordeal) -> None:
        process = ordeal.fleet.redis_process()
        subprocess.run(["kill", "-STOP", str(process)], check=True)  # noqa: S603, S607  ours
        ordeal.wait(seconds, seconds)
        subprocess.run(["kill", "-CONT", str(process)], check=True)  # noqa: S603, S607  ours
        ordeal.notes.append(f"Redis away {seconds:.0f} s")

    return fault


def redis_killed(seconds: float) -> Fault:
    """Killed again as soon as it is back."""

    def fault(ordeal: Ordeal) -> None:
        end = time.monotonic() + seconds
        before = ordeal.fleet.kills
        while time.monotonic() < end:
            ordeal.fleet.kill_redis()
            ordeal.wait(0.3, 0.6)
        ordeal.notes.append(f"Redis killed {ordeal.fleet.kills - before} times in {seconds:.0f} s")

    return fault


def fill_disk(seconds: float, times: int) -> Fault:
    def fault(ordeal: Ordeal) -> None:
        filler = ordeal.fleet.setting.data / "filler"
        for _ in range(times):
            with suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(b"0" * 4096)
            ordeal.wait(seconds, seconds)
            filler.unlink()
            ordeal.wait(4, 6)
        ordeal.notes.append(f"disk full {times} times {seconds:.0f} s")

    return fault


def shift_clock(*hours: float) -> Fault:
    """The last one should be the latest: what is due in the future waits for it."""

    def fault(ordeal: Ordeal) -> None:
        for offset in hours:
            ordeal.fleet.shift(timedelta(hours=offset))
            ordeal.wait(8, 10)
        ordeal.notes.append("clock at " + ", ".join(f"{offset:+g} h" for offset in hours))

    return fault
