"""Chance that can be repeated, and switched off."""

import threading
from collections.abc import Mapping
from random import Random

CALM = "ok"


class Dice:
    """Picks what happens by weights; while it is calm, only `ok` happens."""

    def __init__(self, seed: int) -> None:
        self._chance = Random(seed)  # noqa: S311  no secret, a repeatable test
        self._lock = threading.Lock()
        self.calm = False

    def pick(self, weights: Mapping[str, float]) -> str:
        with self._lock:
            if self.calm:
                return CALM
            return self._chance.choices(list(weights), list(weights.values()))[0]

    def between(self, low: float, high: float) -> float:
        with self._lock:
            return self._chance.uniform(low, high)

    def shuffled(self, things: list) -> list:
        with self._lock:
            return self._chance.sample(things, len(things))
