"""A small crowd with open lines, and connections that dribble; `make load` has a thousand."""

import asyncio

import pytest

from tests.torture.load import ALONE, Wanted, loaded, shop

pytestmark = pytest.mark.redis


def test_whatever_was_taken_arrives_also_among_connections_that_dribble() -> None:
    with shop(*ALONE) as (place, base):
        crowd, besieged = asyncio.run(loaded(base, Wanted(60, 10, 2, loris=40)))
        stored = place.rows("SELECT count(*) AS n FROM messages WHERE author = 'client'")[0]["n"]

    assert (crowd.tally.refused, besieged.tally.refused) == ([], [])
    assert (crowd.missing, besieged.missing) == (0, 0)
    assert len(crowd.tally.acknowledged) == len(besieged.tally.acknowledged) == 20
    assert stored == 40
