"""Two workers, and whoever else has a hand in it: no order of theirs breaks the law."""

from datetime import timedelta
from time import perf_counter

import pytest

from tests.proof.interleavings import TWO, Explorer, Scenario, due, reply
from tests.proof.report import Report
from tests.proof.scenarios import SCENARIOS
from tests.proof.system import System


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
def test_no_order_breaks_the_law_with(
    scenario: Scenario, orders_system: System, report: Report
) -> None:
    start = perf_counter()

    found = Explorer(orders_system, scenario).explore()

    report.schedules[scenario.name] = (found.schedules, timedelta(seconds=perf_counter() - start))
    assert found.faults == []


def test_every_order_is_counted(orders_system: System) -> None:
    """One worker has five turns (claim, compose, gate, send, settle), a reply has one.

    Until the gate a reply ends the worker's turns there; afterwards it does not.
    """
    found = Explorer(orders_system, Scenario("one worker", due, TWO[:1], [[reply]])).explore()

    assert found.schedules == 6
