"""The layers of the proof, each as a function that tells what it found, or nothing."""

from collections.abc import Callable
from pathlib import Path

from tests.proof.interleavings import STOPS, Explorer
from tests.proof.machine import histories
from tests.proof.scenarios import SCENARIOS
from tests.proof.system import System
from tests.unit.followup.test_hours_in_all_zones import test_the_hours_follow_the_wall_clock_in

ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
ENOUGH = 150
"""Histories in which a planted bug has to show itself."""

Layer = Callable[[str], str | None]


class Layers:
    """Systems are built once and serve every bug."""

    def __init__(self, folder: Path) -> None:
        (folder / "orders").mkdir()
        (folder / "histories").mkdir()
        self._orders = System(folder / "orders", STOPS)
        self._histories = System(folder / "histories")
        self.by_name: dict[str, Layer] = {
            "interleavings": self.interleavings,
            "histories": self.histories,
            "properties": properties,
        }

    def interleavings(self, first: str = "") -> str | None:
        """All scenarios, that one first."""
        for scenario in sorted(SCENARIOS, key=lambda each: each.name != first):
            found = Explorer(self._orders, scenario).explore()
            if found.faults:
                return "; ".join(found.faults[:2])
        return None

    def histories(self, _first: str = "") -> str | None:
        try:
            histories(self._histories, ENOUGH, shrink=False)
        except AssertionError as error:
            return str(error).splitlines()[0]
        return None

    def close(self) -> None:
        self._orders.close()
        self._histories.close()


def properties(_first: str = "") -> str | None:
    """The hours against a clock that is read minute by minute, in a few of all zones."""
    for zone in ZONES:
        try:
            test_the_hours_follow_the_wall_clock_in(zone)
        except AssertionError as error:
            return f"{zone}: {str(error).splitlines()[0]}"
    return None
