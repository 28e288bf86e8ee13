"""Limits: a reminder beyond one waits until it is allowed, and says why."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.errors import ChannelError
from bot.model import ChatRef
from bot.testing import FakeModel
from tests.story.admin import Admin
from tests.story.conftest import Worlds
from tests.story.filling import TAB, Visits, words
from tests.story.words import BERLIN, say, steps, weekdays
from tests.story.world import World


def limited(*delays: str, **limits: int) -> dict[str, object]:
    return {"followup": {"steps": steps(*delays), "limits": limits}}


async def test_a_chat_gets_no_more_than_its_limit_in_a_day(world: Worlds) -> None:
    w = await world(None, **limited("1h", "1h", "1h", chat_day=2))

    await w.client()
    await w.wait("3h")
    told = await Admin(w).reads("why 1")
    page = words((await w.page("/followup/chats/1")).text)
    await w.wait("3d")

    assert await w.reminders() == ["+1h s1", "+2h s2", "+1d1h s3"]
    assert "at most 2 a day in this chat" in told
    assert "at most 2 a day in this chat" in page


async def test_a_new_silence_does_not_lift_the_limit(world: Worlds) -> None:
    w = await world(None, **limited("1h", chat_day=1, chat_week=2))

    await w.client()
    for _ in range(3):
        await w.wait("2h")
        await w.client("Yes?")
    await w.wait("20d")

    assert await w.reminders() == ["+1h s1", "+1d1h s1"]
    await w.client("Again.")
    await w.wait("1d")
    assert len(await w.reminders()) == 3


async def test_one_person_on_two_accounts_counts_once(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(None, model=model, **limited("1h", person_day=1))

    await w.client()
    elsewhere = replace(w.incoming("Hello?"), ref=ChatRef("other", "c1"))
    await w.app.inbox.receive(elsewhere)
    await w.run()
    await w.wait("3h")
    asked = [schema for _, schema in model.asked if schema is not None]
    before = [ref.account for ref, message in w.sender.sent if message.plugin]
    await w.wait("1d")

    assert before == ["site"]
    assert len(asked) == 1
    assert [ref.account for ref, message in w.sender.sent if message.plugin] == ["site", "other"]


async def test_an_employees_day_is_limited_and_the_rest_goes_the_next_day(world: Worlds) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    hours = {"timezone": BERLIN, "working_hours": weekdays("09:00-18:00")}
    w = await world(None, start=start, **limited("1h", day=3), **hours)

    for n in range(5):
        await w.client(who=f"c{n}")
    await w.wait("1d")

    went = [message.at for _, message in w.sender.sent if message.plugin]
    assert went == [start.replace(hour=10)] * 3 + [start.replace(day=3, hour=8)] * 2


async def test_a_spent_budget_waits_for_the_next_day_and_asks_no_model(world: Worlds) -> None:
    model = FakeModel([say()])
    w = await world(None, model=model, **limited("1h", tokens_day=84))

    for n in range(5):
        await w.client(who=f"c{n}")
        await w.wait("10m")
    await w.wait("3h")
    asked = [schema for _, schema in model.asked if schema is not None]
    told = await Admin(w).reads("why 5")
    await w.wait("1d")

    assert len(asked) == 2
    assert "the day's budget of 84 tokens is spent" in told
    assert len([1 for _, message in w.sender.sent if message.plugin]) == 4


async def test_tokens_of_skipped_reminders_count_too(world: Worlds) -> None:
    model = FakeModel(
        ['{"verdict": "skip", "text": "", "reason": "concluded", "until": ""}', say()]
    )
    w = await world(None, model=model, **limited("1h", "1h", tokens_day=42))

    await w.client()
    await w.wait("5h")

    assert await w.reminders() == []
    assert len([schema for _, schema in model.asked if schema is not None]) == 1


async def test_a_reminder_that_was_surely_not_sent_does_not_count(world: Worlds) -> None:
    w = await world(None, **limited("1h", day=1))
    await w.client()
    w.sender.before.append(ChannelError("connection refused"))

    await w.wait("2h")

    assert len(await w.reminders()) == 1


@pytest.mark.parametrize("raised", [{"day": 2}, {}])
async def test_a_raised_or_removed_limit_lets_go_at_once_as_an_edit_does(
    world: Worlds, raised: dict[str, int]
) -> None:
    w = await world(None, **limited("1h", "1h", day=1))
    await w.client()
    await w.wait("3h")
    held = await w.why()

    await w.save(None, **limited("1h", "1h", **raised))
    let_go = await w.why()
    await w.wait("1h")

    assert held == "+15h"
    assert let_go == "+3h10m"
    assert await w.reminders() == ["+1h s1", "+3h10m s2"]


async def test_what_another_limit_holds_waits_on(world: Worlds) -> None:
    w = await world(None, **limited("1h", "1h", chat_day=1, day=1))
    await w.client()
    await w.wait("3h")

    await w.save(None, **limited("1h", "1h", chat_day=1, day=5))
    await w.wait("1h")

    assert await w.why() == "+1d1h"
    assert await w.reminders() == ["+1h s1"]


async def test_a_limit_that_is_lowered_holds_again_after_it_was_asked_once_more(
    world: Worlds,
) -> None:
    w = await world(None, **limited("1h", "1h", chat_week=1))
    await w.client()
    await w.wait("3h")

    await w.save(None, **limited("1h", "1h", chat_day=1))
    await w.wait("1h")

    assert await w.why() == "+1d1h"


async def test_a_limit_that_is_set_in_the_middle_of_a_day_counts_what_went_before(
    world: Worlds,
) -> None:
    w = await world(None, **limited("1h"))
    await w.client(who="early")
    await w.wait("2h")

    await w.save(None, **limited("1h", day=1))
    await w.client(who="late")
    await w.wait("3h")

    assert await w.reminders("late") == []


@pytest.mark.parametrize("count", [20, 60])
async def test_many_that_are_due_at_an_opening_are_spread_over_its_first_minutes(
    world: Worlds, count: int
) -> None:
    start = datetime(2026, 3, 1, 12, tzinfo=UTC)
    w = await world(steps("1h"), start=start, working_hours=weekdays("09:00-18:00"))
    for n in range(count):
        await w.client(who=f"c{n}")

    await w.until(datetime(2026, 3, 2, 10, tzinfo=UTC))

    opening = datetime(2026, 3, 2, 9, tzinfo=UTC)
    late = [
        (message.at - opening).total_seconds() for _, message in w.sender.sent if message.plugin
    ]
    assert len(late) == count
    assert max(late) < 300
    assert (max(late) == 0) == (count == 20)
    assert await due_moments(w) == set()


async def due_moments(w: World) -> set[object]:
    rows = await w.query("SELECT due_at FROM followup_silences WHERE due_at IS NOT NULL")
    return {row["due_at"] for row in rows}


async def test_limits_are_set_on_the_tab_which_tells_what_is_used_of_them(
    world: Worlds, visits: Visits
) -> None:
    w = await world(steps("1h"), model=FakeModel([say()]))
    person = await visits(w, TAB).opens()

    await person.press(limits__day="5", limits__tokens_day="1000", limits__chat_day="2")
    table = (await w.app.staff.tables())["anna"]["followup"]["limits"]
    await w.client()
    await w.wait("2h")
    page = words((await person.opens()).text)
    await person.press(limits__day="many")
    wrong = words(person.text)

    assert table == {"chat_day": 2, "day": 5, "tokens_day": 1000}
    assert "Of this employee, in a day today: 1" in page
    assert "Tokens for its reminders, in a day today: 42" in page
    assert "limits.day: should be a whole number" in wrong


async def test_the_list_says_in_plain_words_which_limit_a_chat_waits_for(world: Worlds) -> None:
    w = await world(None, **limited("1h", "1h", chat_day=1))
    await w.client()
    await w.wait("3h")

    page = words((await w.page("/followup")).text)
    chat = words((await w.page("/followup/chats/1")).text)
    told = await Admin(w).reads("why 1")

    assert "step 2 of 2 · in 22 h 0 min · at most 1 a day in this chat: Tue 3 Mar 10:00" in page
    assert "at most 1 a day in this chat" in chat
    assert "at most 1 a day in this chat" in told


async def test_the_list_says_that_the_budget_is_spent_and_when_it_opens(world: Worlds) -> None:
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    hours = {"working_hours": weekdays("09:00-18:00")}
    model = FakeModel([say()])
    w = await world(None, model=model, start=start, **limited("1h", "1h", tokens_day=42), **hours)
    await w.client()
    await w.wait("3h")

    page = words((await w.page("/followup")).text)

    assert "the day's budget of 42 tokens is spent: opens Tue 3 Mar 09:00" in page


async def test_the_list_says_until_when_a_chat_is_snoozed(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours=weekdays("09:00-18:00"))
    await w.client()
    await Admin(w).reads("snooze 1 2026-03-10 08:00")

    page = words((await w.page("/followup")).text)
    chat = words((await w.page("/followup/chats/1")).text)

    assert "snoozed until Tue 10 Mar 08:00 · opens Tue 10 Mar 09:00" in page
    assert "snoozed until Tue 10 Mar 08:00" in chat
