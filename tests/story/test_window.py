"""A network's window: outside it nothing is composed nor sent, and the chain stops visibly."""

from datetime import timedelta
from html import unescape

import pytest

from bot.errors import WindowClosedError
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import sayings, steps
from tests.story.world import World

A_DAY = timedelta(days=1)


@pytest.fixture
def model() -> FakeModel:
    return FakeModel(sayings())


def composed(model: FakeModel) -> int:
    """How often a reminder was composed."""
    return sum(schema is not None for _, schema in model.asked)


async def with_window(world: Worlds, model: FakeModel, *delays: str, window: timedelta) -> World:
    w = await world(steps(*delays), model=model)
    w.sender.window = window
    await w.client()
    return w


async def test_inside_the_window_reminders_go_and_after_it_the_chain_stops_uncomposed(
    world: Worlds, model: FakeModel
) -> None:
    w = await with_window(world, model, "4h", "24h", "48h", window=A_DAY)

    await w.wait("7d")

    assert await w.reminders() == ["+4h s1"]
    assert await w.states() == ["s1 sent sent", "s2 failed window_closed"]
    assert await w.why() == "window_closed"
    assert composed(model) == 1


async def test_the_page_says_that_the_window_was_closed(world: Worlds, model: FakeModel) -> None:
    w = await with_window(world, model, "48h", window=A_DAY)

    await w.wait("3d")

    page = (await w.page("/followup/chats/1")).text
    assert "the channel's time window is closed" in unescape(page)


async def test_a_window_that_closes_while_the_reminder_is_composed_keeps_it_back(
    world: Worlds, model: FakeModel
) -> None:
    w = await with_window(world, model, "4h", "4h", window=timedelta(hours=4, seconds=30))

    async def a_minute_passes() -> None:
        w.clock.advance(timedelta(minutes=1))

    model.meanwhile.append(a_minute_passes)
    await w.wait("7d")

    assert composed(model) == 1
    assert await w.reminders() == []
    assert await w.states() == ["s1 failed window_closed"]
    assert await w.why() == "window_closed"


async def test_the_window_opens_again_with_the_clients_next_message(
    world: Worlds, model: FakeModel
) -> None:
    w = await with_window(world, model, "4h", "24h", window=A_DAY)
    await w.wait("3d")

    await w.client("Hello again")
    await w.wait("7d")

    assert await w.reminders() == ["+4h s1", "+3d4h s1"]
    assert await w.states() == ["s1 sent sent", "s2 failed window_closed"] * 2


async def test_a_message_that_arrives_late_does_not_close_the_window_earlier(
    world: Worlds, model: FakeModel
) -> None:
    w = await with_window(world, model, "23h", window=A_DAY)

    await w.client("Sent before, seen later.", at=w.start - timedelta(hours=20))
    await w.wait("2d")

    assert await w.reminders() == ["+23h s1"]


async def test_a_step_kept_back_by_the_window_does_not_use_up_run_once(
    world: Worlds, model: FakeModel
) -> None:
    w = await world(steps("4h", once=True), model=model)
    w.sender.window = timedelta(hours=1)
    await w.client()
    await w.wait("1d")
    w.sender.window = A_DAY

    await w.client("Hello again")
    await w.wait("1d")

    assert await w.reminders() == ["+1d4h s1"]


async def test_neither_reply_nor_hours_nor_a_pause_matter_to_a_closed_window(
    world: Worlds, model: FakeModel
) -> None:
    w = await with_window(world, model, "48h", window=A_DAY)
    await w.wait("1h")
    await w.pause()
    await w.wait("3d")
    await w.resume()

    await w.wait("3d")

    assert await w.reminders() == []
    assert await w.why() == "window_closed"


async def test_an_answer_outside_the_window_is_not_tried_again_until_the_client_writes(
    world: Worlds, model: FakeModel
) -> None:
    w = await world(steps("4h"), model=model)
    w.sender.before.append(WindowClosedError("24 h are over"))
    await w.client()
    await w.wait("1d")
    assert w.sender.sent == []
    assert await w.why() == "waiting_for_answer"

    await w.client("Hello?")

    assert w.sender.texts == ["Hello!"]
