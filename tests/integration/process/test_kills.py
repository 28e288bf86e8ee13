"""Kills at random moments, of everything that can be killed: nothing lost, nothing twice.

Leases are seconds here, not minutes, so that what the dead held is free while the test still
runs. `make torture` does the same for longer, with the leases that people have.
"""

import pytest

from tests.conftest import Postgres
from tests.torture.faults import kill_at_random
from tests.torture.fleet import ALONE, APART
from tests.torture.rounds import Result, Round, run

pytestmark = pytest.mark.redis


@pytest.mark.postgres
def test_one_process_on_postgresql_killed_six_times_keeps_every_promise(
    postgres: Postgres,
) -> None:
    round_ = Round("alone", ALONE, [kill_at_random(calm=0.8)], kills=6, hurry=True, night=0)

    with postgres.database() as url:
        result = run(round_, url)

    kept(result, 6)


def test_web_workers_and_valkey_killed_sixteen_times_keep_every_promise() -> None:
    round_ = Round(
        "apart", APART, [kill_at_random(0.4, calm=0.5)], kills=16, hurry=True, night=0, seed=8
    )

    result = run(round_, None)

    kept(result, 16)


def kept(result: Result, kills: int) -> None:
    assert result.kills >= kills
    assert result.books.reminders_out() > 0
    assert result.findings.clean, result.findings.text()
