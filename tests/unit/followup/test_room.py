"""How many reminders of an account are under way, and who is passed over meanwhile."""

import asyncio
from datetime import timedelta
from math import inf

from bot.testing import MONDAY
from plugins.followup.room import Room

PACE = 0.5
MOST = 5


def place(n: int) -> tuple[object, int]:
    return MONDAY + timedelta(seconds=n), n


async def test_an_account_with_a_limit_has_as_many_under_way_as_leave_in_ten_seconds() -> None:
    room = Room()

    assert [room.admits(place(n), "slow", PACE, n) for n in range(7)] == [True] * 5 + [False] * 2
    assert room.admits(place(8), "free", inf, 5000)
    assert room.left == 2


async def test_however_fast_it_is_an_account_leaves_room_for_others() -> None:
    room = Room(800)

    assert [room.admits(place(n), "fast", 1000, n) for n in (99, 100)] == [True, False]


async def test_who_was_left_is_passed_over_until_one_of_the_account_ends() -> None:
    room, ends = Room(), asyncio.Event()
    under_way = [asyncio.create_task(ends.wait()) for _ in range(MOST)]
    room.fill(dict.fromkeys(under_way, "slow"))
    for n in (1, 2, 3):
        assert not room.admits(place(n), "slow", PACE, 0)
    before = room.picked([place(n) for n in range(1, 6)], MONDAY)

    under_way[0].cancel()
    await asyncio.wait(under_way[:1])
    after = room.picked([place(n) for n in range(1, 6)], MONDAY)

    assert before == [4, 5]
    assert after == [1, 4, 5]
    ends.set()
    await asyncio.wait(under_way)
    assert room.picked([place(n) for n in range(1, 6)], MONDAY) == [1, 2, 3, 4, 5]


async def test_whose_turn_in_a_crowd_is_still_to_come_is_passed_over_too() -> None:
    room = Room()
    room.defer(place(1), MONDAY + timedelta(minutes=1))

    assert room.picked([place(1), place(2)], MONDAY) == [2]
    assert room.picked([place(1), place(2)], MONDAY + timedelta(minutes=1)) == [1, 2]
