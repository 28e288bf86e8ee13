"""Which rounds there are."""

from collections.abc import Sequence
from dataclasses import replace

from tests.torture.disk import can_mount
from tests.torture.faults import (
    fill_disk,
    freeze,
    kill_at_random,
    lock,
    redis_away,
    redis_killed,
    shift_clock,
)
from tests.torture.fleet import ALONE, APART, FAKETIME
from tests.torture.rounds import Round


def plan(kills: int, seed: int, *, sqlite: bool, at_once: int = 63) -> Sequence[Round]:
    """All rounds of one database: kills alone and apart in turn, then every other fault."""
    rounds = [
        Round(
            name="kills, all in one process" if alone else "kills, apart",
            roles=ALONE if alone else APART,
            faults=[kill_at_random()],
            kills=count,
            seed=seed + number,
        )
        for number, (alone, count) in enumerate(_shares(kills, at_once))
    ]
    rounds += _others(seed, sqlite=sqlite)
    return rounds


def _shares(kills: int, at_once: int) -> Sequence[tuple[bool, int]]:
    shares: list[tuple[bool, int]] = []
    while kills > 0:
        shares.append((len(shares) % 2 == 0, min(kills, at_once)))
        kills -= at_once
    return shares


def _others(seed: int, *, sqlite: bool) -> Sequence[Round]:
    frozen = Round(
        "frozen past its lease",
        APART,
        [freeze("worker 1", 25, 2), freeze("desk", 25), freeze("web", 5, 2)],
        hurry=True,
        seed=seed,
    )
    rounds = [
        frozen,
        Round("locked", APART, [lock(12, 2)], seed=seed),
        Round("Redis away", ALONE, [redis_away(60), redis_killed(20)], seed=seed),
    ]
    if sqlite:
        long = [freeze("worker 2", 150)]
        rounds.append(replace(frozen, name="frozen for long", faults=long, hurry=False))
    if FAKETIME.exists():
        jumps = shift_clock(2, 1, 3, 0, 0.5, 6)
        clock = Round("clock jumps", APART, [jumps], seed=seed, faked_clock=True, watched=False)
        rounds.append(clock)
    if sqlite and can_mount():
        rounds.append(Round("disk full", ALONE, [fill_disk(10, 3)], seed=seed, disk="32m"))
    return rounds
