"""What a network tells later: in any order, any number of times, and perhaps too early."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape

import pytest

from bot.errors import (
    ChannelBusyError,
    ChannelError,
    ChatUnreachableError,
    ClientOptedOutError,
    UnknownDeliveryError,
    WindowClosedError,
)
from bot.model import Arrival, Chat, ChatRef, Message
from tests.story.conftest import Worlds
from tests.story.words import steps
from tests.story.world import Killed, World

WINDOW = WindowClosedError("63016")
DELIVERED, READ = Arrival.DELIVERED, Arrival.READ


async def reminded(world: Worlds, *delays: str, once: bool = False) -> World:
    """A client who was answered and got the first reminder."""
    w = await world(steps(*delays, once=once))
    await w.client()
    await w.wait("5h")
    assert await w.reminders() == ["+4h s1"]
    return w


async def last(w: World) -> int:
    """The id of what was said last."""
    return (await w.messages())[-1].id


async def delivery(w: World, message: int) -> tuple[str, str | None]:
    rows = await w.query("SELECT delivery, arrival FROM messages WHERE id = :id", id=message)
    return rows[0]["delivery"], rows[0]["arrival"]


def while_sending(w: World, report: Callable[[int], Awaitable[None]]) -> None:
    """The report comes before our own request has returned."""
    send = w.sender.send

    async def sending(chat: Chat, message: Message) -> str | None:
        w.sender.send = send
        await report(message.id)
        return await send(chat, message)

    w.sender.send = sending


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (WINDOW, "window_closed"),
        (ChatUnreachableError("63024"), "unreachable"),
        (ClientOptedOutError("21610"), "opted_out"),
        (ChannelBusyError(timedelta(seconds=9)), "rate_limited"),
        (ChannelError("63049"), "channel_failed"),
    ],
    ids=str,
)
async def test_a_reminder_that_is_refused_later_failed_and_stops_the_chain_for_that_reason(
    world: Worlds, error: ChannelError, reason: str
) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)

    await w.app.reports.refused("site", reminder, error)
    await w.wait("3d")

    assert await w.states() == [f"s1 failed {reason}"]
    assert await delivery(w, reminder) == ("failed", None)
    assert await w.why() == reason
    assert await w.reminders() == ["+4h s1"]


async def test_a_refused_reminder_did_not_use_up_run_once(world: Worlds) -> None:
    w = await reminded(world, "4h", once=True)
    await w.app.reports.refused("site", await last(w), WINDOW)

    await w.client("Hello again")
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1", "+9h s1"]


async def test_a_step_that_another_silence_used_up_stays_used_up(world: Worlds) -> None:
    w = await reminded(world, "4h")
    await w.client("Hello again")
    await w.wait("5h")
    await w.app.reports.refused("site", await last(w), WINDOW)

    await w.save(steps("4h", once=True))
    await w.client("And again")
    await w.wait("1d")

    assert await w.why() == "done"
    assert await w.reminders() == ["+4h s1", "+9h s1"]


async def test_the_page_shows_why_a_reminder_failed_after_all(world: Worlds) -> None:
    w = await reminded(world, "4h")

    await w.app.reports.refused("site", await last(w), WINDOW)

    page = (await w.page("/followup/chats/1")).text
    assert "the channel's time window is closed" in unescape(page)


async def test_a_client_who_writes_after_a_refusal_gets_a_new_chain(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")
    await w.app.reports.refused("site", await last(w), ChatUnreachableError("blocked"))

    await w.client("Hello again")
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1", "+9h s1", "+13h s2"]


async def test_a_client_who_opted_out_by_a_refusal_gets_none_in_later_silences(
    world: Worlds,
) -> None:
    w = await reminded(world, "4h")
    await w.app.reports.refused("site", await last(w), ClientOptedOutError("21610"))

    await w.client("Hello again")
    await w.wait("1d")

    assert await w.why() == "opted_out"
    assert await w.reminders() == ["+4h s1"]


@pytest.mark.parametrize("error", [WINDOW, ChatUnreachableError("blocked")], ids=str)
async def test_a_refusal_of_an_older_silences_reminder_changes_that_reminder_alone(
    world: Worlds, error: ChannelError
) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)
    await w.client("Hello again")

    await w.app.reports.refused("site", reminder, error)
    await w.wait("9h")

    assert (await w.states())[0].startswith("s1 failed")
    assert await w.reminders() == ["+4h s1", "+9h s1", "+13h s2"]


async def test_a_refusal_told_again_changes_nothing(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)
    await w.app.reports.refused("site", reminder, WINDOW)
    await w.client("Hello again")
    await w.wait("5h")

    await w.app.reports.refused("site", reminder, ChannelError("again"))
    await w.wait("1d")

    assert await w.states() == ["s1 failed window_closed", "s1 sent sent", "s2 sent sent"]


async def test_a_reminder_refused_before_our_own_request_returned_failed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    while_sending(w, lambda message: w.app.reports.refused("site", message, WINDOW))

    await w.wait("3d")

    assert await w.states() == ["s1 failed window_closed"]
    assert await w.why() == "window_closed"


async def test_a_reminder_that_arrived_before_our_own_request_returned_was_sent(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    await w.client()
    while_sending(w, lambda message: w.app.reports.arrived("site", message, READ))

    await w.wait("5h")

    assert await w.states() == ["s1 sent sent"]
    assert await delivery(w, await last(w)) == ("sent", "read")


@pytest.mark.parametrize("plugin", ["answer", "reminder"])
async def test_what_arrived_before_our_own_request_got_lost_was_sent(
    world: Worlds, plugin: str
) -> None:
    w = await world(steps("4h"))
    if plugin == "reminder":
        await w.client()
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    while_sending(w, lambda message: w.app.reports.arrived("site", message, DELIVERED))

    await w.client() if plugin == "answer" else await w.wait("5h")

    assert await delivery(w, await last(w)) == ("sent", "delivered")
    if plugin == "reminder":
        assert await w.states() == ["s1 sent sent"]


@pytest.mark.parametrize("tells", [False, None])
async def test_what_arrived_was_sent_whatever_the_channel_says_after_a_crash(
    world: Worlds, *, tells: bool | None
) -> None:
    w = await world(steps("4h"))
    await w.client()

    async def arrives_and_dies(message: int) -> None:
        await w.app.reports.arrived("site", message, DELIVERED)
        raise Killed

    while_sending(w, arrives_and_dies)
    with pytest.raises(Killed):
        await w.wait("5h")
    w.sender.tells = lambda _message: tells
    await w.restart()
    await w.wait("1h")

    assert await w.states() == ["s1 sent sent"]
    assert len(w.sender.sent) == 1


async def test_what_arrived_cannot_be_refused_any_more(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)

    await w.app.reports.arrived("site", reminder, DELIVERED)
    await w.app.reports.refused("site", reminder, WINDOW)
    await w.wait("1d")

    assert await delivery(w, reminder) == ("sent", "delivered")
    assert await w.states() == ["s1 sent sent", "s2 sent sent"]


async def test_what_was_refused_cannot_arrive_any_more(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)

    await w.app.reports.refused("site", reminder, WINDOW)
    await w.app.reports.arrived("site", reminder, READ)
    await w.wait("1d")

    assert await delivery(w, reminder) == ("failed", None)
    assert await w.states() == ["s1 failed window_closed"]


async def test_what_was_read_is_not_merely_delivered_again(world: Worlds) -> None:
    w = await reminded(world, "4h")
    reminder = await last(w)

    for arrival in (DELIVERED, READ, DELIVERED, READ):
        await w.app.reports.arrived("site", reminder, arrival)

    assert await delivery(w, reminder) == ("sent", "read")


async def test_an_uncertain_reminder_that_arrived_was_sent_and_nothing_else_changes(
    world: Worlds,
) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.wait("5h")
    reminder, due = await last(w), await w.why()
    assert await w.states() == ["s1 uncertain uncertain"]

    for _ in range(2):
        await w.app.reports.arrived("site", reminder, DELIVERED)

    assert await w.states() == ["s1 sent sent"]
    assert await delivery(w, reminder) == ("sent", "delivered")
    assert await w.why() == due


async def test_an_uncertain_reminder_that_was_refused_failed(world: Worlds) -> None:
    w = await world(steps("4h", "4h"))
    await w.client()
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.wait("5h")

    await w.app.reports.refused("site", await last(w), WINDOW)
    await w.wait("1d")

    assert await w.states() == ["s1 failed window_closed"]


async def test_an_uncertain_answer_that_arrived_was_sent(world: Worlds) -> None:
    w = await world(steps("4h"))
    w.sender.after.append(UnknownDeliveryError("no answer came"))
    await w.client()

    await w.app.reports.arrived("site", await last(w), DELIVERED)
    await w.wait("5h")

    assert [message.delivery for message in await w.messages()] == ["sent"] * 3
    assert await w.reminders() == ["+4h s1"]


async def test_the_model_is_not_told_what_never_arrived(world: Worlds) -> None:
    w = await reminded(world, "4h")

    await w.app.reports.refused("site", await last(w), WINDOW)

    assert len(await w.messages()) == 2


async def test_an_answer_that_is_refused_later_stops_the_chain(world: Worlds) -> None:
    """Nobody is reminded of a question that they got no answer to."""
    w = await world(steps("4h"))
    await w.client()

    await w.app.reports.refused("site", await last(w), ChannelError("63049"))
    await w.wait("1d")

    assert await w.why() == "channel_failed"
    assert await w.reminders() == []
    assert (await w.chat()).waiting_since == w.start


async def test_an_answer_refused_before_our_own_request_returned_stops_the_chain(
    world: Worlds,
) -> None:
    w = await world(steps("4h"))
    while_sending(w, lambda message: w.app.reports.refused("site", message, WINDOW))

    await w.client()
    await w.wait("1d")

    assert await w.why() == "window_closed"
    assert await w.reminders() == []
    assert [message.author for message in await w.messages()] == ["client"]


async def test_a_manager_who_answered_too_leaves_nobody_waiting(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    answer = await last(w)
    await w.manager()

    await w.app.reports.refused("site", answer, WINDOW)

    assert (await w.chat()).waiting_since is None


async def test_a_refused_answer_to_an_earlier_message_changes_nothing_now(world: Worlds) -> None:
    w = await world(steps("4h"))
    await w.client()
    answer = await last(w)
    await w.client("And tubeless tyres?")

    await w.app.reports.refused("site", answer, ChatUnreachableError("blocked"))
    await w.wait("1d")

    assert await w.reminders() == ["+4h s1"]


@pytest.mark.parametrize("account", ["other", "nobody"])
async def test_a_report_of_another_accounts_message_is_nobodys(world: Worlds, account: str) -> None:
    w = await reminded(world, "4h", "4h")
    reminder = await last(w)

    await w.app.reports.refused(account, reminder, WINDOW)
    await w.app.reports.arrived(account, reminder, READ)

    assert await delivery(w, reminder) == ("sent", None)
    assert await w.states() == ["s1 sent sent"]


async def test_a_report_of_a_clients_message_or_of_none_is_nobodys(world: Worlds) -> None:
    w = await reminded(world, "4h")
    first = (await w.messages())[0].id

    for message in (first, 999):
        await w.app.reports.refused("site", message, WINDOW)
        await w.app.reports.arrived("site", message, READ)

    assert await delivery(w, first) == ("sent", None)


async def test_a_client_who_blocks_us_stops_the_chain_at_once(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")

    await w.app.reports.unreachable(ChatRef("site", "c1"), w.clock.now())
    await w.wait("1d")

    assert await w.why() == "unreachable"
    assert await w.reminders() == ["+4h s1"]


async def test_a_block_from_before_the_clients_latest_message_is_over(world: Worlds) -> None:
    w = await reminded(world, "4h", "4h")
    blocked = w.clock.now()
    w.pass_by("1m")
    await w.client("Sorry, that was by mistake.")

    await w.app.reports.unreachable(ChatRef("site", "c1"), blocked)
    await w.wait("5h")

    assert await w.states() == ["s1 sent sent", "s1 sent sent"]


async def test_a_client_who_unblocks_us_by_writing_gets_a_new_chain(world: Worlds) -> None:
    w = await reminded(world, "4h")
    await w.app.reports.unreachable(ChatRef("site", "c1"), w.clock.now())
    w.pass_by("1m")

    await w.client("I am back.")
    await w.wait("5h")

    assert await w.states() == ["s1 sent sent", "s1 sent sent"]


async def test_a_block_by_somebody_unknown_is_nothing(world: Worlds) -> None:
    w = await world(steps("4h"))

    await w.app.reports.unreachable(ChatRef("site", "stranger"), w.clock.now())

    assert await w.app.runtime.chats.find(ChatRef("site", "stranger")) is None


async def test_why_a_chain_had_stopped_before_the_block_stays(world: Worlds) -> None:
    w = await reminded(world, "4h")
    await w.app.reports.refused("site", await last(w), WINDOW)

    await w.app.reports.unreachable(ChatRef("site", "c1"), w.clock.now())

    assert await w.why() == "window_closed"
