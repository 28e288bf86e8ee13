"""Kills at random moments, of everything that can be killed: nothing lost, nothing twice.

Leases are seconds here, not minutes, so that what the dead held is free while the test still
runs. `make torture` does the same for longer, with the leases that people have.
"""

import pytest

from tests.torture.faults import kill_at_random
from tests.torture.fleet import ALONE, APART
from tests.torture.rounds import Round, run

pytestmark = pytest.mark.redis


def test_one_process_killed_five_times_keeps_every_promise() -> None:
    round_ = Round("alone", ALONE, [kill_at_random(calm=0.8)], kills=5, hurry=True, night=0)

    result = run(round_, None)

    assert result.kills >= 5
    assert result.books.reminders_out() > 0
    assert result.findings.clean, result.findings.text()


def test_web_workers_and_valkey_killed_fifty_five_times_keep_every_promise() -> None:
    round_ = Round(
        "apart", APART, [kill_at_random(0.4, calm=0.5)], kills=55, hurry=True, night=0, seed=8
    )

    result = run(round_, None)

    assert result.kills >= 55
    assert result.books.reminders_out() > 0
    assert result.findings.clean, result.findings.text()
