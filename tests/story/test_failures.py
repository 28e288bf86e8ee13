"""Rule 15: what is tried again, how often, and what stops a chain."""

from collections.abc import Iterable
from datetime import timedelta

from bot.errors import (
    BotError,
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ModelError,
    WindowClosedError,
)
from bot.testing import FakeModel
from tests.story.conftest import Worlds
from tests.story.words import say, steps
from tests.story.world import World

REFUSED = ChannelError("connection refused")
DOWN = ModelError("it is down")


async def answered(world: Worlds, *delays: str, channel: Iterable[BotError]) -> World:
    """A client who was answered, and what the channel says to the reminders."""
    w = await world(steps(*delays))
    await w.client()
    w.sender.before.extend(channel)
    return w


async def test_a_reminder_that_surely_was_not_sent_is_tried_again(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[REFUSED])

    await w.wait("1d")

    assert await w.reminders() == ["+4h30s s1"]
    assert await w.states() == ["s1 sent sent"]


async def test_the_pauses_between_the_tries_grow(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[REFUSED] * 3)

    await w.wait("1d")

    assert await w.reminders() == ["+4h12m30s s1"]


async def test_after_three_retries_the_chain_of_this_silence_stops(world: Worlds) -> None:
    w = await answered(world, "4h", "4h", channel=[REFUSED] * 4)

    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.states() == ["s1 failed channel_failed"]
    assert await w.why() == "channel_failed"
    assert not w.sender.before


async def test_the_next_client_message_starts_a_new_chain_after_a_failed_one(
    world: Worlds,
) -> None:
    w = await answered(world, "4h", channel=[REFUSED] * 4)
    await w.wait("1d")

    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+1d4h s1"]


async def test_failed_tries_of_one_step_are_not_held_against_the_next(world: Worlds) -> None:
    w = await answered(world, "4h", "4h", channel=[REFUSED] * 3)
    await w.wait("5h")
    w.sender.before.extend([REFUSED] * 3)

    await w.wait("1d")

    assert await w.reminders() == ["+4h12m30s s1", "+8h25m s2"]


async def test_a_busy_channel_is_given_the_time_it_asks_for(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[ChannelBusyError(timedelta(minutes=7))])

    await w.wait("1d")

    assert await w.reminders() == ["+4h7m s1"]


async def test_a_busy_channel_is_never_pressed_sooner_than_our_own_pause(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[ChannelBusyError(timedelta(seconds=1))])

    await w.wait("1d")

    assert await w.reminders() == ["+4h30s s1"]


async def test_a_channel_that_stays_busy_stops_the_chain_as_rate_limited(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[ChannelBusyError(timedelta(minutes=1))] * 4)

    await w.wait("1d")

    assert await w.states() == ["s1 failed rate_limited"]
    assert await w.why() == "rate_limited"


async def test_a_client_who_cannot_be_reached_stops_the_chain_at_once(world: Worlds) -> None:
    w = await answered(world, "4h", "4h", channel=[ChatUnreachableError("blocked")])

    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "unreachable"


async def test_a_closed_window_stops_the_chain_at_once(world: Worlds) -> None:
    w = await answered(world, "4h", "4h", channel=[WindowClosedError("24 h are over")])

    await w.wait("7d")

    assert await w.reminders() == []
    assert await w.why() == "window_closed"


async def test_the_conversation_shows_a_reminder_that_failed_and_why(
    world: Worlds,
) -> None:
    w = await answered(world, "4h", channel=[ChatUnreachableError("blocked")])

    await w.wait("1d")

    page = (await w.page("/followup/chats/1")).text
    assert "Reminder, step 1 of 1" in page
    assert "not delivered" in page
    assert "the client cannot be reached there" in page
    assert len(await w.messages()) == 2


async def test_a_reply_ends_the_tries(world: Worlds) -> None:
    w = await answered(world, "4h", channel=[REFUSED] * 2)
    await w.wait("4h1m")

    await w.receive("Hello?")
    await w.run()
    await w.wait("1h")

    assert await w.reminders() == []


async def test_a_retry_keeps_the_hours(world: Worlds) -> None:
    w = await world(steps("4h"), working_hours={"mon": ["09:00-13:01"], "tue": ["09:00-18:00"]})
    await w.client()
    w.sender.before.extend([REFUSED] * 2)

    await w.wait("7d")

    assert await w.calendar() == ["Tue 3 09:00:00 s1"]


async def test_a_model_that_fails_is_asked_again(world: Worlds) -> None:
    w = await world(steps("4h"), model=FakeModel([DOWN, DOWN, say()]))

    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+4h2m30s s1"]


async def test_a_model_that_fails_three_times_skips_the_step(world: Worlds) -> None:
    model = FakeModel([DOWN, DOWN, DOWN, say("The second step.")])
    w = await world(steps("4h", "4h"), model=model)

    await w.client()
    await w.wait("1d")

    assert await w.states() == ["s1 skipped composer_failed", "s2 sent sent"]
    assert await w.reminders() == ["+8h2m30s s2"]
    assert len(model.asked) == 1 + 4


async def test_a_step_that_was_skipped_for_the_model_does_not_use_up_run_once(
    world: Worlds,
) -> None:
    w = await world(steps("4h", once=True), model=FakeModel([DOWN, DOWN, DOWN, say()]))
    await w.client()
    await w.wait("1d")

    await w.client()
    await w.wait("1d")

    assert await w.reminders() == ["+1d4h s1"]


async def test_an_account_that_left_the_settings_sends_nothing_and_says_so(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    del w.app.runtime.outbox.senders["site"]

    await w.wait("1d")

    assert await w.states() == ["s1 failed channel_failed"]


async def test_a_sender_with_a_bug_leaves_the_reminder_uncertain(world: Worlds) -> None:
    world.faults = 1
    w = await world(steps("4h"))
    await w.client()
    w.sender.before.append(RuntimeError("a bug"))

    await w.wait("1d")

    assert await w.states() == ["s1 uncertain uncertain"]


async def test_a_composer_with_a_bug_costs_its_lease_and_no_reminder(world: Worlds) -> None:
    world.faults = 1
    model = FakeModel([say()])
    w = await world(steps("4h"), model=model)
    await w.client()

    async def stumble() -> None:
        raise RuntimeError("a bug")

    model.meanwhile.append(stumble)
    await w.wait("1d")

    assert await w.reminders() == ["+4h4m s1"]
