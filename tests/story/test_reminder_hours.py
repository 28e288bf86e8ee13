"""Hours of their own for reminders, and the client's own clock."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.ports import Transaction
from bot.store.crowd import SqlCrowd
from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, words
from tests.story.words import BERLIN, say, steps, weekdays
from tests.story.world import World

OFFICE = {"timezone": BERLIN, "working_hours": weekdays("09:00-18:00")}
TOKYO = "Asia/Tokyo"


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of March 2026 in UTC; the 2nd is a Monday, and Berlin is an hour ahead."""
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def anna(**more: object) -> dict[str, object]:
    return {"followup": {"steps": steps("4h"), **more}, **OFFICE}


async def followups(w: World) -> dict[str, object]:
    table = (await w.app.staff.tables())["anna"]["followup"]
    assert isinstance(table, dict)
    return table


async def test_reminders_keep_hours_of_their_own_and_answers_do_not(world: Worlds) -> None:
    own = {"hours": weekdays("10:00-12:00"), "special_days": {"2026-03-03": ["11:00-12:00"]}}
    w = await world(None, start=at(2, 15), **anna(**own))

    await w.client()
    await w.wait("7d")

    assert await w.calendar(BERLIN) == ["Tue 3 11:00:00 s1"]


async def test_what_a_file_says_of_hours_is_taken_over_at_once_and_given_back(
    world: Worlds,
) -> None:
    w = await world(None, start=at(2, 15), **anna())
    await w.client()

    await w.save(None, **anna(hours=weekdays("12:00-13:00")))
    own = await followups(w)
    await w.save(None, **anna())
    same = await followups(w)
    await w.save(None, **anna(hours=weekdays("14:00-15:00")))
    await w.wait("7d")

    assert own["hours"] == {day: ["12:00-13:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    assert "hours" not in same
    assert await w.calendar(BERLIN) == ["Tue 3 14:00:00 s1"]


async def test_hours_are_kept_on_the_clients_clock_where_it_is_known(world: Worlds) -> None:
    w = await world(None, start=at(2, 20), **anna(client_zone=True))

    await w.client(zone=TOKYO)
    await w.client(who="somewhere")
    await w.wait("2d")

    assert await w.calendar(TOKYO) == ["Tue 3 09:00:00 s1"]
    assert await w.calendar(BERLIN, "somewhere") == ["Tue 3 09:00:00 s1"]


async def test_a_client_who_travels_is_reminded_by_the_new_clock(world: Worlds) -> None:
    w = await world(None, start=at(2, 20), **anna(client_zone=True))
    await w.client(zone=TOKYO)

    await w.client("I'm on my way.", zone="America/New_York")
    await w.client("No zone told.")
    await w.wait("2d")

    assert await w.calendar("America/New_York") == ["Tue 3 09:00:00 s1"]


async def test_the_composer_knows_the_clients_time_and_the_page_the_zone(world: Worlds) -> None:
    model = FakeModel([say("Hello!")])
    w = await world(None, start=at(2, 20), model=model, **anna(client_zone=True))
    await w.client(zone=TOKYO)
    await w.wait("1d")

    asked = " ".join(text for _, text in model.asked[-1][0])
    page = words((await w.page("/followup/chats/1")).text)

    assert "2026-03-03 09:00" in asked
    assert f"client's zone: {TOKYO}" in page


async def test_own_hours_are_chosen_filled_in_and_saved_on_the_tab(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"), **OFFICE)
    person = await visits(w, TAB).opens()

    await person.press("week.add.sat", hours="own")
    await person.press(mon__0__from="10:00", sat__0__from="11:00", sat__0__to="12:00")
    saved = await followups(w)
    example = words(person.text)
    await person.press(hours="working", client_zone="on")

    days = {day: ["09:00-18:00"] for day in ("tue", "wed", "thu", "fri")}
    assert saved["hours"] == {"mon": ["10:00-18:00"], **days, "sat": ["11:00-12:00"]}
    assert "Mon 10:00 → 14:00" in example
    after = await followups(w)
    assert "hours" not in after
    assert after["client_zone"] is True


async def test_hours_that_are_none_are_told_and_nothing_is_saved(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("4h"), **OFFICE)
    person = await visits(w, TAB).opens()

    await person.press(hours="own", mon__0__from="soon")

    assert person.page.status_code == 422
    assert "hours.mon.0: should be an interval" in words(person.text)
    assert "hours" not in await followups(w)


async def test_the_command_shows_both_and_the_example_the_own_ones(world: Worlds) -> None:
    w = await world(None, start=at(2, 20), **anna(hours={"tue": ["21:00-22:00"]}))

    text = await Admin(w).reads("hours")

    assert "Hours of Anna (Europe/Berlin):\nMon to Fri: 09:00-18:00" in text
    assert "Reminders have hours of their own:\nMon: closed\nTue: 21:00-22:00" in text
    assert "closed now, open again Tue 3 Mar 21:00" in text


async def test_a_save_of_steps_leaves_the_terms_alone(world: Worlds) -> None:
    w = await world(None, **anna(hours={"tue": ["21:00-22:00"]}, client_zone=True))
    admin = Admin(w)

    await admin.reads("add 24h Ask again.")
    await admin.reads("undo")

    table = await followups(w)
    assert (table["hours"], table["client_zone"]) == ({"tue": ["21:00-22:00"]}, True)


async def test_who_waited_at_the_gate_until_the_hours_were_over_waits_for_the_next_ones(
    world: Worlds, monkeypatch: pytest.MonkeyPatch
) -> None:
    w = await world(steps("4h"), timezone="UTC", working_hours=weekdays("09:00-14:00"))
    await w.client()
    hold, passed = SqlCrowd.hold, ["2h"]

    async def long(crowd: SqlCrowd, tx: Transaction, chats: list[int], *, wait: bool = True) -> Any:
        found = await hold(crowd, tx, chats, wait=wait)
        if wait and passed:
            w.pass_by(passed.pop())
        return found

    monkeypatch.setattr(SqlCrowd, "hold", long)
    await w.wait("3d")

    assert passed == []
    assert await w.calendar("UTC") == ["Tue 3 09:00:00 s1"]
