"""The numbers: what reminders led to, on a moved clock."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bot.testing import FakeModel
from plugins.followup.counting import EmployeeCount, Numbers, Wanted, numbers
from plugins.followup.plugin import Followup
from tests.story.browsing import Browsing
from tests.story.conftest import Worlds
from tests.story.filling import words
from tests.story.words import BERLIN, say, steps, verdict
from tests.story.world import World

UTC = ZoneInfo("UTC")


async def counted(w: World, days: int = 7, zone: str = "UTC") -> Numbers:
    plugin = w.app.plugins[0]
    assert isinstance(plugin, Followup)
    return await numbers(plugin.ports, Wanted(days, ZoneInfo(zone)))


async def anna(w: World) -> EmployeeCount:
    return (await counted(w)).employees[0]


async def test_an_answer_after_23_hours_counts_and_one_after_25_does_not(world: Worlds) -> None:
    w = await world(steps("4h"))
    for who in ("early", "late", "never"):
        await w.client(who=who)
    await w.wait("4h")
    await w.wait("23h")
    await w.client("Yes!", who="early")
    await w.wait("2h")
    await w.client("Yes, too!", who="late")

    found = (await anna(w)).steps[0]

    assert (found.tally.sent, found.tally.ripe, found.tally.answered) == (3, 3, 1)
    assert found.minutes == 23 * 60


async def test_an_answer_after_exactly_24_hours_counts(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("28h")
    await w.client("Yes!")

    assert (await anna(w)).tally.answered == 1


async def test_what_is_still_open_is_told_and_does_not_count(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client(who="a")
    await w.client(who="b")
    await w.wait("5h")
    await w.client("Yes!", who="a")

    found = (await anna(w)).tally

    assert (found.sent, found.open, found.ripe, found.answered) == (2, 2, 0, 0)


async def test_an_answer_counts_for_each_reminder_that_it_came_in_time_for(world: Worlds) -> None:
    w = await world(steps("1h", "20h", "2h"))
    await w.client()
    await w.wait("23h")
    await w.wait("3h")
    await w.client("Sorry, I was away.")
    await w.wait("50h")

    first, second, third = (await anna(w)).steps

    assert [each.tally.answered for each in (first, second, third)] == [0, 1, 1]
    assert (second.minutes, third.minutes) == (5 * 60, 3 * 60)


async def test_the_median_is_of_the_answers(world: Worlds) -> None:
    w = await world(steps("4h"))
    for who in "abcd":
        await w.client(who=who)
    await w.wait("4h")
    for who, wait in (("a", "1h"), ("b", "2h"), ("c", "3h")):
        await w.wait(wait)
        await w.client("Yes!", who=who)
    await w.wait("24h")

    assert (await anna(w)).steps[0].minutes == 3 * 60


async def test_who_opts_out_is_counted_with_the_latest_reminder(world: Worlds) -> None:
    told = [say(), say("Shall we have a look?"), verdict("stop", "opted_out")]
    w = await world(steps("1h", "1h"), model=FakeModel(told))
    await w.client()
    await w.wait("2h")
    await w.client("Too many of you write to me these days.")
    await w.wait("2h")

    first, second = (await anna(w)).steps

    assert await w.why() == "opted_out"
    assert [each.tally.opted_out for each in (first, second)] == [0, 1]


async def test_a_clients_own_stop_is_counted_with_the_latest_reminder(world: Worlds) -> None:
    w = await world(steps("1h", "1h"))
    await w.client()
    await w.wait("3h")

    await w.client("STOP")

    first, second = (await anna(w)).steps
    assert await w.why() == "opted_out"
    assert [each.tally.opted_out for each in (first, second)] == [0, 1]


async def test_tokens_of_what_was_not_sent_count_too(world: Worlds) -> None:
    w = await world(steps("1h", "1h"), model=FakeModel([verdict("skip"), say()]))
    await w.client()
    await w.wait("2h")

    first, second = (await anna(w)).steps

    assert (first.tally.sent, first.tally.tokens) == (0, 42)
    assert (second.tally.sent, second.tally.tokens) == (1, 42)


async def test_a_day_begins_where_the_viewer_is(world: Worlds) -> None:
    start = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    w = await world(steps("1h"), start=start)
    await w.client()
    await w.wait("2h")

    there = {each.date.day: each.tally.sent for each in (await counted(w, zone="UTC")).days}
    here = {each.date.day: each.tally.sent for each in (await counted(w, zone=BERLIN)).days}

    assert there[2] == 1
    assert (here[2], here[3]) == (0, 1)


async def test_what_is_older_than_the_days_that_are_asked_for_does_not_count(
    world: Worlds,
) -> None:
    w = await world(steps("1h"))
    await w.client()
    await w.wait("8d")

    assert (await counted(w, 7)).tally.sent == 0
    assert (await counted(w, 30)).tally.sent == 1


async def test_the_numbers_of_a_step_that_was_removed_stay(world: Worlds) -> None:
    w = await world(steps("1h", "1h"))
    await w.client()
    await w.wait("2h")
    await w.save(steps("1h"))

    found = (await anna(w)).steps

    assert [(each.id, each.place, each.tally.sent) for each in found] == [
        ("s1", 1, 1),
        ("s2", 0, 1),
    ]


async def test_the_page_shows_each_step_and_says_nothing_of_few(world: Worlds) -> None:
    w = await world(steps("4h"))
    for who in "abc":
        await w.client(who=who)
    await w.wait("4h")
    await w.client("Yes!", who="a")
    await w.wait("25h")

    page = words((await w.page("/followup/numbers")).text)

    assert "Step 1 Do the thing of s1 now." in page
    assert "1 of 3 too few to tell" in page
    assert "under a minute" in page


async def test_the_page_tells_a_share_with_its_interval_where_there_are_enough(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    for n in range(40):
        await w.client(who=f"c{n}")
    await w.wait("4h")
    for n in range(10):
        await w.client("Yes!", who=f"c{n}")
    await w.wait("25h")

    page = words((await w.page("/followup/numbers?days=7")).text)

    assert "10 of 40 25 % (14 to 40 %)" in page


async def test_the_chart_is_drawn_on_the_server_and_told_as_a_table(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    await w.wait("30h")

    page = (await w.page("/followup/numbers?days=90")).text

    assert len(re.findall(r'<rect class="silent"', page.partition('class="key"')[0])) == 1
    assert "style=" not in page
    assert "Mon 2 Mar: 1 sent, 0 answered, 0 open" in page
    assert "Mon 2 Mar 1 0 0" in words(page)


@pytest.mark.parametrize("query", ["", "?days=8", "?days=x&employee=nobody", "?employee=anna"])
async def test_what_no_address_means_is_taken_as_usual(world: Worlds, query: str) -> None:
    w = await world(steps("4h"))

    page = await w.page(f"/followup/numbers{query}")

    assert page.status_code == 200
    assert '<a href="/followup/numbers?days=30' in page.text
    assert "No reminder was sent in these days." in page.text


async def test_the_menu_leads_to_the_numbers(world: Worlds) -> None:
    w = await world(steps("4h"))
    async with Browsing(w.app.web) as browser:
        page = (await browser.get("/followup/numbers")).text

    assert '<a href="/followup/numbers" aria-current="page">Numbers</a>' in page
